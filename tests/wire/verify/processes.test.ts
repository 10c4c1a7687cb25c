import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SecretStore } from '../../../src-main/servers/store';
import type { ClusterAddresses } from '../../../src-main/services/cluster/cluster';
import { installedPrograms, os } from '../backend/backend-fixture';
import { startGatehouse, type RunningCommand } from '../../support/command-line';
import { makeWorkspace, ports, type MadeWorkspace } from '../../support/workspace';

/** `gatehouse up` as a process: killed, interrupted at every step of its start, started again. */
const [program] = await installedPrograms();
const folder = `local-${program?.vendor.toLowerCase() ?? ''}`;
const busy = 120_000;
const environment = { GATEHOUSE_CACHE: join(ports.templateDir, '..') };

describe.runIf(program !== undefined)('gatehouse up', () => {
  let made: MadeWorkspace;
  let running: RunningCommand | null = null;
  beforeAll(async () => {
    made = await makeWorkspace('shop');
  });
  afterEach(async () => {
    running?.child.kill('SIGTERM');
    await running?.ended;
    running = null;
  }, busy);
  afterAll(() => made.remove());

  const up = (): RunningCommand => {
    running = startGatehouse(['up', made.dir, '--json', '--mysqld', program!.path], environment);
    return running;
  };
  const inState = (...path: string[]): string => join(made.dir, '.gatehouse', ...path);
  const mysqldPid = async (): Promise<number | null> => {
    const note = await readFile(inState('data', folder, 'process.json'), 'utf8').catch(() => null);
    return note === null ? null : (JSON.parse(note) as { pid: number }).pid;
  };
  const ready = async (command: RunningCommand): Promise<ClusterAddresses> =>
    JSON.parse(await command.line((line) => line.includes('"ready","schema"'))) as ClusterAddresses;
  const asWeb = async (addresses: ClusterAddresses, sql: string): Promise<unknown> => {
    const secrets = await SecretStore.open(inState('secrets'), { kind: 'key-file' });
    if (!secrets.ok) throw new Error(secrets.failure.summary);
    const connection = await createConnection({
      socketPath: addresses.gateways[0]!.mysql!.socket!,
      user: 'web',
      password: secrets.value.get('users/web')!.reveal(),
      database: 'shop',
    });
    const [answer] = await connection.query(sql);
    await connection.end();
    return answer;
  };
  /** Nothing of a run is left: no server process, no lock, no socket. */
  const expectClean = async (): Promise<void> => {
    expect(await mysqldPid()).toBeNull();
    expect(['lock', 'control.sock', 'gateway-main.sock'].filter((name) => existsSync(inState('run', name)))).toEqual(
      [],
    );
    expect(existsSync(inState('data', folder, 'lock'))).toBe(false);
  };

  it(
    'starts again after kill -9: ends the MySQL left behind, keeps its rows, takes over lock and sockets',
    async () => {
      const first = up();
      const before = await ready(first);
      const insert = "insert into orders (id, customer_id, placed, status) values (500000, 1, '2026-01-01', 'new')";
      await asWeb(before, insert);
      const orphan = (await mysqldPid())!;
      first.child.kill('SIGKILL');
      expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
      expect(await os.processStart(orphan)).not.toBeNull();
      expect(existsSync(inState('run', 'lock'))).toBe(true);
      expect(existsSync(before.gateways[0]!.mysql!.socket!)).toBe(true);

      const second = up();
      const after = await ready(second);
      expect(await os.processStart(orphan)).toBeNull();
      expect(await asWeb(after, 'select status from orders where id = 500000')).toEqual([{ status: 'new' }]);
      second.child.kill('SIGTERM');
      expect(await second.ended).toMatchObject({ code: 0, stderr: '' });
      await expectClean();
    },
    busy,
  );

  it.each(['lock', 'mysql-found', 'mysql-ready', 'seeded', 'tablet', 'gateway', 'ready'])(
    'ends cleanly when interrupted at the step %s',
    async (step) => {
      // A fresh workspace where the seeding itself is to be interrupted.
      if (step === 'seeded') {
        await made.remove();
        made = await makeWorkspace('shop');
      }
      const command = up();
      await command.line((line) => line.includes(`"what":"${step}"`));
      command.child.kill('SIGINT');
      const { code, signal, stdout, stderr } = await command.ended;
      // 130 when it was not yet running, 0 when a running cluster was stopped (docs/cli.md).
      const ran = stdout.includes('"ready","schema"');
      expect({ code, signal, stderr }).toEqual({
        code: ran ? 0 : 130,
        signal: null,
        stderr: ran ? '' : 'Interrupted.\n',
      });
      await expectClean();
    },
    busy,
  );

  it.each(['mysql-found', 'mysql-ready'])(
    'starts over after kill -9 at the step %s of the first start, with every row of the schema',
    async (step) => {
      await made.remove();
      made = await makeWorkspace('shop');
      const command = up();
      await command.line((line) => line.includes(`"what":"${step}"`));
      command.child.kill('SIGKILL');
      await command.ended;
      const second = up();
      const addresses = await ready(second);
      expect(await asWeb(addresses, 'select count(*) as n from customers')).toEqual([{ n: 500 }]);
      expect(await asWeb(addresses, 'select count(*) as n from order_items')).toEqual([{ n: 3000 }]);
      second.child.kill('SIGTERM');
      expect(await second.ended).toMatchObject({ code: 0, stderr: '' });
      await expectClean();
    },
    busy,
  );

  it(
    'works after all of them',
    async () => {
      const command = up();
      const addresses = await ready(command);
      expect(await asWeb(addresses, 'select count(*) as n from customers')).toEqual([{ n: 500 }]);
      command.child.kill('SIGINT');
      expect(await command.ended).toMatchObject({ code: 0 });
      await expectClean();
    },
    busy,
  );
});
