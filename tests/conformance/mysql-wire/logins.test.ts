import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MysqlError, type MysqlServerOptions } from '../../../src-main/servers/mysql-wire';
import { createTlsAcceptor, type ServerTlsConfig } from '../../../src-main/servers/tls';
import { RawClient, parseGreeting } from '../../support/mysql-wire/raw-client';
import { replayLogin, type RecordedLogin } from '../../support/mysql-wire/recorded-login';
import { startServer, type RunningServer } from '../../support/mysql-wire/start-server';
import { autocommit } from '../../support/mysql-wire/stub-session';
import { clientCertPolicy, nonePolicy, staticPolicy, type Users } from '../../support/mysql-wire/stub-policy';
import { createPki, type Identity } from '../../support/tls-identities';

interface Recording {
  readonly users: Users;
  readonly greetings: Readonly<Record<string, unknown>>;
  readonly cases: readonly RecordedLogin[];
}

const recording = JSON.parse(readFileSync(new URL('../recorded/logins.json', import.meta.url), 'utf8')) as Recording;

const fidelity = { mode: 'vitess', version: '24.0-recorded' } as const;
const pki = createPki();
const serverIdentity = pki.leaf({ name: 'gate.example', purposes: ['serverAuth'], dnsNames: ['gate.example'] });
const good: Identity = pki.leaf({ name: 'client1', issuer: pki.stranger, purposes: ['clientAuth'] });
const tlsConfig: ServerTlsConfig = { cert: serverIdentity.cert, key: serverIdentity.key };
const withCa: ServerTlsConfig = { ...tlsConfig, clientCa: pki.stranger.pem };

type Setting = Partial<MysqlServerOptions> & { readonly tlsConfig?: ServerTlsConfig };
const login = staticPolicy(recording.users).policy;

/** What each recorded server's flags mean for the wire layer. */
const settings: Readonly<Record<string, Setting>> = {
  'static-off': { login },
  'static-version': { login, serverVersion: '9.9.9-mine' },
  'static-optional': { login, tlsConfig },
  'static-required': { login, tlsConfig, requireSecureTransport: true },
  'static-required-without-cert': { login, requireSecureTransport: true },
  'static-required-cert-without-key': { login, requireSecureTransport: true },
  'static-cert-only': { login },
  'static-key-only': { login },
  'static-ca-only': { login },
  'static-crl-only': { login },
  'static-min-without-cert': { login },
  'static-clear-allowed': { login, allowClearTextWithoutTls: true },
  'static-ca': { login, tlsConfig: withCa },
  'static-ca-required': { login, tlsConfig: withCa, requireSecureTransport: true },
  'none-off': { login: nonePolicy },
  'none-optional': { login: nonePolicy, tlsConfig },
  'none-required': { login: nonePolicy, tlsConfig, requireSecureTransport: true },
  'none-ca': { login: nonePolicy, tlsConfig: withCa },
  clientcert: { login: clientCertPolicy('mysql_clear_password'), tlsConfig: withCa },
  'clientcert-required': {
    login: clientCertPolicy('mysql_clear_password'),
    tlsConfig: withCa,
    requireSecureTransport: true,
  },
  'clientcert-clear-allowed': {
    login: clientCertPolicy('mysql_clear_password'),
    tlsConfig: withCa,
    allowClearTextWithoutTls: true,
  },
  'clientcert-dialog': { login: clientCertPolicy('dialog'), tlsConfig: withCa },
  'clientcert-dialog-clear-allowed': {
    login: clientCertPolicy('dialog'),
    tlsConfig: withCa,
    allowClearTextWithoutTls: true,
  },
};

/** Cases that another part answers for; the rest is the wire layer's. */
function reasonToLeaveOut(one: RecordedLogin): string | null {
  if (one.kind !== undefined) return 'not a single connection';
  if (settings[one.server] === undefined) return 'certificates and protocol versions: servers/tls';
  if (one.prefixHex !== undefined) return 'PROXY protocol';
  const tls = one.tls ?? {};
  if (Object.keys(tls).some((key) => key !== 'cert') || (tls['cert'] ?? 'good') !== 'good') return 'servers/tls';
  if (one.expect.result.startsWith('tls-refused')) return 'servers/tls';
  if (one.id === 'optional/tls-bit-in-full-packet') return 'shown below';
  return null;
}

const replayed = recording.cases.filter((one) => reasonToLeaveOut(one) === null);
const groups = Object.keys(settings)
  .map((server) => [server, replayed.filter((one) => one.server === server)] as const)
  .filter(([, cases]) => cases.length > 0);

/** Databases that the recorded cluster knows; targets behind `:` and `@` were not looked at. */
const initDb = async (database: string) => {
  if (/^(commerce|mysql)?([:@].*)?$/.test(database)) return autocommit;
  throw new MysqlError(1049, '42000', `VT05003: unknown database '${database}' in vschema`);
};

async function start(setting: Setting, unix: boolean): Promise<RunningServer> {
  const { tlsConfig: config, ...options } = setting;
  const tls = config === undefined ? {} : { tls: createTlsAcceptor(config, { fidelity }) };
  return startServer({ ...options, ...tls, fidelity, unix, on: { initDb } });
}

it('says how much of the recording is replayed here', () => {
  const reasons = new Map<string, number>();
  for (const one of recording.cases) {
    const reason = reasonToLeaveOut(one) ?? 'replayed';
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  console.info(`logins.json: ${[...reasons].map(([reason, count]) => `${reason} ${count}`).join('; ')}`);
  expect(replayed.length).toBeGreaterThan(350);
});

describe.each(groups)('recorded logins of %s', (server, cases) => {
  let tcp: RunningServer;
  let unix: RunningServer;
  beforeAll(async () => {
    [tcp, unix] = await Promise.all([start(settings[server]!, false), start(settings[server]!, true)]);
  });
  afterAll(() => Promise.all([tcp.stop(), unix.stop()]));

  it.each(cases.map((one) => [one.id, one] as const))('%s', async (_id, one) => {
    const where = one.transport === 'socket' ? { path: unix.socketPath } : { port: tcp.port };
    const certificate = one.tls?.['cert'] === 'good' ? good : undefined;
    const view = await replayLogin(one, where, certificate);
    const { result, errno, sqlstate, message, trace } = one.expect;
    if (result === 'tls-failed' || (result === 'closed' && trace?.some((line) => line.startsWith('tls handshake')))) {
      expect(view.result).toBe('tls-failed');
      return;
    }
    expect(view).toEqual(
      result === 'error'
        ? { result, errno, sqlstate, message, trace }
        : { result, trace: trace?.filter((line) => line !== 'timeout') },
    );
  });
});

describe('a whole login packet with the SSL bit', () => {
  it('is taken for an SSLRequest: nothing of it is checked and TLS is waited for', async () => {
    const { policy, attempts } = staticPolicy(recording.users);
    const running = await start({ login: policy, tlsConfig, handshakeTimeoutMs: 200 }, false);
    const one = recording.cases.find(({ id }) => id === 'optional/tls-bit-in-full-packet')!;
    const view = await replayLogin(one, { port: running.port });
    expect(view.trace).toEqual(['S0 greeting mysql_native_password 0x013BAA0F', one.expect.trace![1], 'S close']);
    expect(attempts).toEqual([]);
    await running.stop();
  });
});

describe('greetings as recorded', () => {
  const greetingOf = async (setting: Setting, unix = false) => {
    const running = await start(setting, unix);
    const client = await RawClient.connect(unix ? { path: running.socketPath } : { port: running.port });
    const packet = await client.expect();
    const greeting = parseGreeting(packet.payload);
    client.close();
    await running.stop();
    return {
      protocol: packet.payload[0],
      serverVersion: greeting.version,
      filler: packet.payload[packet.payload.indexOf(0, 1) + 13],
      charset: greeting.charset,
      status: greeting.status,
      capabilities: `0x${greeting.flags.toString(16).toUpperCase().padStart(8, '0')}`,
      authDataLength: greeting.authDataLength,
      reserved: greeting.reserved.toString('hex'),
      saltTerminator: greeting.saltTerminator,
      plugin: greeting.plugin,
      trailing: greeting.trailing,
      seq: packet.sequence,
    };
  };

  it('without TLS, with TLS, over the socket, with a version of its own', async () => {
    expect(await greetingOf({ login })).toEqual(recording.greetings['without TLS']);
    expect(await greetingOf({ login, tlsConfig })).toEqual(recording.greetings['with TLS']);
    expect(await greetingOf({ login, tlsConfig }, true)).toEqual(recording.greetings['without TLS']);
    expect(await greetingOf(settings['static-version']!)).toEqual(recording.greetings['static-version']);
  });
});
