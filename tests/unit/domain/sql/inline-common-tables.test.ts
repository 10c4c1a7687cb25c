import { describe, expect, it } from 'vitest';
import { normalise } from '../../../../src-main/domain/sql';

const printed = (sql: string): string | undefined =>
  normalise(sql, { keyspaceNamed: () => null, parameterize: true })?.sql;
const one = '(select :vtg1 /* INT64 */ as a from dual)';

describe('WITH clauses beside which no table is read', () => {
  it.each([
    [
      'with c as (select 1) select * from c',
      'select `:vtg1 /* INT64 */` from (select :vtg1 /* INT64 */ from dual) as c',
    ],
    ['with c as (select 1 as a) select * from (select * from c) t', `select a from (select a from ${one} as c) as t`],
    [
      'with c as (select 1 as a), d as (select a from c) select c.*, d.a from c, d',
      `select c.a, d.a from ${one} as c, (select a from ${one} as c) as d`,
    ],
    [
      'with c (x, y) as (select 1, 2) select * from c t',
      'select x, y from (select :vtg1 /* INT64 */, :vtg2 /* INT64 */ from dual) as t(x, y)',
    ],
    [
      'with c as (select 1 as a) select * from c union select * from c',
      `select a from ${one} as c union select a from ${one} as c`,
    ],
    ['with c as (select 1 as a) select (select a from c) as z', `select (select a from ${one} as c) as z from dual`],
  ])('%s', (sql, expected) => expect(printed(sql)).toBe(expected));

  it.each([
    'with c as (select id from t) select * from c',
    'with c as (select :vtg1 /* INT64 */ as a from dual) select c.a from c join t',
    'with recursive c as (select :vtg1 /* INT64 */ as a from dual union all select a from c) select a from c',
  ])('stays: %s', (sql) => expect(printed(sql.replace(':vtg1 /* INT64 */', '1'))).toBe(sql));

  it('a name that stands before its clause is another table, and is asked for', () => {
    expect(printed('with a as (select id from b), b as (select 1 as id) select id from a')).toBe(
      'with a as (select id from b) , b as (select :vtg1 /* INT64 */ as id from dual) select id from a',
    );
  });
});
