import { createConnection, type Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heldBytes, watchForCrashes } from '../support/fuzz/campaign';
import { password, startTarget, type Target } from '../support/fuzz/target';

/**
 * The attack: statements of a client that may log in, made to be as dear as they can be. Held: each has its answer or the
 * error that vtgate has for it, the connection and the others go on, nothing crashes and memory is given back.
 */
const target: Target | null = await startTarget();
if (target === null) console.warn('not run: statements made to be dear need a MySQL on this machine');

const thousand = 1000;
const million = 1_000_000;
/** Numbers from 0, with commas. */
const numbers = (count: number): string => Array.from({ length: count }, (_, at) => at).join();

interface Expected {
  readonly errno?: number;
  readonly message?: RegExp;
  readonly rows?: number;
}
const refusedAsTooLong: Expected = {
  errno: 1203,
  message: /code = ResourceExhausted desc = trying to send message larger than max \(\d{8} vs\. 16777216\)/,
};
const cannotDecide: Expected = {
  errno: 1045,
  message:
    /for a table set that cannot be determined \(ACL check error\): not read by Gatehouse: nested deeper than 500 levels/,
};

const statements: readonly (readonly [name: string, make: () => string, expected: Expected])[] = [
  [
    'brackets in brackets',
    () => `select ${'('.repeat(100 * thousand)}1${')'.repeat(100 * thousand)} from goods`,
    cannotDecide,
  ],
  ['queries in queries', () => `select ${'(select '.repeat(600)}1${')'.repeat(600)} from goods`, cannotDecide],
  ['calls in calls', () => `select ${'abs('.repeat(600)}1${')'.repeat(600)} from goods`, cannotDecide],
  ['480 calls in calls', () => `select ${'abs('.repeat(480)}1${')'.repeat(480)} from goods`, { rows: 3 }],
  [
    'NOT after NOT',
    () => `select 1 from goods where ${'not '.repeat(100 * thousand)}1`,
    { errno: 1064, message: /memory exhausted/ },
  ],
  ['UNION after UNION', () => `${'select 1 union '.repeat(20 * thousand)}select 1`, { rows: 1 }],
  ['100,000 keys after IN', () => `select id from goods where id in (${numbers(100 * thousand)})`, { rows: 3 }],
  ['a comment of 10 MB', () => `select 1 /* ${'x'.repeat(10 * million)} */ from goods where id = 1`, { rows: 1 }],
  ['a million comments', () => `${'/* */ '.repeat(million)}select 1 from goods where id = 1`, { rows: 1 }],
  ['blanks', () => `select 1${' '.repeat(10 * million)}from goods where id = 1`, { rows: 1 }],
  [
    'a string of 10 MB without an end',
    () => `select '${'x'.repeat(10 * million)}`,
    { errno: 1105, message: /^syntax error at position 10000009 near 'x/ },
  ],
  [
    'a comment of 10 MB without an end',
    () => `select 1 /* ${'x'.repeat(10 * million)}`,
    { errno: 1105, message: /^syntax error at position 10000013 near '\/\* x/ },
  ],
  [
    'a name of 10 MB without an end',
    () => `select \`${'x'.repeat(10 * million)}`,
    { errno: 1105, message: /^syntax error at position 10000009 near 'x/ },
  ],
  [
    'doubled quotes and an at sign',
    () => `select length('${"''".repeat(3 * million)}@') as l from goods where id = 1`,
    { rows: 1 },
  ],
  ['four million empty strings', () => `select ${"'',".repeat(4 * million)}1 from goods`, refusedAsTooLong],
  ['half a million rows', () => `insert into gained (id) values ${'(1),'.repeat(500 * thousand)}(1)`, refusedAsTooLong],
  [
    'directives in a directive',
    () => `select ${'/*vt+ '.repeat(20 * thousand)}*/ 1 from goods where id = 1`,
    { rows: 1 },
  ],
];

describe.runIf(target !== null)('statements made to be dear', () => {
  const watch = watchForCrashes();
  const [port = 0] = target?.mysqlPorts ?? [];
  const open: Connection[] = [];
  const dial = async (more = {}): Promise<Connection> => {
    const made = await createConnection({
      host: '127.0.0.1',
      port,
      user: 'alice',
      password,
      database: 'commerce',
      ...more,
    });
    open.push(made);
    return made;
  };
  let attacker: Connection;
  let honest: Connection;
  beforeAll(async () => {
    attacker = await dial();
    honest = await dial();
  }, 60_000);
  afterAll(async () => {
    watch.stop();
    for (const one of open) one.destroy();
    await target!.stop();
  }, 60_000);

  const othersAreServed = async (): Promise<void> => {
    expect((await honest.query('select name from goods where id = 2'))[0]).toEqual([{ name: 'plate' }]);
    expect((await attacker.query('select name from goods where id = 1'))[0]).toEqual([{ name: 'cup' }]);
    expect(watch.crashes).toEqual([]);
  };
  const errorOf = (asked: Promise<unknown>): Promise<{ errno?: number; sqlMessage?: string }> =>
    asked.then(
      () => ({}),
      (error: { errno: number; sqlMessage: string }) => error,
    );

  it.each(statements)(
    '%s',
    async (_name, make, { errno, message, rows }) => {
      const asked = attacker.query(make());
      const served = honest.query('select 1');
      if (errno === undefined) expect((await asked)[0]).toHaveLength(rows!);
      else {
        const error = await errorOf(asked);
        expect(error.errno).toBe(errno);
        expect(error.sqlMessage).toMatch(message!);
      }
      await served;
      await othersAreServed();
    },
    120_000,
  );

  it('as many parameters as a statement may have, and more', async () => {
    const values = (count: number): string =>
      `select count(*) as n from goods where id in (${'?,'.repeat(count - 1)}?)`;
    const most = Array.from({ length: 65_535 }, (_, at) => at);
    expect((await attacker.execute(values(65_535), most))[0]).toEqual([{ n: 3 }]);
    expect((await errorOf(attacker.execute(values(70_000), [...most, ...most.slice(0, 4465)]))).errno).toBeGreaterThan(
      0,
    );
    await othersAreServed();
  }, 120_000);

  it('bytes that are no UTF-8', async () => {
    const old = await dial({ charset: 'LATIN1_SWEDISH_CI' });
    expect(await errorOf(old.query("select 'é' from goods"))).toMatchObject({ errno: 1300 });
    expect((await old.query('select id from goods where id = 1'))[0]).toEqual([{ id: 1 }]);
  });

  it('a packet above 64 MiB ends the connection, and no other', async () => {
    const own = await dial();
    own.on('error', () => undefined);
    expect((await errorOf(own.query(`select '${'x'.repeat(68 * 1024 * 1024)}'`))).errno).toBe(1153);
    await othersAreServed();
  }, 60_000);

  it('leave nothing behind', async () => {
    // Each has been played once.
    const before = heldBytes();
    for (const [, make] of statements) await errorOf(attacker.query(make()));
    await othersAreServed();
    expect(heldBytes() - before).toBeLessThan(32 << 20);
  }, 300_000);
});
