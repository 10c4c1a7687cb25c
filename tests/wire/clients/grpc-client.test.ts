import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attemptGrpc, judge, type CallerTls, type GrpcAttempt } from '../../../src-main/clients';
import { createPki } from '../../support/tls-identities';
import { startRelay } from '../../support/clients/cutting-relay';

const protos = fileURLToPath(new URL('../../../resources/rpc', import.meta.url));
const root = new protobuf.Root();
root.resolvePath = (_, target) => `${protos}/${target}`;
root.loadSync('vtgateservice.proto');
const requestType = root.lookupType('vtgate.ExecuteRequest');
const responseType = root.lookupType('vtgate.ExecuteResponse');

type Request = {
  query: { sql: string };
  session: { targetString: string; autocommit: boolean };
  callerId: { principal: string; groups: string[] } | null;
};
let last: { request: Request; metadata: grpc.Metadata } | null = null;

/** Answers as its SQL says: `ok`, `in-band CODE`, `status CODE`, `empty`, `wait`. */
function execute(call: grpc.ServerUnaryCall<Request, object>, answer: grpc.sendUnaryData<object>): void {
  last = { request: call.request, metadata: call.metadata };
  const [word, code] = call.request.query.sql.split(' ');
  if (word === 'in-band') answer(null, { error: { message: 'vttablet: denied «so»', code: Number(code) } });
  else if (word === 'status') answer({ code: Number(code), details: 'auth failure: caller "nobody" 100% «no»' });
  else if (word === 'empty') answer(null, {});
  else if (word === 'ok')
    answer(null, {
      result: {
        fields: [{ name: 'id' }, { name: 'text' }],
        rows: [
          { lengths: [1, 5], values: Buffer.from('7hällo'.slice(0, 5)) },
          { lengths: [1, -1], values: Buffer.from('8') },
          { lengths: [0, 0], values: Buffer.alloc(0) },
        ],
      },
    });
}

async function startGrpcJs(credentials: grpc.ServerCredentials): Promise<{ port: number; server: grpc.Server }> {
  const server = new grpc.Server();
  server.addService(
    {
      Execute: {
        path: '/vtgateservice.Vitess/Execute',
        requestStream: false,
        responseStream: false,
        requestSerialize: () => Buffer.alloc(0),
        requestDeserialize: (bytes: Buffer) =>
          requestType.toObject(requestType.decode(bytes), { defaults: true, arrays: true }),
        responseSerialize: (value: object) => Buffer.from(responseType.encode(responseType.fromObject(value)).finish()),
        responseDeserialize: () => ({}),
      },
    } as unknown as grpc.ServiceDefinition,
    { Execute: execute } as unknown as grpc.UntypedServiceImplementation,
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return { port, server };
}

const pki = createPki();
const ca = pki.root.pem;
const served = pki.leaf({ name: 'gateway' });
const callers = { good: pki.leaf({ name: 'caller' }), foreign: pki.leaf({ name: 'caller', issuer: pki.stranger }) };
const pair = [{ cert_chain: Buffer.from(served.cert), private_key: Buffer.from(served.key) }];
let clear: Awaited<ReturnType<typeof startGrpcJs>>;
let tls: Awaited<ReturnType<typeof startGrpcJs>>;
let mutual: Awaited<ReturnType<typeof startGrpcJs>>;

beforeAll(async () => {
  clear = await startGrpcJs(grpc.ServerCredentials.createInsecure());
  tls = await startGrpcJs(grpc.ServerCredentials.createSsl(null, pair, false));
  mutual = await startGrpcJs(grpc.ServerCredentials.createSsl(Buffer.from(ca), pair, true));
});
afterAll(() => [clear, tls, mutual].forEach(({ server }) => server.forceShutdown()));

const attempt = (more: Partial<GrpcAttempt> = {}): GrpcAttempt => ({
  target: { host: '127.0.0.1', port: clear.port },
  tls: null,
  credentials: null,
  claimed: null,
  targetString: 'shop:0@primary',
  sql: 'ok',
  timeoutMs: 5_000,
  ...more,
});
const verified = (more: Partial<CallerTls> = {}): CallerTls => ({
  verify: { name: 'localhost', ca },
  cert: null,
  key: null,
  ...more,
});

describe('against grpc-js', () => {
  test('sends statement, target, claimed caller and credentials, and reads rows', async () => {
    const seen = await attemptGrpc(
      attempt({
        claimed: { principal: 'Zoë', groups: ['a', 'b'] },
        credentials: { username: 'batch', password: 'a secret' },
        keepRows: 2,
      }),
    );
    expect(seen).toMatchObject({ stage: 'done', error: null, failure: null, rows: 3 });
    expect(seen.table).toEqual({
      columns: ['id', 'text'],
      rows: [
        ['7', 'häll'],
        ['8', null],
      ],
    });
    expect(last?.request).toMatchObject({
      query: { sql: 'ok' },
      session: { targetString: 'shop:0@primary', autocommit: true },
      callerId: { principal: 'Zoë', groups: ['a', 'b'] },
    });
    expect(last?.metadata.get('username')).toEqual(['batch']);
    expect(last?.metadata.get('password')).toEqual(['a secret']);
    expect(JSON.stringify(seen)).not.toContain('a secret');
    expect(judge(seen).verdict).toBe('allow');
  });

  test('claims nobody and sends no credentials unless told to; an answer without a result has no rows', async () => {
    const seen = await attemptGrpc(attempt({ sql: 'empty' }));
    expect(seen).toMatchObject({ stage: 'done', rows: 0, table: null });
    expect(last?.request.callerId).toBeNull();
    expect(last?.metadata.get('username')).toEqual([]);
  });

  test('tells an error inside the answer from a status, and a refused login from a refused statement', async () => {
    const inside = await attemptGrpc(attempt({ sql: 'in-band 7' }));
    expect(inside).toMatchObject({ stage: 'statement', error: { code: 7, message: 'vttablet: denied «so»' } });
    // grpc-js sends such a status as trailers alone; its text crosses percent-encoded.
    const login = await attemptGrpc(attempt({ sql: 'status 16' }));
    expect(login).toMatchObject({
      stage: 'login',
      error: { code: 16, sqlState: null, message: 'auth failure: caller "nobody" 100% «no»' },
    });
    expect(judge(login)).toMatchObject({ verdict: 'refused', stoppedAt: 'login', code: 16 });
  });

  test('over TLS and mutual TLS', async () => {
    const target = { host: '127.0.0.1', port: tls.port };
    expect((await attemptGrpc(attempt({ target, tls: verified() }))).stage).toBe('done');
    const withCertificate = verified({ cert: callers.good.cert, key: callers.good.key });
    const seen = await attemptGrpc(attempt({ target: { host: '127.0.0.1', port: mutual.port }, tls: withCertificate }));
    expect(seen.stage).toBe('done');
    expect(seen.steps.find(({ name }) => name === 'tls.handshake')?.data).toMatchObject({
      serverVerified: true,
      certificatePresented: true,
      nameDemanded: 'localhost',
    });
  });

  test.each<[string, () => Partial<GrpcAttempt>, ('connect' | 'tls')[]]>([
    [
      'a name the server does not have',
      () => ({ target: { host: '127.0.0.1', port: tls.port }, tls: verified({ verify: { name: 'other', ca } }) }),
      ['tls'],
    ],
    [
      'an authority that did not sign it',
      () => ({
        target: { host: '127.0.0.1', port: tls.port },
        tls: verified({ verify: { name: 'localhost', ca: pki.stranger.pem } }),
      }),
      ['tls'],
    ],
    ['TLS spoken to a plaintext server', () => ({ tls: verified() }), ['tls']],
    ['plaintext spoken to a TLS server', () => ({ target: { host: '127.0.0.1', port: tls.port } }), ['connect']],
    // In TLS 1.3 the client's handshake is over before the server refuses its certificate.
    [
      'no certificate where one is asked for',
      () => ({ target: { host: '127.0.0.1', port: mutual.port }, tls: verified() }),
      ['tls'],
    ],
    [
      'a certificate of another authority',
      () => ({
        target: { host: '127.0.0.1', port: mutual.port },
        tls: verified({ cert: callers.foreign.cert, key: callers.foreign.key }),
      }),
      ['tls'],
    ],
  ])('is stopped by %s', async (_, more, places) => {
    last = null;
    const seen = await attemptGrpc(attempt(more()));
    expect(judge(seen)).toMatchObject({ verdict: 'refused', code: null });
    expect(places).toContain(judge(seen).stoppedAt);
    expect(seen.failure).toBeTruthy();
    expect(last).toBeNull();
  });

  test('can be given up, and waits no longer than it was told', async () => {
    expect(await attemptGrpc(attempt({ signal: AbortSignal.abort() }))).toMatchObject({ failure: 'cancelled' });
    expect(await attemptGrpc(attempt({ sql: 'wait', timeoutMs: 300 }))).toMatchObject({ failure: 'no answer in time' });
  });

  test('a connection cut at any byte ends the attempt', async () => {
    const target = { host: '127.0.0.1', port: clear.port };
    const whole = await startRelay(target);
    expect((await attemptGrpc(attempt({ target: { host: '127.0.0.1', port: whole.port } }))).stage).toBe('done');
    const total = whole.passed();
    await whole.close();
    for (let after = 0; after < total; after += 9) {
      const relay = await startRelay(target, after);
      const seen = await attemptGrpc(attempt({ target: { host: '127.0.0.1', port: relay.port } }));
      await relay.close();
      // All that may be missing at the end is the acknowledgement of settings.
      if (seen.stage === 'done') expect(after).toBeGreaterThan(total - 60);
      else expect([after, seen.failure]).toEqual([after, expect.not.stringContaining('in time')]);
    }
  });
});

describe('against a server that is none', () => {
  const run = async (behave: (socket: Socket) => void): Promise<Awaited<ReturnType<typeof attemptGrpc>>> => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      behave(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    const seen = await attemptGrpc(attempt({ target, timeoutMs: 1_500 }));
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    return seen;
  };

  test.each<[string, (socket: Socket) => void]>([
    ['hangs up', (socket) => socket.end()],
    ['resets', (socket) => socket.resetAndDestroy()],
    ['says HTTP/1.1', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')],
    ['is a MySQL server', (socket) => socket.write(Buffer.from('4a0000000a352e372e39', 'hex'))],
    ['says nothing', () => undefined],
  ])('%s', async (_, behave) => {
    expect(judge(await run(behave))).toMatchObject({ verdict: 'refused', stoppedAt: 'connect', code: null });
  });

  let http2: Http2Server;
  let answer: (stream: ServerHttp2Stream) => void = () => undefined;
  beforeAll(async () => {
    http2 = createHttp2Server();
    http2.on('stream', (stream) => {
      stream.on('error', () => undefined);
      answer(stream);
    });
    await new Promise<void>((resolve) => http2.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise<void>((resolve) => http2.close(() => resolve())));

  const frame = (message: Buffer, flag = 0): Buffer => {
    const head = Buffer.alloc(5);
    head[0] = flag;
    head.writeUInt32BE(message.length, 1);
    return Buffer.concat([head, message]);
  };
  const reply =
    (headers: Record<string, string | number>, body: Buffer, trailers: Record<string, string> | null) =>
    (stream: ServerHttp2Stream): void => {
      stream.respond({ ':status': 200, ...headers }, { waitForTrailers: trailers !== null });
      if (trailers !== null) stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end(body);
    };

  test.each<[string, string, (stream: ServerHttp2Stream) => void]>([
    ['HTTP without gRPC', 'not gRPC (HTTP status 404)', reply({ ':status': 404 }, Buffer.from('not here'), null)],
    ['ok without a message', 'no whole message', reply({}, Buffer.alloc(0), { 'grpc-status': '0' })],
    [
      'a message cut short',
      'no whole message',
      reply({}, frame(Buffer.alloc(9)).subarray(0, 8), { 'grpc-status': '0' }),
    ],
    ['a compressed message', 'compressed', reply({}, frame(Buffer.from([1]), 1), { 'grpc-status': '0' })],
    ['no protobuf', 'damaged', reply({}, frame(Buffer.from([0x0a, 0xff])), { 'grpc-status': '0' })],
    ['a status that is no number', 'no number', reply({}, Buffer.alloc(0), { 'grpc-status': 'fine' })],
    ['a reset stream', '', (stream) => stream.close(2)],
    ['an ended session', '', (stream) => stream.session?.destroy()],
    ['a goaway', 'HTTP/2 error 11', (stream) => stream.session?.goaway(11)],
  ])('answers with %s', async (_, words, behave) => {
    answer = behave;
    const { port } = http2.address() as AddressInfo;
    const seen = await attemptGrpc(attempt({ target: { host: '127.0.0.1', port } }));
    expect(seen.stage).not.toBe('done');
    expect(seen.failure).toContain(words);
    expect(judge(seen)).toMatchObject({ verdict: 'refused', code: null });
  });

  test('a damaged text of a status keeps its code', async () => {
    answer = reply({ 'grpc-status': '7', 'grpc-message': '100%zz %E2%82' }, Buffer.alloc(0), null);
    const { port } = http2.address() as AddressInfo;
    const seen = await attemptGrpc(attempt({ target: { host: '127.0.0.1', port } }));
    expect(seen.error?.code).toBe(7);
    expect(seen.error?.message).toContain('100%zz');
  });
});
