import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type Connection, type ConnectionOptions } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { generatePassword, nativeHash } from '../../../src-main/domain/users';
import { SecretStore } from '../../../src-main/servers/store';
import type { ClusterAddresses } from '../../../src-main/services/cluster/cluster';
import { buildProgram, gatehouse, start, type Running } from '../../support/cli/gatehouse';
import { refusal } from '../../support/gateway-fixture';

/** `gatehouse up` takes changed files over on SIGHUP, and `verify` says when it has not. */
let folder: string;
let dir: string;
let cluster: Running;
let addresses: ClusterAddresses;
const open: Connection[] = [];

interface Event {
  readonly event: string;
  readonly files?: readonly string[];
  readonly restart?: readonly string[];
  readonly kept?: readonly { readonly file: string; readonly message: string }[];
}
const events = (stdout: string): Event[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Event);
const isAnswer = ({ event }: Event): boolean => event === 'reloaded';
const hangUp = async (): Promise<Event> => {
  const before = events(cluster.stdout()).filter(isAnswer).length;
  cluster.child.kill('SIGHUP');
  const stdout = await cluster.until((text) => events(text).filter(isAnswer).length > before);
  return events(stdout).filter(isAnswer).at(-1)!;
};
const file = (path: string): string => join(dir, path);
/** Changes a file for the time of `work`. */
const withFile = async (path: string, change: (text: string) => string, work: () => Promise<void>): Promise<void> => {
  const text = await readFile(file(path), 'utf8');
  expect(change(text)).not.toBe(text);
  await writeFile(file(path), change(text));
  try {
    await work();
  } finally {
    await writeFile(file(path), text);
    await hangUp();
  }
};
const warnings = async (): Promise<readonly string[]> => {
  const some = await gatehouse(['verify', dir, '--json', '--only', 'wrong gRPC password']);
  return (JSON.parse(some.stdout) as { warnings: string[] }).warnings;
};
const connect = async (options: ConnectionOptions): Promise<Connection> => {
  const connection = await createConnection({ database: 'shop', ...options });
  connection.on('error', () => undefined);
  open.push(connection);
  return connection;
};
const web = async (password?: string): Promise<Connection> => {
  const secrets = await SecretStore.open(file('.gatehouse/secrets'), { kind: 'key-file' });
  if (!secrets.ok) throw new Error(secrets.failure.summary);
  return connect({
    socketPath: addresses.gateways[0]!.mysql!.socket!,
    user: 'web',
    password: password ?? secrets.value.get('users/web')!.reveal(),
  });
};
const byCertificate = async (name: string): Promise<Connection> => {
  const { host, port } = addresses.gateways.find((gateway) => gateway.name === 'certs')!.mysql!;
  return connect({
    host,
    port,
    user: name,
    password: '',
    ssl: {
      rejectUnauthorized: false,
      cert: await readFile(file(`pki/callers/${name}-cert.pem`), 'utf8'),
      key: await readFile(file(`pki/callers/${name}-key.pem`), 'utf8'),
    },
    authPlugins: { mysql_clear_password: () => () => Buffer.from('\0') },
  });
};

beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-reload-'));
  dir = join(folder, 'shop');
  expect((await gatehouse(['init', dir, '--from', 'shop'])).code).toBe(0);
  cluster = start(['up', dir, '--json'], { timeoutMs: 180_000 });
  const stdout = await cluster.until((text) => text.includes('"event":"ready"'));
  addresses = events(stdout).find(({ event }) => event === 'ready') as unknown as ClusterAddresses;
}, 120_000);
afterEach(() => {
  for (const connection of open.splice(0)) connection.destroy();
});
afterAll(async () => {
  cluster.child.kill('SIGTERM');
  await cluster.ended;
  await rm(folder, { recursive: true, force: true });
}, 60_000);

describe('SIGHUP', () => {
  test('with nothing changed reloads nothing, and verify warns of nothing', async () => {
    expect(await hangUp()).toEqual({ event: 'reloaded', files: [], restart: [], kept: [] });
    expect(await warnings()).toEqual([]);
  }, 60_000);

  test('a changed ACL counts for open connections, once it is reloaded', async () => {
    const connection = await web();
    await connection.query('select id from orders where id = 7');
    const without = (text: string): string => text.replaceAll('"shop_web"', '"nobody-at-all"');
    await withFile('acl.json', without, async () => {
      await connection.query('select id from orders where id = 7');
      expect(await warnings()).toEqual([
        `acl.json changed since the cluster read it: send SIGHUP to process ${cluster.child.pid}, or restart it`,
      ]);
      expect(await hangUp()).toEqual({ event: 'reloaded', files: ['acl.json'], restart: [], kept: [] });
      expect(await warnings()).toEqual([]);
      expect(await refusal(connection.query('select id from orders where id = 7'))).toMatchObject({ errno: 1045 });
    });
    await connection.query('select id from orders where id = 7');
  }, 60_000);

  test('changed users count for the next login; who is in stays in', async () => {
    const connection = await web();
    const password = generatePassword();
    const changed = (text: string): string => {
      const users = JSON.parse(text) as Record<string, object[]>;
      return JSON.stringify({ ...users, web: [{ UserData: 'shop_web', MysqlNativePassword: nativeHash(password) }] });
    };
    await withFile('users.json', changed, async () => {
      expect(await refusal(web(password))).toMatchObject({ errno: 1045 });
      expect(await hangUp()).toMatchObject({ event: 'reloaded', files: ['users.json'] });
      await (await web(password)).query('select id from orders where id = 7');
      expect(await refusal(web())).toMatchObject({ errno: 1045 });
      await connection.query('select id from orders where id = 7');
    });
    await web();
  }, 60_000);

  test('a revoked certificate ends its connections, and nobody else’s', async () => {
    const [billing, olga, other] = [await byCertificate('billing'), await byCertificate('olga'), await web()];
    const gone = once(billing, 'error').catch(() => undefined);
    expect((await gatehouse(['certs', 'revoke', dir, 'pki/callers/billing-cert.pem'])).code).toBe(0);
    await billing.query('select 1');
    expect(await hangUp()).toEqual({ event: 'reloaded', files: ['pki/callers/crl.pem'], restart: [], kept: [] });
    await gone;
    await expect(byCertificate('billing')).rejects.toThrow();
    await olga.query('select 1');
    await other.query('select 1');
  }, 60_000);

  test('a renewed server certificate is presented, and open connections go on', async () => {
    const before = await byCertificate('olga');
    expect((await gatehouse(['certs', 'renew', dir, 'pki/gateways/certs-cert.pem'])).code).toBe(0);
    expect((await gatehouse(['certs', 'renew', dir, 'pki/tablet-clients/gateways-cert.pem'])).code).toBe(0);
    expect((await hangUp()).files).toEqual(
      ['pki/gateways/certs', 'pki/tablet-clients/gateways'].flatMap((path) => [`${path}-cert.pem`, `${path}-key.pem`]),
    );
    for (const connection of [before, await byCertificate('olga')]) await connection.query('select 1');
  }, 60_000);

  test.each([
    ['users.json', () => '{"web": [{"Passwort": "x"}]}', /^"Passwort" is no key/],
    ['pki/gateways/main-key.pem', () => 'nothing', /key/],
  ])(
    'a fault in %s keeps what was in force, and does not hold back the ACL',
    async (path, change, words) => {
      const connection = await web();
      const without = (text: string): string => text.replaceAll('"shop_web"', '"nobody-at-all"');
      await withFile(path, change, async () => {
        await withFile('acl.json', without, async () => {
          const kept = [expect.objectContaining({ file: path, message: expect.stringMatching(words) })];
          expect(await hangUp()).toEqual({ event: 'reloaded', files: ['acl.json'], restart: [], kept });
          expect(await refusal(connection.query('select id from orders where id = 7'))).toMatchObject({ errno: 1045 });
        });
        await (await web()).query('select id from orders where id = 7');
      });
    },
    60_000,
  );

  test('a broken ACL keeps the old one, and a deleted one too', async () => {
    const connection = await web();
    await withFile(
      'acl.json',
      (text) => text.slice(0, -20),
      async () => {
        expect((await hangUp()).kept).toEqual([
          {
            file: 'acl.json',
            line: expect.any(Number),
            column: expect.any(Number),
            message: expect.stringMatching(/^[A-Z].*\.$/),
            remedy: 'Mend the JSON here.',
          },
        ]);
        await connection.query('select id from orders where id = 7');
        await rm(file('acl.json'));
        expect((await hangUp()).kept).toEqual([{ file: 'acl.json', message: 'The file cannot be read (ENOENT).' }]);
        await connection.query('select id from orders where id = 7');
      },
    );
  }, 60_000);

  test.each([
    ['a brace', () => '{', { line: 1, column: 2, message: expect.stringMatching(/^The end of the file/) }],
    [
      'an unknown key',
      (text: string) => text.replace('"cell"', '"cel": 1, "cell"'),
      { message: '"cel" means nothing here.', remedy: expect.stringContaining('cell') },
    ],
  ])(
    'a topology at fault is named with its place, waits for no restart and holds nothing back: %s',
    async (_how, change, fault) => {
      await withFile('gatehouse.json', change, async () => {
        const outcome = await hangUp();
        expect(outcome).toMatchObject({ files: [], restart: [], kept: [{ file: 'gatehouse.json', ...fault }] });
        expect(outcome.kept).toHaveLength(1);
        await (await web()).query('select id from orders where id = 7');
      });
    },
    60_000,
  );

  test('a topology of another mode waits for a restart and holds nothing back', async () => {
    await withFile(
      'gatehouse.json',
      (text) => text.replace('"hardened"', '"vitess"'),
      async () => {
        expect(await hangUp()).toEqual({ event: 'reloaded', files: [], restart: ['gatehouse.json'], kept: [] });
        await (await web()).query('select id from orders where id = 7');
      },
    );
  }, 60_000);

  test('a changed topology waits for a restart, the rest does not', async () => {
    const connection = await web();
    await withFile(
      'gatehouse.json',
      (text) => text.replace('"requireSecureTransport": true', '"requireSecureTransport": false'),
      async () => {
        expect(await hangUp()).toEqual({ event: 'reloaded', files: [], restart: ['gatehouse.json'], kept: [] });
        expect(await warnings()).toEqual([
          `gatehouse.json changed since the cluster read it: restart process ${cluster.child.pid}`,
        ]);
        await withFile(
          'acl.json',
          (text) => text.replaceAll('"shop_web"', '"nobody-at-all"'),
          async () => {
            expect(await hangUp()).toEqual({
              event: 'reloaded',
              files: ['acl.json'],
              restart: ['gatehouse.json'],
              kept: [],
            });
            expect(await refusal(connection.query('select id from orders where id = 7'))).toMatchObject({
              errno: 1045,
            });
          },
        );
      },
    );
    // A file that says the same in another form is no other topology.
    await withFile(
      'gatehouse.json',
      (text) => `\n${text}`,
      async () =>
        expect(await hangUp()).toEqual({ event: 'reloaded', files: ['gatehouse.json'], restart: [], kept: [] }),
    );
  }, 60_000);
});

describe('by time', () => {
  test('users and ACL are read again after their seconds, and the other settings of gatehouse.json hold', async () => {
    const own = join(folder, 'timed');
    expect((await gatehouse(['init', own, '--from', 'shop'])).code).toBe(0);
    const topology = JSON.parse(await readFile(join(own, 'gatehouse.json'), 'utf8')) as {
      gateways: { mysql: Record<string, unknown> }[];
      tablets: { acl: Record<string, unknown> }[];
    };
    topology.gateways[0]!.mysql['usersReloadSeconds'] = 1;
    topology.tablets[0]!.acl['reloadSeconds'] = 1;
    Object.assign(topology.gateways[0]!, { statements: { directDdl: false, allowKill: true } });
    Object.assign(topology.gateways[0]!.mysql, { readTimeoutMs: 1500 });
    await writeFile(join(own, 'gatehouse.json'), JSON.stringify(topology));
    const timed = start(['up', own, '--json'], { timeoutMs: 120_000 });
    try {
      const ready = await timed.until((text) => text.includes('"event":"ready"'));
      const { gateways } = events(ready).find(({ event }) => event === 'ready') as unknown as ClusterAddresses;
      const secrets = await SecretStore.open(join(own, '.gatehouse/secrets'), { kind: 'key-file' });
      if (!secrets.ok) throw new Error(secrets.failure.summary);
      const root = await connect({
        socketPath: gateways[0]!.mysql!.socket!,
        user: 'web',
        password: secrets.value.get('users/web')!.reveal(),
      });
      // What else gatehouse.json says of statements is in force from the start.
      expect((await refusal(root.query('create table fresh (id int)')))?.message).toMatch(/direct DDL is disabled/);
      expect((await refusal(root.query('kill 999999')))?.message).not.toMatch(/not permitted/);
      const { stream } = (root as unknown as { readonly connection: { readonly stream: Socket } }).connection;
      await expect.poll(() => stream.destroyed, { timeout: 30_000 }).toBe(true);
      const said = async (words: RegExp): Promise<Event> => {
        const stdout = await timed.until((text) => events(text).some((one) => words.test(JSON.stringify(one))));
        return events(stdout).find((one) => words.test(JSON.stringify(one)))!;
      };
      await writeFile(join(own, 'users.json'), '{"web": [{"Passwort": "x"}]}');
      const kept = [
        expect.objectContaining({ file: 'users.json', message: expect.stringContaining('"Passwort" is no key') }),
      ];
      expect(await said(/is no key/)).toEqual({ event: 'reloaded', files: [], restart: [], kept });
      const acl = await readFile(join(own, 'acl.json'), 'utf8');
      await writeFile(join(own, 'acl.json'), acl.replaceAll('"shop_web"', '"nobody-at-all"'));
      expect(await said(/"files":\["acl/)).toEqual({ event: 'reloaded', files: ['acl.json'], restart: [], kept: [] });
      await writeFile(join(own, 'users.json'), '{"web": [{"Password": "something-long-1"}]}');
      expect((await said(/"files":\["users/)).kept).toEqual([]);
    } finally {
      timed.child.kill('SIGTERM');
      await timed.ended;
    }
  }, 120_000);
});
