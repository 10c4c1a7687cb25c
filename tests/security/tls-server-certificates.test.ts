import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createSecureContext, TLSSocket, type SecureVersion } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { connectTls, TlsRefusedError, type ClientTlsConfig } from '../../src-main/servers/tls';
import { createPki, type Identity } from '../support/tls-identities';
import { watchApplicationBytes } from '../support/watch-application-bytes';

/**
 * A server that cannot prove itself greets at once. The dialling side must read none of it and must not have sent a byte
 * of its own.
 */
const pki = createPki();
const { root, stranger, day, now } = pki;
const at = (ms: number): Date => new Date(now.getTime() + ms);
const good = pki.leaf({ name: 'server', dnsNames: ['gate.example', 'vttablet server instance'] });
const revoked = pki.leaf({ name: 'revoked' });

const cases: readonly {
  about: string;
  identity: Identity;
  config?: ClientTlsConfig;
  cause: string;
  stage: string;
  alert: string;
}[] = [
  {
    about: 'an unknown authority',
    identity: pki.leaf({ name: 's', issuer: stranger }),
    cause: 'unknown-authority',
    stage: 'certificate',
    alert: 'bad_certificate',
  },
  {
    about: 'a self-signed certificate',
    identity: pki.selfSigned('localhost'),
    cause: 'unknown-authority',
    stage: 'certificate',
    alert: 'bad_certificate',
  },
  {
    about: 'an expired certificate',
    identity: pki.leaf({ name: 's', notBefore: at(-3 * day), notAfter: at(-60_000) }),
    cause: 'expired',
    stage: 'certificate',
    alert: 'bad_certificate',
  },
  {
    about: 'a certificate of tomorrow',
    identity: pki.leaf({ name: 's', notBefore: at(day), notAfter: at(2 * day) }),
    cause: 'not-yet-valid',
    stage: 'certificate',
    alert: 'bad_certificate',
  },
  {
    about: 'a certificate for clients',
    identity: pki.leaf({ name: 's', purposes: ['clientAuth'] }),
    cause: 'wrong-purpose',
    stage: 'certificate',
    alert: 'bad_certificate',
  },
  {
    about: 'a revoked certificate',
    identity: revoked,
    config: { ca: root.pem, crl: pki.crl(root, revoked) },
    cause: 'revoked',
    stage: 'revocation',
    alert: 'bad_certificate',
  },
  {
    about: 'another host',
    identity: pki.leaf({ name: 's', dnsNames: ['elsewhere'], ipAddresses: [] }),
    cause: 'wrong-name',
    stage: 'name',
    alert: 'bad_certificate',
  },
  {
    about: 'a name other than the configured one',
    identity: good,
    config: { ca: root.pem, serverName: 'vttablet server' },
    cause: 'wrong-name',
    stage: 'name',
    alert: 'bad_certificate',
  },
  {
    about: 'a common name that matches while no SAN does',
    identity: pki.leaf({ name: 'gate.example', dnsNames: ['other'] }),
    config: { ca: root.pem, serverName: 'gate.example' },
    cause: 'wrong-name',
    stage: 'name',
    alert: 'bad_certificate',
  },
  {
    about: 'no authority of the public ones',
    identity: good,
    config: {},
    cause: 'unknown-authority',
    stage: 'certificate',
    alert: 'bad_certificate',
  },
];

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('server certificates over %s', (version: SecureVersion) => {
  let server: Server | undefined;
  let restore = (): void => undefined;
  afterEach(async () => {
    restore();
    server?.close();
    if (server !== undefined) await once(server, 'close');
  });

  const serve = async (identity: Identity): Promise<{ port: number; read: () => string }> => {
    let read = '';
    const secureContext = createSecureContext({
      cert: identity.cert,
      key: identity.key,
      minVersion: version,
      maxVersion: version,
    });
    server = createServer((raw) => {
      const socket = new TLSSocket(raw, { isServer: true, secureContext });
      socket.on('secure', () => socket.write('8.4.6 greeting'));
      socket.on('data', (data: Buffer) => (read += data.toString()));
      for (const one of [raw, socket]) one.on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, read: () => read };
  };

  it.each(cases)('are refused: $about', async ({ identity, config = { ca: root.pem }, cause, stage }) => {
    const { port, read } = await serve(identity);
    const watch = watchApplicationBytes('client');
    restore = watch.restore;
    const refused = await connectTls({ host: '127.0.0.1', port, config }).then(
      () => null,
      (error: unknown) => error,
    );
    if (!(refused instanceof TlsRefusedError)) throw new Error(`accepted, or ${String(refused)}`);
    expect(refused.refusal).toMatchObject({ side: 'client', cause, stage, alertSent: false });
    expect(watch.bytes()).toBe(0);
    expect(read()).toBe('');
  });

  it.each<[string, ClientTlsConfig]>([
    ['an address among the SANs', { ca: root.pem }],
    ['a host name', { ca: root.pem, serverName: 'gate.example' }],
    ['a name that is no host name', { ca: root.pem, serverName: 'vttablet server instance' }],
    ['other case', { ca: root.pem, serverName: 'GATE.Example' }],
  ])('are accepted for %s', async (_, config) => {
    const { port } = await serve(good);
    const watch = watchApplicationBytes('client');
    restore = watch.restore;
    const secured = await connectTls({ host: '127.0.0.1', port, config });
    expect(secured).toMatchObject({ version, peer: { commonName: 'server' } });
    const greeting = await new Promise<string>((resolve) =>
      secured.socket.once('data', (data) => resolve(data.toString())),
    );
    expect(greeting).toBe('8.4.6 greeting');
    expect(watch.bytes()).toBeGreaterThan(0);
    secured.socket.destroy();
  });
});
