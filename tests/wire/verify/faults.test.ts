import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as turn } from 'node:timers/promises';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findClient } from '../../../src-main/services/callers/connection-lines';
import type { Cluster } from '../../../src-main/services/cluster/cluster';
import { cellsOf } from '../../../src-main/services/verify/verify-service';
import { installedPrograms } from '../backend/backend-fixture';
import { refusal } from '../../support/gateway-fixture';
import { createFleet, differing, makeWorkspace, verifyOf, type MadeWorkspace } from '../../support/workspace';

/** MySQL, the tablet and clients die in the middle of work: clear errors, nothing lost, and it goes on. */
const programs = await installedPrograms();
const mariadb = await findClient('mariadb');
if (mariadb === null) console.warn('not run: a killed mariadb client, as there is none on the PATH');
const busy = 120_000;
const noTablet = `target: shop.0.primary: no healthy tablet available for 'keyspace:"shop" shard:"0" tablet_type:PRIMARY'`;

describe.each(programs)('a shop on $vendor $version', (program) => {
  const fleet = createFleet();
  let made: MadeWorkspace;
  let cluster: Cluster;
  const open: Connection[] = [];

  beforeAll(async () => {
    made = await makeWorkspace('shop');
    cluster = await fleet.start(await made.load(), program);
  }, busy);
  afterEach(() => {
    for (const connection of open.splice(0)) connection.destroy();
  });
  afterAll(async () => {
    await fleet.stop();
    await made.remove();
  }, busy);

  const socket = (): string => cluster.addresses.gateways.find(({ name }) => name === 'main')!.mysql!.socket!;
  const password = (): string => cluster.secrets.get('users/web')!.reveal();
  /** web at the gateway, over its Unix socket. */
  const web = async (): Promise<Connection> => {
    const connection = await createConnection({
      socketPath: socket(),
      user: 'web',
      password: password(),
      database: 'shop',
    });
    connection.on('error', () => undefined);
    open.push(connection);
    return connection;
  };
  /** root at MySQL itself. */
  const atMysql = async (): Promise<Connection> => {
    const connection = await createConnection({
      socketPath: cluster.addresses.backends[0]!.socket!,
      user: 'root',
      password: cluster.secrets.get('backend/local/root')!.reveal(),
    });
    open.push(connection);
    return connection;
  };
  const ids = async (connection: Connection, where: string): Promise<number[]> => {
    const [rows] = await connection.query<RowDataPacket[]>(`select id from orders where ${where} order by id`);
    return rows.map(({ id }) => Number(id));
  };
  const insert = (id: number): string =>
    `insert into orders (id, customer_id, placed, status) values (${id}, 1, '2026-01-01', 'new')`;

  it(
    'loses no committed row and keeps no other when MySQL is killed, and comes back by itself',
    async () => {
      const { managed } = cluster.backends[0]!;
      const victim = managed!.pid;
      const committed: number[] = [];
      const said = new Set<string>();
      let killed = false;
      let next = 100_000;
      const halfway = await web();
      await halfway.query('begin');
      await halfway.query(insert(99_999));

      const work = async (): Promise<void> => {
        let connection = await web();
        for (let after = 0; after < 20;) {
          const id = next++;
          try {
            await connection.query(insert(id));
            committed.push(id);
            if (killed) after += 1;
            else if (committed.length > 200) {
              killed = true;
              process.kill(victim, 'SIGKILL');
            }
          } catch (error) {
            const { message, errno } = error as { message: string; errno: number };
            said.add(`${errno} ${message.replaceAll(/\d{5,}|connection id \d+/g, 'N')}`);
            // The client may go on with the same connection: its session at the gateway lives.
            if (/closed|ECONN|EPIPE/i.test(message)) connection = await web();
            await turn(20);
          }
        }
      };
      await Promise.all([work(), work(), work(), work()]);

      expect(managed!.pid).not.toBe(victim);
      expect(managed!.events.map(({ step }) => step).slice(-3)).toEqual(['died', 'spawned', 'restarted']);
      expect(said.size).toBeGreaterThan(0);
      for (const words of said)
        expect(words).toMatch(
          /^\d{4} target: shop\.0\.primary: (vttablet: .*(\(errno 20(03|06|13)\) \(sqlstate HY000\)|in state (NOT_SERVING|SHUTTING_DOWN))|no healthy tablet available)/s,
        );

      const lost = await refusal(halfway.query('commit'));
      expect(lost).not.toBeNull();
      const there = await ids(await web(), 'id >= 99999');
      expect(there).not.toContain(99_999);
      expect(committed.filter((id) => !there.includes(id))).toEqual([]);
      // The session whose transaction is gone can begin another one.
      await halfway.query('rollback').catch(() => undefined);
      await halfway.query('begin');
      await halfway.query(insert(99_998));
      await halfway.query('commit');
      expect(await ids(halfway, 'id = 99998')).toEqual([99_998]);
      expect(differing(await verifyOf(cluster, { only: (id) => id.includes('/web/') }))).toEqual([]);
    },
    busy,
  );

  it(
    'rolls back what killed clients had open and gets their connections back',
    async () => {
      const observer = await web();
      const status = async (): Promise<string> =>
        String((await observer.query<RowDataPacket[]>('select status from orders where id = 7'))[0][0]?.['status']);
      const before = await status();
      // More than the tablet has connections for transactions (20).
      for (let round = 0; round < 30; round += 1) {
        const victim = await web();
        await victim.query('begin');
        await victim.query("update orders set status = 'held' where id = 7");
        victim.destroy();
      }
      if (mariadb !== null) {
        const child = spawn(
          mariadb.command,
          ['--no-defaults', '-u', 'web', '-S', socket(), '-N', '--unbuffered', 'shop'],
          { env: { ...process.env, MYSQL_PWD: password() }, stdio: ['pipe', 'pipe', 'inherit'] },
        );
        child.stdin.write("begin; update orders set status = 'held' where id = 7; select 'held';\n");
        expect(String((await once(child.stdout, 'data'))[0])).toBe('held\n');
        expect(await status()).toBe(before);
        child.kill('SIGKILL');
        await once(child, 'close');
      }
      await expect
        .poll(() => refusal(observer.query('update orders set status = status where id = 7')), { timeout: 20_000 })
        .toBeNull();
      expect(await status()).toBe(before);
      const root = await atMysql();
      await expect
        .poll(async () => (await root.query('select count(*) as n from information_schema.innodb_trx'))[0])
        .toEqual([{ n: 0 }]);
      const many = await Promise.all(Array.from({ length: 15 }, () => web()));
      for (const connection of many) await connection.query('begin');
      await Promise.all(many.map((connection) => connection.query('select id from orders where id = 7')));
      for (const connection of many) await connection.query('rollback');
    },
    busy,
  );

  it(
    'says that there is no tablet when it stops in the middle, and verify says where it ends',
    async () => {
      const running = await web();
      const inTransaction = await web();
      await inTransaction.query('begin');
      await inTransaction.query(insert(300_000));
      const slow = refusal(running.query('select sleep(30) from orders where id = 7'));
      const root = await atMysql();
      await expect
        .poll(async () => JSON.stringify((await root.query('show full processlist'))[0]), { timeout: 20_000 })
        .toContain('sleep(30)');
      await cluster.tablets[0]!.stop({ graceMs: 0 });
      expect((await slow)?.message).toMatch(/^target: shop\.0\.primary: (vttablet: |no healthy tablet available)/);
      expect((await refusal(inTransaction.query('commit')))?.message).toMatch(/^target: shop\.0\.primary: /);
      expect(await refusal(running.query('select id from orders where id = 7'))).toEqual({
        errno: 1105,
        sqlState: 'HY000',
        message: noTablet,
      });

      const report = await verifyOf(cluster);
      const reaches = cellsOf(cluster.workspace).filter(({ expected }) => ['allow', 'deny'].includes(expected.verdict));
      expect(differing(report)).toEqual(reaches.map(({ id }) => `${id} | expected, predicted | refused at link`));
      const [first] = report.results;
      expect(first!.actual.message).toBe(noTablet);

      await fleet.stop();
      cluster = await fleet.start(await made.load(), program);
      expect(await ids(await web(), 'id = 300000')).toEqual([]);
      expect(differing(await verifyOf(cluster, { only: (id) => id.includes('/web/') }))).toEqual([]);
    },
    busy,
  );
});
