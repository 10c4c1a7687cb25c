import { afterEach, describe, expect, it } from 'vitest';
import { connect as connectTls } from 'node:tls';
import { Duplex } from 'node:stream';
import { once } from 'node:events';
import { createTlsAcceptor } from '../../src-main/servers/tls';
import { createPki } from '../support/tls-identities';
import {
  RawClient,
  defaultFlags,
  flagsPart,
  frame,
  loginPacket,
  parseGreeting,
} from '../support/mysql-wire/raw-client';
import { nativeReply } from '../support/mysql-wire/scramble';
import { query, startServer, testUsers, type RunningServer } from '../support/mysql-wire/start-server';
import { staticPolicy } from '../support/mysql-wire/stub-policy';

/**
 * The attack: a man in the middle adds plain bytes behind the client's SSLRequest. A server that keeps what it has read
 * takes them, after the handshake, for something the client said inside TLS (CVE-2011-0411 and its kin).
 */

const pki = createPki();
const { cert, key } = pki.leaf({ name: 'gateway', purposes: ['serverAuth'] });
const flags = defaultFlags | 0x800;

let running: RunningServer;
afterEach(() => running.stop());

async function serve() {
  const { policy, attempts } = staticPolicy(testUsers);
  running = await startServer({ login: policy, tls: createTlsAcceptor({ cert, key }) });
  const client = await RawClient.connect({ port: running.port });
  const greeting = parseGreeting((await client.expect()).payload);
  const login = loginPacket({
    flags,
    user: 'alice',
    reply: nativeReply('pw1', greeting.salt),
    plugin: 'mysql_native_password',
  });
  return { attempts, client, greeting, login };
}

const sslRequest = frame(1, flagsPart(flags));

describe('plain bytes behind an SSLRequest', () => {
  it('in the same segment, a login and a statement: refused, and neither is looked at', async () => {
    const { client, attempts, login } = await serve();
    client.socket.write(Buffer.concat([sslRequest, frame(2, login), frame(0, query('drop database prod'))]));
    expect(await client.readToEnd()).toEqual([]);
    expect(attempts).toEqual([]);
    expect(running.sessions).toEqual([]);
  });

  it('in a segment of their own: refused, and not looked at', async () => {
    const { client, attempts, login } = await serve();
    client.socket.write(sslRequest);
    client.socket.write(frame(2, login));
    await client.readToEnd();
    expect(attempts).toEqual([]);
    expect(running.sessions).toEqual([]);
  });

  it.each([1, 5, 40])('before the client’s own handshake, %i bytes of them: the handshake fails', async (count) => {
    const { client, attempts, login } = await serve();
    client.socket.removeAllListeners('data');
    client.socket.write(Buffer.concat([sslRequest, frame(2, login).subarray(0, count)]));
    const secured = connectTls({ socket: client.socket, rejectUnauthorized: false });
    const [error] = (await once(secured, 'error')) as [Error];
    expect(error).toBeInstanceOf(Error);
    expect(attempts).toEqual([]);
    secured.destroy();
  });

  it('that look like a handshake record and hold a statement: refused', async () => {
    const { client, attempts, login } = await serve();
    const record = Buffer.concat([Buffer.from([0x16, 3, 1, 0, 200]), frame(2, login), frame(0, query('drop x'))]);
    client.socket.write(Buffer.concat([sslRequest, record, Buffer.alloc(200)]));
    await client.readToEnd();
    expect(attempts).toEqual([]);
    expect(running.sessions).toEqual([]);
  });
});

describe('an honest client', () => {
  it('may send its handshake in one segment with the SSLRequest', async () => {
    const { client, attempts, login } = await serve();
    client.socket.removeAllListeners('data');
    const raw = client.socket;
    let first = true;
    const joined = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        raw.write(first ? Buffer.concat([sslRequest, chunk]) : chunk);
        first = false;
        done();
      },
    });
    raw.on('data', (chunk: Buffer) => joined.push(chunk));
    const secured = connectTls({ socket: joined, rejectUnauthorized: false });
    await once(secured, 'secureConnect');
    secured.write(frame(2, login));
    const [answer] = (await once(secured, 'data')) as [Buffer];
    expect(answer.toString('hex')).toBe('0700000300000002000000');
    expect(attempts.length).toBe(1);
    expect(running.sessions[0]!.login.connection.secured?.version).toBe('TLSv1.3');
    secured.destroy();
    raw.destroy();
  });
});
