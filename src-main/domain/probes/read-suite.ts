import { fields, readJsonFile, type FieldReader, type Finding, type JsonPlace } from '../kernel';
import {
  SUITE_SCHEMA,
  transports,
  type AdmissionTest,
  type Expectation,
  type PasswordSource,
  type ProbeCaller,
  type ProbeRole,
  type ProbeTable,
  type Suite,
  type Transport,
} from './suite';

const { integer, listOf, mapOf, nullable, objectOf, oneOf, optional, required, text } = fields;

type Placed<T> = T & { readonly place: JsonPlace };

const transport = oneOf(...transports);
const passwordChoice = oneOf('right', 'wrong', 'empty');

const password: FieldReader<PasswordSource> = (node, notes) => {
  const bySecret = node.kind === 'object' && node.members.some((member) => member.key === 'secret');
  return bySecret ? objectOf({ secret: required(text) })(node, notes) : objectOf({ text: required(text) })(node, notes);
};

const caller: FieldReader<Placed<ProbeCaller>> = objectOf({
  name: required(text),
  gateway: required(text),
  user: optional(nullable(text), null),
  password: optional(nullable(password), null),
  certificate: optional(nullable(text), null),
  claimed: optional(nullable(objectOf({ principal: required(text), groups: optional(listOf(text), []) })), null),
  transports: required<readonly Transport[]>(listOf(transport)),
});

const table: FieldReader<Placed<ProbeTable>> = objectOf({
  name: required(text),
  read: required(text),
  write: required(text),
  admin: required(text),
});

const expectation: FieldReader<Placed<Expectation>> = objectOf({
  verdict: required(oneOf('allow', 'deny', 'refused', 'cannot-decide', 'invalid')),
  stoppedAt: optional(nullable(oneOf('connect', 'tls', 'login', 'gateway', 'link', 'tablet', 'backend')), null),
  code: optional(nullable(integer(0, 65_535)), null),
  sqlState: optional(nullable(text), null),
  message: optional(nullable(text), null),
});

const admission: FieldReader<Placed<AdmissionTest>> = objectOf({
  name: required(text),
  callers: required(listOf(text)),
  transports: required<readonly Transport[]>(listOf(transport)),
  passwords: optional<AdmissionTest['passwords']>(listOf(passwordChoice), ['right']),
  certificates: optional<AdmissionTest['certificates']>(listOfNullable(text), [null]),
  serverName: optional(nullable(text), null),
  trust: optional(nullable(text), null),
  sql: required(text),
  expect: required<Expectation>(expectation),
  mode: optional(nullable(oneOf('vitess', 'hardened')), null),
});

function listOfNullable(inner: FieldReader<string>): FieldReader<(string | null)[]> {
  return (node, notes) => {
    if (node.kind !== 'array') return listOf(inner)(node, notes);
    return node.items.flatMap((item) => {
      if (item.kind === 'null') return [null];
      const value = inner(item, notes);
      return value === undefined ? [] : [value];
    });
  };
}

const allowed = objectOf({
  read: optional<readonly string[]>(listOf(text), []),
  write: optional<readonly string[]>(listOf(text), []),
  admin: optional<readonly string[]>(listOf(text), []),
});

const schemaVersion: FieldReader<number> = (node, notes) => {
  const value = integer(1, 1_000_000)(node, notes);
  if (value === undefined || value <= SUITE_SCHEMA) return value;
  return notes.error(
    'newer-schema',
    node,
    `the file was written by a newer Gatehouse (schema ${value})`,
    'Use that version. Nothing has been changed.',
  );
};

const suite = objectOf({
  schema: required(schemaVersion),
  name: required(text),
  gatewayTrust: optional(nullable(text), null),
  gatewayName: optional(text, 'localhost'),
  callers: required(listOf<Placed<ProbeCaller>>(caller)),
  tables: optional(listOf<Placed<ProbeTable>>(table), []),
  allow: optional(mapOf<Placed<Readonly<Record<ProbeRole, readonly string[]>>>>(allowed), new Map()),
  admissions: optional(listOf<Placed<AdmissionTest>>(admission), []),
});

/** Reads one tests/*.json. The suite is there only when nothing is wrong with it. */
export function readSuite(bytes: Uint8Array, file: string): { suite: Suite | null; findings: Finding[] } {
  const { value, findings } = readJsonFile(bytes, file, 'suite', suite);
  if (value === null) return { suite: null, findings };
  const note = (code: string, place: JsonPlace, message: string, remedy: string): void => {
    findings.push({
      code: `suite.${code}`,
      level: 'error',
      file,
      line: place.line,
      column: place.column,
      message,
      remedy,
    });
  };
  const callers = new Set<string>();
  for (const item of value.callers) {
    if (callers.has(item.name))
      note('duplicate-caller', item.place, `two callers are called "${item.name}"`, 'Give one of them another name.');
    callers.add(item.name);
  }
  const tables = new Set(value.tables.map((item) => item.name));
  for (const [name, roles] of value.allow) {
    if (!callers.has(name))
      note('unknown-caller', roles.place, `"${name}" is no caller of this suite`, 'Add the caller or mend the name.');
    for (const listed of new Set([...roles.read, ...roles.write, ...roles.admin]))
      if (!tables.has(listed))
        note('unknown-table', roles.place, `"${listed}" is no table of this suite`, 'Add the table or mend the name.');
  }
  for (const item of value.admissions)
    for (const name of item.callers)
      if (!callers.has(name))
        note('unknown-caller', item.place, `"${name}" is no caller of this suite`, 'Add the caller or mend the name.');
  return { suite: findings.length === 0 ? value : null, findings };
}
