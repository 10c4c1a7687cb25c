import { createConnection, type Connection } from 'mysql2/promise';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaign, heldBytes, openSockets, watchForCrashes } from '../support/fuzz/campaign';
import {
  mutatedSession,
  packetMutation,
  playSession,
  recordSession,
  withReply,
  type SentPacket,
} from '../support/fuzz/mysql-session';
import { forbidden, password, startTarget, type Target } from '../support/fuzz/target';
import { patience } from '../support/fuzz/patience';

/**
 * The attack: sessions of a real client with packets changed as somebody would who knows the protocol. Held: every one is
 * answered or closed, nothing crashes, others are served, memory is given back, and who has no right password gets nothing.
 */
const target: Target | null = await startTarget();
if (target === null) console.warn('not run: sessions changed on the way need a MySQL on this machine');

describe.runIf(target !== null)('sessions of the MySQL protocol, changed on the way', () => {
  const [port] = target?.mysqlPorts ?? [0];
  const watch = watchForCrashes();
  let honest: Connection;
  let session: SentPacket[];
  let writing: SentPacket[];
  let sockets: number;

  beforeAll(async () => {
    session = await recordSession(port, 'alice', password, [
      'select 1',
      'select id, name from goods',
      'select 1; select 2',
      'use commerce',
      'show tables',
      'set sql_mode = default',
      'nonsense',
    ]);
    await target!.cluster.atMysql('delete from gained');
    writing = await recordSession(port, 'alice', password, [forbidden, `${forbidden}; ${forbidden}`]);
    await target!.cluster.atMysql('delete from gained');
    honest = await createConnection({ host: '127.0.0.1', port, user: 'alice', password, database: 'commerce' });
  }, 60_000);
  afterAll(async () => {
    watch.stop();
    await honest.end();
    await target!.stop();
  }, 60_000);

  const mutations = (max: number) => fc.array(fc.tuple(fc.nat(30), packetMutation), { minLength: 1, maxLength: max });
  const pieces = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 6 });
  const cases = fc.record({ mutations: mutations(4), pieces, right: fc.boolean(), mode: fc.constantFrom(0, 1) });

  /** A new client and one that has been there all the time. */
  const othersAreServed = async (): Promise<void> => {
    expect((await honest.query('select id from goods where id = 1'))[0]).toEqual([{ id: 1 }]);
    const next = await createConnection({ host: '127.0.0.1', port, user: 'alice', password, database: 'commerce' });
    expect((await next.query('select name from goods where id = 2'))[0]).toEqual([{ name: 'plate' }]);
    await next.end();
    expect(watch.crashes).toEqual([]);
  };

  it('as recorded does what it did: the right password writes, so that the rest proves something', async () => {
    const play = (secret: string) =>
      playSession(
        port,
        (salt) => {
          const [login, ...rest] = writing;
          return mutatedSession([{ ...login!, payload: withReply(login!.payload, secret, salt) }, ...rest], []);
        },
        [],
        10_000,
      );
    await play(password);
    expect(await target!.gained()).toBeGreaterThan(0);
    await target!.cluster.atMysql('delete from gained');
    await play('wrong');
    expect(await target!.gained()).toBe(0);
  });

  it(
    'is answered or closed, and nobody else is disturbed',
    async () => {
      await target!.cluster.atMysql('delete from gained');
      await othersAreServed();
      sockets = openSockets();
      const play = ({ mutations, pieces, right, mode }: typeof cases extends fc.Arbitrary<infer T> ? T : never) =>
        playSession(
          target!.mysqlPorts[mode]!,
          (salt) => {
            const [login, ...rest] = right ? session : writing;
            const secret = right ? password : 'wrong';
            const packets = [{ ...login!, payload: withReply(login!.payload, secret, salt) }, ...rest];
            return mutatedSession(packets, mutations);
          },
          pieces,
          10_000,
        ).then(() => undefined);
      await campaign(cases, play, othersAreServed, { runs: 500 });
      const before = heldBytes();
      await campaign(cases, play, othersAreServed);
      // The recorder keeps the steps of the latest 2,000 connections, on purpose.
      expect(heldBytes() - before).toBeLessThan(96 << 20);
      expect(await target!.gained()).toBe(0);
    },
    patience(600_000),
  );

  it('leaves no connection behind', async () => {
    await expect.poll(openSockets, { timeout: 10_000 }).toBeLessThanOrEqual(sockets);
  });
});
