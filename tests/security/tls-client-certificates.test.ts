import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecureVersion } from 'node:tls';
import { connectTls } from '../../src-main/servers/tls';
import { createPki, type Identity } from '../support/tls-identities';
import { listenTls, rawTlsClient } from '../support/tls-server';
import { watchApplicationBytes } from '../support/watch-application-bytes';

/**
 * A client that is not to be admitted sends a statement in the same breath as its last handshake message. Not one byte of
 * it may reach JavaScript, whatever is wrong with its certificate.
 */
const pki = createPki();
const { root, intermediate, stranger, day, now } = pki;
const server = pki.leaf({ name: 'server' });
const good = pki.leaf({ name: 'client 1', dnsNames: ['dev', 'ops'] });
const revoked = pki.leaf({ name: 'revoked' });
const belowIntermediate = pki.leaf({ name: 'below', issuer: intermediate });
const config = {
  cert: server.cert,
  key: server.key,
  clientCa: root.pem,
  crl: pki.crl(root, revoked),
};

interface Case {
  readonly about: string;
  readonly identity: Identity | null;
  readonly cause: string;
  readonly stage: string;
  readonly alert: { readonly [version in '1.2' | '1.3']: string };
  readonly alertSent: boolean;
}

const at = (ms: number): Date => new Date(now.getTime() + ms);
const both = (alert: string) => ({ '1.2': alert, '1.3': alert });

const cases: readonly Case[] = [
  {
    about: 'no certificate',
    identity: null,
    cause: 'certificate-required',
    stage: 'certificate',
    alert: { '1.2': 'handshake_failure', '1.3': 'certificate_required' },
    alertSent: true,
  },
  {
    about: 'an unknown authority',
    identity: pki.leaf({ name: 'client 1', issuer: stranger }),
    cause: 'unknown-authority',
    stage: 'certificate',
    alert: both('unknown_ca'),
    alertSent: false,
  },
  {
    about: 'a self-signed certificate',
    identity: pki.selfSigned('client 1'),
    cause: 'unknown-authority',
    stage: 'certificate',
    alert: both('unknown_ca'),
    alertSent: false,
  },
  {
    about: 'an intermediate that was not sent',
    identity: { ...belowIntermediate, cert: belowIntermediate.leaf },
    cause: 'unknown-authority',
    stage: 'certificate',
    alert: both('unknown_ca'),
    alertSent: false,
  },
  {
    about: 'an expired certificate',
    identity: pki.leaf({ name: 'late', notBefore: at(-3 * day), notAfter: at(-60_000) }),
    cause: 'expired',
    stage: 'certificate',
    alert: both('certificate_expired'),
    alertSent: false,
  },
  {
    about: 'a certificate of tomorrow',
    identity: pki.leaf({ name: 'early', notBefore: at(day), notAfter: at(2 * day) }),
    cause: 'not-yet-valid',
    stage: 'certificate',
    alert: both('certificate_expired'),
    alertSent: false,
  },
  {
    about: 'a certificate for servers',
    identity: pki.leaf({ name: 'server', purposes: ['serverAuth'] }),
    cause: 'wrong-purpose',
    stage: 'certificate',
    alert: both('bad_certificate'),
    alertSent: false,
  },
  {
    about: 'a revoked certificate',
    identity: revoked,
    cause: 'revoked',
    stage: 'revocation',
    alert: both('bad_certificate'),
    alertSent: false,
  },
];

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('client certificates over %s', (version: SecureVersion) => {
  let watch: ReturnType<typeof watchApplicationBytes>;
  const listening = listenTls(config);

  beforeEach(() => {
    watch = watchApplicationBytes('server');
  });
  afterEach(() => watch.restore());
  afterAll(async () => (await listening).close());

  const dial = async (identity: Identity | null) => {
    const { port } = await listening;
    const presented = identity === null ? {} : { cert: identity.cert, key: identity.key };
    return rawTlsClient({
      port,
      minVersion: version,
      maxVersion: version,
      ...presented,
      statement: 'drop database production',
    });
  };

  it.each(cases)('refuses $about and reads nothing', async ({ identity, cause, stage, alert, alertSent }) => {
    const client = await dial(identity);
    const outcome = await (await listening).next();
    const view = await client.ended;
    if (!('refused' in outcome)) throw new Error('the connection was accepted');
    const { refusal } = outcome.refused;
    expect(refusal).toMatchObject({
      side: 'server',
      cause,
      stage,
      alertSent,
      alert: alert[version === 'TLSv1.2' ? '1.2' : '1.3'],
    });
    expect(refusal.message).not.toBe('');
    expect(view.received).toBe('');
    if (alertSent) expect(view.error.toLowerCase().replaceAll(' ', '_')).toContain(`alert_${refusal.alert}`);
    expect(watch.bytes()).toBe(0);
  });

  it.each([
    ['an honest certificate', good, { commonName: 'client 1', dnsNames: ['dev', 'ops'] }],
    [
      'a certificate without names',
      pki.leaf({ name: 'plain', dnsNames: [], ipAddresses: [] }),
      { commonName: 'plain', dnsNames: [] },
    ],
  ])('admits %s and then reads (the watch sees it)', async (_, identity, peer) => {
    const client = await dial(identity);
    const outcome = await (await listening).next();
    if (!('secured' in outcome)) throw outcome.refused;
    expect(outcome.secured).toMatchObject({ version, resumed: false, peer });
    const statement = await new Promise<string>((resolve) =>
      outcome.secured.socket.once('data', (data) => resolve(data.toString())),
    );
    expect(statement).toBe('drop database production');
    expect(watch.bytes()).toBeGreaterThan(0);
    client.socket.destroy();
    await client.ended;
  });
});

describe('what a listener presents', () => {
  it('is its own chain and nothing of its client authorities, so that a forgotten intermediate is noticed', async () => {
    const below = pki.leaf({ name: 'server', issuer: intermediate });
    const forgotten = await listenTls({ cert: below.leaf, key: below.key, clientCa: intermediate.pem + root.pem });
    const refused = connectTls({
      host: '127.0.0.1',
      port: forgotten.port,
      config: { ca: root.pem, cert: good.cert, key: good.key },
    });
    await expect(refused).rejects.toMatchObject({ refusal: { side: 'client', cause: 'unknown-authority' } });
    await forgotten.close();
  });
});
