import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMysqlServer, type MysqlServer, type MysqlServerOptions } from '../../../src-main/servers/mysql-wire';
import { noRecorder } from '../../../src-main/servers/recorder';
import { RawClient, defaultFlags, loginPacket, parseGreeting } from './raw-client';
import { nativeReply } from './scramble';
import { staticPolicy, type Users } from './stub-policy';
import { StubSession, type StubAnswers } from './stub-session';

export const testUsers: Users = { alice: [{ Password: 'pw1', UserData: 'alice_data', Groups: ['dev'] }] };

export interface RunningServer {
  readonly server: MysqlServer;
  readonly port: number;
  readonly socketPath: string;
  /** Sessions in the order in which clients logged in. */
  readonly sessions: StubSession[];
  /** The next session that is made. */
  nextSession(): Promise<StubSession>;
  stop(): Promise<void>;
}

/** A server with stub sessions on a free port of the loopback, or on a socket in a directory of its own. */
export async function startServer(
  options: Partial<MysqlServerOptions> & { readonly on?: StubAnswers; readonly unix?: boolean } = {},
): Promise<RunningServer> {
  const { on = {}, unix = false, ...rest } = options;
  const sessions: StubSession[] = [];
  const waiting: ((session: StubSession) => void)[] = [];
  const directory = unix ? await mkdtemp(join(tmpdir(), 'gatehouse-wire-')) : null;
  const server = await createMysqlServer({
    name: 'test',
    listen: directory === null ? { host: '127.0.0.1', port: 0 } : { socketPath: join(directory, 'mysql.sock') },
    serverVersion: '8.4.6-Vitess',
    login: staticPolicy(testUsers).policy,
    session: (login) => {
      const session = new StubSession(login, on);
      sessions.push(session);
      waiting.shift()?.(session);
      return session;
    },
    recorder: noRecorder,
    ...rest,
  });
  return {
    server,
    port: 'port' in server.address ? server.address.port : 0,
    socketPath: 'socketPath' in server.address ? server.address.socketPath : '',
    sessions,
    nextSession: () => new Promise((resolve) => waiting.push(resolve)),
    stop: async () => {
      await server.stop({ graceMs: 0 });
      if (directory !== null) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A raw client that is logged in as alice. */
export async function loggedInClient(
  where: { port: number } | { path: string },
  { flags = defaultFlags, user = 'alice', password = 'pw1' } = {},
): Promise<RawClient> {
  const client = await RawClient.connect(where);
  const greeting = parseGreeting((await client.expect()).payload);
  const reply = nativeReply(password, greeting.salt);
  client.send(1, loginPacket({ flags, user, reply, plugin: 'mysql_native_password' }));
  const answer = await client.expect();
  if (answer.payload[0] !== 0) throw new Error(`login failed: ${answer.payload.toString('latin1')}`);
  return client;
}

export const query = (sql: string): Buffer => Buffer.concat([Buffer.of(3), Buffer.from(sql)]);
