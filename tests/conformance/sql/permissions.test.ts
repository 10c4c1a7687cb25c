import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readStatement } from '../../../src-main/domain/sql';
import type { Plan } from '../../../src-main/domain/sql';

interface Case {
  id: string;
  sql: string;
  mysqlNeeds?: string[];
}

const file = new URL('../recorded/permissions.json', import.meta.url);
const recorded = JSON.parse(readFileSync(file, 'utf8')) as { schema: string[]; cases: Case[] };
const tables = new Set([
  'dual',
  ...recorded.schema.flatMap((line) => /^create (?:table|view) (\w+)/.exec(line)?.[1] ?? []),
]);
const knownTables = { has: (name: string) => tables.has(name), isSequence: (name: string) => name === 'order_seq' };

const tablesOf = (plan: Plan): Set<string> =>
  new Set(plan.kind === 'plan' ? plan.permissions.map(({ table }) => table) : []);

describe('permissions.json, read in hardened mode', () => {
  it.each(['24.0.4', '24.0-recorded'] as const)('never asks for less than MySQL needs (%s)', (version) => {
    const options = { fidelity: { mode: 'hardened', version }, knownTables } as const;
    const short = recorded.cases.flatMap((test) => {
      const { execute } = readStatement(test.sql, options);
      if (execute.kind !== 'plan' || execute.undetermined !== null) return [];
      const asked = tablesOf(execute);
      const missing = (test.mysqlNeeds ?? []).filter((table) => !asked.has(table));
      return missing.length === 0 ? [] : [{ id: test.id, sql: test.sql, missing }];
    });
    expect(short).toEqual([]);
    expect(recorded.cases.filter((test) => (test.mysqlNeeds ?? []).length > 0).length).toBeGreaterThan(200);
  });
});
