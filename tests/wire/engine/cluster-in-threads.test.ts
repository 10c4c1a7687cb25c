import { readFile, readdir, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Failure } from '../../../src-main/domain/kernel';
import { startCluster, type Cluster } from '../../../src-main/services/cluster/cluster';
import { cellsOf } from '../../../src-main/services/verify/verify-service';
import { installedPrograms } from '../backend/backend-fixture';
import { engineThread, killEngineThread } from '../../support/engine-thread';
import { refusal } from '../../support/gateway-fixture';
import { createFleet, differing, makeWorkspace, ports, verifyOf, type MadeWorkspace } from '../../support/workspace';

/** Gateways and tablets in threads of their own behave as they do in the program's own thread. */
const [program] = await installedPrograms();
const busy = 120_000;
const threaded = { ports: { ...ports, engineThread: engineThread() } };

describe.runIf(program !== undefined).each(['one', 'two'] as const)('a shop in %s of its own threads', (threads) => {
  const fleet = createFleet();
  let made: MadeWorkspace;
  let cluster: Cluster;
  const open: Connection[] = [];
  const deaths: [string, Failure][] = [];
  const tabletThread = threads === 'one' ? 'engine' : 'tablets';

  beforeAll(async () => {
    made = await makeWorkspace('shop');
    cluster = await fleet.start(await made.load(), program!, { ...threaded, threads, basePort: 0 });
    cluster.onPartDied((id, failure) => deaths.push([id, failure]));
  }, busy);
  afterEach(() => {
    for (const connection of open.splice(0)) connection.destroy();
  });
  afterAll(async () => {
    await fleet.stop();
    await made.remove();
  }, busy);

  const as = async (user: string): Promise<Connection> => {
    const connection = await createConnection({
      socketPath: cluster.addresses.gateways.find(({ name }) => name === 'main')!.mysql!.socket!,
      user,
      password: cluster.secrets.get(`users/${user}`)!.reveal(),
      database: 'shop',
    });
    connection.on('error', () => undefined);
    open.push(connection);
    return connection;
  };
  const select = 'select id from orders where id = 7';

  it(
    'decides every cell as expected, and each trace is complete before its verdict is told',
    async () => {
      const report = await verifyOf(cluster);
      expect(report.results).toHaveLength(cellsOf(cluster.workspace).length);
      expect(differing(report)).toEqual([]);
      const denied = report.results.filter(({ actual }) => actual.stoppedAt === 'tablet');
      expect(denied.length).toBeGreaterThan(20);
      for (const { cell, traceId } of denied) {
        const steps = cluster.recorder.steps(traceId ?? '');
        const names = steps.map(({ part, name }) => `${part} ${name}`);
        expect([cell.id, names]).toEqual([cell.id, expect.arrayContaining(['tablet request.received'])]);
        const order = ['gateway statement.forwarded', 'tablet request.received', 'tablet acl.decided'];
        expect([cell.id, names.filter((name) => order.includes(name))]).toEqual([cell.id, order]);
        expect(steps.find(({ name }) => name === 'acl.decided')?.outcome).toBe('refused');
      }
    },
    busy,
  );

  it('counts sign-ins of others and not its own tests', { timeout: busy }, async () => {
    const { users } = cluster.workspace;
    const entry = users.get('users.json')!.users.get('web')![0]!;
    const before = cluster.signIns.useOf('users.json', 'web', entry).total;
    await as('web');
    await cluster.settle();
    expect(cluster.signIns.useOf('users.json', 'web', entry).total).toBe(before + 1);
    await verifyOf(cluster);
    expect(cluster.signIns.useOf('users.json', 'web', entry).total).toBe(before + 1);
  });

  it('tells counters, statistics and lines of the query log', async () => {
    const [tablet] = cluster.tablets;
    const heard: string[] = [];
    const leave = tablet!.onQueryLine((line) => heard.push(line));
    const web = await as('web');
    await web.query(select);
    await expect.poll(() => heard.filter((line) => line.includes('from orders where id = 7'))).toHaveLength(1);
    leave();
    const report = await tablet!.report();
    expect(report.queryLog.at(-1)).toContain('from orders where id = 7');
    expect(Object.keys(report.counters.TableACLAllowed).some((key) => key.startsWith('orders.'))).toBe(true);
    const stats = await cluster.gateways.find(({ name }) => name === 'main')!.stats();
    expect(stats.mysqlConnections).toBe(1);
    expect(stats.statements).toBeGreaterThan(0);
  });

  it(
    'takes a changed ACL and users over under load: nothing fails that was allowed, and what is new is in force',
    async () => {
      const file = join(made.dir, 'acl.json');
      const before = await readFile(file, 'utf8');
      const web = await as('web');
      let running = true;
      let answered = 0;
      const load = (async () => {
        const busyOne = await as('web');
        for (; running; answered += 1) await busyOne.query('select id from products where id = 1');
      })();
      expect(await refusal(web.query(select))).toBeNull();
      const acl = JSON.parse(before) as { table_groups: { table_names_or_prefixes: string[]; readers: string[] }[] };
      for (const group of acl.table_groups) if (group.table_names_or_prefixes.includes('orders')) group.readers = [];
      await writeFile(file, JSON.stringify(acl));
      expect((await cluster.reload()).reloaded).toEqual(['acl.json']);
      expect((await refusal(web.query(select)))?.message).toMatch(/Select command denied to user 'shop_web'.*'orders'/);
      await writeFile(file, before);
      await cluster.reload();
      expect(await refusal(web.query(select))).toBeNull();
      await writeFile(file, '{');
      await expect(cluster.reload()).rejects.toMatchObject({ failure: { code: 'workspace.findings' } });
      expect(await refusal(web.query(select))).toBeNull();
      await writeFile(file, before);
      running = false;
      await load;
      expect(answered).toBeGreaterThan(0);
    },
    busy,
  );

  it.each(['throw', 'exit'] as const)(
    'tells that parts have died with their thread (%s), and they can be started again',
    async (how) => {
      deaths.length = 0;
      const running = await as('web');
      await running.query(select);
      killEngineThread(tabletThread, how);
      await expect.poll(() => deaths.map(([id]) => id)).toContain('tablet:zone1-100');
      for (const [, { code }] of deaths) expect(code).toBe('engine.thread-ended');
      const dead = deaths.map(([id]) => id);
      const gateways = cluster.addresses.gateways.map(({ name }) => `gateway:${name}`);
      expect([...dead].sort()).toEqual([...(threads === 'one' ? gateways : []), 'tablet:zone1-100'].sort());
      for (const id of dead) expect(cluster.partRuns(id)).toBe(false);
      if (threads === 'two')
        expect((await refusal(running.query(select)))?.message).toMatch(/^target: shop\.0\.primary: /);
      for (const id of dead.filter((one) => one.startsWith('tablet:'))) await cluster.startPart(id);
      for (const id of dead.filter((one) => one.startsWith('gateway:'))) await cluster.startPart(id);
      for (const id of dead) expect(cluster.partRuns(id)).toBe(true);
      await expect.poll(async () => refusal((await as('web')).query(select)), { timeout: 20_000 }).toBeNull();
      expect(differing(await verifyOf(cluster))).toEqual([]);
    },
    busy,
  );

  it(
    'leaves nothing behind when it stops: no thread, no open port, no file',
    async () => {
      const folders = async (): Promise<string[]> => (await readdir(tmpdir())).filter((name) => /gatehouse/.test(name));
      const threadsNow = (): number =>
        process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name)).length;
      const { port } = cluster.addresses.tablets[0]!.grpc;
      const run = cluster.workspace.paths.run;
      const before = threadsNow();
      const files = await folders();
      await cluster.stop(0);
      expect(threadsNow()).toBeLessThan(before);
      await expect(
        new Promise((resolve, reject) => connect(port, '127.0.0.1', () => resolve('open')).once('error', reject)),
      ).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      // The folder of MySQL's own lock stays, as it does without threads.
      expect((await readdir(run)).filter((name) => name !== 'mysql-local')).toEqual([]);
      expect((await folders()).filter((name) => !files.includes(name))).toEqual([]);
    },
    busy,
  );
});

describe.runIf(program !== undefined)('threads that cannot be had, and ports', () => {
  const fleet = createFleet();
  let made: MadeWorkspace;
  let occupied: Server | undefined;

  beforeAll(async () => {
    made = await makeWorkspace('shop');
  });
  afterAll(async () => {
    await fleet.stop();
    occupied?.close();
    await made.remove();
  }, busy);

  it(
    'runs in the program’s own thread and says so when a thread cannot begin',
    async () => {
      const steps: string[] = [];
      const cluster = await fleet.start(await made.load(), program!, {
        ports: { ...ports, engineThread: join(made.dir, 'missing.js') },
        threads: 'two',
        basePort: 0,
        onStep: ({ what, detail }) => void (what === 'ready' && steps.push(detail)),
      });
      expect(steps).toEqual([expect.stringMatching(/^in the program’s own thread: /)]);
      expect(differing(await verifyOf(cluster))).toEqual([]);
      await cluster.stop(0);
    },
    busy,
  );

  it(
    'names the taken port with the code it has in one thread, and leaves nothing running',
    async () => {
      const workspace = await made.load();
      const server = createServer();
      occupied = server;
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const basePort = (server.address() as AddressInfo).port;
      const start = startCluster({
        ...{ workspace, ...threaded, program: 'test', unlocker: { kind: 'key-file' }, mysqld: program!.path },
        ...{ threads: 'two', basePort },
      });
      await expect(start).rejects.toMatchObject({ failure: { code: 'cluster.port-in-use' } });
    },
    busy,
  );
});
