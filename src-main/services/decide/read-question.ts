import type { DecideQuestion } from './decide-service';

const callerKeys = ['user', 'certificate', 'claimed', 'immediate'] as const;

const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;

/**
 * Reads one line of a batch. What is no question comes back as its id, where it has one, and the sentence that says what
 * is wrong with the line; `number` counts from 1.
 */
export function readQuestion(
  line: string,
  number: number,
): { readonly question: DecideQuestion } | { readonly id: string | number; readonly reason: string } {
  const unnamed = `line ${number}`;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { id: unnamed, reason: `Line ${number} is not JSON. Write one object a line.` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { id: unnamed, reason: `Line ${number} is ${kindOf(value)}; write an object with "caller" and "sql".` };
  const { id, caller, sql } = value as { id?: unknown; caller?: unknown; sql?: unknown };
  const known = typeof id === 'string' || typeof id === 'number' ? id : unnamed;
  const refuse = (reason: string): { id: string | number; reason: string } => ({ id: known, reason });
  if (id !== undefined && id !== null && known === unnamed)
    return refuse(`"id" is ${kindOf(id)}; write a text or a number.`);
  if (sql === undefined) return refuse('"sql" is missing.');
  if (typeof sql !== 'string') return refuse(`"sql" is ${kindOf(sql)}; write a text.`);
  if (caller === undefined) return refuse('"caller" is missing.');
  if (typeof caller !== 'object' || caller === null || Array.isArray(caller))
    return refuse(`"caller" is ${kindOf(caller)}; write an object such as {"user": "NAME"}.`);
  const fields = caller as Record<string, unknown>;
  for (const [key, field] of Object.entries(fields)) {
    if (key === 'groups') {
      if (!Array.isArray(field) || !field.every((group) => typeof group === 'string'))
        return refuse('"caller.groups" is no list of texts.');
    } else if (!(callerKeys as readonly string[]).includes(key))
      return refuse(`"caller.${key.slice(0, 40)}" means nothing. Known: ${[...callerKeys, 'groups'].join(', ')}.`);
    else if (typeof field !== 'string') return refuse(`"caller.${key}" is ${kindOf(field)}; write a text.`);
  }
  return { question: { id: known, caller: fields as DecideQuestion['caller'], sql } };
}
