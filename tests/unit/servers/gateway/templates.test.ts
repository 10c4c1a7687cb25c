import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Canonical, type CanonicalStatement } from '../../../../src-main/servers/gateway/canonical';
import { GatewaySession } from '../../../../src-main/servers/gateway/session';
import { Templates } from '../../../../src-main/servers/gateway/templates';

const how = { prepared: false, limited: true };
const fresh = (): Canonical => new Canonical(() => null);
const read = (canonical: Canonical, sql: string) => canonical.of(sql, new GatewaySession(), '8.4', how);
/** What a gateway makes of a text that has seen nothing of its kind; the space keeps templates out of it. */
const plainly = (sql: string) => {
  const made = read(fresh(), `${sql} \t`.trimEnd() + '\t');
  return made === null ? null : { ...made, sql: made.sql.trimEnd() };
};

describe('a statement that differs in numbers alone', () => {
  it.each([
    ['select c from t where id = 5', 'select c from t where id = 123456789012345'],
    ['select c from t where id in (1, 2, 3) and k = 4', 'select c from t where id in (10, 20, 30) and k = 40'],
    ['update t set k = 1 where id = 2', 'update t set k = 2 where id = 1'],
    ['insert into t (a, b) values (1, 2), (3, 4)', 'insert into t (a, b) values (4, 3), (2, 1)'],
    ['select c from t where id = 5 limit 3', 'select c from t where id = 3 limit 5'],
    ['select c from t where a = 1 or a = 2', 'select c from t where a = 2 or a = 2'],
    ['select c from t order by 1', 'select c from t order by 2'],
    ['select 1 from t', 'select 2 from t'],
    ['select c as a1 from t2 where id = 1', 'select c as a1 from t2 where id = 2'],
    ['select 1', 'select 2'],
    ['select sleep(1)', 'select sleep(0)'],
    ['select c from t where id = 0x10', 'select c from t where id = 007'],
  ])('%s, then %s', (first, second) => {
    const canonical = fresh();
    for (const sql of [first, second, first]) expect(read(canonical, sql)).toEqual(plainly(sql));
  });

  it('is read once', () => {
    let made = 0;
    const templates = new Templates((sql): CanonicalStatement => {
      made += 1;
      const value = /\d+$/.exec(sql)?.[0] ?? '';
      return {
        sql: 'select :id',
        binds: { id: { type: 265, value: Buffer.from(value) } },
        keyspaces: new Set(),
        columns: null,
      };
    });
    for (let id = 1; id < 100; id += 1)
      expect(templates.of(`select c from t where id = ${id}`)?.sql).toBe('select :id');
    expect(made).toBe(2);
  });

  it('has no template when its form depends on the number', () => {
    const templates = new Templates((sql): CanonicalStatement => {
      const value = /\d+$/.exec(sql)?.[0] ?? '';
      return {
        sql: `select :id as ${value}`,
        binds: { id: { type: 265, value: Buffer.from(value) } },
        keyspaces: new Set(),
        columns: null,
      };
    });
    expect(templates.of('select 5')).toBeNull();
  });

  it('has the form it would have without templates, whatever it is', () => {
    const number = fc.constantFrom(
      '0',
      '1',
      '2',
      '3',
      '10',
      '007',
      '99999999999999999999',
      '0x1F',
      '18446744073709551615',
    );
    const term = fc.oneof(
      fc
        .tuple(fc.constantFrom('a', 'b', 't.a'), fc.constantFrom('=', '<', '<=>'), number)
        .map((parts) => parts.join(' ')),
      fc
        .tuple(fc.constantFrom('a', 'b'), fc.array(number, { minLength: 1, maxLength: 4 }))
        .map(([name, list]) => `${name} in (${list.join(', ')})`),
      fc.tuple(number, number).map(([from, to]) => `a between ${from} and ${to}`),
    );
    const where = fc.array(term, { minLength: 1, maxLength: 3 }).map((terms) => terms.join(' and '));
    const tail = fc.oneof(
      fc.constant(''),
      number.map((n) => ` limit ${n}`),
      number.map((n) => ` order by ${n}`),
      number.map((n) => ` group by ${n}`),
    );
    const statement = fc.oneof(
      fc
        .tuple(fc.constantFrom('a', '*', 'count(*)', '1', 'a * 2', 'a as a1'), where, tail)
        .map(([what, on, end]) => `select ${what} from t where ${on}${end}`),
      fc.tuple(number, where).map(([value, on]) => `update t set a = ${value} where ${on}`),
      fc.tuple(number, number).map(([one, two]) => `insert into t (a, b) values (${one}, ${two})`),
      where.map((on) => `delete from t where ${on}`),
    );
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 12 }), (statements) => {
        const canonical = fresh();
        for (const sql of statements) expect(read(canonical, sql)).toEqual(plainly(sql));
      }),
      { seed: 11, numRuns: 400 },
    );
  });
});
