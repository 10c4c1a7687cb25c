import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createConnection, type Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WatchNext } from '../../../src-main/contract';
import { everything, type WatchFilter, type WatchRow } from '../../../src-main/domain/watch';
import type { Cluster } from '../../../src-main/services/cluster/cluster';
import { WatchService } from '../../../src-main/services/watch/watch-service';
import { installedPrograms } from '../backend/backend-fixture';
import { bundled } from '../../support/bundled';
import { engineThread } from '../../support/engine-thread';
import { createFleet, makeWorkspace, ports, type MadeWorkspace } from '../../support/workspace';

const [program] = await installedPrograms();
const busy = 120_000;

/** Asks as a page does until `enough` is there. */
async function follow(
  service: WatchService,
  enough: (rows: readonly WatchRow[]) => boolean,
  filter: Partial<WatchFilter> = {},
  values = false,
): Promise<{ rows: WatchRow[]; last: WatchNext }> {
  const rows: WatchRow[] = [];
  let last: WatchNext | null = null;
  for (let calls = 0; calls < 20; calls += 1) {
    const asked = { ...everything, ...filter };
    last = await service.next({
      places: last?.places ?? {},
      filter: { ...asked, verdicts: [...asked.verdicts] },
      values,
      known: last?.cluster.kind ?? null,
    });
    rows.push(...last.rows);
    if (enough(rows)) return { rows, last };
  }
  throw new Error(`not there: ${JSON.stringify(rows.map(({ part, sql, verdict }) => [part, sql, verdict]))}`);
}
const has = (text: string, part: string) => (rows: readonly WatchRow[]) =>
  rows.some((row) => row.sql.includes(text) && row.part === part);

describe.runIf(program !== undefined).each(['none', 'one'] as const)('watching a shop, threads: %s', (threads) => {
  const fleet = createFleet();
  let made: MadeWorkspace;
  let cluster: Cluster;
  let service: WatchService;
  let maria: Connection;
  beforeAll(async () => {
    made = await makeWorkspace('shop');
    const workspace = await made.load();
    cluster = await fleet.start(workspace, program!, {
      ports: { ...ports, engineThread: engineThread() },
      threads,
      basePort: 0,
    });
    service = new WatchService(workspace.paths, { cluster });
    maria = await createConnection({
      socketPath: cluster.addresses.gateways.find(({ name }) => name === 'main')!.mysql!.socket!,
      user: 'maria',
      password: cluster.secrets.get('users/maria')!.reveal(),
      database: 'shop',
    });
    // From here on the gateway keeps records, too.
    await follow(service, () => true);
  }, busy);
  afterAll(async () => {
    service?.dispose();
    maria?.destroy();
    await fleet.stop();
    await made?.remove();
  }, busy);

  it('tells statements of gateway and tablet in Vitess’s columns, with the tablet’s own verdict', async () => {
    await maria.query('select id from orders where id = 7');
    await maria.query('select id from payments where id = 8').catch(() => undefined);
    const { rows } = await follow(service, (all) => has('payments', 'tablet')(all) && has('payments', 'gateway')(all));
    const of = (part: string, table: string): WatchRow | undefined =>
      rows.find((row) => row.part === part && row.sql.includes(table));
    expect(of('tablet', 'orders')).toMatchObject({
      verdict: 'allowed',
      caller: 'maria',
      tables: ['orders'],
      error: '',
    });
    expect(of('tablet', 'payments')).toMatchObject({ verdict: 'denied', tables: ['payments'] });
    expect(of('tablet', 'payments')?.reason).not.toBe('');
    expect(of('gateway', 'orders')).toMatchObject({ verdict: 'answered', tables: ['shop.orders'] });
    expect(of('gateway', 'payments')?.verdict).toBe('denied');
    expect(of('gateway', 'orders')?.columns.map(([name]) => name)).toEqual(
      expect.arrayContaining(['SessionUUID', 'StmtType']),
    );
    expect(
      of('tablet', 'orders')
        ?.columns.map(([name]) => name)
        .slice(0, 5),
    ).toEqual(['Method', 'CallInfo', 'Username', 'ImmediateCaller', 'Effective Caller']);
    const trace = await service.trace(of('tablet', 'orders')!.traceId);
    expect(trace?.steps.map(({ part }) => part)).toEqual(expect.arrayContaining(['gateway', 'tablet']));
    expect(await service.trace('0'.repeat(24))).toBeNull();
  });

  it('filters before it cuts, by caller, table and verdict', async () => {
    await maria.query('select id from orders where id = 9');
    await maria.query('select id from payments where id = 9').catch(() => undefined);
    const denied = await follow(service, has('payments', 'tablet'), { verdicts: ['denied'] });
    expect(new Set(denied.rows.map(({ verdict }) => verdict))).toEqual(new Set(['denied']));
    const none = await service.next({
      places: {},
      filter: { ...everything, caller: 'nobody-of-this-name', verdicts: [] },
      values: false,
      known: 'running',
    });
    expect(none.rows).toEqual([]);
  });

  it('shows values of bind variables only when asked, and passwords never', async () => {
    await maria.query("select id from orders where id = 4711 and id <> 'geheim'");
    await maria.query("create user eve identified by 'Sesame9Open'").catch(() => undefined);
    await maria.query("set password = 'Sesame9Open'").catch(() => undefined);
    const ended = (rows: readonly WatchRow[]): boolean =>
      rows.some(({ part, sql }) => part === 'gateway' && /set password/i.test(sql));
    const hidden = JSON.stringify((await follow(service, ended)).rows);
    expect(hidden).not.toContain('4711');
    expect(hidden).not.toContain('geheim');
    const shown = JSON.stringify((await follow(service, ended, {}, true)).rows);
    expect(shown).toContain('4711');
    for (const text of [hidden, shown]) {
      expect(text).toContain('create user eve identified');
      expect(text).not.toContain('Sesame9Open');
    }
  });

  it(
    'a page that does not ask costs nothing and is told how many it missed',
    async () => {
      const { last } = await follow(service, () => true);
      for (let round = 0; round < 110; round += 1)
        await Promise.all(Array.from({ length: 50 }, () => maria.query('select id from orders where id = 1')));
      const next = await service.next({
        places: last.places,
        filter: { ...everything, verdicts: [] },
        values: false,
        known: 'running',
      });
      expect(next.rows.length).toBeGreaterThan(0);
      expect(next.rows.length).toBeLessThanOrEqual(250);
      // 5,500 statements, logged by a gateway and a tablet that keep 5,000 each.
      expect(next.missed).toBeGreaterThanOrEqual(1_000);
      expect(next.missed + next.left + next.rows.length).toBe(11_000);
    },
    busy,
  );

  it('counts for each table group and caller', async () => {
    const { rows } = await service.counters();
    const orders = rows.find(({ table, caller }) => table === 'orders' && caller === 'maria');
    expect(orders?.allowed).toBeGreaterThan(5_000);
    expect(rows.find(({ table, caller }) => table === 'payments' && caller === 'maria')?.denied).toBeGreaterThan(0);
  });

  it(
    'tells the same to a program that does not hold the cluster, over its control socket',
    async () => {
      const asker = bundled(
        'watch-asker',
        `import { WatchService } from './src-main/services/watch/watch-service.ts';
       import { WorkspacePaths } from './src-main/services/workspace/workspace-paths.ts';
       const service = new WatchService(new WorkspacePaths(process.argv[2]), { cluster: null });
       const filter = { part: 'tablet', caller: '', table: '', verdicts: [], text: '' };
       const { cluster, rows } = await service.next({ places: {}, filter, values: false, known: null });
       const counters = await service.counters();
       const trace = await service.trace(rows.at(-1).traceId);
       console.log(JSON.stringify({ cluster, rows: rows.length, counters: counters.rows.length, steps: trace.steps.length }));
       service.dispose();`,
      );
      const { stdout } = await promisify(execFile)(process.execPath, [asker, made.dir]);
      expect(JSON.parse(stdout)).toEqual({
        cluster: { kind: 'attached', program: 'test', pid: process.pid },
        rows: 500,
        counters: (await service.counters()).rows.length,
        steps: expect.any(Number) as number,
      });
    },
    busy,
  );
});
