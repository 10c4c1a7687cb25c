import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { queryLogJson, queryLogText, type QueryLogRecord } from '../../../src-main/servers/gateway';

/**
 * Every line that a real vtgate wrote is taken apart into the values it shows; the formatter must build the same line
 * from them. Times, addresses and uuids are placeholders in the recording and are put in as fixed values.
 */
interface Recording {
  readonly cases: readonly {
    readonly id: string;
    readonly log: readonly { readonly vtgate?: string }[];
    readonly vtgateFlags?: readonly string[];
  }[];
}
const recording = JSON.parse(readFileSync(new URL('../recorded/query-log.json', import.meta.url), 'utf8')) as Recording;

const start = new Date(2026, 10, 22, 8, 0, 0, 125);
const shownTime = '2026-11-22 08:00:00.125000';
const fill = (line: string): string =>
  line
    .replaceAll('{time}', shownTime)
    .replaceAll('{seconds}', '0.000000')
    .replaceAll('{addr}', '127.0.0.1:4711')
    .replaceAll('{uuid}', '0be6ca58-e640-11f1-a35f-2a6e16ba15b0')
    .replaceAll('{y*3000}', 'y'.repeat(3000));

const typeNumbers: { readonly [name: string]: number } = {
  NULL_TYPE: 0,
  INT8: 257,
  UINT8: 770,
  INT16: 259,
  UINT16: 772,
  INT24: 261,
  UINT24: 774,
  INT32: 263,
  UINT32: 776,
  INT64: 265,
  UINT64: 778,
  FLOAT32: 1035,
  FLOAT64: 1036,
  TIMESTAMP: 2061,
  DATE: 2062,
  TIME: 2063,
  DATETIME: 2064,
  YEAR: 785,
  DECIMAL: 18,
  TEXT: 6163,
  BLOB: 10260,
  VARCHAR: 6165,
  VARBINARY: 10262,
  CHAR: 6167,
  BINARY: 10264,
  BIT: 2073,
  TUPLE: 28,
  HEXNUM: 4128,
  HEXVAL: 4129,
  BITNUM: 4130,
  JSON: 2078,
};

/** Go's strconv.Unquote for what occurs here. */
function unquote(text: string): string {
  const simple: { readonly [letter: string]: string } = {
    n: '\n',
    t: '\t',
    r: '\r',
    a: '\x07',
    b: '\b',
    v: '\v',
    f: '\f',
    '"': '"',
    '\\': '\\',
  };
  return text
    .slice(1, -1)
    .replace(
      /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/g,
      (_, x?: string, u?: string, long?: string, letter?: string) => {
        const hex = x ?? u ?? long;
        return hex === undefined ? (simple[letter ?? ''] ?? '') : String.fromCodePoint(Number.parseInt(hex, 16));
      },
    );
}

function binds(text: string): QueryLogRecord['binds'] {
  const result: { [name: string]: QueryLogRecord['binds'][string] } = {};
  const member = /("(?:[^"\\]|\\.)*"): \{"type": "(\w+)", "value": ("(?:[^"\\]|\\.)*"|[^}]*)\}/g;
  for (const [, name = '""', type = '', value = ''] of text.matchAll(member)) {
    const items = /^"(\d+) items"$/.exec(value)?.[1];
    const plain = value.startsWith('"') ? unquote(value) : value;
    result[unquote(name)] =
      type === 'TUPLE'
        ? { type: 28, values: Array.from({ length: Number(items) }, () => ({ type: 265, value: Buffer.from('1') })) }
        : { type: typeNumbers[type] ?? -1, value: Buffer.from(plain, 'utf8') };
  }
  return result;
}

function record(fields: readonly string[]): QueryLogRecord {
  const at = (index: number): string => fields[index] ?? '';
  const number = (index: number): number => Number(at(index));
  return {
    method: at(0),
    remoteAddress: at(1),
    username: at(2),
    immediateCaller: at(3),
    effectiveCaller: at(4),
    start,
    end: start,
    totalSeconds: number(7),
    planSeconds: number(8),
    executeSeconds: number(9),
    commitSeconds: number(10),
    statementType: at(11),
    sql: at(12),
    binds: binds(at(13)),
    shardQueries: number(14),
    rowsAffected: number(15),
    error: at(16),
    tabletType: at(17),
    sessionUuid: at(18),
    cachedPlan: at(19) === 'true',
    tablesUsed: [...at(20).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, name = '']) => name),
    activeKeyspace: at(21),
    emitReason: at(25),
  };
}

const textFields = (line: string): string[] =>
  line.split('\t').map((value, index) => {
    if (index === 3 || index === 4) return value.slice(1, -1);
    return [12, 16, 17, 18, 21, 25].includes(index) ? unquote(value) : value;
  });

const jsonNames = [
  'Method',
  'RemoteAddr',
  'Username',
  'ImmediateCaller',
  'Effective Caller',
  'Start',
  'End',
  'TotalTime',
  'PlanTime',
  'ExecuteTime',
  'CommitTime',
  'StmtType',
  'SQL',
  'BindVars',
  'ShardQueries',
  'RowsAffected',
  'Error',
  'TabletType',
  'SessionUUID',
  'Cached Plan',
  'TablesUsed',
  'ActiveKeyspace',
  'MirrorSourceExecuteTime',
  'MirrorTargetExecuteTime',
  'MirrorTargetError',
  'EmitReason',
];
function jsonFields(line: string): string[] {
  return jsonNames.map((name, index) => {
    const from = line.indexOf(`"${name}": `) + name.length + 4;
    const next = jsonNames[index + 1];
    const to = next === undefined ? line.length - 1 : line.indexOf(`, "${next}": `, from);
    const value = line.slice(from, to);
    return value.startsWith('"') ? unquote(value) : value;
  });
}

const lines = recording.cases.flatMap(({ id, log }) =>
  log.flatMap(({ vtgate }, index) => (vtgate === undefined ? [] : [{ id: `${id} #${index}`, line: fill(vtgate) }])),
);

describe('lines that a real vtgate logged', () => {
  it('are there', () => expect(lines.length).toBeGreaterThan(100));

  it.each(lines)('$id', ({ line }) => {
    const json = line.startsWith('{');
    const fields = json ? jsonFields(line) : textFields(line);
    const redacted = fields[13] === '[REDACTED]' || fields[13] === '"[REDACTED]"';
    const made = record(fields);
    expect(json ? queryLogJson(made, redacted) : queryLogText(made, redacted)).toBe(line);
  });
});

it('writes durations with six decimals', () => {
  const made = { ...record(Array.from({ length: 26 }, () => '')), totalSeconds: 1.000001, executeSeconds: 0.25 };
  expect(queryLogText(made).split('\t').slice(7, 11)).toEqual(['1.000001', '0.000000', '0.250000', '0.000000']);
});

it('quotes as Go does', () => {
  const made = record(
    textFields(
      [
        'Execute',
        '',
        '',
        "''",
        "''",
        '',
        '',
        '0',
        '0',
        '0',
        '0',
        '',
        '""',
        '{}',
        '0',
        '0',
        '""',
        '""',
        '""',
        'false',
        '[]',
        '""',
        '0',
        '0',
        '""',
        '""',
      ].join('\t'),
    ),
  );
  const sql = 'tab\tnl\nq"\\ \u0000\u0007\u00a0€ 𝄞 \u2028';
  expect(queryLogText({ ...made, sql })).toContain('"tab\\tnl\\nq\\"\\\\ \\x00\\a\\u00a0€ 𝄞 \\u2028"');
});
