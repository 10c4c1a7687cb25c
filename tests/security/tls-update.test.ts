import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { createRecorder } from '../../src-main/servers/recorder';
import { createPki, type Identity } from '../support/tls-identities';
import { listenTls, rawTlsClient } from '../support/tls-server';

/** What a changed configuration does to connections that are already open. */
const pki = createPki();
const { root } = pki;
const server = pki.leaf({ name: 'server' });
const base = { cert: server.cert, key: server.key, clientCa: root.pem };
const anna = pki.leaf({ name: 'anna' });
const bert = pki.leaf({ name: 'bert' });

describe('update', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  const start = async (config: Parameters<typeof listenTls>[0], options = {}) => {
    const listening = await listenTls(config, options);
    ends.push(listening.close);
    const visit = async (identity: Identity | null) => {
      const dialled = rawTlsClient({
        port: listening.port,
        ...(identity === null ? {} : { cert: identity.cert, key: identity.key }),
      });
      const outcome = await listening.next();
      if (!('secured' in outcome)) throw outcome.refused;
      outcome.secured.socket.resume();
      return { ...dialled, secured: outcome.secured };
    };
    return { ...listening, visit };
  };

  it('closes the connections of a peer that was revoked, and no other', async () => {
    const recorder = createRecorder();
    const listening = await start({ ...base, crl: pki.crl(root) }, { recorder });
    const first = await listening.visit(anna);
    const second = await listening.visit(bert);
    expect(listening.acceptor.openConnections).toBe(2);
    listening.acceptor.update({ ...base, crl: pki.crl(root, anna) });
    await first.ended;
    expect(second.secured.socket.destroyed).toBe(false);
    expect(listening.acceptor.openConnections).toBe(1);
    second.socket.end();
    await second.ended;
  });

  it('closes peers of an authority that is no longer trusted, and those without a certificate once one is asked for', async () => {
    const other = pki.leaf({ name: 'other', issuer: pki.stranger });
    const listening = await start({ ...base, clientCa: root.pem + pki.stranger.pem });
    const left = await listening.visit(other);
    const stays = await listening.visit(anna);
    listening.acceptor.update(base);
    await left.ended;
    expect(stays.secured.socket.destroyed).toBe(false);

    const open = await start({ cert: server.cert, key: server.key });
    const nobody = await open.visit(null);
    expect(open.acceptor.demandsCertificate).toBe(false);
    open.acceptor.update(base);
    expect(open.acceptor.demandsCertificate).toBe(true);
    await nobody.ended;
  });

  it('closes connections of a version that is no longer allowed', async () => {
    const listening = await start(base);
    const dialled = rawTlsClient({ port: listening.port, cert: anna.cert, key: anna.key, maxVersion: 'TLSv1.2' });
    const outcome = await listening.next();
    if (!('secured' in outcome)) throw outcome.refused;
    listening.acceptor.update({ ...base, minVersion: 'TLSv1.3' });
    await dialled.ended;
  });

  it.each([
    ['a key of another certificate', { ...base, key: anna.key }],
    ['a certificate that is none', { ...base, cert: 'nonsense' }],
    ['authorities without a certificate', { ...base, clientCa: 'nonsense' }],
    ['a CRL that is none', { ...base, crl: 'nonsense' }],
  ])('keeps what it has and throws when given %s', async (_, bad) => {
    const listening = await start(base);
    const stays = await listening.visit(anna);
    expect(() => listening.acceptor.update(bad)).toThrow();
    const another = await listening.visit(bert);
    expect(stays.secured.socket.destroyed).toBe(false);
    expect(another.secured.peer?.commonName).toBe('bert');
  });

  it('presents a new certificate to new connections and leaves the open ones', async () => {
    const listening = await start(base);
    const stays = await listening.visit(anna);
    const renewed = pki.leaf({ name: 'server renewed' });
    listening.acceptor.update({ ...base, cert: renewed.cert, key: renewed.key });
    const fresh = rawTlsClient({ port: listening.port, cert: anna.cert, key: anna.key });
    await once(fresh.socket, 'secureConnect');
    expect(fresh.socket.getPeerCertificate().subject.CN).toBe('server renewed');
    expect(stays.secured.socket.destroyed).toBe(false);
    fresh.socket.destroy();
  });

  it('judges a handshake in flight by the configuration in force when it ends', async () => {
    const listening = await start({ ...base, crl: pki.crl(root) });
    const dialled = rawTlsClient({ port: listening.port, cert: anna.cert, key: anna.key });
    await once(dialled.socket, 'connect');
    listening.acceptor.update({ ...base, crl: pki.crl(root, anna) });
    expect(await listening.next()).toMatchObject({ refused: { refusal: { cause: 'revoked' } } });
    await dialled.ended;
  });

  it('ends everything on dispose', async () => {
    const listening = await start(base);
    const visitor = await listening.visit(anna);
    listening.acceptor.dispose();
    await visitor.ended;
    const late = rawTlsClient({ port: listening.port, cert: anna.cert, key: anna.key });
    expect(await listening.next()).toMatchObject({ refused: { refusal: { cause: 'closed' } } });
    await late.ended;
  });
});
