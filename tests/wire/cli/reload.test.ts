import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
  readonly message?: string;
}
const events = (stdout: string): Event[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Event);
const isAnswer = ({ event }: Event): boolean => event === 'reloaded' || event === 'reload-failed';
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
    expect(await hangUp()).toEqual({ event: 'reloaded', files: [], restart: [] });
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
      expect(await hangUp()).toEqual({ event: 'reloaded', files: ['acl.json'], restart: [] });
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
    expect(await hangUp()).toEqual({ event: 'reloaded', files: ['pki/callers/crl.pem'], restart: [] });
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
    ['acl.json', (text: string) => text.slice(0, -20), /acl\.json/],
    ['users.json', () => '{"web": [{"Passwort": "x"}]}', /users\.json/],
    ['gatehouse.json', () => '{', /gatehouse\.json/],
    ['pki/gateways/main-key.pem', () => 'nothing', /main-key\.pem/],
    ['gatehouse.json', (text: string) => text.replace('"hardened"', '"vitess"'), /fidelity/],
  ])(
    'with a fault in %s nothing changes',
    async (path, change, words) => {
      const connection = await web();
      const changed = (text: string): string => text.replaceAll('"shop_web"', '"nobody-at-all"');
      await withFile(path, change, async () => {
        if (path === 'acl.json') {
          expect((await hangUp()).message).toMatch(words);
          return;
        }
        await withFile('acl.json', changed, async () => {
          expect(await hangUp()).toMatchObject({ event: 'reload-failed', message: expect.stringMatching(words) });
          await connection.query('select id from orders where id = 7');
          await (await web()).query('select id from orders where id = 7');
        });
      });
    },
    60_000,
  );

  test('a changed topology waits for a restart, the rest does not', async () => {
    const connection = await web();
    await withFile(
      'gatehouse.json',
      (text) => text.replace('"requireSecureTransport": true', '"requireSecureTransport": false'),
      async () => {
        expect(await hangUp()).toEqual({ event: 'reloaded', files: [], restart: ['gatehouse.json'] });
        expect(await warnings()).toEqual([
          `gatehouse.json changed since the cluster read it: restart process ${cluster.child.pid}`,
        ]);
        await withFile(
          'acl.json',
          (text) => text.replaceAll('"shop_web"', '"nobody-at-all"'),
          async () => {
            expect(await hangUp()).toEqual({ event: 'reloaded', files: ['acl.json'], restart: ['gatehouse.json'] });
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
      async () => expect(await hangUp()).toEqual({ event: 'reloaded', files: ['gatehouse.json'], restart: [] }),
    );
  }, 60_000);
});
