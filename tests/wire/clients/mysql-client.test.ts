import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attemptMysql, judge, type MysqlAttempt } from '../../../src-main/clients';
import type { ManagedMysql } from '../../../src-main/servers/backend';
import { startRelay } from '../../support/clients/cutting-relay';
import {
  installedPrograms,
  managedOptions,
  rootPassword,
  serverCertificate,
  start,
  temporaryFolder,
} from '../backend/backend-fixture';

const programs = await installedPrograms();
const password = 'a "caller\'s" pass\\word €';
/** Longer than one byte can count together with its NUL; more than RSA-OAEP with 2048 bits takes (214). */
const long = 'x'.repeat(255);

describe.each(programs)('a caller of a real $vendor', (program) => {
  const isMysql = program.vendor === 'MySQL';
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let ca: string;
  let stranger: string;
  let secured: ManagedMysql;
  let plain: ManagedMysql;

  const attempt = (more: Partial<MysqlAttempt> = {}): Parameters<typeof attemptMysql>[0] => ({
    target: { host: '127.0.0.1', port: secured.port },
    user: 'caller',
    password,
    database: 'shop_1',
    tls: null,
    sql: 'select 1 as one, null as nothing',
    ...more,
  });
  const verified = (name = '127.0.0.1', trusted = ca) => ({ verify: { name, ca: trusted }, cert: null, key: null });

  beforeAll(async () => {
    folder = await temporaryFolder();
    const tls = await serverCertificate(folder.path);
    const other = await temporaryFolder();
    stranger = await readFile((await serverCertificate(other.path)).ca, 'utf8');
    await other.cleanup();
    ca = await readFile(tls.ca, 'utf8');
    const templateDir = join(folder.path, 'templates');
    secured = await start(managedOptions(program, join(folder.path, 's'), { tls, templateDir }));
    plain = await start(managedOptions(program, join(folder.path, 'p'), { templateDir }));
    for (const server of [secured, plain]) {
      const root = await createConnection({
        socketPath: server.socket ?? '',
        user: 'root',
        password: rootPassword.reveal(),
      });
      const method = isMysql ? 'identified with caching_sha2_password by' : 'identified by';
      for (const host of ['127.0.0.1', 'localhost']) {
        await root.query(`create user caller@'${host}' ${method} ?`, [password]);
        await root.query(`create user lengthy@'${host}' ${method} ?`, [long]);
        await root.query(`create user keyless@'${host}' ${method} ''`);
        await root.query(`grant select on shop_1.* to caller@'${host}', lengthy@'${host}', keyless@'${host}'`);
      }
      await root.query('create table shop_1.big (id int primary key, t longtext)');
      await root.query("insert into shop_1.big values (1, repeat('a', 300)), (2, repeat('b', 70000)), (3, '')");
      await root.end();
    }
  });
  afterAll(async () => {
    await Promise.all([secured.stop(), plain.stop()]);
    await folder.cleanup();
  });

  test('over verified TLS gets its rows as text', async () => {
    const seen = await attemptMysql(
      attempt({ tls: verified(), sql: 'select id, t, null as n from big order by id', keepRows: 2 }),
    );
    expect(seen).toMatchObject({ stage: 'done', error: null, failure: null, rows: 3 });
    expect(seen.table).toEqual({
      columns: ['id', 't', 'n'],
      rows: [
        ['1', 'a'.repeat(300), null],
        ['2', 'b'.repeat(70_000), null],
      ],
    });
    expect(seen.localAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(seen.steps.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['connected', 'mysql.greeting', 'tls.handshake', 'mysql.login', 'mysql.answer']),
    );
    expect(judge(seen).verdict).toBe('allow');
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s when told to', async (version) => {
    const tls = { ...verified(), minVersion: version, maxVersion: version };
    const seen = await attemptMysql(attempt({ tls }));
    expect(seen.steps.find(({ name }) => name === 'tls.handshake')?.data['version']).toBe(version);
    expect(seen.stage).toBe('done');
  });

  test('accepts a name as well as an address, and any server when it is told not to verify', async () => {
    expect((await attemptMysql(attempt({ tls: verified('localhost') }))).stage).toBe('done');
    const unverified = await attemptMysql(attempt({ tls: { verify: null, cert: null, key: null } }));
    expect(unverified.stage).toBe('done');
    expect(unverified.steps.find(({ name }) => name === 'tls.handshake')?.data['serverVerified']).toBe(false);
  });

  test.each([
    ['another name', () => verified('gateway.example')],
    ['another address', () => verified('127.0.0.2')],
    ['another authority', () => verified('127.0.0.1', stranger)],
    ['an authority file that is none', () => verified('127.0.0.1', 'no PEM at all')],
    ['a key that does not belong to its certificate', () => ({ verify: null, cert: ca, key: 'no key' })],
  ])('stops in the handshake with %s, before a password is sent', async (_, tls) => {
    const seen = await attemptMysql(attempt({ tls: tls() }));
    expect(judge(seen)).toMatchObject({ verdict: 'refused', stoppedAt: 'tls', code: null });
    expect(seen.failure).toBeTruthy();
    expect(seen.steps.some(({ name }) => name === 'mysql.login-sent')).toBe(false);
  });

  test('goes over the Unix socket', async () => {
    const seen = await attemptMysql(attempt({ target: { socketPath: secured.socket ?? '' } }));
    expect(seen).toMatchObject({ stage: 'done', rows: 1, localAddress: null });
    const none = await attemptMysql(attempt({ target: { socketPath: join(folder.path, 'none.sock') } }));
    expect(judge(none)).toMatchObject({ verdict: 'refused', stoppedAt: 'connect' });
  });

  test.each([
    ['wrong', 'incorrect'],
    ['empty', ''],
    ['long', long],
  ])('a %s password is refused at login', async (_, wrong) => {
    // MySQL seals a password with RSA where there is no TLS, and this one is too long for that.
    for (const tls of isMysql && wrong === long ? [verified()] : [null, verified()]) {
      const seen = await attemptMysql(attempt({ password: wrong, tls }));
      expect(judge(seen)).toMatchObject({ verdict: 'refused', stoppedAt: 'login', code: 1045, sqlState: '28000' });
      expect(JSON.stringify(seen)).not.toContain(password.slice(0, 8));
    }
  });

  test('an empty and a very long password get in where they are right', async () => {
    for (const [user, right] of [
      ['keyless', ''],
      ['lengthy', long],
    ] as const)
      for (const tls of [verified(), null]) {
        const target = { host: '127.0.0.1', port: tls === null ? plain.port : secured.port };
        const seen = await attemptMysql(attempt({ target, user, password: right, tls }));
        if (isMysql && user === 'lengthy' && tls === null) expect(seen.failure).toContain('data too large');
        else expect([user, seen.stage, seen.error, seen.failure]).toEqual([user, 'done', null, null]);
      }
  });

  test('without TLS: the password itself never crosses the wire', async () => {
    const relay = await startRelay({ host: '127.0.0.1', port: plain.port });
    const seen = await attemptMysql(attempt({ target: { host: '127.0.0.1', port: relay.port } }));
    await relay.close();
    expect(seen).toMatchObject({ stage: 'done', error: null });
    const sent = seen.steps.filter(({ data }) => 'sent' in data).map(({ data }) => data['sent']);
    expect(sent.join()).not.toContain('in clear');
    // The first login of MySQL 9's method is a full one: over RSA without TLS, in clear inside TLS.
    if (isMysql) expect(sent).toContainEqual(expect.stringContaining('RSA key'));
  });

  if (!isMysql) console.log('not run with MariaDB: full caching_sha2_password authentication, which only MySQL has');
  test.runIf(isMysql)(
    'full authentication goes inside TLS when there is TLS, then the fast path is taken (MariaDB has no such method)',
    async () => {
      const root = await createConnection({
        socketPath: secured.socket ?? '',
        user: 'root',
        password: rootPassword.reveal(),
      });
      await root.query('flush privileges');
      await root.end();
      const ways = [];
      for (let round = 0; round < 2; round += 1) {
        const seen = await attemptMysql(attempt({ tls: verified() }));
        expect(seen.stage).toBe('done');
        ways.push(seen.steps.some(({ name }) => name === 'mysql.full-authentication'));
      }
      expect(ways).toEqual([true, false]);
    },
  );

  test('a refusal of the statement is told apart from one of the login', async () => {
    const seen = await attemptMysql(attempt({ tls: verified(), sql: 'select * from mysql.user' }));
    expect(seen).toMatchObject({ stage: 'statement', error: { code: 1142, sqlState: '42000' } });
    const wrong = await attemptMysql(attempt({ tls: verified(), sql: 'selec 1' }));
    expect(wrong).toMatchObject({ stage: 'statement', error: { code: 1064 } });
    const database = await attemptMysql(attempt({ tls: verified(), database: 'mysql' }));
    expect(judge(database)).toMatchObject({ stoppedAt: 'login', code: 1044 });
  });

  test('a connection cut at any byte ends the attempt at that stage, without a hang', async () => {
    for (const tls of [null, verified()]) {
      const port = tls === null ? plain.port : secured.port;
      const whole = await startRelay({ host: '127.0.0.1', port });
      expect((await attemptMysql(attempt({ target: whole, tls } as never))).stage).toBe('done');
      const total = whole.passed();
      await whole.close();
      expect(total).toBeGreaterThan(100);
      const stages: string[] = [];
      // The last bytes of a TLS connection are its farewell, which nobody waits for.
      const step = tls === null ? 7 : 97;
      for (let after = 0; after < total - (tls === null ? 0 : 60); after += step) {
        const relay = await startRelay({ host: '127.0.0.1', port }, after);
        const seen = await attemptMysql(
          attempt({ target: { host: '127.0.0.1', port: relay.port }, tls, timeoutMs: 5_000 }),
        );
        await relay.close();
        expect(seen.failure, `${after} of ${total}`).not.toBe('no answer in time');
        expect(judge(seen)).toMatchObject({ verdict: 'refused', code: null });
        if (stages.at(-1) !== seen.stage) stages.push(seen.stage);
      }
      expect(stages).toEqual(
        tls === null ? ['connect', 'login', 'statement'] : expect.arrayContaining(['connect', 'tls']),
      );
      expect(new Set(stages).size, stages.join()).toBe(stages.length);
    }
  });
});

describe('a server that does not play by the rules', () => {
  const open = new Set<Socket>();
  const serve = async (behave: (socket: Socket) => void): Promise<{ port: number; close: () => Promise<void> }> => {
    const server = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
      behave(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      port: (server.address() as AddressInfo).port,
      close: async () => {
        for (const socket of open) socket.destroy();
        await new Promise<void>((resolve) => server.close(() => resolve()));
      },
    };
  };
  const packet = (sequence: number, ...parts: (Buffer | string | number[])[]): Buffer => {
    const body = Buffer.concat(parts.map((part) => Buffer.from(part as Buffer)));
    const head = Buffer.alloc(4);
    head.writeUIntLE(body.length, 0, 3);
    head[3] = sequence;
    return Buffer.concat([head, body]);
  };
  const greeting = (plugin: string, capabilities = 0x8a200 | 0x1000000): Buffer => {
    const low = Buffer.alloc(2);
    low.writeUInt16LE(capabilities & 0xffff);
    const high = Buffer.alloc(2);
    high.writeUInt16LE(capabilities >>> 16);
    return packet(
      0,
      [10],
      '8.0.30-test\0',
      [1, 0, 0, 0],
      'abcdefgh\0',
      low,
      [45, 2, 0],
      high,
      [21],
      Buffer.alloc(10),
      'ijklmnopqrst\0',
      `${plugin}\0`,
    );
  };
  const base = { user: 'u', password: 'a caller’s password', database: null, tls: null, sql: 'select 1' };
  const run = async (behave: (socket: Socket) => void, more: Partial<MysqlAttempt> = {}) => {
    const server = await serve(behave);
    const seen = await attemptMysql({
      ...base,
      target: { host: '127.0.0.1', port: server.port },
      timeoutMs: 3_000,
      ...more,
    });
    await server.close();
    return seen;
  };

  test.each(['mysql_clear_password', 'dialog'])('%s without TLS: nothing is sent', async (method) => {
    const received: Buffer[] = [];
    const asked = await run((socket) => {
      socket.on('data', (chunk) => received.push(chunk));
      socket.write(greeting(method));
    });
    expect(asked).toMatchObject({ stage: 'login', failure: expect.stringContaining('without TLS') });
    expect(Buffer.concat(received)).toHaveLength(0);
    // Asked for behind the client's back, after an honest greeting.
    const switched = await run((socket) => {
      socket.write(greeting('mysql_native_password'));
      socket.on('data', (chunk) => received.push(chunk));
      socket.once('data', () => socket.write(packet(2, [0xfe], `${method}\0`, 'abcdefghijklmnopqrst\0')));
    });
    expect(switched.failure).toContain('without TLS');
    expect(Buffer.concat(received).includes('a caller')).toBe(false);
  });

  test('TLS that is asked for and not offered is not done without', async () => {
    const received: Buffer[] = [];
    const seen = await run(
      (socket) => {
        socket.on('data', (chunk) => received.push(chunk));
        socket.write(greeting('mysql_native_password'));
      },
      { tls: { verify: null, cert: null, key: null } },
    );
    expect(judge(seen)).toMatchObject({ verdict: 'refused', stoppedAt: 'tls', message: 'the server offers no TLS' });
    expect(received).toHaveLength(0);
  });

  test('bytes pushed in clear before the handshake are not taken for the server’s', async () => {
    const seen = await run(
      (socket) => {
        socket.write(
          Buffer.concat([greeting('mysql_native_password', 0x8aa00 | 0x1000000), packet(2, [0, 0, 0, 2, 0])]),
        );
      },
      { tls: { verify: null, cert: null, key: null } },
    );
    expect(seen).toMatchObject({ stage: 'tls', failure: expect.stringContaining('in clear before') });
  });

  test.each<[string, string, (socket: Socket) => void]>([
    ['nothing at all', 'no answer in time', () => undefined],
    ['a greeting and silence', 'no answer in time', (socket) => socket.write(greeting('mysql_native_password'))],
    ['HTTP', 'at most', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['an empty greeting', 'no MySQL greeting', (socket) => socket.write(packet(0))],
    ['half a greeting', 'cut short', (socket) => socket.write(packet(0, [10], 'x\0abc'))],
    ['an unknown method', 'unknown method', (socket) => socket.write(greeting('sha512_magic'))],
    [
      'questions without end',
      'never answers the login',
      (socket) => {
        socket.write(greeting('caching_sha2_password'));
        socket.on('data', () => socket.write(packet(2, [1, 3])));
        socket.once('data', () => socket.write(Buffer.concat(Array.from({ length: 50 }, () => packet(2, [1, 3])))));
      },
    ],
    [
      'a key that is none',
      '',
      (socket) => {
        socket.write(greeting('caching_sha2_password'));
        socket.once('data', () =>
          socket.write(packet(2, [1], '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----')),
        );
      },
    ],
  ])('%s', async (_, words, behave) => {
    const started = performance.now();
    const seen = await run(behave, { timeoutMs: 700 });
    expect(seen.failure).toContain(words);
    expect(seen.error).toBeNull();
    expect(judge(seen).verdict).toBe('refused');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('a request for a local file is refused', async () => {
    const seen = await run((socket) => {
      socket.write(greeting('mysql_native_password'));
      socket.once('data', () => {
        socket.write(packet(2, [0, 0, 0, 2, 0, 0, 0]));
        socket.once('data', () => socket.write(packet(1, [0xfb], '/etc/passwd')));
      });
    });
    expect(seen).toMatchObject({ stage: 'statement', failure: 'the server asks for a local file' });
  });

  test('packets joined without end are stopped at the limit', async () => {
    const part = Buffer.alloc(4 + 0xffffff, 0x61);
    part.writeUIntLE(0xffffff, 0, 3);
    const seen = await run(
      (socket) => {
        socket.write(greeting('mysql_native_password'));
        const more = (): void => {
          while (!socket.destroyed && socket.write(part));
        };
        socket.on('drain', more);
        more();
      },
      { timeoutMs: 15_000 },
    );
    expect(seen.failure).toMatch(/at most|more than was asked for/);
  });

  test('an attempt can be given up before and while it runs', async () => {
    const before = await run(() => undefined, { signal: AbortSignal.abort() });
    expect(before).toMatchObject({ stage: 'connect', failure: 'cancelled' });
    const controller = new AbortController();
    const during = await run(
      (socket) => {
        socket.write(greeting('mysql_native_password'));
        socket.once('data', () => controller.abort());
      },
      { signal: controller.signal },
    );
    expect(during).toMatchObject({ stage: 'login', failure: 'cancelled' });
  });

  test('nothing stays open when the server never hangs up', async () => {
    let closed: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (closed = resolve));
    const server = await serve((socket) => {
      socket.allowHalfOpen = true;
      socket.write(greeting('mysql_native_password'));
      socket.once('data', () => {
        socket.write(packet(2, [0, 0, 0, 2, 0, 0, 0]));
        socket.once('data', () => socket.write(packet(1, [0, 0, 0, 2, 0, 0, 0])));
      });
      socket.on('end', closed);
      socket.resume();
    });
    const seen = await attemptMysql({ ...base, target: { host: '127.0.0.1', port: server.port } });
    expect(seen).toMatchObject({ stage: 'done', rows: 0 });
    await ended;
    await server.close();
  });

  test('nobody listens', async () => {
    const server = await serve(() => undefined);
    await server.close();
    const seen = await attemptMysql({ ...base, target: { host: '127.0.0.1', port: server.port } });
    expect(judge(seen)).toMatchObject({ verdict: 'refused', stoppedAt: 'connect' });
  });
});

test('at least one server was tested', () => expect(programs.length).toBeGreaterThan(0));
