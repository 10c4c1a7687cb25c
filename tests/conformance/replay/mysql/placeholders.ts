/** What stands for itself in the recordings: values of the set-up that was measured. */
const forms: Readonly<Record<string, string>> = {
  port: '\\d+',
  id: '(?:\\d+|\\{id\\})',
  dir: '[^\\s\'"\\\\]*?',
  hostname: '[^\\s\'"@\\\\]*',
  mysql: '[^\\s\'"\\\\]*?',
  uuid: '[0-9a-f-]{36}(?::[\\d:,-]+)?',
  time: '[^"\'\\\\)]*?',
  elapsed: '[\\d.]+(?:[nµm]?s)',
  'stack trace': '[\\s\\S]*',
};

const placeholder = /\{(port|id|dir|hostname|mysql|uuid|time|elapsed|stack trace)\}/;

const compiled = new Map<string, RegExp>();

function pattern(expected: string): RegExp {
  const known = compiled.get(expected);
  if (known !== undefined) return known;
  const source = expected
    .split(new RegExp(placeholder, 'g'))
    .map((part, index) => (index % 2 === 1 ? forms[part] : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  const made = new RegExp(`^${source}$`);
  compiled.set(expected, made);
  return made;
}

/** `seen`, with the recording's text wherever that has placeholders which what was seen fills. */
export function filled(expected: unknown, seen: unknown): unknown {
  if (typeof expected === 'string' && typeof seen === 'string')
    return placeholder.test(expected) && pattern(expected).test(seen) ? expected : seen;
  if (Array.isArray(expected) && Array.isArray(seen))
    return seen.map((one: unknown, index) => filled(expected[index], one));
  if (isRecord(expected) && isRecord(seen))
    return Object.fromEntries(Object.entries(seen).map(([key, value]) => [key, filled(expected[key], value)]));
  return seen;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
