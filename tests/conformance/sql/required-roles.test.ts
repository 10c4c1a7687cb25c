import { describe, expect, it } from 'vitest';
import { readStatement } from '../../../src-main/domain/sql';
import type { Fidelity } from '../../../src-main/domain/fidelity';

/** One line: what is asked in order (`orders:R`), `!` for an undetermined set, `=text` for a refusal, `panic`. */
function asked(sql: string, fidelity: Fidelity, rpc: 'execute' | 'stream' = 'execute'): string {
  const plan = readStatement(sql, { fidelity })[rpc];
  if (plan.kind === 'panic') return 'panic';
  if (plan.kind === 'refused') return `=${plan.message}`;
  const questions = plan.permissions.map(({ table, role }) => `${table}:${role.charAt(0)}`);
  return [...questions, ...(plan.undetermined === null ? [] : ['!'])].join(' ');
}

const recorded: Fidelity = { mode: 'vitess', version: '24.0-recorded' };
const fixed: Fidelity = { mode: 'vitess', version: '24.0.4' };
const hardened: Fidelity = { mode: 'hardened', version: '24.0.4' };

/** vitess-behaviour §5.5: statement, tree M, 24.0.4 (`''`: the same), hardened (`''`: as 24.0.4). */
const matrix: readonly (readonly [sql: string, recorded: string, fixed?: string, hardened?: string])[] = [
  ['select * from a', 'a:R'],
  ['select * from a for update', 'a:R'],
  ['select * from a lock in share mode', 'a:R'],
  ["select * from a into outfile 'x'", 'a:R', '', 'a:R !'],
  ["select * from a into dumpfile 'x'", 'a:R', '', 'a:R !'],
  ["select * into outfile 'x' from a", 'a:R', '', 'a:R !'],
  ['select * from a union select * from b', 'a:R b:R'],
  ['select * from a where id in (select id from b)', 'a:R b:R'],
  ['select * from (select id from b) t, a', 'a:R b:R'],
  ['select (select 1 from c) from a join b on exists (select 1 from d)', 'a:R b:R d:R c:R'],
  ['values row(1)', '=invalid SQL'],
  ['select * from (values row((select id from a))) v', 'a:R'],
  ['select next value from seq', 'seq:W'],
  ['insert into a values (1)', 'a:W'],
  ['insert into a values ((select max(id) from b))', 'a:W b:R'],
  ['insert into a select * from b', 'a:W b:R'],
  ['replace into a select * from b', 'a:W b:R'],
  ['insert into a values (1) on duplicate key update x = (select 1 from b)', 'a:W b:R'],
  ['update a set x = 1', 'a:W'],
  ['update a join b on a.id = b.id set a.x = 1', 'a:W b:W'],
  ['update a, (select id from b) t set a.x = (select 1 from c)', 'a:W b:R c:R'],
  ['delete from a', 'a:W'],
  ['delete a from a join b on a.id = b.id where a.x in (select x from c)', 'a:W b:W c:R'],
  ['delete from a using a, b', 'a:W b:W'],
  // WITH
  ['with c as (select id from a) select * from c', 'a:R'],
  ['with c as (select id from a) select * from c union select id from b', 'a:R c:R b:R', 'a:R b:R'],
  ['with c as (select id from a) select * from b where id in (select id from c)', 'b:R a:R c:R', 'b:R a:R'],
  ['with c as (select id from a) select * from (select * from c) t', 'a:R c:R', 'a:R'],
  ['with a as (select * from a) select * from a', '', 'a:R'],
  ['with recursive a as (select 1 union all select * from a) select * from a', 'dual:R'],
  ['with c as (select * from d), d as (select 1) select * from c', 'dual:R', 'd:R dual:R'],
  ['with c as (select 1), d as (select * from c) select * from d', 'dual:R'],
  ['with a as (select 1) select * from x.a', 'dual:R', 'a:R dual:R'],
  ['with a as (select 1) select * from A', 'A:R dual:R'],
  ['with c as (select id from a) update b join c on b.id = c.id set b.x = 1', 'b:W c:W a:R', 'b:W a:R'],
  ['with c as (select id from a) delete from b where id in (select id from c)', 'b:W a:R c:R', 'b:W a:R'],
  ['with c as (select 1), c as (select 2) select * from c', 'dual:R dual:R', '', 'dual:R dual:R c:R'],
  [
    'with c as (select 1) select * from c, (with d as (select 1) select * from d) t',
    'dual:R dual:R',
    '',
    'dual:R dual:R c:R d:R',
  ],
  ['with a as (select 1) select * from a, x.a', 'dual:R', 'a:R dual:R'],
  // DDL
  ['create table a (id int)', 'a:A'],
  ['create temporary table a (id int)', 'a:A'],
  ['alter table a add x int', 'a:A'],
  ['alter table a add foreign key (x) references b (id)', 'a:A', '', 'a:A b:R'],
  ['alter table a exchange partition p with table b', 'a:A', '', 'a:A b:A'],
  ['alter table a union = (b, c)', 'a:A', '', 'a:A !'],
  ['alter table a rename b', 'a:A b:A'],
  ['alter table c.a rename to c.b', 'a:A b:A'],
  ['rename table a to b, b to a', 'a:A b:A b:A a:A'],
  ['drop table a, b', 'a:A b:A'],
  ['truncate table a', 'a:A'],
  ['create index a on b(id)', 'b:A'],
  ['drop index a on b.c', 'c:A'],
  ['create table a like b', 'a:A', '', 'a:A b:R'],
  ['create table a (like b)', 'a:A', '', 'a:A b:R'],
  ['create table a (x int references b (id))', 'a:A', '', 'a:A b:R'],
  ['create table a (x int, foreign key (x) references b (id) on delete cascade, y int)', 'a:A', '', 'a:A b:R'],
  ['create table a as select * from b', 'a:A', 'a:A b:R'],
  ['create table a select * from b where id in (select id from c)', 'a:A', 'a:A b:R c:R'],
  ['create table a (id int) select * from b', 'a:A', 'a:A b:R'],
  ['create table a (select * from b)', 'a:A', 'a:A !'],
  ['create table a as table b', 'a:A', 'a:A !'],
  ['create table a as select 1 from b except select 1 from c', 'a:A', 'a:A b:R !'],
  ['create table a (id int) no_such_option = 1', 'a:A', 'a:A !'],
  ['create table a (id int) engine = merge union = (b, c)', 'a:A', 'a:A !'],
  ['create view a as select * from b', 'a:A', 'a:A b:R'],
  ['create or replace view a as select * from b union select * from c', 'a:A', 'a:A b:R c:R'],
  ['alter view a as select * from b', 'a:A', 'a:A b:R'],
  ['drop view a, b', 'a:A b:A'],
  ['create procedure p() select * from a', 'p:A', '', 'p:A !'],
  ['drop procedure p', 'p:A'],
  ['flush tables a,b with read lock', 'a:A b:A'],
  ['flush tables', ''],
  ['analyze table a', 'a:W'],
  // Statements about statements
  ['explain select * from a', '', 'a:R'],
  ['explain analyze select * from a', '', 'a:R'],
  ['describe update a set x = (select 1 from b)', '', 'a:W b:R'],
  ['explain insert into a select * from b', '', 'a:W b:R'],
  ['explain a', '', '', 'a:R'],
  ['desc a x', '', '', 'a:R'],
  ['show tables', ''],
  ['show create table a', '', '', 'a:R'],
  ['show columns from a', '', '', 'a:R'],
  ['show index from a', '', '', 'a:R'],
  ['show columns from a where (select 1 from b)', '', 'b:R', 'b:R a:R !'],
  ['set @x = 1', ''],
  ['set @x = (select 1 from a)', '', 'a:R'],
  ["set sql_mode = 'ANSI_QUOTES'", '', '', '!'],
  ['set names gbk', '', '', '!'],
  ['set names utf8mb4', ''],
  ["set sql_mode = 'STRICT_ALL_TABLES'", ''],
  ['do (select 1 from a)', '', '!'],
  ['repair table a', '', '!'],
  ['optimize table a', '', '!'],
  ['call p()', '', '!'],
  ["load data infile 'x' into table a", '', '!'],
  ['unlock tables', ''],
  ['savepoint a', ''],
  ['begin', '=invalid SQL'],
  ['lock tables a read', '=invalid SQL'],
  ['use a', '=invalid SQL'],
  ['kill 1', '=invalid SQL'],
  ['create database a', '=invalid SQL'],
  ['-- x', '=invalid SQL'],
  ['/* x */', '=Query was empty'],
  ['select 1 from a;', 'a:R'],
  ['select 1 from a;;', 'a:R', '', '=Expected a single statement'],
  ['select 1 from a; select 1', '=Expected a single statement'],
  ['', '=Query was empty'],
  ['select 1', 'dual:R'],
  ['select f_secret() from a', 'a:R', '', 'a:R !'],
  ["select load_file('x')", 'dual:R', '', 'dual:R !'],
  ['select 1 from a /*! union select 1 from b */', 'a:R b:R', '', 'a:R b:R !'],
  ['select 1 from a /*!99999 union select 1 from b */', 'a:R', '', 'a:R !'],
  ['select 1 from a /*M! union select 1 from b */', 'a:R', '', 'a:R !'],
  ['select /*+ SET_VAR(sql_mode = ANSI) */ 1 from a', 'a:R', '', 'a:R !'],
];

describe('roles required for each statement (vitess-behaviour §5.5)', () => {
  const rows = matrix.map(([sql, treeM, later, strict]): [string, string[]] => {
    const inFixed = later || treeM;
    return [sql, [treeM, inFixed, strict || inFixed]];
  });

  it.each(rows)('%s', (sql, expected) => {
    expect([asked(sql, recorded), asked(sql, fixed), asked(sql, hardened)]).toEqual(expected);
  });
});

describe('streaming RPCs', () => {
  it.each([
    ['update a set b = 1', '=UPDATE not allowed for streaming', '=UPDATE not allowed for streaming'],
    ['rollback to a', '=SAVEPOINT_ROLLBACK not allowed for streaming', '=SAVEPOINT_ROLLBACK not allowed for streaming'],
    ['values row(1)', 'panic', '=invalid SQL'],
    ['use a', 'panic', '=invalid SQL'],
    ['show tables', '', ''],
    ['select next value from a', 'a:W', 'a:W'],
    ['select/**/1', 'panic', 'dual:R'],
  ])('%s', (sql, vitess, strict) => {
    expect([asked(sql, fixed, 'stream'), asked(sql, hardened, 'stream')]).toEqual([vitess, strict]);
  });
});

describe('plan details', () => {
  const plan = (sql: string, tables: string[] | undefined, sequences: string[] = []) => {
    const known = tables && {
      has: (name: string) => tables.includes(name),
      isSequence: (name: string) => sequences.includes(name),
    };
    return readStatement(sql, { fidelity: fixed, ...(known && { knownTables: known }) }).execute;
  };

  it.each([
    ['update a set x = 1', ['a'], 'UpdateLimit'],
    ['update a set x = 1', [], 'Update'],
    ['update a set x = 1', undefined, 'UpdateLimit'],
    ['update a set x = 1 limit 1', ['a'], 'Update'],
    ['update a, b set x = 1', ['a', 'b'], 'Update'],
    ['update a, b set x = 1', ['a'], 'UpdateLimit'],
    ['update x.a set x = 1', ['a'], 'Update'],
    ['delete from a', ['a'], 'DeleteLimit'],
    ['delete from a limit 1', ['a'], 'Delete'],
    ['select 1 from a where 1 != 1', ['a'], 'SelectImpossible'],
    ["select 1 from a where (('x' <> 'x'))", ['a'], 'SelectImpossible'],
    ['select 1 from a where 1 != 2', ['a'], 'Select'],
    ["select get_lock('x', 1)", [], 'SelectLockFunc'],
    ["select is_free_lock('x')", [], 'Select'],
  ])('%s with %j known', (sql, tables, name) => {
    expect(plan(sql, tables)).toMatchObject({ kind: 'plan', name });
  });

  it('knows sequences', () => {
    expect(plan('select next value from seq', ['seq'], ['seq'])).toMatchObject({ name: 'Nextval' });
    expect(plan('select next value from a', ['a'])).toMatchObject({ kind: 'refused', message: 'a is not a sequence' });
    expect(plan('select next value from x.seq', ['seq'], ['seq'])).toMatchObject({
      message: 'x.seq is not a sequence',
    });
  });

  it.each([
    ['select 1', true, true],
    ['select (select x from a)', true, false],
    ['select 1 from dual where exists (select 1 from a)', true, false],
    ['select 1 from dual, a', false, false],
    ['select 1 union select 2', false, false],
    ['select x from a', false, false],
    ['show tables', false, false],
  ])('%s skips the check: tree M %s, 24.0.4 %s', (sql, treeM, later) => {
    const skips = (fidelity: Fidelity) => {
      const { execute } = readStatement(sql, { fidelity });
      return execute.kind === 'plan' && execute.dualOnly;
    };
    expect([skips(recorded), skips(fixed), skips(hardened)]).toEqual([treeM, later, later]);
  });

  it('hides a WITH name behind a question in hardened mode when a table has that name', () => {
    const sql = 'with orders as (select 1) select * from orders';
    const options = { fidelity: hardened, knownTables: { has: (name: string) => name === 'orders' } };
    expect(readStatement(sql, options).execute).toMatchObject({
      permissions: [
        { table: 'dual', role: 'READER' },
        { table: 'orders', role: 'READER' },
      ],
    });
  });
});
