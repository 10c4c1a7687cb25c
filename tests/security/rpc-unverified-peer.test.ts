import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noRecorder } from '../../src-main/servers/recorder';
import {
  createGrpcClient,
  createGrpcServer,
  healthMethods,
  query,
  queryMethods,
  serve,
  type GrpcServer,
} from '../../src-main/servers/rpc';
import { createTlsAcceptor, type OwnedTlsAcceptor } from '../../src-main/servers/tls';
import { createPki } from '../support/tls-identities';

/**
 * Attack: somebody without an acceptable certificate sends complete calls, as early as the protocol lets them be sent.
 * Held: neither the handler nor the authorisation ever hears of a call.
 */
const pki = createPki();
const serverId = pki.leaf({ name: 'tablet' });
const good = pki.leaf({ name: 'gateway', purposes: ['clientAuth'] });
const revoked = pki.leaf({ name: 'revoked', purposes: ['clientAuth'] });
const later = new Date(pki.now.getTime() + 2 * 3_600_000);
const earlier = new Date(pki.now.getTime() - 2 * 3_600_000);

let acceptor: OwnedTlsAcceptor;
let server: GrpcServer;
let heard: string[];

beforeAll(async () => {
  acceptor = createTlsAcceptor({
    cert: serverId.cert,
    key: serverId.key,
    clientCa: pki.root.pem,
    crl: pki.crl(pki.root, revoked),
    alpn: ['h2'],
  });
  server = await createGrpcServer(
    {
      name: 'test',
      listen: { host: '127.0.0.1', port: 0 },
      tls: acceptor,
      recorder: noRecorder,
      handshakeTimeoutMs: 1000,
      authorize: ({ path }) => void heard.push(`authorize ${path}`),
    },
    [
      serve(queryMethods, {
        Execute: async () => {
          heard.push('Execute');
          return {};
        },
      }),
    ],
  );
});
afterAll(async () => {
  await server.stop({ graceMs: 0 });
  acceptor.dispose();
});

/** The bytes of a whole call: preface, settings, headers and one message. */
function recordCall(): Promise<Buffer> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const sink = connectTcp({ port: server.address.port, host: '127.0.0.1' });
    sink.on('error', () => undefined);
    const write = sink.write.bind(sink);
    sink.write = ((chunk: Buffer | string, ...rest: []) => {
      parts.push(Buffer.from(chunk));
      return write(chunk, ...rest);
    }) as typeof sink.write;
    sink.destroy();
    // PRI preface, empty SETTINGS, HEADERS (literal, no indexing) and DATA for /queryservice.Query/Execute.
    const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
    const literal = (name: string, value: string): Buffer => Buffer.concat([Buffer.from([0]), text(name), text(value)]);
    const block = Buffer.concat([
      literal(':method', 'POST'),
      literal(':scheme', 'https'),
      literal(':path', queryMethods.Execute.path),
      literal(':authority', 'localhost'),
      literal('content-type', 'application/grpc'),
      literal('te', 'trailers'),
    ]);
    const frame = (type: number, flags: number, id: number, body: Buffer): Buffer => {
      const head = Buffer.alloc(9);
      head.writeUIntBE(body.length, 0, 3);
      head[3] = type;
      head[4] = flags;
      head.writeUInt32BE(id, 5);
      return Buffer.concat([head, body]);
    };
    const message = Buffer.from(query.ExecuteRequest.encode({ query: { sql: 'delete from t' } }).finish());
    const prefixed = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
    resolve(
      Buffer.concat([
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        frame(4, 0, 0, Buffer.alloc(0)),
        frame(1, 4, 1, block),
        frame(0, 1, 1, prefixed),
      ]),
    );
  });
}

const identities: Record<string, Partial<ConnectionOptions>> = {
  'no certificate': {},
  'a certificate of another authority': (({ cert, key }) => ({ cert, key }))(
    pki.leaf({ name: 'gateway', issuer: pki.stranger, purposes: ['clientAuth'] }),
  ),
  'a certificate that signed itself': (({ cert, key }) => ({ cert, key }))(pki.selfSigned('gateway')),
  'an expired certificate': (({ cert, key }) => ({ cert, key }))(
    pki.leaf({ name: 'gateway', purposes: ['clientAuth'], notAfter: earlier }),
  ),
  'a certificate from the future': (({ cert, key }) => ({ cert, key }))(
    pki.leaf({ name: 'gateway', purposes: ['clientAuth'], notBefore: later }),
  ),
  'a certificate for servers': (({ cert, key }) => ({ cert, key }))(
    pki.leaf({ name: 'gateway', purposes: ['serverAuth'] }),
  ),
  'a revoked certificate': { cert: revoked.cert, key: revoked.key },
};

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('over %s', (version) => {
  const attack = async (identity: Partial<ConnectionOptions>): Promise<void> => {
    const call = await recordCall();
    await new Promise<void>((resolve) => {
      const socket = connectTls({
        port: server.address.port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ALPNProtocols: ['h2'],
        minVersion: version,
        maxVersion: version,
        ...identity,
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.on('secureConnect', () => socket.write(call));
      socket.on('data', (bytes: Buffer) => {
        // Only an accepted caller gets this far: its answer ends with trailers, after which it leaves.
        if (bytes.includes(0) && heard.includes('Execute')) socket.destroy();
      });
    });
  };

  it('the same bytes do reach the handler with a good certificate', async () => {
    heard = [];
    await attack({ cert: good.cert, key: good.key });
    expect(heard).toEqual([`authorize ${queryMethods.Execute.path}`, 'Execute']);
  });

  it.each(Object.entries(identities))('%s: no call is heard', async (_name, identity) => {
    heard = [];
    await attack(identity);
    expect(heard).toEqual([]);
  });
});

describe('other ways past TLS', () => {
  it('plaintext HTTP/2 on the TLS port: no call is heard', async () => {
    heard = [];
    const session = connectHttp2(`http://127.0.0.1:${server.address.port}`);
    session.on('error', () => undefined);
    const stream = session.request({
      ':method': 'POST',
      ':path': queryMethods.Execute.path,
      'content-type': 'application/grpc',
    });
    stream.on('error', () => undefined);
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
    await new Promise((resolve) => session.once('close', resolve));
    expect(heard).toEqual([]);
  });

  it('health checking needs a certificate as well', async () => {
    heard = [];
    const client = createGrpcClient({ host: '127.0.0.1', port: server.address.port, tls: { ca: pki.root.pem } });
    await expect(client.unary(healthMethods.Check, {})).rejects.toMatchObject({ code: 14 });
    await client.close();
    expect(heard).toEqual([]);
  });

  it('a connection that only opens, or stops in the middle of its handshake, is closed in time', async () => {
    heard = [];
    for (const start of [Buffer.alloc(0), Buffer.from('160301', 'hex')]) {
      const socket = connectTcp(server.address.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      socket.write(start);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    expect(heard).toEqual([]);
  });
});
