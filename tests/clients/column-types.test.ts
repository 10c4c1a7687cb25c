import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import mariadb, { type TypeCastFunction } from 'mariadb';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findClient } from '../../src-main/services/callers/connection-lines';
import { everyTypeColumns as columns, everyTypeRows as rows } from '../support/clients/every-type';
import { startCluster, type ClusterFixture } from '../support/cluster-fixture';
import { hardenedMode, users } from '../support/gateway-fixture';
import { createPki } from '../support/tls-identities';
import { installedPrograms, rootPassword } from '../wire/backend/backend-fixture';

/**
 * Every column type, through foreign clients, text and prepared: what comes through gateway and tablet is what the same
 * client gets from MySQL itself.
 */
const programs = await installedPrograms();
const mysql9 = join(
  process.env['GATEHOUSE_MYSQL9_BIN'] ?? join(homedir(), '.cache', 'gatehouse', 'mysql', 'bin'),
  'mysql',
);
const commands = [await findClient('mariadb'), existsSync(mysql9) ? await findClient(mysql9) : null] as const;
if (commands[0] === null) console.warn('not run: the mariadb command line, which is not on the PATH');
if (commands[1] === null) console.warn('not run: the mysql 9 command line; GATEHOUSE_MYSQL9_BIN names its folder');

const names = columns.map(([name]) => name).join(', ');
const select = `select id, ${names} from every_type order by id`;
const literals = [
  "select 1, -1, 1.50, 2.5e0, 'text', x'00ff', null, true, cast('2026-01-02' as date), 18446744073709551615",
];

/**
 * Rows as their values' texts. vtgate computes a SELECT of values alone itself: the types are its own (a number is INT64
 * where MariaDB says INT), and so are the names.
 */
const asText = (rows: unknown): (string | null)[][] =>
  (rows as unknown[][]).map((row) =>
    row.map((value) => (value === null ? null : Buffer.isBuffer(value) ? value.toString('latin1') : String(value))),
  );

const pki = createPki();
const identity = pki.leaf({ name: 'gateway', purposes: ['serverAuth'] });

describe.each(programs)('column types of $vendor $version', (program) => {
  let cluster: ClusterFixture;
  let folder: string;
  let ca: string;
  const ends: (() => unknown)[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gh-'));
    ca = join(folder, 'ca.pem');
    await writeFile(ca, pki.root.pem);
    cluster = await startCluster({
      program,
      fidelity: hardenedMode,
      acl: {
        table_groups: [
          { name: 'all', table_names_or_prefixes: ['every_type', 'copy_type'], readers: ['alice'], writers: ['alice'] },
        ],
      },
      gateway: {
        mysql: {
          listen: { host: '127.0.0.1', port: 0 },
          auth: users({ alice: [{ Password: 'pw1', UserData: 'alice' }] }, hardenedMode),
          tls: { cert: identity.cert, key: identity.key },
          requireSecureTransport: true,
        },
      },
    });
    await cluster.atMysql(
      `set time_zone = 'SYSTEM'`,
      ...['every_type', 'copy_type'].map(
        (table) =>
          `create table ${table} (id int primary key, ${columns.map(([name, type]) => `${name} ${type}`).join(', ')}) charset utf8mb4`,
      ),
      ...rows.map((values, index) => `insert into every_type values (${[index + 1, ...values].join(', ')})`),
    );
    await cluster.tablet.reloadSchema();
  }, 120_000);
  afterAll(async () => {
    for (const end of ends) await end();
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const throughGateway = () => ({
    host: 'localhost',
    port: cluster.gateway.mysql!.port,
    user: 'alice',
    password: 'pw1',
    database: 'commerce',
    ssl: { ca: pki.root.pem, rejectUnauthorized: true },
  });
  const direct = () => ({
    socketPath: cluster.mysql.socket!,
    user: 'root',
    password: rootPassword.reveal(),
    database: 'shop_1',
  });

  describe('mysql2', () => {
    // MariaDB tells its own clients that a LONGTEXT holds JSON; here it stays text.
    const exact = {
      jsonStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
      charset: 'utf8mb4',
    };
    const both = async () => {
      const pair = [
        await mysql.createConnection({ ...throughGateway(), ...exact }),
        await mysql.createConnection({ ...direct(), ...exact }),
      ] as const;
      ends.push(
        () => pair[0].end(),
        () => pair[1].end(),
      );
      return pair;
    };
    /** What a client builds its values from. */
    const shape = (fields: mysql.FieldPacket[]) =>
      fields.map(({ name, columnType, type, flags, decimals }) => ({
        name,
        type: columnType ?? type,
        unsigned: (Number(flags) & 32) !== 0,
        binary: (Number(flags) & 128) !== 0,
        decimals,
      }));

    it('text', async () => {
      const [gateway, server] = await both();
      const [ours, ourFields] = await gateway.query({ sql: select, rowsAsArray: true });
      const [theirs, theirFields] = await server.query({ sql: select, rowsAsArray: true });
      expect(ours).toEqual(theirs);
      expect(shape(ourFields)).toEqual(shape(theirFields));
      for (const sql of literals) {
        const [values] = await gateway.query({ sql, rowsAsArray: true });
        expect(asText(values)).toEqual(asText((await server.query({ sql, rowsAsArray: true }))[0]));
      }
    });

    it('prepared', async () => {
      const [gateway, server] = await both();
      const [ours, ourFields] = await gateway.execute({ sql: select, rowsAsArray: true });
      const [theirs, theirFields] = await server.execute({ sql: select, rowsAsArray: true });
      expect(ours).toEqual(theirs);
      expect(shape(ourFields)).toEqual(shape(theirFields));
      for (const sql of literals) {
        const [values] = await gateway.execute({ sql, rowsAsArray: true });
        expect(asText(values)).toEqual(asText((await server.execute({ sql, rowsAsArray: true }))[0]));
      }
    });

    it('writes with parameters what MySQL then holds', async () => {
      const [gateway, server] = await both();
      const plain = columns.filter(([name]) => name !== 'c_point').map(([name]) => name);
      const [values] = await server.query<mysql.RowDataPacket[][]>({
        sql: `select id, ${plain.join(', ')} from every_type order by id`,
        rowsAsArray: true,
      });
      const sql = `insert into copy_type (id, ${plain.join(', ')}) values (?${', ?'.repeat(plain.length)})`;
      for (const row of values) await gateway.execute(sql, row as (string | number | Buffer | null)[]);
      const [differing] = await server.query(
        `select a.id from every_type a join copy_type b using (id) where not (${plain.map((name) => `a.${name} <=> b.${name}`).join(' and ')})`,
      );
      expect(differing).toEqual([]);
      expect((await server.query('select count(*) as n from copy_type'))[0]).toEqual([{ n: String(rows.length) }]);
    });
  });

  /** Points as bytes: MariaDB's server tells its own clients more about them than the protocol of MySQL can. */
  const raw: TypeCastFunction = (column, next) => (column.name() === 'c_point' ? column.buffer() : next()) as never;

  it('mariadb of npm, text and prepared', async () => {
    const exact = {
      jsonStrings: true,
      bigIntAsNumber: false,
      decimalAsNumber: false,
      dateStrings: true,
      rowsAsArray: true,
      typeCast: raw,
    };
    const gateway = await mariadb.createConnection({ ...throughGateway(), ...exact });
    const server = await mariadb.createConnection({ ...direct(), ...exact });
    ends.push(
      () => gateway.end(),
      () => server.end(),
    );
    expect(await gateway.query(select)).toEqual(await server.query(select));
    expect(await gateway.execute(select)).toEqual(await server.execute(select));
    for (const sql of literals) {
      expect(asText(await gateway.query(sql))).toEqual(asText(await server.query(sql)));
      expect(asText(await gateway.execute(sql))).toEqual(asText(await server.execute(sql)));
    }
  });

  const run = (command: string, args: readonly string[], password: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const env = { ...process.env, MYSQL_PWD: password };
      execFile(command, [...args], { env, maxBuffer: 64 << 20, timeout: 30_000 }, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(stderr)),
      );
    });

  it.each(commands.filter((command) => command !== null))(
    'the $vendor command line, over TLS with caching_sha2_password',
    async ({ command, vendor }) => {
      const verify =
        vendor === 'MariaDB'
          ? ['--ssl', `--ssl-ca=${ca}`, '--ssl-verify-server-cert']
          : [`--ssl-ca=${ca}`, '--ssl-mode=VERIFY_IDENTITY'];
      const method = vendor === 'MariaDB' ? [] : ['--default-auth=caching_sha2_password'];
      const all = ['--no-defaults', '--default-character-set=utf8mb4', '-N', '--raw', '--batch'];
      const show = [...(vendor === 'MySQL' ? ['--skip-binary-as-hex'] : []), '-e', [select, ...literals].join('; ')];
      const { host, port } = throughGateway();
      const ours = await run(
        command,
        [
          ...all,
          '-h',
          host,
          '-P',
          String(port),
          '--protocol=tcp',
          '-u',
          'alice',
          ...verify,
          ...method,
          ...show,
          'commerce',
        ],
        'pw1',
      );
      // MySQL 9's client and MariaDB's server share no method of root's, so MariaDB's client asks the server itself.
      const asker = program.client ?? command;
      const binary = program.vendor === 'MySQL' ? ['--skip-binary-as-hex'] : [];
      const theirs = await run(
        asker,
        [
          ...all,
          '-S',
          cluster.mysql.socket!,
          '-u',
          'root',
          ...binary,
          '-e',
          [select, ...literals].join('; '),
          'shop_1',
        ],
        rootPassword.reveal(),
      );
      expect(ours.length).toBeGreaterThan(200_000);
      expect(ours === theirs).toBe(true);
    },
  );
});
