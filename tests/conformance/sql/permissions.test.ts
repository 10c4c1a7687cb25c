import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readStatement } from '../../../src-main/domain/sql';
import type { Plan, TablePermission } from '../../../src-main/domain/sql';
import { exceptions } from './exceptions';

interface RecordedPlan {
  plan?: string;
  permissions?: TablePermission[];
  error?: string;
  code?: string;
  panic?: string;
}
interface Case {
  id: string;
  sql: string;
  type?: string;
  parseError?: string;
  execute?: RecordedPlan;
  stream?: RecordedPlan;
  mysqlNeeds?: string[];
}

const file = new URL('../recorded/permissions.json', import.meta.url);
const recorded = JSON.parse(readFileSync(file, 'utf8')) as { schema: string[]; cases: Case[] };
const tables = new Set([
  'dual',
  ...recorded.schema.flatMap((line) => /^create (?:table|view) (\w+)/.exec(line)?.[1] ?? []),
]);
const knownTables = { has: (name: string) => tables.has(name), isSequence: (name: string) => name === 'order_seq' };

const asVitess = { fidelity: { mode: 'vitess', version: '24.0-recorded' }, knownTables } as const;

/** One plan as one line; positions of syntax errors are Vitess's printed SQL and compared apart. */
function line(plan: Plan | RecordedPlan | undefined): string {
  if (plan === undefined) return '';
  if ('kind' in plan) {
    if (plan.kind === 'panic') return 'panic';
    if (plan.kind === 'refused') return `${plan.code}: ${plan.message.replace(/^(syntax error) at .*/s, '$1')}`;
    return `${plan.name} ${questions(plan.permissions)}${plan.undetermined === null ? '' : ` undetermined: ${plan.undetermined}`}`;
  }
  if (plan.panic !== undefined) return 'panic';
  if (plan.error !== undefined) return `${plan.code}: ${plan.error}`;
  return `${plan.plan} ${questions(plan.permissions ?? [])}`;
}

const questions = (permissions: readonly TablePermission[]): string =>
  permissions.map(({ table, role }) => `${table}:${role}`).join(' ');

function expected(test: Case): string[] {
  if (test.parseError === undefined) return [test.type ?? '', line(test.execute), line(test.stream)];
  const refused = `INVALID_ARGUMENT: ${test.parseError.replace(/^(syntax error) at .*/s, '$1')}`;
  return ['UNKNOWN', refused, refused];
}

const actual = (sql: string): string[] => {
  const { type, execute, stream } = readStatement(sql, asVitess);
  return [type, line(execute), line(stream)];
};

const tablesOf = (plan: Plan): Set<string> =>
  new Set(plan.kind === 'plan' ? plan.permissions.map(({ table }) => table) : []);

describe('permissions.json, read as tree M reads it', () => {
  it('answers as vttablet, but for the exceptions', () => {
    const different = recorded.cases
      .filter((test) => !exceptions.has(test.id) && String(actual(test.sql)) !== String(expected(test)))
      .map((test) => ({ id: test.id, sql: test.sql, expected: expected(test), actual: actual(test.sql) }));
    expect(different).toEqual([]);
  });

  it('has fewer exceptions than one in a hundred, each real and none short of a table', () => {
    expect(exceptions.size).toBeLessThan(recorded.cases.length / 100);
    for (const id of exceptions.keys()) {
      const test = recorded.cases.find((one) => one.id === id);
      expect(test, id).toBeDefined();
      if (test === undefined) continue;
      expect(actual(test.sql), `${id} is no exception any more`).not.toEqual(expected(test));
      const plan = readStatement(test.sql, asVitess).execute;
      if (plan.kind !== 'plan' || plan.undetermined !== null) continue;
      for (const { table } of test.execute?.permissions ?? []) expect(tablesOf(plan), id).toContain(table);
    }
  });

  it('prints the positions of syntax errors as Vitess does, nearly always', () => {
    const errors = recorded.cases.filter((test) => test.parseError?.startsWith('syntax error') === true);
    const other = errors.filter((test) => {
      const plan = readStatement(test.sql, asVitess).execute;
      return plan.kind !== 'refused' || plan.message !== test.parseError;
    });
    if (process.env['VERBOSE'] !== undefined) {
      for (const test of other) {
        const plan = readStatement(test.sql, asVitess).execute;
        console.log(
          JSON.stringify(test.sql),
          '\n ',
          test.parseError,
          '\n ',
          plan.kind === 'refused' ? plan.message : plan,
        );
      }
    }
    expect(errors.length).toBeGreaterThan(150);
    expect(other.length / errors.length).toBeLessThan(0.05);
  });
});

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
