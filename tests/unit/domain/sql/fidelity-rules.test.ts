import { describe, expect, it } from 'vitest';
import { fidelityRules } from '../../../../src-main/domain/fidelity';
import type { Fidelity } from '../../../../src-main/domain/fidelity';
import { readStatement } from '../../../../src-main/domain/sql';

const summary = (sql: string, fidelity: Fidelity, rpc: 'execute' | 'stream'): string => {
  const plan = readStatement(sql, { fidelity })[rpc];
  if (plan.kind !== 'plan') return plan.kind;
  const asked = plan.permissions.map(({ table, role }) => `${table}:${role}`).join(' ');
  return plan.undetermined === null ? asked : `${asked} undetermined`.trim();
};

/** Rule, statement that shows it, what it needs before and after. */
const shown: readonly (readonly [id: string, sql: string, before: string, after: string, rpc?: 'stream'])[] = [
  ['sql-explained-statement-asked', 'explain analyze select * from a', '', 'a:READER'],
  ['sql-definition-sources-asked', 'create table t as select * from a', 't:ADMIN', 't:ADMIN a:READER'],
  ['sql-partial-create-table-undetermined', 'create table t (select * from a)', 't:ADMIN', 't:ADMIN undetermined'],
  ['sql-set-and-show-subqueries-asked', 'set @x = (select 1 from a)', '', 'a:READER'],
  ['sql-show-filter-undetermined', 'show tables where (select 1 from a)', 'a:READER', 'a:READER undetermined'],
  ['sql-with-names-scoped', 'with a as (select * from a) select * from a', '', 'a:READER'],
  ['sql-opaque-statements-undetermined', 'call p()', '', 'undetermined'],
  ['sql-subjects-asked', 'show create table a', '', 'a:READER'],
  [
    'sql-with-shadowing-asked',
    'with c as (select 1), c as (select 2) select * from c',
    'dual:READER dual:READER',
    'dual:READER dual:READER c:READER',
  ],
  [
    'sql-versioned-comments-undetermined',
    'select 1 from a /*! , b */',
    'a:READER b:READER',
    'a:READER b:READER undetermined',
  ],
  ['sql-files-undetermined', "select load_file('x') from a", 'a:READER', 'a:READER undetermined'],
  ['sql-stored-functions-undetermined', 'select f() from a', 'a:READER', 'a:READER undetermined'],
  ['sql-stored-programs-undetermined', 'create procedure p() select * from a', 'p:ADMIN', 'p:ADMIN undetermined'],
  [
    'sql-definition-query-undetermined',
    'alter table a add partition (partition p values less than (1))',
    'a:ADMIN',
    'a:ADMIN undetermined',
  ],
  ['sql-reading-settings-undetermined', "set sql_mode = 'ANSI_QUOTES'", '', 'undetermined'],
  ['sql-semicolons-behind-refused', 'select 1 from a;;', 'a:READER', 'refused'],
  ['sql-nesting-limited', `select ${'('.repeat(501)}1${')'.repeat(501)} from a`, 'undetermined', 'undetermined'],
  ['sql-panics-refused', 'values row(1)', 'panic', 'refused', 'stream'],
];

describe('rules on which statements are read differently', () => {
  it.each([
    ['select 1 from a /*!40001 , b */', 'a:READER b:READER'],
    ['select 1 from a /*!50699 , b */', 'a:READER b:READER'],
    ['select 1 from a /*!50700 , b */', 'a:READER b:READER undetermined'],
    ['select 1 from a /*!50699, b */', 'a:READER b:READER undetermined'],
    ['select 1 from a /*!40001 , b *//*! , c */', 'a:READER b:READER c:READER undetermined'],
    ['select 1 from a /*!40001 , /*! b */ */', 'refused'],
  ])('hardened reads versioned comments that every server runs: %s', (sql, needs) => {
    expect(summary(sql, { mode: 'hardened', version: '24.0.4' }, 'execute')).toBe(needs);
  });

  it.each(
    shown.map((row) => ({ id: row[0], sql: row[1], before: row[2], after: row[3], rpc: row[4] ?? 'execute' }) as const),
  )('$id: $sql', ({ id, sql, before, after, rpc }) => {
    const rule = fidelityRules.find((one) => one.id === id);
    expect(rule).toBeDefined();
    const pair: [Fidelity, Fidelity] =
      rule !== undefined && 'vitess' in rule.behaviour
        ? [
            { mode: 'vitess', version: '24.0.4' },
            { mode: 'hardened', version: '24.0.4' },
          ]
        : [
            { mode: 'vitess', version: '24.0-recorded' },
            { mode: 'vitess', version: '24.0.4' },
          ];
    expect(pair.map((fidelity) => summary(sql, fidelity, rpc))).toEqual([before, after]);
  });

  it('shows every rule of this area', () => {
    const ids = fidelityRules.filter(({ id }) => id.startsWith('sql-')).map(({ id }) => id);
    expect(ids.sort()).toEqual(shown.map(([id]) => id).sort());
  });
});
