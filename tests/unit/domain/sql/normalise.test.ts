import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalise, printStatement, readStatement, splitMargins } from '../../../../src-main/domain/sql';
import { defaultFidelity } from '../../../../src-main/domain/fidelity';
import { statementWithTables } from '../../../support/sql-generator';
import '../../../support/fuzz-seed';

const options = { keyspaceNamed: (name: string) => (name === 'commerce' ? name : null), parameterize: true };
const normal = (sql: string) => normalise(sql, options);
const printed = (sql: string, limited = false): string | null => {
  const pieces = printStatement(sql, { limited });
  return pieces === null ? null : pieces.texts.map((text, at) => text + (pieces.names[at] ?? '')).join('');
};
const binds = (sql: string): unknown =>
  Object.fromEntries(
    [...(normal(sql)?.binds ?? [])].map(([name, value]) => [
      name,
      'type' in value ? `${value.type} ${value.value}` : value.map((one) => `${one.type} ${one.value}`),
    ]),
  );

describe('as vtgate 24 sends it', () => {
  it.each([
    ['SELECT  Name FROM t1 WHERE id=5', 'select `Name` from t1 where id = :id /* INT64 */'],
    ['select 1', 'select :vtg1 /* INT64 */ from dual'],
    [
      "select a from t where 'x' = a and a = 'x' and b in (1,2) and c not in (1,2) and d in (1, -2) and b = 1 and t.c <> 7",
      'select a from t where :vtg1 /* VARCHAR */ = a and a = :vtg1 /* VARCHAR */ and b in ::vtg2 and c not in ::vtg2 and d in (:vtg3 /* INT64 */, -:vtg4 /* INT64 */) and b = :vtg3 /* INT64 */ and t.c != :t_c /* INT64 */',
    ],
    [
      "insert into t set a = 1, `b c` = 'x' on duplicate key update a = values(a) + 1, b = 5",
      'insert into t(a, `b c`) values (:vtg1 /* INT64 */, :vtg2 /* VARCHAR */) on duplicate key update a = values(a) + :vtg3 /* INT64 */, b = :b /* INT64 */',
    ],
    [
      'insert ignore t values (1,default),(2,null)',
      'insert ignore into t values (:vtg1 /* INT64 */, default), (:vtg2 /* INT64 */, null)',
    ],
    [
      'update t set n=n+1, t.m=2 where (id=3 or x) and not y like 5 order by z limit 4',
      'update t set n = n + :vtg1 /* INT64 */, t.m = :t_m /* INT64 */ where (id = :id /* INT64 */ or x) and y not like :y /* INT64 */ order by z asc limit :vtg2 /* INT64 */',
    ],
    [
      'delete from t as x where x.a=5 limit 1',
      'delete from t as x where x.a = :x_a /* INT64 */ limit :vtg1 /* INT64 */',
    ],
    ['delete t from t join u using (a)', 'delete t from t join u using (a)'],
    [
      "select 1.50, 1e3, x'4a', 0x4a, b'01', date'2020-01-02', \"it's\"",
      'select :vtg1 /* DECIMAL(3,2) */, CAST(:vtg2 AS DOUBLE), :vtg3 /* HEXVAL */, :vtg4 /* HEXNUM */, :vtg5 /* BITNUM */, CAST(:vtg6 AS DATE), :vtg7 /* VARCHAR */ from dual',
    ],
    ['select 9223372036854775808, -9223372036854775808', 'select 9223372036854775808, -9223372036854775808 from dual'],
    [
      '(select a from t order by 1 limit 1) union select 2',
      '(select a from t order by 1 asc limit :vtg1 /* INT64 */) union select :vtg2 /* INT64 */ from dual',
    ],
    ['select a from t limit 5 offset 10', 'select a from t limit :vtg1 /* INT64 */, :vtg2 /* INT64 */'],
    ['select * from (select 1, 2 as b from t) d', 'select * from (select 1, :vtg1 /* INT64 */ as b from t) as d'],
    [
      "select st_geomfromtext('POINT(1 1)'), ST_MLineFromWKB(a, 0) from t",
      'select st_geometryfromtext(:vtg1 /* VARCHAR */), st_multilinestringfromwkb(a, :vtg2 /* INT64 */) from t',
    ],
    [
      'select database(), @@version, last_insert_id()',
      'select :__vtdbname as `database()`, :__vtversion as `@@version`, :__lastInsertId as `last_insert_id()` from dual',
    ],
    ['select database() from t', 'select database() from t'],
    ['select t.a, commerce.t.b from commerce.t', 'select t.a, t.b from t'],
    ['select a from t where exists (select b, c from u group by d)', 'select a from t where exists (select 1 from u)'],
    [
      'select (select 1), max(distinct a) from t',
      'select :vtg1 /* INT64 */ as `(select 1 from dual)`, max(a) as `max(distinct a)` from t',
    ],
    [
      "select a->'$.x', substring(a from 2), position('a' in b), Concat(a,b), binary a from t",
      'select json_extract(a, :vtg1 /* VARCHAR */), substr(a, :vtg2 /* INT64 */), locate(:vtg3 /* VARCHAR */, b), Concat(a, b), convert(a, binary) from t',
    ],
    [
      'select /*vt+ PLANNER=gen4 */ distinct a /* dropped */ from t for update',
      'select /*vt+ PLANNER=gen4 */ distinct a from t for update',
    ],
    ['select a from t where id = ? and n = 5', 'select a from t where id = :v1 and n = :n /* INT64 */'],
    [
      'select a from t where a = :vtg1 and b = 5 and c+1',
      'select a from t where a = :vtg1 and b = :b /* INT64 */ and c + :vtg2 /* INT64 */',
    ],
    ['call p(1, @@version)', 'call p(:vtg1 /* INT64 */, :__vtversion)'],
    [
      'select - -1, !a, ~b, -(a), a-(b-c), (a-b)-c, (a+b)*c',
      'select - -:vtg1 /* INT64 */, !a, ~b, -a, a - (b - c), a - b - c, (a + b) * c from dual',
    ],
  ])('%s', (sql, expected) => expect(normal(sql)?.sql).toBe(expected));

  it('keeps the values', () => {
    expect(binds("select 1.50, 'a\\n\\%b\\\\', x'4a', b'01' from t where a in (1,'x') and b = 007")).toEqual({
      vtg1: 'DECIMAL 1.50',
      vtg2: 'VARCHAR a\n\\%b\\',
      vtg3: "HEXVAL x'4A'",
      vtg4: 'BITNUM 0b01',
      vtg5: ['INT64 1', 'VARCHAR x'],
      b: 'INT64 007',
    });
  });

  it('leaves literals of a prepared statement where they are', () => {
    const prepared = normalise('select name from t1 where id = ? and n <> 5', { ...options, parameterize: false });
    expect(prepared?.sql).toBe('select `name` from t1 where id = :v1 and n != 5');
    expect(prepared?.binds.size).toBe(0);
  });

  it('puts in the limit of the session', () => {
    const limited = (sql: string) => normalise(sql, { ...options, selectLimit: 7 })?.sql;
    expect(limited('select a from t for update')).toBe('select a from t limit :vtg1 /* INT64 */ for update');
    expect(limited('select a from t limit 3')).toBe('select a from t limit :vtg1 /* INT64 */');
    expect(limited('select a from t union select b from u')).toBe(
      'select a from t union select b from u limit :vtg1 /* INT64 */',
    );
  });
});

describe('a statement that would become another one goes as written', () => {
  it.each([
    'select a from t union (select b from u union all select c from v)',
    '(select a from t limit 3) limit 5',
    'select not not 5',
    'select not a = any (select b from u) from t',
    'select (a + b) collate utf8mb4_bin from t',
    'select (a | b) + interval 1 day from t',
    'select a between b and (c = d) from t',
    'select (a = b) in (1) from t',
    'select a like (b + c) from t',
    'select (select count(*)) from t',
    'select exists (select count(*) from secret)',
    'select a from t where b := 5',
    'select @a',
    'select * from other.t',
    'select * from information_schema.tables',
    "select n'x'",
    "select date'2020-1-1'",
    'delete x from t as x',
    'select a from t /*!80000 where b */',
    'select st_x(a) from t',
    'select 1 from',
    'select from t',
    'selec 1',
    '',
  ])('%s', (sql) => expect(normal(sql)).toBeNull());
});

describe('as a tablet prints it', () => {
  it.each([
    ['select `name` from t1 where id = :id /* INT64 */', 'select `name` from t1 where id = :id limit :#maxLimit'],
    ['select a from db.t for update', 'select a from db.t limit :#maxLimit for update'],
    ["update t set a = 'x' where b in ::l", "update t set a = 'x' where b in ::l limit :#maxLimit"],
    ['delete from t limit 2', 'delete from t limit 2'],
    ["insert into t(a) values ('it''s', \"q\\\"\")", "insert into t(a) values ('it\\'s', 'q\"')"],
  ])('%s', (sql, expected) => expect(printed(sql, !sql.startsWith('insert'))).toBe(expected));

  it('comes apart at comments around a statement', () => {
    expect(splitMargins(' /* a */ /* b */select 1 /* c */ ; /* d */ ')).toEqual({
      leading: '/* a */ /* b */',
      statement: 'select 1 /* c */',
      trailing: ' /* d */',
    });
    expect(splitMargins('/*! select */ 1 /*!50000 x */').statement).toBe('/*! select */ 1 /*!50000 x */');
  });
});

describe('any statement', () => {
  const fidelity = { ...defaultFidelity, mode: 'vitess' } as const;
  const questions = (sql: string): unknown => {
    const { execute, type } = readStatement(sql, { fidelity });
    return execute.kind === 'plan' ? [type, execute.name, execute.permissions, execute.dualOnly] : execute;
  };

  it('asks the same of the table ACL once printed, and prints itself again', () => {
    fc.assert(
      fc.property(statementWithTables, ({ sql }) => {
        const { statement } = splitMargins(sql);
        const text = printed(statement);
        if (text === null) return;
        expect(questions(text)).toEqual(questions(statement));
        expect(printed(text)).toBe(text);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 3000) },
    );
  });

  it('never throws, whatever it is given', () => {
    const words =
      "select from where ( ) , . * 'a' `b` :c ? @d @@e 1 1.5 0x41 = in not exists union limit order by and or - interval day case when then end as /* x */ -- insert into values set update delete".split(
        ' ',
      );
    const soup = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), { maxLength: 25 });
    fc.assert(
      fc.property(soup, (parts) => {
        const sql = parts.join(' ');
        const first = normal(sql);
        if (first !== null) expect(printed(first.sql)).not.toBeNull();
        printed(sql);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 10_000) },
    );
    expect(normal(`select ${'('.repeat(100_000)}1${')'.repeat(100_000)}`)).toBeNull();
    expect(normal(`select ${'- '.repeat(100_000)}1`)).toBeNull();
  });
});
