import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cachingSha2Hash, nativeHash } from '../../../src-main/domain/users';
import { GrpcStatusError } from '../../../src-main/servers/rpc';
import { createRecorder } from '../../../src-main/servers/recorder';
import { createGateway, type Gateway, type GatewayMysqlConfig } from '../../../src-main/servers/gateway';
import { connectMysql, gatewayConfig, hardenedMode, refusal, users, vitessMode } from '../../support/gateway-fixture';
import { createStubTablet, field, row, type StubTablet } from '../../support/stub-tablet';
import { createPki } from '../../support/tls-identities';

/** Who gets in over the MySQL protocol, with foreign clients, and as whom. */
const run = promisify(execFile);
const pki = createPki();
const server = pki.leaf({ name: 'gateway' });
const anna = pki.leaf({ name: 'anna', dnsNames: ['dev', 'ops'] });
const nameless = pki.leaf({ name: '', dnsNames: ['dev'] });
const tls = { cert: server.cert, key: server.key };
const mutual = { ...tls, clientCa: pki.root.pem };
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-login-'));

const file = {
  alice: [{ Password: 'pw1', UserData: 'alice_data', Groups: ['dev'] }],
  two: [
    { Password: 'old', UserData: 'u_old' },
    { Password: 'new', UserData: 'u_new' },
  ],
  local: [{ Password: 'pw', SourceHost: 'localhost', UserData: 'local_data' }],
  nodata: [{ Password: 'pw' }],
  sha2: [
    { CachingSha2Password: '*73641C99F7719F57D8F4BEB11A303AFCD190243A51CED8782CA6D3DBE014D146', UserData: 'sha2_data' },
  ],
  hashed: [{ MysqlNativePassword: nativeHash('old'), UserData: 'hashed_data' }],
  rotated: [
    { MysqlNativePassword: nativeHash('old'), UserData: 'rotated_old' },
    {
      MysqlNativePassword: nativeHash('new'),
      CachingSha2Password: cachingSha2Hash('new'),
      UserData: 'rotated_new',
    },
  ],
};

describe('logins', () => {
  let tablet: StubTablet;
  const gateways: Gateway[] = [];

  beforeAll(async () => {
    tablet = await createStubTablet({
      // MySQL 9's client asks this after its login and wants an error.
      answer: (sql) =>
        sql.includes('$$')
          ? new GrpcStatusError(
              5,
              "Unknown column '$$' in 'field list' (errno 1054) (sqlstate 42S22) (CallerID: alice_data)",
            )
          : { fields: [field('sql')], rows: [row(sql)] },
    });
  });
  afterEach(async () => {
    for (const gateway of gateways.splice(0)) await gateway.stop({ graceMs: 0 });
    tablet.taken();
  });
  afterAll(async () => {
    await tablet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (
    mysql: Partial<GatewayMysqlConfig>,
    fidelity = vitessMode,
    recorder = createRecorder(),
  ): Promise<Gateway> => {
    const listen = { host: '127.0.0.1', port: 0 };
    const gateway = await createGateway(
      gatewayConfig(tablet.port, { fidelity, mysql: { listen, auth: users(file, fidelity), ...mysql } }),
      { recorder },
    );
    gateways.push(gateway);
    return gateway;
  };
  /** The immediate caller under whom one statement of this login reached the tablet. */
  const callerOf = async (gateway: Gateway, options: Parameters<typeof connectMysql>[1]): Promise<unknown> => {
    const client = await connectMysql(gateway, options);
    await client.query('select name from t1');
    await client.end();
    const caller = tablet.calls.find(({ rpc }) => rpc === 'Execute')?.request.immediateCallerId;
    tablet.taken();
    return { username: caller?.username, groups: caller?.groups };
  };

  it('takes UserData and Groups of the entry that matches', async () => {
    const gateway = await start({});
    expect(await callerOf(gateway, { user: 'alice', password: 'pw1' })).toEqual({
      username: 'alice_data',
      groups: ['dev'],
    });
    expect(await callerOf(gateway, { user: 'two', password: 'old' })).toEqual({ username: 'u_old', groups: [] });
    expect(await callerOf(gateway, { user: 'two', password: 'new' })).toEqual({ username: 'u_new', groups: [] });
    expect(await callerOf(gateway, { user: 'nodata', password: 'pw' })).toEqual({ username: '', groups: [] });
  });

  it('denies with exactly the text of vtgate', async () => {
    const gateway = await start({});
    for (const login of [
      { user: 'alice', password: 'wrong' },
      { user: 'nobody', password: 'pw1' },
      { user: 'alice', password: '' },
      { user: 'local', password: 'pw' },
    ]) {
      expect(await refusal(connectMysql(gateway, login))).toEqual({
        errno: 1045,
        sqlState: '28000',
        message: `Access denied for user '${login.user}'`,
      });
    }
    expect(tablet.calls).toEqual([]);
  });

  it('prints the denial through the mariadb client as mysql prints it', async () => {
    const gateway = await start({});
    const { port } = gateway.mysql as { port: number };
    const denied = await run('mariadb', [
      '-h127.0.0.1',
      `-P${port}`,
      '-ualice',
      '-pincorrect_password',
      '--skip-ssl',
      '-e',
      'select 1',
    ]).catch((error: unknown) => error as { stderr: string });
    expect(denied.stderr).toBe("ERROR 1045 (28000): Access denied for user 'alice'\n");
  });

  it('lets localhost entries in over the Unix socket only', async () => {
    const socketPath = join(folder, 'mysql.sock');
    const gateway = await start({ socketPath });
    const client = await connectMysql(gateway, { socketPath, user: 'local', password: 'pw' });
    await client.query('select name from t1');
    expect(tablet.calls[0]?.request).toMatchObject({
      immediateCallerId: { username: 'local_data' },
      effectiveCallerId: { principal: 'local', component: '@' },
    });
    await client.end();
  });

  it('offers caching_sha2_password in hardened mode, over TLS', async () => {
    const gateway = await start({ tls }, hardenedMode);
    const ssl = { ca: pki.root.pem, rejectUnauthorized: true };
    expect(await callerOf(gateway, { user: 'sha2', password: 'password', ssl })).toEqual({
      username: 'sha2_data',
      groups: [],
    });
    expect(await refusal(connectMysql(gateway, { user: 'sha2', password: '', ssl }))).toMatchObject({ errno: 1045 });
    expect(await refusal(connectMysql(gateway, { user: 'sha2', password: 'password' }))).toMatchObject({ errno: 1045 });
  });

  it.each([
    ['hashed', 'old', 'hashed_data'],
    ['rotated', 'old', 'rotated_old'],
    ['rotated', 'new', 'rotated_new'],
  ])('checks native hashes in hardened mode over TLS: %s with the password %s', async (user, password, username) => {
    const gateway = await start({ tls }, hardenedMode);
    const ssl = { ca: pki.root.pem, rejectUnauthorized: true };
    expect(await callerOf(gateway, { user, password, ssl })).toEqual({ username, groups: [] });
    for (const wrong of ['', 'other'])
      expect(await refusal(connectMysql(gateway, { user, password: wrong, ssl }))).toMatchObject({ errno: 1045 });
  });

  it('has in vitess mode the hole of an entry with only CachingSha2Password', async () => {
    const gateway = await start({});
    expect(await refusal(connectMysql(gateway, { user: 'sha2', password: 'password' }))).toMatchObject({ errno: 1045 });
    expect(await callerOf(gateway, { user: 'sha2', password: '' })).toEqual({ username: 'sha2_data', groups: [] });
  });

  it('lets the MySQL 9 client in, in hardened mode over TLS', async (context) => {
    const bin = process.env['GATEHOUSE_MYSQL9_BIN'] ?? join(homedir(), '.cache', 'gatehouse', 'mysql', 'bin');
    const mysql = join(bin, 'mysql');
    if (!existsSync(mysql)) return context.skip(`no MySQL 9 client at ${mysql}; set GATEHOUSE_MYSQL9_BIN`);
    const gateway = await start({ tls }, hardenedMode);
    const { port } = gateway.mysql as { port: number };
    const { stdout } = await run(
      mysql,
      [
        '--no-defaults',
        '-h127.0.0.1',
        `-P${port}`,
        '-ualice',
        '--ssl-mode=REQUIRED',
        '-N',
        '-e',
        'select name from t1',
        'commerce',
      ],
      { env: { ...process.env, MYSQL_PWD: 'pw1' } },
    );
    expect(stdout).toBe('select `name` from t1\n');
  });

  it('logs in by certificate: the name must be the common name', async () => {
    const gateway = await start({
      tls: mutual,
      auth: { kind: 'clientcert', method: 'mysql_clear_password' },
      requireSecureTransport: true,
    });
    const ssl = { ca: pki.root.pem, cert: anna.cert, key: anna.key };
    const authPlugins = { mysql_clear_password: () => () => Buffer.from('anything\0') };
    expect(await callerOf(gateway, { user: 'anna', password: 'anything', ssl, authPlugins })).toEqual({
      username: 'anna',
      groups: ['dev', 'ops'],
    });
    expect(await refusal(connectMysql(gateway, { user: 'bert', password: 'x', ssl, authPlugins }))).toEqual({
      errno: 1105,
      sqlState: 'HY000',
      message: "unknown error: MySQL connection username 'bert' does not match client cert common name 'anna'",
    });
    expect(await refusal(connectMysql(gateway, { user: 'bert', password: 'x', authPlugins }))).toMatchObject({
      errno: 1105,
      message:
        'unknown error: Code: UNAVAILABLE\nserver does not allow insecure connections, client must use SSL/TLS\n',
    });
    expect(
      await callerOf(gateway, {
        user: '',
        password: 'x',
        ssl: { ca: pki.root.pem, cert: nameless.cert, key: nameless.key },
        authPlugins,
      }),
    ).toEqual({ username: '', groups: ['dev'] });
  });

  it('says that a certificate is missing where none is asked for', async () => {
    const gateway = await start({ tls, auth: { kind: 'clientcert', method: 'mysql_clear_password' } });
    const authPlugins = { mysql_clear_password: () => () => Buffer.from('anything\0') };
    expect(
      await refusal(connectMysql(gateway, { user: 'anna', password: 'x', ssl: { ca: pki.root.pem }, authPlugins })),
    ).toMatchObject({
      errno: 1105,
      message: 'unknown error: no client certs for connection',
    });
  });

  it('makes everybody userData1 without authentication', async () => {
    const gateway = await start({ auth: { kind: 'none' } });
    expect(await callerOf(gateway, { user: 'whoever', password: 'whatever' })).toEqual({
      username: 'userData1',
      groups: [],
    });
  });

  it('takes new users for the next login and leaves sessions alone', async () => {
    const gateway = await start({});
    const client = await connectMysql(gateway);
    gateway.update({ mysqlAuth: users({ bob: [{ Password: 'pw2', UserData: 'bob_data' }] }) });
    await client.query('select name from t1');
    expect(await refusal(connectMysql(gateway))).toMatchObject({ errno: 1045 });
    expect(await callerOf(gateway, { user: 'bob', password: 'pw2' })).toMatchObject({ username: 'alice_data' });
    await client.end();
  });

  it('disconnects a revoked peer when its certificates are replaced, and keeps everything when they do not load', async () => {
    const auth = { kind: 'clientcert', method: 'mysql_clear_password' } as const;
    const gateway = await start({ tls: { ...mutual, crl: pki.crl(pki.root) }, auth });
    const authPlugins = { mysql_clear_password: () => () => Buffer.from('x\0') };
    const ssl = { ca: pki.root.pem, cert: anna.cert, key: anna.key };
    const client = await connectMysql(gateway, { user: 'anna', password: 'x', ssl, authPlugins });
    client.on('error', () => undefined);
    expect(() => gateway.update({ mysqlTls: { ...mutual, key: anna.key }, mysqlAuth: auth })).toThrow();
    await client.query('select name from t1');
    gateway.update({ mysqlTls: { ...mutual, crl: pki.crl(pki.root, anna) } });
    await expect(client.query('select name from t1')).rejects.toThrow();
    await expect(connectMysql(gateway, { user: 'anna', password: 'x', ssl, authPlugins })).rejects.toThrow();
  });

  it('records who came in how, with the line of the entry, and no secret', async () => {
    const recorder = createRecorder();
    const gateway = await start({ tls }, vitessMode, recorder);
    const client = await connectMysql(gateway, { ssl: { ca: pki.root.pem } });
    await client.query('select name from t1');
    const peer = tablet.calls[0]?.request.effectiveCallerId?.component ?? '';
    const traceId = recorder.findByPeer('gateway-1', peer) ?? '';
    const steps = recorder.steps(traceId);
    expect(steps.map(({ part, name }) => `${part} ${name}`)).toEqual(
      expect.arrayContaining([
        'gateway mysql.accepted',
        'gateway tls.handshake',
        'gateway login.entry',
        'gateway identity.derived',
        'gateway statement.forwarded',
        'link link.used',
        'gateway statement.answered',
      ]),
    );
    expect(steps.find(({ name }) => name === 'login.entry')?.data).toMatchObject({
      file: 'users.json',
      line: 1,
      method: 'mysql_native_password',
    });
    expect(tablet.calls[0]?.metadata.get('gatehouse-trace')).toEqual([traceId]);
    expect(JSON.stringify(steps)).not.toContain('pw1');
    await client.end();
  });

  it('refuses statements while it shuts down, except in a transaction', async () => {
    const gateway = await start({});
    const client = await connectMysql(gateway);
    const working = await connectMysql(gateway);
    await working.query('begin');
    for (const one of [client, working]) one.on('error', () => undefined);
    const stopped = gateway.stop({ graceMs: 500 });
    await expect(client.query('select name from t1')).rejects.toThrow();
    await stopped;
    gateways.length = 0;
  });
});
