import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProgram, expectMistake, gatehouse, start } from '../../support/cli/gatehouse';

let folder: string;
let dir: string;
const listening = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-environment-'));
  dir = join(folder, 'shop');
  expect((await gatehouse(['init', dir, '--from', 'shop'])).code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a port that is taken: listener, port and remedy are named', async () => {
  const server = await listening(0);
  const port = portOf(server);
  try {
    const start = (base: number) => gatehouse(['up', dir, '--ports', String(base)]);
    expectMistake(
      await start(port),
      3,
      new RegExp(`tablet zone1-100, gRPC: port ${port} on 127\\.0\\.0\\.1 is taken .*--ports`),
    );
    expectMistake(await start(port - 1), 3, new RegExp(`gateway main, MySQL: port ${port} on .* is taken .*--ports`));
    expectMistake(await start(port - 2), 3, new RegExp(`gateway main, gRPC: port ${port} on .* is taken .*--ports`));
  } finally {
    server.close();
  }
}, 60_000);

test('without a usable template cache a cluster starts all the same', async () => {
  const file = join(folder, 'no-folder');
  await writeFile(file, '');
  const other = join(folder, 'without-cache');
  await gatehouse(['init', other, '--from', 'shop']);
  const end = await gatehouse(['query', other, '--as', 'web', 'select id from orders where id = 7'], {
    env: { GATEHOUSE_CACHE: join(file, 'cache') },
  });
  expect([end.code, end.stdout]).toEqual([0, expect.stringMatching(/^id\n7\n/)]);
}, 60_000);

const mysqld = join(process.env['GATEHOUSE_MYSQL9_BIN'] ?? join(homedir(), '.cache/gatehouse/mysql/bin'), 'mysqld');
if (!existsSync(mysqld)) console.warn('not run: --mysqld of the other vendor; set GATEHOUSE_MYSQL9_BIN');
test.runIf(existsSync(mysqld))(
  'another vendor’s server for one run leaves the workspace usable with the first one',
  async () => {
    const vendors: string[] = [];
    for (const more of [[], ['--mysqld', mysqld], []]) {
      const cluster = start(['up', dir, '--json', ...more]);
      const stdout = await cluster.until((text) => text.includes('"event":"ready"'));
      vendors.push(/"vendor":"(\w+)"/.exec(stdout)?.[1] ?? '');
      cluster.child.kill('SIGTERM');
      expect((await cluster.ended).code).toBe(0);
    }
    expect(vendors).toEqual([vendors[0], 'MySQL', vendors[0]]);
    expect(await readdir(join(dir, '.gatehouse', 'data'))).toEqual(
      [...new Set(vendors)].map((vendor) => `local-${vendor.toLowerCase()}`).sort(),
    );
  },
  90_000,
);
