import { afterEach, describe, expect, it } from 'vitest';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
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
 * The attack: with TLS 1.3 a client's handshake is complete before the server has judged its certificate, and its login and
 * statements follow at once. Nothing of them may be read unless the certificate is good.
 */

const pki = createPki();
const gateway = pki.leaf({ name: 'gateway', purposes: ['serverAuth'] });
const good = pki.leaf({ name: 'client', purposes: ['clientAuth'] });
const revoked = pki.leaf({ name: 'client', purposes: ['clientAuth'] });
const past = new Date(pki.now.getTime() - 2 * pki.day);
const strangers: readonly (readonly [string, ConnectionOptions])[] = [
  ['no certificate', {}],
  ['a certificate of a stranger', pki.leaf({ name: 'client', issuer: pki.stranger, purposes: ['clientAuth'] })],
  ['a self-signed certificate', pki.selfSigned('client')],
  ['an expired certificate', pki.leaf({ name: 'client', notBefore: past, notAfter: new Date(past.getTime() + 1000) })],
  ['a certificate for servers', pki.leaf({ name: 'client', purposes: ['serverAuth'] })],
  ['a revoked certificate', revoked],
];

let running: RunningServer;
afterEach(() => running.stop());

/** Sends SSLRequest, handshake, login and a statement, each as early as TLS allows; tells what came back inside TLS. */
async function rush(version: 'TLSv1.2' | 'TLSv1.3', options: ConnectionOptions) {
  const { policy, attempts } = staticPolicy(testUsers);
  const tls = createTlsAcceptor({
    cert: gateway.cert,
    key: gateway.key,
    clientCa: pki.root.pem,
    crl: pki.crl(pki.root, revoked),
  });
  running = await startServer({ login: policy, tls });
  const client = await RawClient.connect({ port: running.port });
  const { salt } = parseGreeting((await client.expect()).payload);
  const flags = defaultFlags | 0x800;
  const login = loginPacket({ flags, user: 'alice', reply: nativeReply('pw1', salt), plugin: 'mysql_native_password' });
  client.socket.write(frame(1, flagsPart(flags)));
  client.socket.removeAllListeners('data');
  const secured = connectTls({
    socket: client.socket,
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    cert: options.cert,
    key: options.key,
  });
  const received: Buffer[] = [];
  secured.on('data', (chunk: Buffer) => received.push(chunk));
  secured.on('error', () => undefined);
  const ended = new Promise((resolve) => secured.once('close', resolve));
  secured.once('secureConnect', () => {
    secured.write(Buffer.concat([frame(2, login), frame(0, query("select 'in'")), frame(0, Buffer.of(1))]));
  });
  await ended;
  return { attempts, received: Buffer.concat(received).toString('latin1') };
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('a client without a good certificate, %s', (version) => {
  it.each(strangers)('%s: neither its login nor its statement is read', async (_name, options) => {
    const { attempts, received } = await rush(version, options);
    expect(attempts).toEqual([]);
    expect(running.sessions).toEqual([]);
    expect(received).toBe('');
  });

  it('a good certificate: both are', async () => {
    const { attempts, received } = await rush(version, good);
    expect(attempts.length).toBe(1);
    expect(running.sessions[0]!.calls[0]).toBe("query select 'in'");
    expect(received).toContain('\x02in');
  });
});
