import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readStatement } from '../../../src-main/domain/sql';

interface Answer {
  ok?: unknown;
  message?: string;
}
interface Case {
  id: string;
  sql: string;
  cell?: string;
  transport?: string;
  tablet?: Answer[];
}

const load = (name: string): { cases: Case[]; schema: string[] } =>
  JSON.parse(readFileSync(new URL(`../recorded/${name}.json`, import.meta.url), 'utf8')) as {
    cases: Case[];
    schema: string[];
  };
const { cases } = load('decisions');
const tables = new Set([
  'dual',
  ...load('permissions').schema.flatMap((line) => /^create (?:table|view) (\w+)/.exec(line)?.[1] ?? []),
]);
const knownTables = { has: (name: string) => tables.has(name), isSequence: (name: string) => name === 'order_seq' };
const options = { fidelity: { mode: 'vitess', version: '24.0-recorded' }, knownTables } as const;

/** Read otherwise than the RPC reads them. */
const exceptions = new Set([
  // Vitess cuts a trailing comment off at its last `/*`, which is inside this one.
  'comment-16',
]);

const messages = (test: Case): string[] => (test.tablet ?? []).flatMap(({ message }) => message ?? []);

describe('decisions.json: Execute at a real vttablet', () => {
  const executed = cases.filter(
    (test) => test.tablet !== undefined && test.cell === 'main' && test.transport === undefined,
  );

  it('names the plan and the table of every denial', () => {
    let denials = 0;
    const different = executed.flatMap((test) =>
      messages(test).flatMap((message) => {
        const denial = /^(\w+) command denied to user .* for table '(.*)' \(ACL check error\)/s.exec(message);
        if (denial === null) return [];
        denials++;
        const { execute } = readStatement(test.sql, options);
        const same =
          execute.kind === 'plan' &&
          execute.name === denial[1] &&
          execute.permissions.some(({ table }) => table === denial[2]);
        return same ? [] : [{ id: test.id, sql: test.sql, message }];
      }),
    );
    expect(different).toEqual([]);
    expect(denials).toBeGreaterThan(500);
  });

  it('refuses what is refused before anything is asked, and nothing that runs', () => {
    const texts = /^(syntax error|invalid SQL|Query was empty|Expected a single statement|.* is not a sequence)/s;
    const different = executed.flatMap((test) => {
      if (exceptions.has(test.id)) return [];
      const expected = messages(test)
        .map((message) => texts.exec(message)?.[1])
        .find((text) => text !== undefined);
      const { execute } = readStatement(test.sql, options);
      const actual = execute.kind === 'refused' ? execute.message : undefined;
      if (expected === undefined) {
        const runs = (test.tablet ?? []).some(({ ok }) => ok === true);
        return actual !== undefined && runs ? [{ id: test.id, sql: test.sql, expected: 'it runs', actual }] : [];
      }
      return actual?.startsWith(expected) === true ? [] : [{ id: test.id, sql: test.sql, expected, actual }];
    });
    expect(different).toEqual([]);
  });
});
