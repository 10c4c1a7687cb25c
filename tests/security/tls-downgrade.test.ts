import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { connectTls, TlsRefusedError } from '../../src-main/servers/tls';
import { createPki } from '../support/tls-identities';
import { listenTls, rawTlsClient } from '../support/tls-server';

/** Old versions, weak suites, other protocols and renegotiation. */
const pki = createPki();
const server = pki.leaf({ name: 'server' });
const client = pki.leaf({ name: 'client' });
const config = { cert: server.cert, key: server.key, clientCa: pki.root.pem };
const identity = { cert: client.cert, key: client.key };
const listening = listenTls(config, { timeoutMs: 300 });

afterAll(async () => (await listening).close());

const refusalOf = async () => {
  const outcome = await (await listening).next();
  if (!('refused' in outcome)) throw new Error('the connection was accepted');
  return outcome.refused.refusal;
};

describe('a listener', () => {
  it('refuses TLS 1.1 with the alert protocol_version', async () => {
    const { port } = await listening;
    const dialled = rawTlsClient({
      port,
      ...identity,
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    expect(await refusalOf()).toMatchObject({ cause: 'protocol-version', alert: 'protocol_version', alertSent: true });
    expect((await dialled.ended).error).toMatch(/protocol.version|UNSUPPORTED_PROTOCOL/i);
  });

  it.each(['AES128-GCM-SHA256', 'AES256-SHA', 'DHE-RSA-AES128-GCM-SHA256'])('refuses the suite %s', async (ciphers) => {
    const { port } = await listening;
    const dialled = rawTlsClient({ port, ...identity, maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` });
    expect(await refusalOf()).toMatchObject({ cause: 'no-shared-cipher', alert: 'handshake_failure', alertSent: true });
    expect((await dialled.ended).secured).toBe(false);
  });

  it('asks for TLS 1.3 when told to', async () => {
    const strict = await listenTls({ ...config, minVersion: 'TLSv1.3' });
    const dialled = rawTlsClient({ port: strict.port, ...identity, maxVersion: 'TLSv1.2' });
    expect(await strict.next()).toMatchObject({ refused: { refusal: { cause: 'protocol-version' } } });
    await dialled.ended;
    await strict.close();
  });

  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['MySQL', Buffer.from('200000018da20f00000000012d0000000000000000000000000000000000000000000000', 'hex')],
  ])('refuses %s as not TLS', async (_, bytes) => {
    const raw = connectTcp((await listening).port, '127.0.0.1');
    raw.on('error', () => undefined);
    raw.resume();
    raw.write(bytes);
    expect(await refusalOf()).toMatchObject({ cause: 'not-tls', alertSent: false });
    raw.destroy();
  });

  it('ends a half-open handshake after its time, silent or in the middle', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('1603010200010001fc0303', 'hex')]) {
      const raw = connectTcp((await listening).port, '127.0.0.1');
      raw.on('error', () => undefined);
      raw.resume();
      const closed = once(raw, 'close');
      raw.write(bytes);
      expect(await refusalOf()).toMatchObject({ stage: 'timeout', cause: 'timeout' });
      await closed;
    }
  });

  it('notices a client that goes away in the middle', async () => {
    const raw = connectTcp((await listening).port, '127.0.0.1');
    raw.end(Buffer.from('160301', 'hex'));
    raw.resume();
    expect(await refusalOf()).toMatchObject({ cause: expect.stringMatching(/closed|handshake-failed/) as string });
    raw.destroy();
  });

  it('survives garbage on 300 connections and still works', async () => {
    const { port, next } = await listening;
    for (let n = 0; n < 300; n += 1) {
      const raw = connectTcp(port, '127.0.0.1');
      raw.on('error', () => undefined);
      raw.resume();
      const length = (n * 37) % 600;
      const noise = Buffer.from(Array.from({ length }, (_, at) => (at * 131 + n * 17) % 256));
      const looksLikeTls = n % 2 === 0 ? Buffer.from('160301', 'hex') : Buffer.alloc(0);
      raw.end(Buffer.concat([looksLikeTls, noise]));
      expect(await next()).toHaveProperty('refused');
      raw.destroy();
    }
    const dialled = rawTlsClient({ port, ...identity });
    const outcome = await next();
    expect(outcome).toHaveProperty('secured');
    dialled.socket.destroy();
  });

  it('never renegotiates', async () => {
    const { port, next } = await listening;
    const dialled = rawTlsClient({ port, ...identity, maxVersion: 'TLSv1.2' });
    const ready = once(dialled.socket, 'secureConnect');
    const outcome = await next();
    if (!('secured' in outcome)) throw outcome.refused;
    outcome.secured.socket.resume();
    await ready;
    const result = await new Promise<string>((resolve) => {
      dialled.socket.renegotiate({ rejectUnauthorized: false }, (error) =>
        resolve(error === null ? 'renegotiated' : 'refused'),
      );
      dialled.socket.once('close', () => resolve('refused'));
      dialled.socket.write('select 1');
    });
    expect(result).toBe('refused');
    dialled.socket.destroy();
  });
});

describe('a dialling side', () => {
  const serve = async (secureContext: ReturnType<typeof createSecureContext> | null) => {
    const target = createServer((raw) => {
      raw.on('error', () => undefined);
      if (secureContext === null) return void raw.end('no TLS here, only this text which is long enough');
      new TLSSocket(raw, { isServer: true, secureContext }).on('error', () => undefined);
    });
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
    return target;
  };

  it('refuses a server of TLS 1.1', async () => {
    const context = createSecureContext({
      cert: server.cert,
      key: server.key,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const target = await serve(context);
    const dialled = connectTls({
      host: '127.0.0.1',
      port: (target.address() as AddressInfo).port,
      config: { ca: pki.root.pem },
    });
    await expect(dialled).rejects.toSatisfy(
      (error) => error instanceof TlsRefusedError && /protocol|refused-by-peer/.test(error.refusal.cause),
    );
    target.close();
  });

  it('refuses a server that speaks no TLS', async () => {
    const target = await serve(null);
    const dialled = connectTls({
      host: '127.0.0.1',
      port: (target.address() as AddressInfo).port,
      config: { ca: pki.root.pem },
    });
    await expect(dialled).rejects.toMatchObject({ refusal: { cause: 'not-tls', side: 'client' } });
    target.close();
  });

  it('gives up on a server that stays silent', async () => {
    const target = createServer((raw) => raw.on('error', () => undefined));
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
    const dialled = connectTls({
      host: '127.0.0.1',
      port: (target.address() as AddressInfo).port,
      timeoutMs: 100,
      config: { ca: pki.root.pem },
    });
    await expect(dialled).rejects.toMatchObject({ refusal: { stage: 'timeout' } });
    target.close();
  });

  it('passes on that nobody listens', async () => {
    const target = await serve(null);
    const { port } = target.address() as AddressInfo;
    target.close();
    await once(target, 'close');
    await expect(connectTls({ host: '127.0.0.1', port, config: { ca: pki.root.pem } })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
