import { afterEach, describe, expect, it } from 'vitest';
import type { Fidelity } from '../../src-main/domain/fidelity/fidelity';
import type { AuthMethod, MysqlServerOptions } from '../../src-main/servers/mysql-wire';
import { createTlsAcceptor } from '../../src-main/servers/tls';
import { createPki } from '../support/tls-identities';
import { RawClient, defaultFlags, loginPacket, parseError, parseGreeting } from '../support/mysql-wire/raw-client';
import { nativeReply, sha2Reply } from '../support/mysql-wire/scramble';
import { startServer, type RunningServer } from '../support/mysql-wire/start-server';
import { people } from '../support/mysql-wire/ways-in';
import { staticPolicy } from '../support/mysql-wire/stub-policy';

/**
 * The attack: somebody listens between client and server, and the client is made to send its password, or something as
 * good, without encryption. The table says who may; everything else is refused.
 */

let running: RunningServer | undefined;
afterEach(() => running?.stop());

const pki = createPki();
const { cert, key } = pki.leaf({ name: 'gateway', purposes: ['serverAuth'] });
const hardened: Fidelity = { mode: 'hardened', version: '24.0.4' };
const vitess: Fidelity = { mode: 'vitess', version: '24.0.4' };

type Answer = { readonly result: string; readonly checks: number };

/** One login over an unencrypted connection; `direct` sends the reply in the login packet. */
async function logInPlain(
  method: AuthMethod,
  direct: boolean,
  options: Partial<MysqlServerOptions> & { readonly unix?: boolean },
): Promise<Answer> {
  const { policy, attempts } = staticPolicy(people, [method]);
  running = await startServer({ login: policy, ...options });
  const where = options.unix === true ? { path: running.socketPath } : { port: running.port };
  const client = await RawClient.connect(where);
  const { salt } = parseGreeting((await client.expect()).payload);
  const replyTo = (challenge: Buffer): Buffer => {
    if (method === 'mysql_native_password') return nativeReply('pw1', challenge);
    return method === 'caching_sha2_password' ? sha2Reply('pw1', challenge) : Buffer.from('pw1\0');
  };
  const reply = direct ? replyTo(salt) : Buffer.alloc(0);
  client.send(1, loginPacket({ flags: defaultFlags, user: 'alice', reply, plugin: method }));
  for (;;) {
    const packet = await client.expect();
    if (packet.payload[0] === 0x01) continue;
    if (packet.payload[0] === 0xfe) {
      const at = packet.payload.indexOf(0, 1) + 1;
      client.send(packet.sequence + 1, replyTo(packet.payload.subarray(at, at + 20)));
      continue;
    }
    client.close();
    const result = packet.payload[0] === 0 ? 'in' : String(parseError(packet.payload).errno);
    return { result, checks: attempts.length };
  }
}

const tls = () => createTlsAcceptor({ cert, key });
const inside = { result: 'in', checks: 1 };
const clear = { result: '2012', checks: 0 };
const insecure = { result: '1105', checks: 0 };

type Row = readonly [AuthMethod, boolean, string, Partial<MysqlServerOptions> & { unix?: boolean }, Answer];
const rows: readonly Row[] = [
  ['mysql_native_password', true, 'nothing set', {}, inside],
  ['mysql_native_password', true, 'secure transport required', { requireSecureTransport: true, tls: tls() }, insecure],
  [
    'mysql_native_password',
    true,
    'secure transport required, no certificate, hardened',
    { requireSecureTransport: true, fidelity: hardened },
    insecure,
  ],
  [
    'mysql_native_password',
    true,
    'secure transport required, no certificate, vitess',
    { requireSecureTransport: true, fidelity: vitess },
    inside,
  ],
  [
    'mysql_native_password',
    true,
    'secure transport required, Unix socket',
    { requireSecureTransport: true, tls: tls(), unix: true },
    inside,
  ],
  ['caching_sha2_password', true, 'nothing set', {}, { result: '2012', checks: 0 }],
  ['caching_sha2_password', true, 'Unix socket', { unix: true }, inside],
  ['mysql_clear_password', false, 'nothing set', {}, clear],
  ['mysql_clear_password', false, 'TLS offered but not used', { tls: tls() }, clear],
  ['mysql_clear_password', false, 'allowed without TLS', { allowClearTextWithoutTls: true }, inside],
  [
    'mysql_clear_password',
    false,
    'allowed without TLS, vitess',
    { allowClearTextWithoutTls: true, fidelity: vitess },
    inside,
  ],
  ['mysql_clear_password', false, 'Unix socket', { unix: true }, clear],
  [
    'mysql_clear_password',
    false,
    'Unix socket, allowed without TLS',
    { unix: true, allowClearTextWithoutTls: true },
    clear,
  ],
  ['mysql_clear_password', true, 'nothing set, hardened', { fidelity: hardened }, clear],
  ['mysql_clear_password', true, 'nothing set, vitess', { fidelity: vitess }, inside],
  ['dialog', false, 'nothing set', {}, clear],
  ['dialog', true, 'nothing set, hardened', { fidelity: hardened }, clear],
  ['dialog', true, 'nothing set, vitess', { fidelity: vitess }, inside],
  ['dialog', false, 'secure transport required', { requireSecureTransport: true, tls: tls() }, insecure],
];

describe('a password without encryption', () => {
  it.each(rows)('%s, in the login packet: %s; %s', async (method, direct, _name, options, expected) => {
    expect(await logInPlain(method, direct, options)).toEqual(expected);
  });
});
