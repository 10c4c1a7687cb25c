import * as grpc from '@grpc/grpc-js';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createGrpcClient, queryMethods, type GrpcClientOptions } from '../../../src-main/servers/rpc';
import { createTlsAcceptor, type ServerTlsConfig } from '../../../src-main/servers/tls';
import { createPki } from '../../support/tls-identities';
import { ask, failure, grpcJsClient, startQueryServer } from './rig';

const pki = createPki();
const serverId = pki.leaf({ name: 'tablet', dnsNames: ['localhost', 'vttablet server instance'] });
const callerId = pki.leaf({ name: 'gateway', dnsNames: ['group-a', 'group-b'], purposes: ['clientAuth'] });
const serverTls: ServerTlsConfig = { cert: serverId.cert, key: serverId.key, alpn: ['h2'] };
const mutualTls: ServerTlsConfig = { ...serverTls, clientCa: pki.root.pem };

const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function start(tls: ServerTlsConfig, more: Partial<Parameters<typeof startQueryServer>[0]> = {}) {
  const acceptor = createTlsAcceptor(tls);
  const server = await startQueryServer({ tls: acceptor, ...more });
  endings.push(async () => {
    await server.stop({ graceMs: 0 });
    acceptor.dispose();
  });
  return Object.assign(server, { acceptor });
}

function dial(port: number, tls: GrpcClientOptions['tls']) {
  const client = createGrpcClient({ host: '127.0.0.1', port, ...(tls === undefined ? {} : { tls }) });
  endings.push(() => client.close());
  return client;
}

const foreign = (target: string, credentials: grpc.ChannelCredentials) => {
  const client = grpcJsClient(target, credentials, { 'grpc.ssl_target_name_override': 'localhost' });
  endings.push(() => client.close());
  return client;
};

describe('TLS', () => {
  it('serves grpc-js and our client', async () => {
    const server = await start(serverTls);
    const theirs = foreign(server.target, grpc.credentials.createSsl(Buffer.from(pki.root.pem)));
    expect((await theirs.unary(queryMethods.Execute, ask('hello'))).result?.info).toBe('hello');
    expect(server.seen.contexts[0]?.peer.secured).toMatchObject({ version: 'TLSv1.3', alpn: 'h2', peer: null });
    const ours = dial(server.address.port, { ca: pki.root.pem, serverName: 'vttablet server instance' });
    expect((await ours.unary(queryMethods.Execute, ask('hello'))).result?.info).toBe('hello');
  });

  it('gives handlers the name and the groups of a certificate', async () => {
    const server = await start(mutualTls);
    const credentials = grpc.credentials.createSsl(
      Buffer.from(pki.root.pem),
      Buffer.from(callerId.key),
      Buffer.from(callerId.cert),
    );
    await foreign(server.target, credentials).unary(queryMethods.Execute, ask('x'));
    await dial(server.address.port, { ca: pki.root.pem, cert: callerId.cert, key: callerId.key }).unary(
      queryMethods.Execute,
      ask('x'),
    );
    for (const context of server.seen.contexts)
      expect(context.peer.secured?.peer).toMatchObject({ commonName: 'gateway', dnsNames: ['group-a', 'group-b'] });
    expect(server.seen.contexts).toHaveLength(2);
  });

  it('refuses connections on which h2 was not chosen', async () => {
    const server = await start(serverTls);
    const socket = connectTls({ port: server.address.port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.on('error', () => undefined);
    socket.resume();
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    expect(server.seen.calls).toBe(0);
  });
});

describe('what a client says when TLS fails', () => {
  const tablet = (text: string) => `connection error: desc = "transport: authentication handshake failed: ${text}"`;

  it('server of another authority', async () => {
    const server = await start(serverTls);
    const client = dial(server.address.port, { ca: pki.stranger.pem });
    const error = await failure(client.unary(queryMethods.Execute, ask('x')));
    expect([error.code, error.message]).toEqual([
      14,
      tablet('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
    ]);
    expect(client.lastConnectionError?.refusal).toMatchObject({ side: 'client', cause: 'unknown-authority' });
  });

  it('wrong name', async () => {
    const server = await start(serverTls);
    const client = dial(server.address.port, { ca: pki.root.pem, serverName: 'elsewhere.example' });
    expect((await failure(client.unary(queryMethods.Execute, ask('x')))).code).toBe(14);
    expect(client.lastConnectionError?.refusal).toMatchObject({ side: 'client', stage: 'name', cause: 'wrong-name' });
  });

  it('no client certificate', async () => {
    const server = await start(mutualTls);
    const client = dial(server.address.port, { ca: pki.root.pem });
    const error = await failure(client.unary(queryMethods.Execute, ask('x')));
    expect([error.code, error.message]).toEqual([
      14,
      'connection error: desc = "error reading server preface: remote error: tls: certificate required"',
    ]);
    expect(client.lastConnectionError?.refusal).toMatchObject({
      cause: 'refused-by-peer',
      alert: 'certificate_required',
    });
    expect(server.seen.calls).toBe(0);
  });

  it('TLS to a plaintext port, plaintext to a TLS port', async () => {
    const plain = await startQueryServer();
    endings.push(() => plain.stop({ graceMs: 0 }));
    const secured = await start(serverTls);
    const first = await failure(dial(plain.address.port, { ca: pki.root.pem }).unary(queryMethods.Execute, ask('x')));
    expect(first.code).toBe(14);
    expect(first.message).toMatch(/^connection error: desc = "transport: authentication handshake failed: /);
    const second = await failure(dial(secured.address.port, undefined).unary(queryMethods.Execute, ask('x')));
    expect([second.code, second.message]).toEqual([14, 'connection error: desc = "error reading server preface: EOF"']);
    expect(plain.seen.calls + secured.seen.calls).toBe(0);
  });
});

describe('optional TLS', () => {
  it('takes both kinds on one port and tells them apart', async () => {
    const server = await start(mutualTls, { optionalTls: true });
    expect((await dial(server.address.port, undefined).unary(queryMethods.Execute, ask('plain'))).result?.info).toBe(
      'plain',
    );
    const secured = dial(server.address.port, { ca: pki.root.pem, cert: callerId.cert, key: callerId.key });
    expect((await secured.unary(queryMethods.Execute, ask('tls'))).result?.info).toBe('tls');
    expect(server.seen.contexts.map(({ peer }) => peer.secured?.peer?.commonName ?? null)).toEqual([null, 'gateway']);
    const nobody = await failure(dial(server.address.port, { ca: pki.root.pem }).unary(queryMethods.Execute, ask('x')));
    expect(nobody.message).toContain('certificate required');
    expect(server.seen.calls).toBe(2);
  });
});

describe('renewal', () => {
  it('of the client: new calls use the new certificate, open ones finish', async () => {
    const server = await start(mutualTls);
    const client = dial(server.address.port, { ca: pki.root.pem, cert: callerId.cert, key: callerId.key });
    const stream = client.stream(queryMethods.StreamExecute, ask('count 3'))[Symbol.asyncIterator]();
    await stream.next();
    const renewed = pki.leaf({ name: 'gateway renewed', purposes: ['clientAuth'] });
    client.update({ ca: pki.root.pem, cert: renewed.cert, key: renewed.key });
    await client.unary(queryMethods.Execute, ask('x'));
    expect(server.seen.contexts.map(({ peer }) => peer.secured?.peer?.commonName)).toEqual([
      'gateway',
      'gateway renewed',
    ]);
    expect([(await stream.next()).done, (await stream.next()).done, (await stream.next()).done]).toEqual([
      false,
      false,
      true,
    ]);
    await expect.poll(() => server.openConnections).toBe(1);
  });

  it('of the server: a revoked peer loses its connection and its calls, others keep theirs', async () => {
    const server = await start(mutualTls);
    const goodId = pki.leaf({ name: 'other gateway', purposes: ['clientAuth'] });
    const good = dial(server.address.port, { ca: pki.root.pem, cert: goodId.cert, key: goodId.key });
    await good.unary(queryMethods.Execute, ask('x'));
    const bad = dial(server.address.port, { ca: pki.root.pem, cert: callerId.cert, key: callerId.key });
    const waiting = failure(bad.unary(queryMethods.Execute, ask('wait')));
    await server.seen.waiting;
    server.acceptor.update({ ...mutualTls, crl: pki.crl(pki.root, callerId) });
    expect((await waiting).code).toBe(14);
    expect(await server.seen.aborted).toMatchObject({ code: 1 });
    const before = server.seen.calls;
    expect((await failure(bad.unary(queryMethods.Execute, ask('x')))).code).toBe(14);
    expect(server.seen.calls).toBe(before);
    await good.unary(queryMethods.Execute, ask('still'));
    expect(server.seen.contexts.at(-1)?.peer.secured?.peer?.commonName).toBe('other gateway');
    expect(server.seen.contexts.at(-1)?.peer.traceId).toBe(server.seen.contexts[0]?.peer.traceId);
  });
});
