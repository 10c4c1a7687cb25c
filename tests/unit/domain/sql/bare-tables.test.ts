import { expect, it } from 'vitest';
import { readStatement } from '../../../../src-main/domain/sql';

/** The tables of a statement that are named without their schema, as written. */
const bare = (sql: string): string[] =>
  readStatement(sql, { fidelity: { mode: 'vitess', version: '24.0.4' } }).bareTables.map(({ start, end }) =>
    sql.slice(start, end),
  );

it.each([
  ['select 1', []],
  ['select 1 from dual', []],
  ['select 1 from mysql.user', []],
  ['select 1 from tables t, `columns` c, mysql.user', ['tables', '`columns`']],
  ['select 1 from a join b using (id) where exists (select 1 from c)', ['a', 'b', 'c']],
  ['with x as (select 1 from a) select * from x', ['a', 'x']],
  ['select 1 from (select 1 from a union select 1 from b) d', ['a', 'b']],
])('%s', (sql, tables) => {
  expect(bare(sql).sort()).toEqual([...tables].sort());
});
