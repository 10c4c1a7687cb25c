import { describe, expect, it } from 'vitest';
import { readStatement } from '../../../../src-main/domain/sql';

const refusal = (sql: string): string | null => {
  const { gateway = null } = readStatement(sql, { fidelity: { mode: 'vitess', version: '24.0.4' } });
  if (gateway === null) return null;
  return gateway.kind === 'panic' ? 'panic' : gateway.message.replace(/^VT12001: unsupported: /, '');
};
const recursion = 'VT13001: [BUG] expected UNION in recursive CTE';
const derived = 'VT13001: [BUG] [BUG] %T in a derived table%!(EXTRA *sqlparser.ValuesStatement=&{<nil> [';
const alias = 'do not support CTE that use the CTE alias inside the CTE query';

describe('what vtgate’s planner refuses', () => {
  it.each([
    ['with a as (select * from a) select * from a', alias],
    ['with a as (select 1 from (select id from a) x) select count(*) from a', alias],
    ['with b as (with a as (select * from a) select * from a) select * from b', alias],
    ['with a as (select * from b), b as (select * from b) select * from a', alias],
    ['with a as (select * from a) update t set x = 1', 'WITH expression in UPDATE statement'],
    ['with c as (select 1) delete from t', 'WITH expression in DELETE statement'],
    // Another table settles where the statement goes; letters of another case are another table.
    ['with a as (select * from a) select * from a, t', null],
    ['with a as (select * from s.a) select * from a', null],
    ['with a as (select 1 from A) select * from a', null],
    ['with recursive a as (select 1 as id union all select id + 1 from a) select * from a', null],
    ['with a as (select 1) select * from a', null],
    ['insert into t with a as (select * from a) select * from a', null],
    ['select * from a', null],
    ['with c as (with p as (select 1 as id) select * from p) select * from c, p', recursion],
    ['with c as (select 1), p as (select * from c) select * from c, p', null],
    ['with c as (values row(1, 2), row(3, 4)) select * from c', `${derived}[0x0 0x0] [0x0 0x0]]  <nil> [] <nil>})`],
    ['select * from (values row(1)) v', `${derived}[0x0]]  <nil> [] <nil>})`],
    ['select * from (values row((select id from t))) v', null],
    ['values row((select id from t))', 'VT13001: [BUG] unexpected statement type: *sqlparser.ValuesStatement'],
    ['select @a := 5', 'Assignment expression'],
    ['select @a := id from t', 'Assignment expression'],
    ['select * from lateral (select 1) x', 'lateral derived tables'],
    ['select * from mysql.user natural left outer join mysql.db', 'natural left join'],
    ['select 1 into @a', 'panic'],
    ['select id from t union select id from t into @a', 'panic'],
    ["select 1 into outfile 'x'", null],
    ['update mysql.user set a = 1', 'panic'],
    ['update dual set a = 1', 'unsupported opcode: Reference'],
    ['insert into dual (a) values (1)', null],
    [
      'insert into dual values (1)',
      'VT09004: INSERT should contain column list or the table should have authoritative columns in vschema',
    ],
    ['update t set x = 1', null],
  ])('%s: %s', (sql, expected) => expect(refusal(sql)).toBe(expected));
});
