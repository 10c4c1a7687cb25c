import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  APP_RIGHTS,
  probeExternalBackend,
  startManagedMysql,
  type ManagedMysql,
} from '../../../src-main/servers/backend';
import {
  appPassword,
  installedPrograms,
  managedOptions,
  os,
  rootPassword,
  serverCertificate,
  start,
  temporaryFolder,
} from './backend-fixture';

const programs = await installedPrograms();
const app = { user: 'vt_app', password: appPassword.reveal() };

const refusal = async (connecting: Promise<Connection>): Promise<string> => {
  try {
    await (await connecting).end();
    return 'let in';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'failed';
  }
};

describe.each(programs)('a managed $vendor', (program) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let tls: { ca: string; cert: string; key: string };
  let server: ManagedMysql;
  const tcp = (): { host: string; port: number } => ({ host: '127.0.0.1', port: server.port });
  const local = (): { socketPath: string } => ({ socketPath: server.socket ?? '' });

  beforeAll(async () => {
    folder = await temporaryFolder();
    tls = await serverCertificate(folder.path);
    server = await start(managedOptions(program, folder.path, { tls, templateDir: join(folder.path, 'templates') }));
  });
  afterAll(async () => {
    await server.stop();
    await folder.cleanup();
  });

  test('lets the application in over TLS and over its socket, and nobody without a password', async () => {
    const ssl = { ca: await readFile(tls.ca), verifyIdentity: true };
    const connection = await createConnection({ ...tcp(), ...app, ssl, database: 'shop_1' });
    const [rows] = await connection.query("show session status like 'Ssl_cipher'");
    expect((rows as { Value: string }[])[0]?.Value).not.toBe('');
    await connection.end();
    expect(await refusal(createConnection({ ...local(), ...app, database: 'other' }))).toBe('let in');
    expect(await refusal(createConnection({ ...tcp(), ...app }))).toBe('ER_ACCESS_DENIED_ERROR');
    for (const user of ['', 'root', 'vt_app', 'anybody']) {
      expect(await refusal(createConnection({ ...local(), user, password: '' }))).toBe('ER_ACCESS_DENIED_ERROR');
      expect(await refusal(createConnection({ ...tcp(), user, password: '', ssl }))).toBe('ER_ACCESS_DENIED_ERROR');
    }
    expect(await refusal(createConnection({ ...tcp(), user: 'root', password: rootPassword.reveal(), ssl }))).toBe(
      'ER_ACCESS_DENIED_ERROR',
    );
    expect(await refusal(createConnection({ ...local(), user: 'root', password: rootPassword.reveal() }))).toBe(
      'let in',
    );
  });

  test('gives the application its rights on its databases and no others', async () => {
    const root = await createConnection({ ...local(), user: 'root', password: rootPassword.reveal() });
    // `shop_1` must not open `shopx1`: an underscore in GRANT is a wildcard unless escaped.
    await root.query('create database shopx1');
    await root.query('create table shopx1.secret (id int)');
    const [granted] = await root.query(
      "select distinct privilege_type as p, table_schema as s from information_schema.schema_privileges where grantee like '\\'vt_app\\'%'",
    );
    const rights = (granted as { p: string; s: string }[])
      .filter(({ s }) => s.replace('\\', '') === 'shop_1')
      .map(({ p }) => p);
    expect(rights.sort()).toEqual([...APP_RIGHTS].sort());
    const [global] = await root.query(
      "select privilege_type as p from information_schema.user_privileges where grantee like '\\'vt_app\\'%'",
    );
    expect([...new Set((global as { p: string }[]).map(({ p }) => p))]).toEqual(['USAGE']);
    await root.end();

    const connection = await createConnection({ ...local(), ...app, database: 'shop_1' });
    await connection.query('create table t (id int primary key, name varchar(10))');
    await connection.query("insert into t values (1, 'ü€😀')");
    expect((await connection.query('select name from t'))[0]).toEqual([{ name: 'ü€😀' }]);
    for (const [sql, code] of [
      ['select * from shopx1.secret', 'ER_TABLEACCESS_DENIED_ERROR'],
      ['select * from mysql.user', 'ER_TABLEACCESS_DENIED_ERROR'],
      ['create database mine', 'ER_DBACCESS_DENIED_ERROR'],
      ["select 1 into outfile 'gatehouse-outfile'", 'ACCESS_DENIED_ERROR$'],
      ['set global max_connections = 1', 'ER_SPECIFIC_ACCESS_DENIED_ERROR'],
      ['shutdown', 'ER_SPECIFIC_ACCESS_DENIED_ERROR'],
    ] as const)
      await expect(connection.query(sql), sql).rejects.toMatchObject({ code: expect.stringMatching(code) });
    expect((await connection.query("select load_file('/etc/hostname') as f"))[0]).toEqual([{ f: null }]);
    await connection.end();
  });

  test('pins what matters and keeps its files to its owner', async () => {
    const root = await createConnection({ ...local(), user: 'root', password: rootPassword.reveal() });
    const [rows] = await root.query(
      'select @@global.local_infile as lif, @@global.log_bin as bl, @@bind_address as ba, @@global.sql_mode as sm, @@character_set_server as cs, @@secure_file_priv as sfp, @@skip_name_resolve as snr',
    );
    expect((rows as object[])[0]).toMatchObject({ lif: 0, bl: 0, ba: '127.0.0.1', cs: 'utf8mb4', snr: 1 });
    expect((rows as { sm: string }[])[0]?.sm).toContain('STRICT_TRANS_TABLES');
    expect((rows as { sfp: string }[])[0]?.sfp).toContain('no-files');
    await root.end();
    const { mode } = await stat(join(folder.path, 'data'));
    expect(mode & 0o077).toBe(0);
    for (const name of await readdir(join(folder.path, 'data'))) {
      const { mode: fileMode } = await stat(join(folder.path, 'data', name));
      expect(fileMode & 0o006, name).toBe(0);
    }
    expect(await readdir(join(folder.path, 'data'))).not.toContain('init.sql');
    const traces = [
      await readFile(server.logFile, 'utf8'),
      (await os.processCommand(server.pid)) ?? '',
      await readFile(join(folder.path, 'data', 'my.cnf'), 'utf8'),
    ];
    for (const text of traces) {
      expect(text).not.toContain('pass\\word');
      expect(text.length).toBeGreaterThan(10);
    }
  });

  test('an address of somebody else is examined before it is used', async () => {
    const ca = await readFile(tls.ca, 'utf8');
    const login = { ...tcp(), user: 'vt_app', password: appPassword, tls: { ca } };
    const probed = await probeExternalBackend(login, ['shop_1', 'nowhere']);
    expect(probed).toMatchObject({
      ok: true,
      value: { vendor: program.vendor, version: program.version, missingDatabases: ['nowhere'] },
    });
    expect(probed.ok && probed.value.tls?.version).toMatch(/^TLSv1\.[23]$/);
    await mkdir(join(folder.path, 'stranger'));
    const stranger = await serverCertificate(join(folder.path, 'stranger'));
    const codes = await Promise.all([
      probeExternalBackend({ ...login, tls: { ca: await readFile(stranger.ca, 'utf8') } }, []),
      probeExternalBackend({ ...login, tls: undefined }, []),
      probeExternalBackend({ ...login, socket: join(folder.path, 'none.sock') }, []),
    ]);
    expect(codes.map((result) => (result.ok ? 'ok' : result.failure.code))).toEqual([
      'backend.tls-failed',
      'backend.login-refused',
      'backend.unreachable',
    ]);
  });

  test('a second program never shares the data directory', async () => {
    const second = await startManagedMysql(managedOptions(program, folder.path));
    expect(second).toMatchObject({ ok: false, failure: { code: 'backend.data-dir-in-use' } });
    expect(second.ok || second.failure.summary).toContain(String(process.pid));
  });

  test('the second workspace comes from the template, without its identity', async () => {
    const other = await start(
      managedOptions(program, join(folder.path, 'b'), { templateDir: join(folder.path, 'templates') }),
    );
    expect(other.events.map(({ step }) => step)).toEqual(['lock', 'template', 'spawned', 'ready']);
    expect(other.port).not.toBe(server.port);
    const names = await readdir(join(folder.path, 'templates'), { recursive: true });
    expect(names.filter((name) => /\.pem$|auto\.cnf/.test(name))).toEqual([]);
    await other.stop();
    await other.stop();
    expect(await other.exited).toMatchObject({ expected: true });
    expect(await readdir(join(folder.path, 'b'))).not.toContain('run');
    expect((await readdir(join(folder.path, 'b', 'data'))).filter((name) => /lock|pid|process/.test(name))).toEqual([]);
  });

  test('comes back by itself on the same port when it is killed, with its data', async () => {
    const connection = await createConnection({ ...local(), ...app, database: 'other' });
    await connection.query('create table kept (id int primary key)');
    await connection.query('insert into kept values (7)');
    connection.on('error', () => undefined);
    const { pid, port } = server;
    const restarted = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (server.events.at(-1)?.step === 'restarted') resolve(clearInterval(timer));
      }, 10);
    });
    process.kill(pid, 'SIGKILL');
    await restarted;
    expect(server.pid).not.toBe(pid);
    expect(server.port).toBe(port);
    const again = await createConnection({ ...local(), ...app, database: 'other' });
    expect((await again.query('select id from kept'))[0]).toEqual([{ id: 7 }]);
    await again.end();
  });

  test('is left alone when it dies too often, and tried again when the window of time has passed', async () => {
    const steps: string[] = [];
    let told = (): void => undefined;
    const other = await start(
      managedOptions(program, join(folder.path, 'c'), {
        templateDir: join(folder.path, 'templates'),
        restartWindowMs: 20_000,
        onEvent: ({ step }) => {
          steps.push(step);
          told();
        },
      }),
    );
    const count = (step: string): number => steps.filter((one) => one === step).length;
    const reached = (step: string, times: number): Promise<void> =>
      new Promise((resolve) => {
        told = () => void (count(step) >= times && resolve());
        told();
      });
    for (const time of [1, 2, 3]) {
      process.kill(other.pid, 'SIGKILL');
      await reached('restarted', time);
    }
    process.kill(other.pid, 'SIGKILL');
    await reached('given-up', 1);
    expect(other.down).toBe(true);
    await reached('restarted', 4);
    expect(other.down).toBe(false);
    await other.stop();
  }, 90_000);
});

test('at least one server was tested', () => expect(programs.length).toBeGreaterThan(0));
