import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import mariadb, { type TypeCastFunction } from 'mariadb';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findClient } from '../../src-main/services/callers/connection-lines';
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

const columns: readonly (readonly [string, string])[] = [
  ['c_tiny', 'tinyint'],
  ['c_tiny_u', 'tinyint unsigned'],
  ['c_bool', 'boolean'],
  ['c_small', 'smallint'],
  ['c_small_u', 'smallint unsigned'],
  ['c_medium', 'mediumint'],
  ['c_medium_u', 'mediumint unsigned'],
  ['c_int', 'int'],
  ['c_int_u', 'int unsigned'],
  ['c_zero', 'int(8) unsigned zerofill'],
  ['c_big', 'bigint'],
  ['c_big_u', 'bigint unsigned'],
  ['c_float', 'float'],
  ['c_double', 'double'],
  ['c_decimal', 'decimal(30,10)'],
  ['c_bit', 'bit(12)'],
  ['c_year', 'year'],
  ['c_date', 'date'],
  ['c_time', 'time(6)'],
  ['c_datetime', 'datetime(6)'],
  ['c_timestamp', 'timestamp(3) null'],
  ['c_char', 'char(8)'],
  ['c_varchar', 'varchar(60)'],
  ['c_latin', 'varchar(20) character set latin1'],
  ['c_binary', 'binary(4)'],
  ['c_varbinary', 'varbinary(20)'],
  ['c_tinytext', 'tinytext'],
  ['c_text', 'text'],
  ['c_mediumtext', 'mediumtext'],
  ['c_longtext', 'longtext'],
  ['c_tinyblob', 'tinyblob'],
  ['c_blob', 'blob'],
  ['c_mediumblob', 'mediumblob'],
  ['c_longblob', 'longblob'],
  ['c_enum', "enum('small','large','größe')"],
  ['c_set', "set('x','y','z')"],
  ['c_json', 'json'],
  ['c_point', 'point'],
];
// FLOAT has values here that six digits hold, since MySQL's text form of it, which the tablet reads, has no more.
const rows: readonly (readonly string[])[] = [
  [
    ...['-128', '255', 'true', '-32768', '65535', '-8388608', '16777215', '-2147483648', '4294967295', '42'],
    ...['-9223372036854775808', '18446744073709551615', '-1.25', '2.2250738585072014e-308'],
    ...['-12345678901234567890.0123456789', "b'101010101010'", '1901', "'1000-01-01'", "'-838:59:59.000000'"],
    ...[
      "'1000-01-01 00:00:00.000001'",
      "'1970-01-02 03:04:05.678'",
      "'end   '",
      "'ünïcödé 🐬 \\0 ''q'' \\\\'",
      "'café'",
    ],
    ...["x'00ff0001'", "x'0027225cff'", "''", "'x'", "'y'", "repeat('long ', 30000)", "x'00'", "x'ff00'", "x''"],
    ...["repeat(x'00ff', 40000)", "'größe'", "'x,z'", `'{"a": [1, "ü", null]}'`, "st_geomfromtext('POINT(1 -2.5)')"],
  ],
  [
    ...['127', '0', 'false', '32767', '0', '8388607', '0', '2147483647', '0', '99999999'],
    ...['9223372036854775807', '9007199254740993', '0.5', '-1.7976931348623157e308'],
    ...['12345678901234567890.9876543210', "b'1'", '2155', "'9999-12-31'", "'838:59:58.999999'"],
    ...["'9999-12-31 23:59:59.999999'", "'2038-01-18 03:14:07.999'", "''", "''", "''"],
    ...["x'00000000'", "x''", "'tiny'", "'multi\\nline\\ttab'", "''", "''", "''", "''", "x'0a0d'"],
    ...["''", "'small'", "''", `'[]'`, "st_geomfromtext('POINT(0 0)')"],
  ],
  columns.map(() => 'null'),
];
const names = columns.map(([name]) => name).join(', ');
const select = `select id, ${names} from every_type order by id`;
const literals = [
  "select 1, -1, 1.50, 2.5e0, 'text', x'00ff', null, true, cast('2026-01-02' as date), 18446744073709551615",
];

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
      for (const sql of [select, ...literals]) {
        const [ours, ourFields] = await gateway.query({ sql, rowsAsArray: true });
        const [theirs, theirFields] = await server.query({ sql, rowsAsArray: true });
        expect(ours).toEqual(theirs);
        expect(shape(ourFields)).toEqual(shape(theirFields));
      }
    });

    it('prepared', async () => {
      const [gateway, server] = await both();
      for (const sql of [select, ...literals]) {
        const [ours, ourFields] = await gateway.execute({ sql, rowsAsArray: true });
        const [theirs, theirFields] = await server.execute({ sql, rowsAsArray: true });
        expect(ours).toEqual(theirs);
        expect(shape(ourFields)).toEqual(shape(theirFields));
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
    for (const sql of [select, ...literals]) {
      expect(await gateway.query(sql)).toEqual(await server.query(sql));
      expect(await gateway.execute(sql)).toEqual(await server.execute(sql));
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
