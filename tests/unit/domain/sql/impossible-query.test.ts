import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { impossibleQuery, readStatement } from '../../../../src-main/domain/sql';
import '../../../support/fuzz-seed';

describe('impossibleQuery', () => {
  it.each([
    ['select id from t1', 'select id from t1 where 1 != 1'],
    ['select id from t1 where a = (select b from t2 where c = 1) limit 5', 'select id from t1 where 1 != 1'],
    [
      'select a, count(*) from t group by a having a > 1 order by a',
      'select a, count(*) from t where 1 != 1 group by a',
    ],
    ['select a from t join u on t.x = u.y for update', 'select a from t join u on t.x = u.y where 1 != 1'],
    ['select 1', 'select 1 from dual where 1 != 1'],
    ['select `where`, "limit 1" from t', 'select `where`, "limit 1" from t where 1 != 1'],
    ['select t.where from t;', 'select t.where from t where 1 != 1'],
  ])('%s', (sql, expected) => expect(impossibleQuery(sql)).toBe(expected));

  it.each([
    'select a from t union select b from u',
    'select a into @x from t',
    'select next 5 values from seq',
    'select a from t use index (b) where c = 1',
    'insert into t values (1)',
    'select a from t; select b from u',
    'select (a from t',
    'select /*!40000 a */ from t',
    'select a from t /*!40000 where a = 1 */',
    'with c as (select 1) select * from c',
    'select',
    '',
  ])('leaves alone: %s', (sql) => expect(impossibleQuery(sql)).toBeNull());

  it('never throws, and asks for no table that the statement does not ask for', () => {
    const options = { fidelity: { mode: 'vitess', version: '24.0.4' } } as const;
    const word = fc.constantFrom(
      'select',
      'a',
      'from',
      't',
      'where',
      'group by',
      '(',
      ')',
      ',',
      '1',
      'order by',
      'x.',
      ';',
      "'s'",
      '/* c */',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 14 }), (words) => {
        const sql = words.join(' ');
        const query = impossibleQuery(sql);
        if (query === null) return;
        const before = readStatement(sql, options).execute;
        const after = readStatement(query, options).execute;
        if (before.kind !== 'plan' || after.kind !== 'plan') return;
        const tables = new Set(before.permissions.map(({ table }) => table));
        for (const { table } of after.permissions) expect(tables.has(table) || table === 'dual').toBe(true);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 3_000) },
    );
  });
});
