import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readStatement } from '../../../src-main/domain/sql';
import type { TablePermission } from '../../../src-main/domain/sql';

interface Case {
  file: string;
  line: number;
  sql: string;
  planId?: string;
  permissions?: TablePermission[];
  error?: string;
  options?: unknown;
}

// The upstream plan cases are kept beside the repository and never in it.
const folder = new URL('../../../../shared/cases/vitess-planbuilder/', import.meta.url);
const files = ['exec_cases', 'ddl_cases', 'lock_cases', 'stream_cases'];
const present = existsSync(folder);
if (!present)
  console.log('planbuilder.test.ts: skipped, the folder shared/cases/vitess-planbuilder is not beside the repository');

/** Tables of upstream's test schema (schema_test.json), as far as the cases name them. */
const tables = new Set(['a', 'b', 'c', 'd', 'dual', 'seq', 'msg']);
const knownTables = { has: (name: string) => tables.has(name), isSequence: (name: string) => name === 'seq' };
const options = { fidelity: { mode: 'vitess', version: '24.0-recorded' }, knownTables } as const;

describe.skipIf(!present)('plan cases of upstream', () => {
  it.each(files)('%s', (file) => {
    const cases = JSON.parse(readFileSync(new URL(`${file}.json`, folder), 'utf8')) as Case[];
    // Options are settings of the program (row limits, passthrough), not of the statement.
    const plain = cases.filter((test) => test.options === undefined);
    const different = plain.flatMap((test) => {
      const reading = readStatement(test.sql, options);
      const plan = file === 'stream_cases' ? reading.stream : reading.execute;
      const expected = test.error ?? [test.planId, test.permissions];
      const actual =
        plan.kind === 'plan' ? [plan.name, plan.permissions] : plan.kind === 'refused' ? plan.message : plan.kind;
      return JSON.stringify(expected) === JSON.stringify(actual)
        ? []
        : [{ at: `${test.file}:${test.line}`, sql: test.sql, expected, actual }];
    });
    expect(different).toEqual([]);
    expect(plain.length).toBeGreaterThan(5);
  });
});
