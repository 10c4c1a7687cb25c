import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appPassword, installedPrograms, managedOptions, os, start, temporaryFolder } from './backend-fixture';

const programs = await installedPrograms();
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const bundle = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'crash-child.mjs');

beforeAll(async () => {
  folder = await temporaryFolder();
  buildSync({
    entryPoints: [join(import.meta.dirname, 'crash-child.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
});
afterAll(() => folder.cleanup());

test.each(programs)(
  'a killed Gatehouse leaves a $vendor that the next one ends cleanly, with its data',
  async (program) => {
    const home = join(folder.path, program.vendor);
    const child = spawn(process.execPath, [bundle, home, program.vendor], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const left = JSON.parse(line.toString()) as { pid: number; port: number; socket: string };
    const login = { user: 'vt_app', password: appPassword.reveal(), database: 'other' };
    const connection = await createConnection({ socketPath: left.socket, ...login });
    connection.on('error', () => undefined);
    await connection.query('create table kept (id int primary key) engine=InnoDB');
    await connection.query('insert into kept values (1), (2)');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await os.processStart(left.pid)).not.toBeNull();
    connection.destroy();

    const server = await start(managedOptions(program, home, { templateDir: join(home, 'templates') }));
    expect(server.events.map(({ step }) => step)).toEqual(['lock', 'orphan-stopped', 'spawned', 'ready']);
    expect(await os.processStart(left.pid)).toBeNull();
    const again = await createConnection({ socketPath: server.socket ?? '', ...login });
    expect((await again.query('select count(*) as n from kept'))[0]).toEqual([{ n: 2 }]);
    await again.end();
    await server.stop();
  },
);

test('a stop in the middle of a restart leaves nothing running', async () => {
  const [program] = programs;
  if (program === undefined) throw new Error('no server on this machine');
  const server = await start(managedOptions(program, join(folder.path, 'stop-while-restarting')));
  const first = server.pid;
  process.kill(first, 'SIGKILL');
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (server.pid !== first) resolve(clearInterval(timer));
    }, 1);
  });
  await server.stop();
  expect(await os.processStart(server.pid)).toBeNull();
  expect(await server.exited).toMatchObject({ expected: true });
});
