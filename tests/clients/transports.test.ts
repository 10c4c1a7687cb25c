import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { credentials as grpcCredentials } from '@grpc/grpc-js';
import mariadb from 'mariadb';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cell } from '../../src-main/domain/probes';
import { findClient, type CommandLineClient } from '../../src-main/services/callers/connection-lines';
import type { Cluster } from '../../src-main/services/cluster/cluster';
import { keyFileOf, ProbeRunner } from '../../src-main/services/verify/probe-runner';
import { cellsOf, type VerifiedCell } from '../../src-main/services/verify/verify-service';
import type { SampleName } from '../../src-main/services/workspace/init-workspace';
import { executeWithGrpcJs } from '../support/grpc-js-vitess';
import { createFleet, makeWorkspace, verifyOf, type MadeWorkspace } from '../support/workspace';
import { installedPrograms } from '../wire/backend/backend-fixture';

/**
 * Callers of every transport, driven by foreign clients: each sees, cell for cell, what verify's own connecting side
 * says it sees.
 */
const [program] = await installedPrograms();
const mysql9 = join(
  process.env['GATEHOUSE_MYSQL9_BIN'] ?? join(homedir(), '.cache', 'gatehouse', 'mysql', 'bin'),
  'mysql',
);
const commandLines = {
  mariadb: await findClient('mariadb'),
  mysql: existsSync(mysql9) ? await findClient(mysql9) : null,
};
const importable = (module: string): Promise<boolean> =>
  new Promise((resolve) => execFile('python3', ['-c', `import ${module}`], (error) => resolve(error === null)));
const pymysql = await importable('pymysql');
if (commandLines.mariadb === null) console.warn('not run: the mariadb command line, which is not on the PATH');
if (commandLines.mysql === null)
  console.warn('not run: the mysql 9 command line; GATEHOUSE_MYSQL9_BIN names its folder');
if (!pymysql) console.warn('not run: PyMySQL, which python3 cannot import here');

/** What a client saw: rows, or an error in the server's words; null where the connection never came to words. */
type Seen = { readonly rows: number } | { readonly code: number; readonly message: string } | null;

/** What a foreign client needs to be the caller of a cell. */
interface Who {
  readonly cell: Cell;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly socket: string | null;
  /** Paths and texts of PEM files; null where the transport has none. */
  readonly ca: { readonly path: string; readonly text: string } | null;
  readonly cert: {
    readonly path: string;
    readonly text: string;
    readonly keyPath: string;
    readonly keyText: string;
  } | null;
}

const encrypted = ({ cell }: Who): boolean => cell.transport !== 'mysql-plain' && cell.transport !== 'mysql-unix';
const place = (who: Who) =>
  who.cell.transport === 'mysql-unix' ? { socketPath: who.socket! } : { host: who.host, port: who.port };
const tls = (who: Who) =>
  encrypted(who)
    ? {
        ssl: {
          rejectUnauthorized: who.ca !== null,
          ...(who.ca === null ? {} : { ca: who.ca.text }),
          ...(who.cert === null ? {} : { cert: who.cert.text, key: who.cert.keyText }),
        },
      }
    : {};
const refused = (error: unknown): Seen => {
  const { errno, sqlMessage, message } = error as { errno?: number; sqlMessage?: string; message: string };
  // Numbers from 45000 on are MariaDB's connector's own.
  return typeof errno === 'number' && errno > 0 && errno < 45_000
    ? { code: errno, message: sqlMessage ?? message }
    : null;
};
const count = (answer: unknown): number => (Array.isArray(answer) ? answer.length : 0);

async function withMysql2(who: Who): Promise<Seen> {
  try {
    const { user, password, database } = who;
    const login = { ...place(who), user, password, database, ...tls(who), enableCleartextPlugin: who.cert !== null };
    const connection = await mysql.createConnection(login);
    connection.on('error', () => undefined);
    try {
      return { rows: count((await connection.execute(who.cell.sql))[0]) };
    } finally {
      connection.destroy();
    }
  } catch (error) {
    return refused(error);
  }
}

async function withMariadb(who: Who): Promise<Seen> {
  try {
    const { user, password, database } = who;
    const connection = await mariadb.createConnection({ ...place(who), user, password, database, ...tls(who) });
    try {
      return { rows: count(await connection.query(who.cell.sql)) };
    } finally {
      connection.destroy();
    }
  } catch (error) {
    return refused(error);
  }
}

const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ out: string; err: string }> =>
  new Promise((resolve) =>
    execFile(command, [...args], { env: { ...process.env, ...env }, timeout: 20_000 }, (_, out, err) =>
      resolve({ out, err }),
    ),
  );

async function withCommandLine({ command, vendor }: CommandLineClient, who: Who): Promise<Seen> {
  const isMariadb = vendor === 'MariaDB';
  const secure = [
    ...(isMariadb
      ? ['--ssl', ...(who.ca === null ? [] : ['--ssl-verify-server-cert'])]
      : [who.ca === null ? '--ssl-mode=REQUIRED' : '--ssl-mode=VERIFY_IDENTITY']),
    ...(who.ca === null ? [] : [`--ssl-ca=${who.ca.path}`]),
    ...(who.cert === null ? [] : [`--ssl-cert=${who.cert.path}`, `--ssl-key=${who.cert.keyPath}`]),
  ];
  const args = [
    '--no-defaults',
    ...(who.cell.transport === 'mysql-unix'
      ? ['-S', who.socket!]
      : ['--protocol=tcp', '-h', who.host, '-P', String(who.port)]),
    ...(encrypted(who) ? secure : isMariadb ? ['--skip-ssl'] : ['--ssl-mode=DISABLED']),
    ...(who.cert !== null && !isMariadb ? ['--enable-cleartext-plugin'] : []),
    ...['-u', who.user, '-N', '-B', '-e', who.cell.sql, who.database],
  ];
  const { out, err } = await run(command, args, { MYSQL_PWD: who.password });
  const said = /^ERROR (\d+) \(\w{5}\)(?: at line 1)?: (.*)\n/ms.exec(err);
  if (said !== null) {
    const code = Number(said[1]);
    // Numbers from 2000 on are the client's own: it never got to words.
    return code >= 2000 && code < 3000 ? null : { code, message: said[2]!.split('\n--------------')[0]! };
  }
  return { rows: out.split('\n').length - 1 };
}

async function withPymysql(who: Who): Promise<Seen> {
  const script = `
import json, os, pymysql, sys
who = json.loads(sys.stdin.read())
try:
    c = pymysql.connect(**who['login'])
    k = c.cursor()
    k.execute(who['sql'])
    print(json.dumps({'rows': len(k.fetchall())}))
except pymysql.err.MySQLError as e:
    code = e.args[0] if e.args else 0
    print(json.dumps(None if 2000 <= code < 3000 or code == 0 else {'code': code, 'message': e.args[1]}))
`;
  const { user, password, database } = who;
  const where = who.cell.transport === 'mysql-unix' ? { unix_socket: who.socket } : { host: who.host, port: who.port };
  const secure = !encrypted(who)
    ? {}
    : {
        ssl: {
          ...(who.ca === null ? {} : { ca: who.ca.path, verify_mode: true, check_hostname: true }),
          ...(who.cert === null ? {} : { cert: who.cert.path, key: who.cert.keyPath }),
        },
      };
  return new Promise((resolve, reject) => {
    const child = execFile('python3', ['-c', script], (error, stdout) =>
      error === null ? resolve(JSON.parse(stdout) as Seen) : reject(error),
    );
    child.stdin!.end(JSON.stringify({ login: { user, password, database, ...where, ...secure }, sql: who.cell.sql }));
  });
}

/** MySQL 9's client has no native method, which is all there is without TLS in vitess mode. */
const foreign: readonly {
  name: string;
  there: boolean;
  can: (id: string) => boolean;
  ask: (who: Who) => Promise<Seen>;
}[] = [
  { name: 'mysql2', there: true, can: () => true, ask: withMysql2 },
  { name: 'mariadb of npm', there: true, can: () => true, ask: withMariadb },
  {
    name: 'mariadb command line',
    there: commandLines.mariadb !== null,
    can: () => true,
    ask: (who) => withCommandLine(commandLines.mariadb!, who),
  },
  {
    name: 'mysql 9 command line',
    there: commandLines.mysql !== null,
    can: (id) => !id.includes('/mysql-plain/'),
    ask: (who) => withCommandLine(commandLines.mysql!, who),
  },
  { name: 'PyMySQL', there: pymysql, can: (id) => !id.includes('/mysql-mutual-tls/'), ask: withPymysql },
];

/** Cells of one sample that foreign clients repeat: of each transport one that is allowed and some that are stopped. */
const samples: readonly { sample: SampleName; ids: readonly string[] }[] = [
  {
    sample: 'user-guide',
    ids: [
      'user-guide/access/myuser1/mysql-plain/product/read',
      'user-guide/access/myuser1/mysql-plain/customer/write',
      'user-guide/admission/wrong password in clear/myuser1/mysql-plain/wrong',
    ],
  },
  {
    sample: 'reference',
    ids: [
      'reference/access/claims client 1/grpc-plain/vt_insert_test/read',
      'reference/access/nobody, override/grpc-plain/vt_insert_test/read',
      'reference/access/claims the group of client 2/grpc-plain/vt_insert_test/write',
      'reference/access/vtgate client 1/grpc-mutual-tls/vt_insert_test/read',
      'reference/access/vtgate client 2/grpc-mutual-tls/vt_insert_test/read',
    ],
  },
  {
    sample: 'shop',
    ids: [
      'shop/access/maria/mysql-tls/orders/read',
      'shop/access/maria/mysql-tls/payments/read',
      'shop/access/web/mysql-tls-verified/customers/read',
      'shop/access/web/mysql-tls-verified/products/write',
      'shop/admission/wrong and empty passwords/web/mysql-tls-verified/wrong',
      "shop/admission/the gateway's authority is not the one trusted/web/mysql-tls-verified/right",
      'shop/access/web/mysql-unix/orders/read',
      'shop/access/web/mysql-unix/orders/admin',
      'shop/admission/wrong and empty passwords over the Unix socket/web/mysql-unix/wrong',
      'shop/access/billing/mysql-mutual-tls/payments/read',
      'shop/access/billing/mysql-mutual-tls/orders/read',
      "shop/admission/a login name that is not the certificate's/billing/mysql-mutual-tls/right/pki/callers/stranger-cert.pem",
      'shop/admission/expired, revoked and foreign certificates at the MySQL port/billing/mysql-mutual-tls/right/pki/callers/revoked-cert.pem',
      'shop/access/batch/grpc-tls/products/read',
      'shop/access/batch/grpc-tls/orders/read',
      'shop/admission/wrong gRPC password/batch/grpc-tls/wrong',
      'shop/access/olga/grpc-mutual-tls/payments/admin',
      'shop/access/auditor/grpc-mutual-tls/payments/write',
      'shop/admission/no certificate where one is demanded/auditor/grpc-tls/right',
    ],
  },
];
const busy = 120_000;

describe.runIf(program !== undefined).each(samples)('callers of the sample $sample', ({ sample, ids }) => {
  const fleet = createFleet();
  let made: MadeWorkspace;
  let cluster: Cluster;
  let own: ReadonlyMap<string, VerifiedCell>;

  beforeAll(async () => {
    made = await makeWorkspace(sample);
    cluster = await fleet.start(await made.load(), program!);
    expect(cellsOf(cluster.workspace).map(({ id }) => id)).toEqual(expect.arrayContaining([...ids]));
    const report = await verifyOf(cluster, { only: (id) => ids.includes(id) });
    own = new Map(report.results.map((result) => [result.cell.id, result]));
  }, busy);
  afterAll(async () => {
    await fleet.stop();
    await made.remove();
  }, busy);

  const whoIs = async (id: string): Promise<Who> => {
    const { cell } = own.get(id)!;
    const file = async (path: string) => ({
      path: join(made.dir, path),
      text: await readFile(join(made.dir, path), 'utf8'),
    });
    const gateway = cluster.addresses.gateways.find(({ name }) => name === cell.caller.gateway)!;
    const runner = new ProbeRunner(cluster.workspace, cluster.addresses, cluster.secrets);
    const key = cell.certificate === null ? null : await file(keyFileOf(cell.certificate));
    return {
      cell,
      user: cell.caller.user ?? '',
      password: runner.passwordFor(cell.caller, cell.password),
      database: cluster.workspace.topology.keyspaces[0]!.name,
      host: cell.serverName,
      port: (cell.transport.startsWith('grpc-') ? gateway.grpc : gateway.mysql)!.port,
      socket: gateway.mysql?.socket ?? null,
      ca: cell.trust === null ? null : await file(cell.trust),
      cert: key === null ? null : { ...(await file(cell.certificate!)), keyPath: key.path, keyText: key.text },
    };
  };
  /** What verify's own side saw, in the same form. */
  const ownSeen = (id: string): Seen => {
    const { actual } = own.get(id)!;
    if (actual.verdict === 'allow') return { rows: actual.rows ?? 0 };
    return actual.code === null ? null : { code: actual.code, message: actual.message ?? '' };
  };
  /** Clients end lines differently, and those that prepare are refused before rows are asked for; the words are compared. */
  const words = (seen: Seen): Seen =>
    seen === null || 'rows' in seen
      ? seen
      : {
          ...seen,
          message: seen.message
            .trim()
            .replace(/^\(conn:.*?\) /, '')
            .replace('SelectImpossible command', 'Select command'),
        };

  const overMysql = ids.filter((id) => id.includes('/mysql-'));
  const overGrpc = ids.filter((id) => id.includes('/grpc-'));

  describe.runIf(overMysql.length > 0).each(foreign.filter(({ there, can }) => there && overMysql.some(can)))(
    '$name',
    ({ can, ask }) => {
      it.each(overMysql.filter(can))('%s', async (id) => {
        const who = await whoIs(id);
        expect(words(await ask(who))).toEqual(words(ownSeen(id)));
      });
    },
  );

  describe.runIf(overGrpc.length > 0)('grpc-js', () => {
    it.each(overGrpc)('%s', async (id) => {
      const who = await whoIs(id);
      const { cell } = who;
      const [pem, key, cert] = [who.ca, who.cert?.keyText, who.cert?.text].map((value) =>
        value == null ? null : Buffer.from(typeof value === 'string' ? value : value.text),
      );
      const outcome = await executeWithGrpcJs({
        address: { host: '127.0.0.1', port: who.port },
        credentials:
          cell.transport === 'grpc-plain'
            ? grpcCredentials.createInsecure()
            : grpcCredentials.createSsl(pem, key ?? null, cert ?? null),
        ...(cell.transport === 'grpc-plain' ? {} : { serverName: cell.serverName }),
        metadata: cell.caller.user === null ? {} : { username: who.user, password: who.password },
        claimed: cell.caller.claimed,
        target: `${who.database}:0@primary`,
        sql: cell.sql,
      });
      // A refused handshake is UNAVAILABLE with words of grpc-js's own.
      const seen = own.get(id)!.actual.code === null && 'code' in outcome && outcome.code === 14 ? null : outcome;
      expect(seen).toEqual(ownSeen(id));
    });
  });
});
