import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatRecord, type TabletLogRecord } from '../../../../src-main/servers/tablet';

interface Case {
  readonly id: string;
  readonly vttabletFlags?: string | readonly string[];
  readonly log: readonly { readonly vttablet?: string }[];
}
const { cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'conformance', 'recorded', 'query-log.json'), 'utf8'),
) as { cases: Case[] };

const TYPES: Record<string, number> = {
  INT64: 265,
  VARCHAR: 6165,
  NULL_TYPE: 0,
  DECIMAL: 18,
  HEXVAL: 4129,
  FLOAT64: 1036,
  HEXNUM: 4128,
  DATE: 2062,
  DATETIME: 2064,
  TUPLE: 28,
  BITNUM: 4130,
  VARBINARY: 10262,
  TIME: 2063,
  TIMESTAMP: 2061,
  UINT64: 778,
};

/** Undoes Go's quoting for the values in the recordings. */
const unquote = (text: string): string =>
  text.slice(1, -1).replace(/\\(x[0-9a-f]{2}|u[0-9a-f]{4}|[abfnrtv"\\])/g, (_all, escape: string) => {
    if (escape.startsWith('x') || escape.startsWith('u'))
      return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return (
      ({ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' } as Record<string, string>)[escape] ?? escape
    );
  });

function bindVariables(text: string): TabletLogRecord['bindVariables'] {
  const found: Record<string, { type: number; value: Buffer; values: never[] }> = {};
  const entry = /"([^"]+)": \{"type": "([A-Z0-9_]+)", "value": ("(?:[^"\\]|\\.)*"|[^}]*)\}/g;
  for (const [, name = '', type = '', value = ''] of text.matchAll(entry)) {
    const items = /^"(\d+) items"$/.exec(value);
    found[name] = {
      type: TYPES[type] ?? -1,
      value: Buffer.from(value.startsWith('"') ? unquote(value) : value),
      values: Array.from({ length: items === null ? 0 : Number(items[1]) }) as never[],
    };
  }
  return found as unknown as TabletLogRecord['bindVariables'];
}

/** A record that a recorded text line stands for; the placeholders for time get values that come out as themselves. */
function recordOf(values: readonly string[]): TabletLogRecord {
  const value = (index: number): string => values[index] ?? '';
  return {
    method: value(0),
    callInfo: value(1),
    username: value(2),
    immediateCaller: value(3).slice(1, -1),
    effectiveCaller: value(4).slice(1, -1),
    startMicros: 0,
    endMicros: 0,
    planType: value(8),
    originalSql: unquote(value(9)),
    bindVariables: bindVariables(value(10)),
    queries: Number(value(11)),
    rewrittenSql: unquote(value(12)),
    source: value(13) as 'none' | 'mysql',
    mysqlMicros: 0,
    waitMicros: 0,
    rowsAffected: Number(value(16)),
    transactionId: value(17) === '{id}' ? 1234567890123456789n : BigInt(value(17)),
    responseSize: Number(value(18)),
    error: unquote(value(19)),
  };
}

const placeholders = (line: string): string =>
  line
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}/g, '{time}')
    .replace(/\b0\.000000\b/g, '{seconds}')
    .replaceAll('1234567890123456789', '{id}');

const flagsOf = ({ vttabletFlags = '' }: Case): string =>
  typeof vttabletFlags === 'string' ? vttabletFlags : vttabletFlags.join(' ');
const textCases = cases.filter(
  (one) => !flagsOf(one).includes('json') && one.log.some(({ vttablet }) => vttablet !== undefined),
);

describe('vttablet lines are written as recorded', () => {
  test.each(textCases.map((one) => [one.id, one] as const))('%s', (_id, one) => {
    const redact = flagsOf(one).includes('redact');
    for (const { vttablet } of one.log) {
      if (vttablet === undefined || vttablet.includes('{y*')) continue;
      const values = vttablet.split('\t');
      expect(values).toHaveLength(22);
      const record = recordOf(values);
      const written = formatRecord(record, { redact }, unquote(values[20] ?? '""'));
      expect(placeholders(written)).toBe(vttablet);
    }
  });
});

test('JSON lines have the same values under their names', () => {
  const record = recordOf([
    'Execute',
    'a:1:/x(gRPC)',
    'gRPC',
    "'u'",
    "'p'",
    '',
    '',
    '',
    'Select',
    '"select 1"',
    '{}',
    '1',
    '"select 1"',
    'mysql',
    '',
    '',
    '0',
    '0',
    '1',
    '""',
  ]);
  const line = formatRecord(record, { format: 'json' }, '');
  expect(placeholders(line)).toBe(
    '{"Method": "Execute", "CallInfo": "a:1:/x(gRPC)", "Username": "gRPC", "ImmediateCaller": "u", "Effective Caller": "p", "Start": "{time}", "End": "{time}", "TotalTime": {seconds}, "PlanType": "Select", "OriginalSQL": "select 1", "BindVars": {}, "Queries": 1, "RewrittenSQL": "select 1", "QuerySources": "mysql", "MysqlTime": {seconds}, "ConnWaitTime": {seconds}, "RowsAffected": 0, "TransactionID": 0, "ResponseSize": 1, "Error": "", "EmitReason": ""}',
  );
  expect(() => JSON.parse(line)).not.toThrow();
});
