import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { RecordRing } from '../../../../src-main/domain/kernel';
import {
  counterRows,
  everything,
  hideBinds,
  maskError,
  maskStatement,
  mergeTakes,
  readWish,
  rowFilter,
  type WatchRow,
} from '../../../../src-main/domain/watch';
import { PartWatch } from '../../../../src-main/servers/engine/part-watch';
import '../../../support/fuzz-seed';

describe('a ring', () => {
  const filled = (capacity: number, count: number): RecordRing<number> => {
    const ring = new RecordRing<number>(capacity);
    for (let n = 1; n <= count; n += 1) ring.push(n);
    return ring;
  };
  test('keeps the latest, in order', () => expect(filled(3, 5).list()).toEqual([3, 4, 5]));
  test('tells what came since, and how much of it is gone', () => {
    const ring = filled(3, 2);
    const { next } = ring.since(null);
    ring.push(3);
    expect(ring.since(next)).toMatchObject({ items: [{ number: 3, item: 3 }], missed: 0 });
    for (let n = 4; n <= 9; n += 1) ring.push(n);
    expect(ring.since(next)).toMatchObject({ missed: 4, items: [{ number: 7 }, { number: 8 }, { number: 9 }] });
  });
  test('a place in another ring, or ahead of it, begins anew', () => {
    const old = filled(3, 9).since(null).next;
    expect(filled(3, 2).since(old).items).toHaveLength(2);
    const ring = filled(3, 2);
    expect(ring.since({ ...ring.since(null).next, taken: 70 })).toMatchObject({ missed: 0 });
  });
  test('grows and shrinks without losing count', () => {
    const ring = filled(2, 5);
    const { next } = ring.since(null);
    ring.resize(4);
    for (const n of [6, 7, 8, 9]) ring.push(n);
    expect(ring.since(next)).toMatchObject({ missed: 0, items: [{ item: 6 }, { item: 7 }, { item: 8 }, { item: 9 }] });
    ring.resize(1);
    expect(ring.list()).toEqual([9]);
    ring.resize(0);
    ring.push(10);
    expect(ring.since(next)).toMatchObject({ items: [], missed: 5 });
  });
  test('of any size and history behaves as a list cut at its end', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(20), fc.constant('push' as const)), { maxLength: 80 }), (steps) => {
        const ring = new RecordRing<number>(4);
        let list: number[] = [];
        let [capacity, count] = [4, 0];
        for (const step of steps) {
          if (step === 'push') list.push((count += 1));
          if (step === 'push') ring.push(count);
          else ring.resize((capacity = step));
          list = capacity === 0 ? [] : list.slice(-capacity);
          expect(ring.list()).toEqual(list);
        }
      }),
    );
  });
});

describe('passwords', () => {
  const secret = 'hunter2';
  test.each([
    `CREATE USER 'bob'@'%' IDENTIFIED BY '${secret}'`,
    `create user bob identified with caching_sha2_password by "${secret}"`,
    `ALTER USER bob IDENTIFIED BY '${secret}' REPLACE '${secret}'`,
    `alter user bob identified\n/* x */ by '${secret}'`,
    `SET PASSWORD FOR bob = '${secret}'`,
    `set password = PASSWORD('${secret}')`,
    `SET PASSWORD = ${secret}`,
    `GRANT ALL ON *.* TO bob IDENTIFIED BY '${secret}'`,
    `CHANGE REPLICATION SOURCE TO SOURCE_USER='x', SOURCE_PASSWORD='${secret}'`,
    `CHANGE MASTER TO MASTER_PASSWORD="${secret}"`,
    `CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'x', PASSWORD '${secret}')`,
    `update mysql.user set authentication_string='${secret}' where user='bob'`,
    `insert into users (name, password) values ('bob', '${secret}')`,
    `/*! ALTER USER bob IDENTIFIED BY '${secret}' */`,
    `CREATE USER bob IDENTIFIED BY '\\'${secret}'`,
    `CREATE USER bob IDENTIFIED BY 'unfinished ${secret}`,
    `create user bob identified by ${secret}`,
  ])('%s is shown without it', (sql) => {
    const { text, secret: found } = maskStatement(sql);
    expect(found).toBe(true);
    expect(text).not.toContain(secret);
  });
  test.each(['select 1', "select 'x' from orders", 'insert into t values (:vtg1)'])('%s stays', (sql) =>
    expect(maskStatement(sql)).toEqual({ text: sql, secret: false }),
  );
  test('names and placeholders stay, the bind variables go', () => {
    const sql = 'select id from password_resets where token = :token';
    expect(maskStatement(sql)).toEqual({ text: sql, secret: true });
  });
  test('an error does not quote it either', () => {
    expect(maskError(`syntax error at position 12 near '${secret}'`, true)).not.toContain(secret);
    expect(maskError(`near "identified by ${secret}`, true)).not.toContain(secret);
    expect(maskError("Unknown column 'x'", false)).toBe("Unknown column 'x'");
  });
  test('whatever is behind the words goes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('identified by ', 'SET PASSWORD = ', 'set password for bob@x = ', 'IDENTIFIED WITH x AS '),
        fc.constantFrom("'", '"', ''),
        fc.string({ maxLength: 10 }),
        fc.string({ maxLength: 10 }),
        (words, quote, before, after) => {
          expect(maskStatement(`${words}${quote}${before}Q9zPw${after}${quote}`).text).not.toContain('Q9zPw');
        },
      ),
      { numRuns: 5_000 },
    );
  });
  test('an error’s bind variables go', () => {
    const text = `Duplicate entry (CallerID: web): Sql: "insert into t values (:a)", BindVars: {a: "type:VARCHAR value:\\"x\\""}`;
    expect(hideBinds(text)).toBe(
      'Duplicate entry (CallerID: web): Sql: "insert into t values (:a)", BindVars: {[REDACTED]}',
    );
  });
});

const row = (more: Partial<WatchRow>): WatchRow => ({
  ...{ id: '1', part: 'tablet', name: 'zone1-100', at: 0, micros: 0, caller: 'shop_web', reason: '', error: '' },
  ...{
    tables: ['orders'],
    groups: ['sales'],
    verdict: 'allowed',
    sql: 'select 1 from orders',
    traceId: '',
    columns: [],
  },
  ...more,
});

describe('the filter', () => {
  test.each([
    [{}, true],
    [{ caller: 'WEB' }, true],
    [{ caller: 'maria' }, true],
    [{ caller: 'bob' }, false],
    [{ table: 'order' }, true],
    [{ table: 'sales' }, true],
    [{ table: 'payments' }, false],
    [{ verdicts: ['denied'] }, false],
    [{ verdicts: ['denied', 'allowed'] }, true],
    [{ part: 'gateway' }, false],
    [{ part: 'tablet' }, true],
    [{ text: 'FROM orders' }, true],
    [{ text: '  ' }, true],
    [{ text: 'drop' }, false],
    [{ caller: 'web', table: 'payments' }, false],
  ] as const)('%j: %s', (filter, expected) => {
    const wanted = rowFilter({ ...everything, ...filter });
    expect(wanted({ ...row({}), names: ['maria'] })).toBe(expected);
  });
});

test('answers are one by time, and what is over the limit is counted', () => {
  const take = (at: number[], left: number) => ({ rows: at.map((n) => row({ at: n })), places: {}, missed: 1, left });
  const { rows, missed, left } = mergeTakes([take([1, 4], 2), take([2, 3], 0)], 3);
  expect([rows.map(({ at }) => at), missed, left]).toEqual([[2, 3, 4], 2, 3]);
});

test('a wish of another program asks for no more than it may', () => {
  expect(readWish(null)).toEqual({ places: {}, filter: everything, limit: 100, values: false });
  const wish = readWish({
    limit: 1e9,
    values: 'yes',
    filter: { verdicts: ['x', 'denied'], part: 7 },
    places: { a: 1 },
  });
  expect(wish).toEqual({ places: {}, filter: { ...everything, verdicts: ['denied'] }, limit: 500, values: false });
  fc.assert(fc.property(fc.jsonValue(), (value) => void expect(readWish(value).limit).toBeLessThanOrEqual(500)));
});

test('counters: labels in Vitess’s order, one row for what they share', () => {
  const key = 'orders.sales.Select.shop_web';
  const counters = {
    TableACLAllowed: { [key]: 3 },
    TableACLDenied: { [key]: 1, 'other...': 2 },
    TableACLPseudoDenied: {},
    TableACLExemptCount: 0,
  };
  expect(counterRows('zone1-100', counters)).toEqual([
    {
      tablet: 'zone1-100',
      table: 'orders',
      group: 'sales',
      plan: 'Select',
      caller: 'shop_web',
      allowed: 3,
      denied: 1,
      wouldBeDenied: 0,
    },
    { tablet: 'zone1-100', table: '…', group: '…', plan: '…', caller: '…', allowed: 0, denied: 2, wouldBeDenied: 0 },
  ]);
});

describe('the watch of a part', () => {
  test('keeps records while nobody asks, and says how many were before it was watched', () => {
    vi.useFakeTimers();
    try {
      const ring = new RecordRing<number>(0);
      const brief = (at: number) => ({ ...row({ at }), names: [] });
      const watched = new PartWatch(
        'gateway:g1',
        'g1',
        { watchQueries: (capacity) => ring.resize(capacity ?? 0), queriesSince: (place) => ring.since(place) },
        { brief, columns: () => [] },
      );
      const wish = { places: {}, filter: everything, limit: 100, values: false };
      ring.skip();
      ring.skip();
      const first = watched.take(wish);
      expect(first).toMatchObject({ rows: [], before: 2 });
      vi.advanceTimersByTime(3_600_000);
      ring.push(3);
      expect(watched.take({ ...wish, places: first.places })).toMatchObject({
        rows: [{ at: 3 }],
        missed: 0,
        before: 0,
      });
      expect(watched.take(wish)).toMatchObject({ rows: [{ at: 3 }], before: 2 });
    } finally {
      vi.useRealTimers();
    }
  });

  test('finds records without a caller beside those of a user named nobody', () => {
    const wanted = rowFilter({ ...everything, caller: 'no caller' });
    expect([
      wanted({ ...row({ caller: '' }), names: [] }),
      wanted({ ...row({ caller: 'nobody' }), names: [] }),
    ]).toEqual([true, false]);
  });
});
