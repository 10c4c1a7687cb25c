import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { cachingSha2Hash } from '../../../src-main/domain/users';
import type { MysqlProgram } from '../../../src-main/servers/backend';
import { temporaryFolder } from '../../wire/backend/backend-fixture';
import { startCluster, type ClusterFixture } from '../cluster-fixture';
import { hardenedMode, users, vitessMode } from '../gateway-fixture';
import { createPki } from '../tls-identities';
import { startRelay } from './cutting-relay';
import { everyTypeColumns, everyTypeRows } from './every-type';
import type { ClientChecks, ClientWay } from './plan';

export type Mode = 'vitess' | 'hardened';

/** What clients log in to: one cluster with a gateway for each way to authenticate. */
export interface Ground {
  readonly cluster: ClusterFixture;
  readonly ways: readonly ClientWay[];
  /** The checks for client number `index`; its way goes through a relay that `cut` cuts. */
  readonly checks: (index: number) => ClientChecks;
  /** Cuts every connection that came through the relay, once MySQL runs the statement that is to be cut. */
  readonly cut: () => Promise<void>;
  /** Kills what runs on connection `id` of the gateway. */
  readonly kill: (id: number) => Promise<void>;
  /** The method of the latest login that was let in since the last time this was asked, or null. */
  readonly method: () => string | null;
  readonly stop: () => Promise<void>;
}

const pki = createPki();
const server = pki.leaf({ name: 'gateway', purposes: ['serverAuth'] });
const caller = pki.leaf({ name: 'alice', purposes: ['clientAuth'], dnsNames: [] });
// PyMySQL takes text for Latin 1, so that other letters would need care of its user.
const password = 'pass "word" \\ 1';
const storePassword = 'for tests only';
const marker = 'cut_here';
const everybody = { readers: ['alice'], writers: ['alice'], admins: ['alice'] };

/** Tables of information_schema that dumping programs ask; a table ACL knows them by these names, and letters count. */
const dumpReads = [
  'files',
  'tables',
  'columns',
  'triggers',
  'views',
  'routines',
  'column_statistics',
  'libraries',
].flatMap((name) => [name, name.toUpperCase()]);

/**
 * A key and its certificate in one file, for Java, which opens it in the middle of a handshake: with the few iterations of
 * openssl's own, since ours take longer than a busy machine is given to shake hands.
 */
async function keyStore(cert: string, key: string) {
  const to = `${cert}.p12`;
  const env = { ...process.env, STORE_PASSWORD: storePassword };
  const args = ['pkcs12', '-export', '-in', cert, '-inkey', key, '-out', to, '-passout', 'env:STORE_PASSWORD'];
  return {
    cert,
    key,
    keyStore: await promisify(execFile)('openssl', args, { env }).then(
      () => to,
      () => null,
    ),
  };
}

/** Starts it in one mode. `trustStore` makes Java's form of a trusted authority, where Java is present. */
export async function startGround(
  mode: Mode,
  program: MysqlProgram,
  trustStore: (ca: string, to: string, password: string) => Promise<string | null>,
): Promise<Ground> {
  const folder = await temporaryFolder();
  const file = async (name: string, content: string | Buffer): Promise<string> => {
    await writeFile(join(folder.path, name), content, { mode: 0o600 });
    return join(folder.path, name);
  };
  const ca = await file('ca.pem', pki.root.pem);
  const files = {
    ca,
    storePassword,
    trustStore: await trustStore(ca, join(folder.path, 'trust.p12'), storePassword),
    ...(await keyStore(await file('alice.pem', caller.cert), await file('alice.key', caller.key))),
  };
  const authorityOnly = { ...files, cert: null, key: null, keyStore: null };

  const fidelity = mode === 'hardened' ? hardenedMode : vitessMode;
  const auth = users(
    {
      alice: [{ Password: password, UserData: 'alice' }],
      // Who has this hash only is asked for this method only, also where the client would begin with another.
      sha2_alice: [{ CachingSha2Password: cachingSha2Hash(password), UserData: 'alice' }],
    },
    fidelity,
  );
  const tls = { cert: server.cert, key: server.key };
  const listen = { host: '127.0.0.1', port: 0 };
  const socket = join(folder.path, 'gateway.sock');
  const cluster = await startCluster({
    program,
    fidelity,
    acl: {
      table_groups: [
        {
          name: 'all',
          table_names_or_prefixes: ['every_type', 'notes', 'large', 'no_such_table', ...dumpReads],
          ...everybody,
        },
        { name: 'guarded', table_names_or_prefixes: ['guarded'], readers: ['bob'], writers: ['bob'], admins: [] },
      ],
    },
    gateway: { mysql: { listen, socketPath: socket, auth, tls } },
  });
  const mutual = await cluster.addGateway({ mysql: { listen, auth, tls: { ...tls, clientCa: pki.root.pem } } });
  const secure = await cluster.addGateway({ mysql: { listen, auth, tls, requireSecureTransport: true } });
  const certificate = await cluster.addGateway({
    mysql: {
      listen,
      auth: { kind: 'clientcert', method: 'mysql_clear_password' },
      tls: { ...tls, clientCa: pki.root.pem },
      requireSecureTransport: true,
    },
  });
  await cluster.atMysql(
    `create table every_type (id int primary key, ${everyTypeColumns.map(([name, type]) => `${name} ${type}`).join(', ')}) charset utf8mb4`,
    ...everyTypeRows.map((values, index) => `insert into every_type values (${[index + 1, ...values].join(', ')})`),
    'create table notes (id int primary key, body varchar(100)) charset utf8mb4',
    'create table large (id int primary key, body longtext) charset utf8mb4',
    'create table guarded (id int primary key)',
    `create user direct identified by 'direct'`,
    `grant all on *.* to direct`,
  );
  await cluster.tablet.reloadSchema();

  const { mysql } = cluster;
  const relay = await startRelay({ host: '127.0.0.1', port: cluster.gateway.mysql!.port });
  const base = { host: 'localhost', socket: null, user: 'alice', password, database: 'commerce' };
  const native = 'mysql_native_password';
  const best = mode === 'hardened' ? 'caching_sha2_password' : native;
  const way = (
    transport: string,
    method: string,
    more: Pick<ClientWay, 'port' | 'tls'> & Partial<ClientWay>,
  ): ClientWay => ({
    ...base,
    name: `${mode} ${transport} ${method}`,
    method,
    user: method === 'caching_sha2_password' ? 'sha2_alice' : 'alice',
    ...more,
  });
  const port = cluster.gateway.mysql!.port;
  const ways = [
    way('plain', native, { port, tls: null }),
    way('TLS', best, { port: secure.mysql!.port, tls: authorityOnly }),
    way('mutual TLS', best, { port: mutual.mysql!.port, tls: files }),
    way('mutual TLS', 'mysql_clear_password', { port: certificate.mysql!.port, tls: files, password: 'not looked at' }),
    way('socket', best, { port: 0, socket, tls: null }),
  ];
  const direct: ClientWay = {
    ...{ name: 'direct', method: program.vendor === 'MySQL' ? 'caching_sha2_password' : native },
    ...{ host: '127.0.0.1', port: mysql.port, socket: mysql.socket, tls: null },
    ...{ user: 'direct', password: 'direct', database: 'shop_1' },
  };
  // caching_sha2_password lets whoever was there before in without an exchange of keys, which not every client can do.
  await (await createConnection({ socketPath: mysql.socket!, user: 'direct', password: 'direct' })).end();

  let method: string | null = null;
  const unsubscribe = cluster.recorder.subscribe(({ name, outcome, data }) => {
    if (name === 'login.entry' && outcome === 'ok') method = String(data['method']);
  });
  const watcher = await createConnection({ socketPath: mysql.socket!, user: 'direct', password: 'direct' });
  const running = async (text: string): Promise<boolean> => {
    const list = 'select info from information_schema.processlist where info like ? and info not like ?';
    const [rows] = await watcher.query<RowDataPacket[]>(list, [`%${text}%`, '%processlist%']);
    return rows.length > 0;
  };
  const until = async (what: () => Promise<boolean>, said: string): Promise<void> => {
    const deadline = Date.now() + 15_000;
    while (!(await what())) {
      if (Date.now() > deadline) throw new Error(`after 15 s: ${said}`);
      await watcher.query('do sleep(0.02)');
    }
  };

  return {
    cluster,
    ways,
    checks: (index) => ({
      way: way('relayed', best, { port: relay.port, tls: mode === 'hardened' ? authorityOnly : null, user: 'alice' }),
      direct,
      directTcp: { ...direct, socket: null },
      base: (index + 1) * 100,
      text: "select 1 as a, 'ü 🐬' as b, null as c, id from every_type where id = 1",
      bodies: ["täxt 'quoted' \\", null, ''],
      types: `select id, ${everyTypeColumns.map(([name]) => name).join(', ')} from every_type order by id`,
      errors: [
        'select * from no_such_table',
        'selec 1',
        'insert into every_type (id) values (1)',
        'select * from guarded',
      ],
      big: 16 * 2 ** 20 - 16 * 2 ** 10,
      overPacket: 17 * 2 ** 20,
      tooBig: `select repeat('x', ${16 * 2 ** 20}) as v from notes right join (select 1 as one) as o on true limit 1`,
      cancel: null,
      cut: `select sleep(50) as ${marker} from every_type where id = 1`,
    }),
    cut: async () => {
      await until(() => running(marker), 'the statement to be cut does not run');
      relay.cut();
      await until(async () => !(await running(marker)), 'a statement runs on whose client is gone');
    },
    kill: async (id) => {
      await until(() => running('sleep'), 'the statement to be killed does not run');
      const killer = await createConnection({ ...base, port, ssl: { ca: pki.root.pem } });
      await killer.query(`kill query ${id}`);
      await killer.end();
    },
    method: () => {
      const was = method;
      method = null;
      return was;
    },
    stop: async () => {
      unsubscribe();
      await watcher.end();
      await relay.close();
      await cluster.stop();
      await folder.cleanup();
    },
  };
}
