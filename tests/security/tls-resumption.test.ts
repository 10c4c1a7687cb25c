import { afterEach, describe, expect, it } from 'vitest';
import type { SecureVersion } from 'node:tls';
import { FixedClock } from '../../src-main/domain/kernel';
import { createPki, type Identity } from '../support/tls-identities';
import { listenTls, rawTlsClient } from '../support/tls-server';
import { watchApplicationBytes } from '../support/watch-application-bytes';

/** A session that was set up with a good certificate must not outlive the certificate. */
const pki = createPki();
const { root, intermediate } = pki;
const server = pki.leaf({ name: 'server' });
const base = { cert: server.cert, key: server.key, clientCa: root.pem };

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('resumed sessions over %s', (version: SecureVersion) => {
  const ends: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const start = async (config: Parameters<typeof listenTls>[0], clock?: FixedClock) => {
    const listening = await listenTls(config, clock === undefined ? {} : { clock });
    ends.push(listening.close);
    const visit = async (identity: Identity, session?: Buffer) => {
      const client = rawTlsClient({
        port: listening.port,
        minVersion: version,
        maxVersion: version,
        cert: identity.cert,
        key: identity.key,
        ...(session === undefined ? {} : { session }),
        statement: 'select 1',
      });
      const outcome = await listening.next();
      if ('secured' in outcome) {
        const { socket } = outcome.secured;
        await new Promise((resolve) => socket.once('data', resolve));
        socket.end('bye');
      }
      return { outcome, view: await client.ended };
    };
    return { ...listening, visit };
  };

  it('are resumed with the whole chain judged anew', async () => {
    const below = pki.leaf({ name: 'below', issuer: intermediate });
    const { visit } = await start(base);
    const first = await visit(below);
    const second = await visit(below, first.view.session);
    if (!('secured' in second.outcome)) throw second.outcome.refused;
    expect(second.outcome.secured).toMatchObject({ resumed: true, peer: { commonName: 'below' } });
    expect(second.outcome.secured.peer?.chain).toHaveLength(2);
  });

  it('are refused when the certificate was revoked meanwhile', async () => {
    const client = pki.leaf({ name: 'soon revoked' });
    const listening = await start({ ...base, crl: pki.crl(root) });
    const first = await listening.visit(client);
    expect('secured' in first.outcome).toBe(true);
    listening.acceptor.update({ ...base, crl: pki.crl(root, client) });
    const watch = watchApplicationBytes('server');
    ends.push(watch.restore);
    const second = await listening.visit(client, first.view.session);
    expect(second.outcome).toMatchObject({ refused: { refusal: { cause: 'revoked', stage: 'revocation' } } });
    expect(watch.bytes()).toBe(0);
  });

  it('are refused when the certificate expired meanwhile, though the tickets are still good', async () => {
    const clock = new FixedClock(pki.now);
    const client = pki.leaf({ name: 'short', notAfter: new Date(pki.now.getTime() + 60_000) });
    const listening = await start(base, clock);
    const first = await listening.visit(client);
    clock.advance(120_000);
    const watch = watchApplicationBytes('server');
    ends.push(watch.restore);
    const second = await listening.visit(client, first.view.session);
    expect(second.outcome).toMatchObject({ refused: { refusal: { cause: 'expired' } } });
    expect(watch.bytes()).toBe(0);
  });
});
