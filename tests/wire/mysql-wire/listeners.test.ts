import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMysqlServer, type MysqlServerOptions } from '../../../src-main/servers/mysql-wire';
import { GatehouseError } from '../../../src-main/domain/kernel';
import { noRecorder } from '../../../src-main/servers/recorder';
import { loggedInClient, testUsers } from '../../support/mysql-wire/start-server';
import { staticPolicy } from '../../support/mysql-wire/stub-policy';
import { StubSession } from '../../support/mysql-wire/stub-session';

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-listen-'));
afterAll(() => rmSync(directory, { recursive: true }));

const options = (listen: MysqlServerOptions['listen'], more: Partial<MysqlServerOptions> = {}): MysqlServerOptions => ({
  name: 'gateway-1 mysql',
  listen,
  serverVersion: '8.4.6-Vitess',
  login: staticPolicy(testUsers).policy,
  session: (login) => new StubSession(login),
  recorder: noRecorder,
  ...more,
});
const failureOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(GatehouseError);
  return (error as GatehouseError).failure;
};

describe('Unix socket', () => {
  it('has the mode that is asked for, vtgate’s by default, and goes when the server stops', async () => {
    const socketPath = join(directory, 'mode.sock');
    const open = await createMysqlServer(options({ socketPath }));
    expect(statSync(socketPath).mode & 0o777).toBe(0o777);
    await open.stop();
    expect(existsSync(socketPath)).toBe(false);
    const closed = await createMysqlServer(options({ socketPath }, { socketMode: 0o600 }));
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(closed.address).toEqual({ socketPath });
    await closed.stop();
  });

  it('takes the place of a stale one', async () => {
    const socketPath = join(directory, 'stale.sock');
    const script = `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`;
    try {
      execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' });
    } catch {
      // Killed, as it asked for.
    }
    expect(statSync(socketPath).isSocket()).toBe(true);
    const server = await createMysqlServer(options({ socketPath }));
    (await loggedInClient({ path: socketPath })).close();
    await server.stop();
  });

  it('does not take the place of a live one, in vtgate’s words', async () => {
    const socketPath = join(directory, 'live.sock');
    const first = await createMysqlServer(options({ socketPath }));
    expect(await failureOf(createMysqlServer(options({ socketPath })))).toMatchObject({
      code: 'mysql-wire.socket-in-use',
      summary: `Existent socket '${socketPath}' is still accepting connections, aborting`,
    });
    (await loggedInClient({ path: socketPath })).close();
    await first.stop();
  });

  it('never removes a file that is no socket', async () => {
    const socketPath = join(directory, 'precious.txt');
    writeFileSync(socketPath, 'precious');
    expect(await failureOf(createMysqlServer(options({ socketPath })))).toMatchObject({
      code: 'mysql-wire.not-a-socket',
    });
    expect(readFileSync(socketPath, 'utf8')).toBe('precious');
  });

  it('says where it cannot listen', async () => {
    const socketPath = join(directory, 'missing', 'x.sock');
    const failure = await failureOf(createMysqlServer(options({ socketPath })));
    expect(failure.code).toBe('mysql-wire.listen-failed');
    expect(failure.summary).toContain(socketPath);
  });
});

describe('TCP', () => {
  it('finds a free port for port 0', async () => {
    const server = await createMysqlServer(options({ host: '127.0.0.1', port: 0 }));
    expect(server.address).toMatchObject({ host: '127.0.0.1', port: expect.any(Number) as number });
    await server.stop();
  });

  it('says which port is in use', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    const failure = await failureOf(createMysqlServer(options({ host: '127.0.0.1', port })));
    expect(failure.code).toBe('mysql-wire.address-in-use');
    expect(failure.summary).toBe(
      `Listener gateway-1 mysql cannot start: 127.0.0.1:${port} is in use; choose another port or stop the program that has it.`,
    );
    holder.close();
  });

  it('numbers its connections from 1', async () => {
    const ids: number[] = [];
    const server = await createMysqlServer(
      options(
        { host: '127.0.0.1', port: 0 },
        {
          session: (login) => {
            ids.push(login.connection.connectionId);
            return new StubSession(login);
          },
        },
      ),
    );
    const { port } = server.address as { port: number };
    for (let turn = 0; turn < 3; turn += 1) (await loggedInClient({ port })).close();
    expect(ids).toEqual([1, 2, 3]);
    await server.stop();
  });
});
