import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGrpcClient, query, queryMethods, type GrpcClient } from '../../src-main/servers/rpc';
import { ask, startQueryServer } from '../wire/rpc/rig';

/**
 * Attack: bytes that are no HTTP/2, or HTTP/2 gone wrong. Held: that connection ends or is ignored, every other
 * connection is served, and nothing is left behind.
 */
const connections = Math.max(300, Number(process.env['FUZZ_RUNS'] ?? 0) / 100);

let server: Awaited<ReturnType<typeof startQueryServer>>;
let honest: GrpcClient;

beforeAll(async () => {
  server = await startQueryServer({ handshakeTimeoutMs: 500, keepalive: { afterMs: 300, timeoutMs: 300 } });
  honest = createGrpcClient(server.address);
});
afterAll(async () => {
  await honest.close();
  await server.stop({ graceMs: 0 });
});

const frame = (type: number, flags: number, id: number, body: Buffer): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, body]);
};
const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
const literal = (name: string, value: string): Buffer => Buffer.concat([Buffer.from([0]), text(name), text(value)]);

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const settings = frame(4, 0, 0, Buffer.alloc(0));
const headerBlock = Buffer.concat([
  literal(':method', 'POST'),
  literal(':scheme', 'http'),
  literal(':path', queryMethods.Execute.path),
  literal(':authority', 'localhost'),
  literal('content-type', 'application/grpc'),
]);
const message = Buffer.from(query.ExecuteRequest.encode(ask('echo')).finish());
const call = (id: number): Buffer =>
  Buffer.concat([
    frame(1, 4, id, headerBlock),
    frame(0, 1, id, Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message])),
  ]);
const conversation = Buffer.concat([preface, settings, call(1), frame(6, 0, 0, Buffer.alloc(8)), call(3)]);

/** Sends all of it and waits until the server has closed, or has answered and gone quiet. */
const send = (bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    const socket: Socket = connect(server.address.port, '127.0.0.1');
    let quiet: NodeJS.Timeout | undefined;
    const leave = (): void => {
      clearTimeout(quiet);
      socket.destroy();
      resolve();
    };
    const rest = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(leave, 15);
    };
    socket.on('error', leave);
    socket.on('close', leave);
    socket.on('data', rest);
    socket.once('connect', rest);
    socket.write(bytes);
  });

const stillServes = async (): Promise<void> => {
  expect((await honest.unary(queryMethods.Execute, ask('still there'))).result?.info).toBe('still there');
};

const someFrame = fc
  .record({
    type: fc.integer({ min: 0, max: 12 }),
    flags: fc.nat(255),
    id: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.nat(0x7fff_ffff)),
    body: fc.uint8Array({ maxLength: 40 }),
  })
  .map(({ type, flags, id, body }) => frame(type, flags, id, Buffer.from(body)));

describe('a port that is sent', () => {
  it('the conversation that the others are made of: it is a good one', async () => {
    const before = server.seen.calls;
    await send(conversation);
    expect(server.seen.calls).toBe(before + 2);
  });

  it.each([
    ['random bytes', fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))],
    [
      'random frames behind a good preface',
      fc.array(someFrame, { maxLength: 8 }).map((frames) => Buffer.concat([preface, settings, ...frames])),
    ],
    [
      'a good conversation with bytes changed',
      fc.array(fc.tuple(fc.nat(conversation.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }).map((edits) => {
        const bytes = Buffer.from(conversation);
        for (const [at, value] of edits) bytes[at] = value;
        return bytes;
      }),
    ],
    ['a good conversation cut off', fc.nat(conversation.length).map((at) => conversation.subarray(0, at))],
    [
      'random bytes as the message of a call',
      fc
        .uint8Array({ maxLength: 80 })
        .map((body) =>
          Buffer.concat([preface, settings, frame(1, 4, 1, headerBlock), frame(0, 1, 1, Buffer.from(body))]),
        ),
    ],
  ])('%s serves on', async (_what, bytes) => {
    const samples = fc.sample(bytes, Math.ceil(connections / 5));
    for (let at = 0; at < samples.length; at += 20) {
      await Promise.all(samples.slice(at, at + 20).map(send));
      await stillServes();
    }
  });
});

describe('floods', () => {
  const flood = (unit: (n: number) => Buffer, times: number): Promise<void> =>
    send(Buffer.concat([preface, settings, ...Array.from({ length: times }, (_, n) => unit(n))]));

  it.each([
    ['SETTINGS', () => settings, 20_000],
    ['PING', () => frame(6, 0, 0, Buffer.alloc(8)), 20_000],
    ['empty DATA', () => frame(0, 0, 1, Buffer.alloc(0)), 20_000],
    ['PRIORITY', (n: number) => frame(2, 0, 2 * n + 1, Buffer.alloc(5)), 20_000],
    ['WINDOW_UPDATE', () => frame(8, 0, 0, Buffer.from([0, 0, 0, 1])), 20_000],
    [
      'calls reset at once (CVE-2023-44487)',
      (n: number) =>
        Buffer.concat([frame(1, 4, 2 * n + 1, headerBlock), frame(3, 0, 2 * n + 1, Buffer.from([0, 0, 0, 8]))]),
      5000,
    ],
    [
      'CONTINUATION without end (CVE-2024-27316)',
      (n: number) => (n === 0 ? frame(1, 0, 1, headerBlock) : frame(9, 0, 1, literal('x', 'y'.repeat(100)))),
      5000,
    ],
  ])('of %s end that connection only', async (_what, unit, times) => {
    await flood(unit, times);
    await stillServes();
  });

  it('of open calls are held to the announced number', async () => {
    const session = connectHttp2(`http://${server.target}`, { settings: {} });
    session.on('error', () => undefined);
    const { maxConcurrentStreams = 0 } = await new Promise<{ maxConcurrentStreams?: number }>((resolve) =>
      session.once('remoteSettings', resolve),
    );
    session.destroy();
    const opened = Array.from({ length: maxConcurrentStreams + 50 }, (_, n) => frame(1, 4, 2 * n + 1, headerBlock));
    await send(Buffer.concat([preface, settings, ...opened]));
    await stillServes();
  });
});

it('nothing is left behind but the honest connection', async () => {
  await expect.poll(() => server.openConnections, { timeout: 10_000 }).toBe(1);
  await stillServes();
});
