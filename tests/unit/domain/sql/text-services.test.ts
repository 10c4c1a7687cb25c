import { describe, expect, it } from 'vitest';
import { readStatement } from '../../../../src-main/domain/sql';
import type { StatementReading } from '../../../../src-main/domain/sql';
import { defaultFidelity } from '../../../../src-main/domain/fidelity';

const read = (sql: string, mode: 'vitess' | 'hardened' = 'hardened'): StatementReading =>
  readStatement(sql, { fidelity: { ...defaultFidelity, mode } });

/** The statement without what `cuts` cover. */
const without = (sql: string, cuts: readonly { start: number; end: number }[]): string =>
  [...cuts]
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end }) => text.slice(0, start) + text.slice(end), sql);

describe('qualifiers', () => {
  it.each([
    ['select * from commerce.orders', 'select * from orders'],
    ['select * from commerce . /* c */ orders', 'select * from orders'],
    ['select * from `commerce:0`.`orders` o', 'select * from `orders` o'],
    ['select commerce.orders.id, commerce.orders.* from commerce.orders', 'select orders.id, orders.* from orders'],
    ['select orders.id from orders', 'select orders.id from orders'],
    ['insert into commerce.a (commerce.a.x) select 1 from commerce.b', 'insert into a (a.x) select 1 from b'],
    [
      'update commerce.a set commerce.a.x = 1 where commerce.a.y in (select id from commerce.b)',
      'update a set a.x = 1 where a.y in (select id from b)',
    ],
    ['delete from commerce.a', 'delete from a'],
    ['delete commerce.a from commerce.a, commerce.b', 'delete a from a, b'],
    ['delete from commerce.a using commerce.a', 'delete from a using a'],
    ['create table commerce.a like commerce.b', 'create table a like b'],
    ['create view commerce.v as select * from commerce.b', 'create view v as select * from b'],
    ['rename table commerce.a to commerce.b', 'rename table a to b'],
    [
      'alter table commerce.a rename to commerce.b, add foreign key (x) references commerce.c (y)',
      'alter table a rename to b, add foreign key (x) references c (y)',
    ],
    ['show columns from commerce.a', 'show columns from a'],
    ['select * from a order by commerce.a.x', 'select * from a order by a.x'],
    ['select commerce.f(1) from a', 'select commerce.f(1) from a'],
  ])('%s', (sql, expected) => {
    const { qualifiers } = read(sql);
    expect(without(sql, qualifiers)).toBe(expected);
    for (const { name } of qualifiers) expect(['commerce', 'commerce:0']).toContain(name);
  });
});

/** Puts the aliases in, as the gateway does: once for each place. */
function aliased(sql: string): string {
  const at = new Map<number, string>();
  for (const { expressionAlias } of read(sql).sessionCalls)
    if (expressionAlias !== null) at.set(expressionAlias.at, expressionAlias.text);
  return [...at]
    .sort((a, b) => b[0] - a[0])
    .reduce((text, [place, alias]) => `${text.slice(0, place)} as ${alias}${text.slice(place)}`, sql);
}

describe('calls that vtgate answers', () => {
  it.each([
    ['select user()', 'select user() as `user()`'],
    ['select USER ( ), 1', 'select USER ( ) as `USER ( )`, 1'],
    ['select current_user from a', 'select current_user as `current_user` from a'],
    ['select current_user() u', 'select current_user() u'],
    ["select database() as 'd'", "select database() as 'd'"],
    ['select concat(user(), schema()), `a`', 'select concat(user(), schema()) as `concat(user(), schema())`, `a`'],
    ['select concat(`x`, user())', 'select concat(`x`, user()) as `concat(``x``, user())`'],
    ['select 1 from a where b = user()', 'select 1 from a where b = user()'],
    ['select 1 from (select user()) t', 'select 1 from (select user()) t'],
    ['select (select user())', 'select (select user()) as `(select user())`'],
    ['select last_insert_id(), last_insert_id(5)', 'select last_insert_id() as `last_insert_id()`, last_insert_id(5)'],
    [
      'select found_rows() union select row_count()',
      'select found_rows() as `found_rows()` union select row_count() as `row_count()`',
    ],
  ])('%s', (sql, expected) => {
    expect(aliased(sql)).toBe(expected);
  });

  it('names every call and its place', () => {
    const sql =
      'insert into t values (user(), current_user, session_user(), system_user(), DATABASE( ), schema(), `user`, user)';
    expect(read(sql).sessionCalls.map(({ name, start, end }) => [name, sql.slice(start, end)])).toEqual([
      ['user', 'user()'],
      ['current_user', 'current_user'],
      ['session_user', 'session_user()'],
      ['system_user', 'system_user()'],
      ['database', 'DATABASE( )'],
      ['schema', 'schema()'],
    ]);
  });

  it('gives an alias for right after the call only where the call is the whole expression', () => {
    expect(read('select user(), concat(user())').sessionCalls.map(({ alias }) => alias)).toEqual(['`user()`', null]);
  });

  it('gives no alias that MySQL would refuse for its length', () => {
    expect(read(`select concat(user(), '${'x'.repeat(300)}')`).sessionCalls[0]).toMatchObject({
      alias: null,
      expressionAlias: null,
    });
  });
});

describe('stretches to blank before the text goes to MySQL', () => {
  it.each([
    ['select 1 from a /*!40101 union select 1 from b */', 'select 1 from a  union select 1 from b '],
    ['select 1 from a /*! , */ b', 'select 1 from a  ,  b'],
    ['select 1 from a /*!99999 union select 1 from b */', 'select 1 from a '],
    ['select 1 from a /*M! union select 1 from b */', 'select 1 from a '],
    ['select 1 from a /* plain */', 'select 1 from a /* plain */'],
    ["select '/*!99999 x */' from a", "select '/*!99999 x */' from a"],
  ])('%s', (sql, expected) => {
    expect(without(sql, read(sql, 'vitess').blanks)).toBe(expected);
  });
});

describe('what is not read', () => {
  it('says that Gatehouse, not Vitess, gives up', () => {
    const nested = (open: string, levels: number) =>
      read(`select ${open.repeat(levels)}1${')'.repeat(levels)} from a`, 'vitess').execute;
    for (const open of ['(', 'abs(', 'if(1, 2, '])
      expect(nested(open, 480), open).toMatchObject({ kind: 'plan', undetermined: null });
    for (const levels of [501, 100_000])
      expect(nested('(', levels)).toMatchObject({
        kind: 'plan',
        undetermined: 'not read by Gatehouse: nested deeper than 500 levels',
      });
    const names = Array.from({ length: 201 }, (_, i) => `c${i} as (select 1)`).join(', ');
    expect(read(`with ${names} select 1`, 'vitess').execute).toMatchObject({
      kind: 'plan',
      undetermined: expect.stringContaining('200 names'),
    });
    expect(read("select @a'b' from t", 'vitess').execute).toMatchObject({
      kind: 'plan',
      undetermined: expect.stringContaining('glued'),
    });
  });

  it('reads values of 16 MiB', () => {
    expect(read(`insert into a values ('${'x'.repeat(16 * 1024 * 1024)}')`).execute).toMatchObject({
      permissions: [{ table: 'a', role: 'WRITER' }],
      undetermined: null,
    });
  });
});
