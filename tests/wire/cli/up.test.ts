import { access, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { attemptMysql } from '../../../src-main/clients';
import { buildProgram, expectMistake, gatehouse, start, type Running } from '../../support/cli/gatehouse';
import { processesMentioning, socketsMentioning } from '../../support/cli/processes';

interface Ready {
  readonly schema: number;
  readonly gateways: readonly {
    readonly name: string;
    readonly mysql: { readonly host: string; readonly port: number; readonly socket: string } | null;
    readonly grpc: { readonly host: string; readonly port: number } | null;
  }[];
  readonly tablets: readonly unknown[];
  readonly backends: readonly unknown[];
}

let folder: string;
let dir: string;
const running: Running[] = [];
const up = (...more: string[]): Running => {
  const started = start(['up', dir, '--json', ...more], { timeoutMs: 120_000 });
  running.push(started);
  return started;
};
const events = (stdout: string): { event: string; what?: string }[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { event: string; what?: string });
const ready = async (cluster: Running): Promise<Ready> => {
  const stdout = await cluster.until((text) => text.includes('"event":"ready"'));
  return events(stdout).find(({ event }) => event === 'ready') as unknown as Ready;
};
/** Nothing of the cluster is left: no process, no socket, no lock, no file that a running cluster needs. */
const expectNothingLeft = async (): Promise<void> => {
  expect(await processesMentioning(folder)).toEqual([]);
  expect(await socketsMentioning(folder)).toEqual([]);
  const left = await readdir(join(dir, '.gatehouse', 'run'), { recursive: true }).catch(() => []);
  expect(left.filter((name) => /lock|\.sock$|\.cnf$/.test(name))).toEqual([]);
};

beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-up-'));
  dir = join(folder, 'shop');
  expect((await gatehouse(['init', dir, '--from', 'shop'])).code).toBe(0);
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a cluster that runs', () => {
  test('says where it is, lets others attach, names itself to those who cannot, and stops cleanly', async () => {
    const cluster = up();
    const document = await ready(cluster);
    expect(document).toEqual({
      event: 'ready',
      schema: 1,
      gateways: [
        {
          name: 'main',
          auth: 'static',
          fidelity: 'hardened',
          mysql: { host: '127.0.0.1', port: expect.any(Number), socket: expect.stringMatching(/\.sock$/) },
          grpc: { host: '127.0.0.1', port: expect.any(Number) },
        },
        {
          name: 'certs',
          auth: 'clientcert',
          fidelity: 'hardened',
          mysql: { host: '127.0.0.1', port: expect.any(Number), socket: null },
          grpc: { host: '127.0.0.1', port: expect.any(Number) },
        },
      ],
      tablets: [
        {
          alias: 'zone1-100',
          keyspace: 'shop',
          shard: '0',
          type: 'primary',
          grpc: { host: '127.0.0.1', port: expect.any(Number) },
        },
      ],
      backends: [
        {
          name: 'local',
          vendor: expect.stringMatching(/^(MariaDB|MySQL)$/),
          version: expect.stringMatching(/^\d+\.\d+\.\d+/),
          host: '127.0.0.1',
          port: expect.any(Number),
          socket: expect.stringMatching(/\.sock$/),
        },
      ],
      connect: expect.arrayContaining([
        { caller: 'web', line: expect.stringContaining('/.gatehouse/run/clients/web.cnf') },
        { caller: 'auditor', line: expect.stringContaining('query') },
      ]),
    });
    expect((await stat(join(dir, '.gatehouse', 'run', 'clients', 'web.cnf'))).mode & 0o777).toBe(0o600);
    const steps = events(cluster.stdout()).filter(({ event }) => event === 'step');
    expect(steps.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['lock', 'mysql-ready', 'tablet', 'gateway', 'ready']),
    );

    const asked = await gatehouse([
      ...['query', dir, '--as', 'auditor', '--json'],
      'select id, amount_cents from payments where id = 7',
    ]);
    expect(asked.stderr).toBe('');
    expect(JSON.parse(asked.stdout)).toMatchObject({
      schema: 1,
      verdict: 'allow',
      rows: 1,
      transport: 'grpc-mutual-tls',
    });
    const denied = await gatehouse(['query', dir, '--as', 'web', 'select id from payments']);
    expect([denied.code, denied.stderr]).toEqual([1, expect.stringContaining('deny at tablet')]);

    const some = await gatehouse(['verify', dir, '--json', '--only', '/access/web/']);
    expect(some.code).toBe(0);
    expect(JSON.parse(some.stdout)).toMatchObject({ schema: 1, totals: { cells: 36, asExpected: 36 } });
    const trace = await gatehouse(['verify', dir, '--trace', '1', '--json']);
    const hops = (JSON.parse(trace.stdout) as { hops: { part: string; steps: unknown[] | null }[] }).hops;
    expect(hops.map(({ part, steps }) => [part, steps !== null])).toEqual(
      ['client', 'gateway', 'link', 'tablet', 'mysql'].map((part) => [part, true]),
    );
    expect(cluster.child.exitCode).toBeNull();
    // What `expectNothingLeft` looks for is there while the cluster runs.
    expect((await processesMentioning(folder)).length).toBeGreaterThanOrEqual(2);
    expect((await socketsMentioning(folder)).length).toBeGreaterThanOrEqual(3);

    for (const args of [
      ['up', dir],
      ['verify', dir, '--fidelity', 'vitess'],
      ['verify', dir, '--mysqld', '/usr/sbin/mysqld'],
    ])
      expectMistake(await gatehouse(args), 3, new RegExp(`held by gatehouse up \\(process ${cluster.child.pid}`));

    cluster.child.kill('SIGTERM');
    const end = await cluster.ended;
    expect([end.code, end.signal, end.stderr]).toEqual([0, null, '']);
    expect(
      events(end.stdout)
        .slice(-2)
        .map(({ event }) => event),
    ).toEqual(['stopping', 'stopped']);
    await expectNothingLeft();
    // Without a holder a query starts a cluster of its own and ends it.
    const alone = await gatehouse(['query', dir, '--as', 'web', 'select id from orders where id = 7']);
    expect([alone.code, alone.stdout]).toEqual([0, expect.stringMatching(/^id\n7\n/)]);
    await expectNothingLeft();
  }, 120_000);

  test('a program that was killed leaves nothing that stops the next one', async () => {
    const killed = up();
    await ready(killed);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const next = up();
    const { gateways } = await ready(next);
    const seen = await attemptMysql({
      target: { socketPath: gateways[0]?.mysql?.socket ?? '' },
      user: 'nobody',
      password: 'wrong',
      database: null,
      tls: null,
      sql: 'select 1',
    });
    expect(seen.error?.code).toBe(1045);
    next.child.kill('SIGINT');
    expect((await next.ended).code).toBe(0);
    await expectNothingLeft();
  }, 120_000);
});

describe('a cluster that is interrupted while it starts', () => {
  test.each<[string, NodeJS.Signals]>([
    ['lock', 'SIGHUP'],
    ['mysql-found', 'SIGTERM'],
    ['mysql-ready', 'SIGINT'],
    ['tablet', 'SIGTERM'],
    ['gateway', 'SIGINT'],
    ['ready', 'SIGINT'],
  ])(
    'at "%s" by %s: nothing is left',
    async (moment, signal) => {
      const cluster = up();
      await cluster.until((text) => text.includes(`"what":"${moment}"`));
      cluster.child.kill(signal);
      const end = await cluster.ended;
      expect(end.signal).toBeNull();
      // Before it was ready: 130; afterwards the wish of the user was fulfilled.
      expect([0, 130]).toContain(end.code);
      if (!end.stdout.includes('"event":"ready"')) expect(end.code).toBe(130);
      expect(end.stderr).not.toContain('error of Gatehouse itself');
      await expectNothingLeft();
    },
    60_000,
  );

  test('a reader that goes away stops it too', async () => {
    const cluster = up();
    await cluster.until((text) => text.includes('"what":"mysql-found"'));
    cluster.child.stdout?.destroy();
    await cluster.ended;
    await expectNothingLeft();
  }, 60_000);

  test('at the end of all this the workspace still runs', async () => {
    const cluster = up();
    await ready(cluster);
    await access(join(dir, '.gatehouse', 'run', 'lock'));
    cluster.child.kill('SIGINT');
    expect((await cluster.ended).code).toBe(0);
    await expectNothingLeft();
  }, 60_000);
});
