import * as grpc from '@grpc/grpc-js';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  complete,
  createGrpcClient,
  query,
  queryMethods,
  type GrpcClient,
  type Metadata,
  type MethodDefinition,
} from '../../../src-main/servers/rpc';
import { createPki } from '../../support/tls-identities';
import { ask, failure, gate, startQueryServer } from './rig';

const served = <Q, R, QI, RI>(method: MethodDefinition<Q, R, QI, RI>) => ({
  path: method.path,
  requestStream: false,
  responseStream: method.kind === 'server-stream',
  requestSerialize: (value: QI) => Buffer.from(method.request.encode(value)),
  requestDeserialize: (bytes: Buffer) => method.request.decode(bytes),
  responseSerialize: (value: RI) => Buffer.from(method.response.encode(value)),
  responseDeserialize: (bytes: Buffer) => method.response.decode(bytes),
});

type Unary = grpc.ServerUnaryCall<query.ExecuteRequest, query.IExecuteResponse>;
type Stream = grpc.ServerWritableStream<query.StreamExecuteRequest, query.IStreamExecuteResponse>;

/** A grpc-js server whose Execute and StreamExecute are given. */
async function startGrpcJs(
  execute: (call: Unary, answer: grpc.sendUnaryData<query.IExecuteResponse>) => void,
  stream: (call: Stream) => void,
) {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': 32 << 20,
    'grpc.max_send_message_length': 32 << 20,
  });
  server.addService(
    {
      Execute: served(queryMethods.Execute),
      StreamExecute: served(queryMethods.StreamExecute),
    } as unknown as grpc.ServiceDefinition,
    { Execute: execute, StreamExecute: stream } as unknown as grpc.UntypedServiceImplementation,
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { server, port, stop: () => server.forceShutdown() };
}

const cancelled = gate<string>();
let metadata: grpc.Metadata;
let foreign: Awaited<ReturnType<typeof startGrpcJs>>;
let client: GrpcClient;

beforeAll(async () => {
  foreign = await startGrpcJs(
    (call, answer) => {
      metadata = call.metadata;
      const sql = call.request.query?.sql ?? '';
      if (sql === 'fail') {
        const trailers = new grpc.Metadata();
        trailers.set('x-detail', 'd');
        answer({ code: 7, details: 'denied: «Zoë» 100%\nend', metadata: trailers });
      } else if (sql === 'wait') call.on('cancelled', () => cancelled.open('unary'));
      else if (sql.startsWith('bytes')) {
        const size = Number(sql.slice(6));
        answer(null, { result: { rows: [{ lengths: [size], values: Buffer.alloc(size, 3) }] } });
      } else answer(null, { result: { info: sql, insertId: call.request.transactionId } });
    },
    (call) => {
      const sql = call.request.query?.sql ?? '';
      if (sql === 'fail') {
        call.write({ result: { info: 'first' } });
        call.emit('error', { code: 8, details: 'too much' });
      } else if (sql === 'endless') {
        call.on('cancelled', () => cancelled.open('stream'));
        const more = (): void => {
          while (!call.cancelled && call.write({ result: { info: 'x'.repeat(1000) } }));
        };
        call.on('drain', more);
        more();
      } else {
        for (let n = 0; n < Number(sql); n += 1) call.write({ result: { rowsAffected: BigInt(n) } });
        call.end();
      }
    },
  );
  client = createGrpcClient({
    host: '127.0.0.1',
    port: foreign.port,
    credentials: { username: 'svc', password: 'p w' },
  });
});
afterAll(async () => {
  await client.close();
  foreign.stop();
});

describe('unary calls', () => {
  it('carry request, answer and credentials', async () => {
    const answer = await client.unary(queryMethods.Execute, ask('écho', -5n));
    expect(answer.result?.info).toBe('écho');
    expect(BigInt.asIntN(64, answer.result?.insertId ?? 0n)).toBe(-5n);
    expect(metadata.getMap()).toMatchObject({ username: 'svc', password: 'p w', 'user-agent': 'gatehouse' });
  });

  it('carry metadata', async () => {
    const sent: Metadata = new Map<string, (string | Buffer)[]>([
      ['x-one', ['a', 'b']],
      ['y-bin', [Buffer.from([0, 200])]],
    ]);
    await client.unary(queryMethods.Execute, ask(''), { metadata: sent });
    expect(metadata.get('x-one').join(', ')).toBe('a, b');
    expect(metadata.get('y-bin')).toEqual([Buffer.from([0, 200])]);
    await expect(
      client.unary(queryMethods.Execute, ask(''), { metadata: new Map([['x', ['a\r\nb: c']]]) }),
    ).rejects.toThrow('the value of "x" holds control characters');
    await expect(
      client.unary(queryMethods.Execute, ask(''), { metadata: new Map([['grpc-status', ['0']]]) }),
    ).rejects.toThrow('"grpc-status" cannot be a metadata key');
  });

  it('carry credentials that are not ASCII to our server', async () => {
    const own = await startQueryServer();
    const caller = createGrpcClient({ ...own.address, credentials: { username: 'Zoë ☃', password: 'p%41ß' } });
    await caller.unary(queryMethods.Execute, ask('x'));
    const seen = own.seen.contexts[0]?.metadata;
    expect([seen?.get('username'), seen?.get('password')]).toEqual([['Zoë ☃'], ['p%41ß']]);
    await caller.close();
    await own.stop();
  });

  it('reject with the status', async () => {
    const error = await failure(client.unary(queryMethods.Execute, ask('fail')));
    expect(error.name).toBe('GrpcStatusError');
    expect([error.code, error.message]).toEqual([7, 'denied: «Zoë» 100%\nend']);
    expect((error.metadata as unknown as Metadata).get('x-detail')).toEqual(['d']);
  });

  it('carry large messages', async () => {
    const size = 12 << 20;
    const answer = await client.unary(queryMethods.Execute, {
      ...ask(`bytes ${size}`),
      options: { priority: 'p'.repeat(size) },
    });
    expect(answer.result?.rows[0]?.values.length).toBe(size);
  });

  it('refuse too large messages in both directions', async () => {
    const limit = 16 << 20;
    const sent = await failure(client.unary(queryMethods.Execute, ask('x'.repeat(limit))));
    expect(sent.message).toMatch(/^trying to send message larger than max \(\d+ vs\. 16777216\)$/);
    const got = await failure(client.unary(queryMethods.Execute, ask(`bytes ${limit}`)));
    expect(got.message).toMatch(/^grpc: received message larger than max \(\d+ vs\. 16777216\)$/);
    expect([sent.code, got.code]).toEqual([8, 8]);
    expect((await client.unary(queryMethods.Execute, ask('still there'))).result?.info).toBe('still there');
  });

  it('end by deadline and by the caller', async () => {
    const late = await failure(client.unary(queryMethods.Execute, ask('wait'), { deadlineMs: 100 }));
    expect([late.code, late.message]).toEqual([4, 'context deadline exceeded']);
    const controller = new AbortController();
    const call = failure(client.unary(queryMethods.Execute, ask('wait'), { signal: controller.signal }));
    controller.abort();
    expect((await call).code).toBe(1);
    expect(await cancelled.passed).toBe('unary');
    const before = await failure(client.unary(queryMethods.Execute, ask('x'), { signal: AbortSignal.abort() }));
    expect(before.code).toBe(1);
  });
});

describe('streams', () => {
  it('deliver everything in order', async () => {
    const got: bigint[] = [];
    for await (const { result } of client.stream(queryMethods.StreamExecute, ask('3000')))
      got.push(result?.rowsAffected ?? -1n);
    expect(got).toEqual(Array.from({ length: 3000 }, (_, n) => BigInt(n)));
  });

  it('deliver what came before an error', async () => {
    const got: string[] = [];
    const error = await failure(
      (async () => {
        for await (const { result } of client.stream(queryMethods.StreamExecute, ask('fail')))
          got.push(result?.info ?? '');
      })(),
    );
    expect(got).toEqual(['first']);
    expect([error.code, error.message]).toEqual([8, 'too much']);
  });

  it('are cancelled by leaving the loop', async () => {
    const own = await startQueryServer();
    const caller = createGrpcClient(own.address);
    for await (const _ of caller.stream(queryMethods.StreamExecute, ask('endless'))) break;
    expect(await own.seen.aborted).toBe('left');
    await caller.close();
    await own.stop();
  });

  it('make the server wait for a slow reader', async () => {
    const own = await startQueryServer();
    const caller = createGrpcClient(own.address);
    const stream = caller.stream(queryMethods.StreamExecute, ask('endless'))[Symbol.asyncIterator]();
    await stream.next();
    let before = -1;
    while (before !== own.seen.produced) {
      before = own.seen.produced;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(before).toBeLessThan(300);
    for (let n = 0; n < before + 200; n += 1) expect((await stream.next()).done).toBe(false);
    await stream.return?.(undefined as never);
    await caller.close();
    await own.stop();
  });
});

describe('connections', () => {
  it('that nobody accepts fail at once with the reason, and come back', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const lonely = createGrpcClient({ host: '127.0.0.1', port });
    const error = await failure(lonely.unary(queryMethods.Execute, ask('x')));
    const text = `connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:${port}: connect: connection refused"`;
    expect([error.code, error.message]).toEqual([14, text]);
    expect(lonely.lastConnectionError).toMatchObject({ message: text, refusal: null });
    const server = await startQueryServer({ listen: { host: '127.0.0.1', port } });
    await expect
      .poll(() =>
        lonely.unary(queryMethods.Execute, ask('x')).then(
          () => 'ok',
          () => 'no',
        ),
      )
      .toBe('ok');
    expect(lonely.lastConnectionError).toBeNull();
    await lonely.close();
    await server.stop();
  });

  it('that are lost end their calls with UNAVAILABLE, and the next call connects again', async () => {
    const server = await startQueryServer();
    const caller = createGrpcClient(server.address);
    const waiting = failure(caller.unary(queryMethods.Execute, ask('wait')));
    await server.seen.waiting;
    await server.stop({ graceMs: 0 });
    const error = await waiting;
    expect([error.code, error.message]).toEqual([14, 'error reading from server: EOF']);
    const again = await startQueryServer({ listen: server.address });
    await expect
      .poll(() =>
        caller.unary(queryMethods.Execute, ask('back')).then(
          (a) => a.result?.info,
          () => 'no',
        ),
      )
      .toBe('back');
    await caller.close();
    await again.stop();
  });

  it('that drain finish their calls while new calls go elsewhere', async () => {
    const server = await startQueryServer();
    const caller = createGrpcClient(server.address);
    const stream = caller.stream(queryMethods.StreamExecute, ask('count 5'))[Symbol.asyncIterator]();
    await stream.next();
    const stopped = server.stop({ graceMs: 5000 });
    const rest: unknown[] = [];
    for (let item = await stream.next(); item.done !== true; item = await stream.next()) rest.push(item.value);
    expect(rest).toHaveLength(4);
    await stopped;
    expect((await failure(caller.unary(queryMethods.Execute, ask('x')))).code).toBe(14);
    await caller.close();
  });

  it('answer with something else than HTTP/2', async () => {
    const other = createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const caller = createGrpcClient({ host: '127.0.0.1', port: (other.address() as AddressInfo).port });
    const error = await failure(caller.unary(queryMethods.Execute, ask('x')));
    expect([error.code, error.message]).toEqual([14, 'connection error: desc = "error reading server preface: EOF"']);
    await caller.close();
    other.close();
  });

  it('that say nothing are given up', async () => {
    const mute = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const caller = createGrpcClient({
      host: '127.0.0.1',
      port: (mute.address() as AddressInfo).port,
      connectTimeoutMs: 100,
    });
    const error = await failure(caller.unary(queryMethods.Execute, ask('x')));
    expect([error.code, error.message]).toEqual([
      14,
      'connection error: desc = "error reading server preface: i/o timeout"',
    ]);
    await caller.close();
    mute.close();
  });

  it('a client that is closed while it dials gives up at once', async () => {
    const mute = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const tls = { ca: createPki().root.pem };
    const caller = createGrpcClient({ host: '127.0.0.1', port: (mute.address() as AddressInfo).port, tls });
    const call = failure(caller.unary(queryMethods.Execute, ask('x')));
    await new Promise((resolve) => mute.once('connection', resolve));
    await caller.close();
    expect((await call).code).toBe(1);
    mute.close();
  });

  it('a closed client refuses calls', async () => {
    const caller = createGrpcClient({ host: '127.0.0.1', port: foreign.port });
    await caller.unary(queryMethods.Execute, ask('x'));
    await caller.close();
    expect((await failure(caller.unary(queryMethods.Execute, ask('x')))).code).toBe(1);
    expect(complete(query.ExecuteRequest, {}).query).toBeNull();
  });
});
