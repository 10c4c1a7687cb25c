import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attemptGrpc, attemptMysql, judge } from '../../src-main/clients';
import { readMessage, readPackedSigned } from '../../src-main/clients/protobuf';
import { patience } from '../support/fuzz/patience';

const runs = Number(process.env['FUZZ_RUNS'] ?? 10_000);
/** Connections open at once in one case. */
const BATCH = 25;
const password = 'the callers own password';

const packet = (sequence: number, body: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length & 0xffffff, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, body]);
};
const bytes = (most: number) => fc.uint8Array({ maxLength: most }).map((array) => Buffer.from(array));

describe('a MySQL server that sends anything', () => {
  let server: Server;
  let scripts: Buffer[] = [];
  const heard: string[] = [];
  beforeAll(async () => {
    server = createServer((socket: Socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => heard.push(chunk.toString('latin1')));
      socket.end(scripts.pop() ?? Buffer.alloc(0));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  const greeting = fc
    .record({
      plugin: fc.constantFrom(
        'mysql_native_password',
        'caching_sha2_password',
        'mysql_clear_password',
        'dialog',
        'x',
        '',
      ),
      capabilities: fc.nat(0xffffffff),
      rest: bytes(20),
    })
    .map(({ plugin, capabilities, rest }) => {
      const body = Buffer.alloc(4 + 4 + 9 + 18 + 13);
      body.set([10, 0x38, 0x2e, 0], 0);
      body.writeUInt32LE(1, 4);
      // TLS is not offered: what follows would only ever be refused by OpenSSL.
      body.writeUInt16LE(capabilities & 0xf7ff, 17);
      body.writeUInt16LE(capabilities >>> 16, 22);
      return packet(0, Buffer.concat([body, Buffer.from(`${plugin}\0`), rest]));
    });
  const answer = fc.oneof(
    fc.constant(packet(2, Buffer.from([0, 0, 0, 2, 0, 0, 0]))),
    fc
      .tuple(fc.constantFrom(0, 1, 2, 0xfb, 0xfc, 0xfd, 0xfe, 0xff), bytes(40))
      .map(([first, rest]) => packet(2, Buffer.concat([Buffer.from([first]), rest]))),
    fc
      .constantFrom('mysql_clear_password', 'dialog', 'caching_sha2_password', 'mysql_old_password')
      .map((method) => packet(2, Buffer.from(`\u00fe${method}\0abcdefghijklmnopqrst\0`, 'latin1'))),
    fc.constantFrom([1, 3], [1, 4]).map((body) => packet(2, Buffer.from(body))),
    bytes(60),
  );
  const script = fc
    .tuple(
      fc.oneof({ weight: 8, arbitrary: greeting }, { weight: 1, arbitrary: bytes(120) }),
      fc.array(answer, { maxLength: 8 }),
    )
    .map(([first, rest]) => Buffer.concat([first, ...rest]));

  test(
    'never hangs or breaks the caller, and never gets a password in clear',
    async () => {
      const seen = new Set<string>();
      await fc.assert(
        fc.asyncProperty(fc.array(script, { minLength: BATCH, maxLength: BATCH }), async (list) => {
          scripts = [...list];
          const { port } = server.address() as AddressInfo;
          const attempts = await Promise.all(
            list.map(() =>
              attemptMysql({
                target: { host: '127.0.0.1', port },
                user: 'u',
                password,
                database: null,
                tls: null,
                sql: 'select 1',
                keepRows: 3,
                timeoutMs: 15_000,
              }),
            ),
          );
          for (const attempt of attempts) {
            seen.add(attempt.stage);
            expect(attempt.failure).not.toBe('no answer in time');
            expect(JSON.stringify(attempt)).not.toContain(password);
            if (attempt.stage !== 'done') expect(judge(attempt).verdict).not.toBe('allow');
          }
        }),
        { numRuns: Math.ceil(runs / BATCH) },
      );
      expect([...seen].sort()).toEqual(['connect', 'done', 'login', 'statement']);
      expect(heard.some((text) => text.includes(password))).toBe(false);
    },
    patience(60_000),
  );
});

describe('a gRPC server that sends anything', () => {
  test('bytes that are no protobuf are refused or read, nothing else', () => {
    fc.assert(
      fc.property(bytes(200), (input) => {
        try {
          for (const values of readMessage(input).values()) expect(values.length).toBeGreaterThan(0);
        } catch (error) {
          expect((error as Error).message).toMatch(/in the answer$/);
        }
        expect(readPackedSigned(input).length).toBeLessThanOrEqual(input.length);
      }),
      { numRuns: runs },
    );
  });

  let http2: Http2Server;
  let raw: Server;
  let replies: ((stream: ServerHttp2Stream) => void)[] = [];
  let frames: Buffer[] = [];
  beforeAll(async () => {
    http2 = createHttp2Server();
    http2.on('sessionError', () => undefined);
    http2.on('stream', (stream) => {
      stream.on('error', () => undefined);
      replies.pop()?.(stream);
    });
    raw = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume();
      socket.end(frames.pop() ?? Buffer.alloc(0));
    });
    for (const server of [http2, raw])
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  });
  afterAll(() =>
    Promise.all([http2, raw].map((server) => new Promise<void>((resolve) => void server.close(() => resolve())))),
  );

  const ask = (server: Http2Server | Server, timeoutMs = 15_000) =>
    attemptGrpc({
      target: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
      tls: null,
      credentials: { username: 'u', password },
      claimed: null,
      targetString: '',
      sql: 'select 1',
      keepRows: 3,
      timeoutMs,
    });

  test(
    'answers of any status, text and body',
    async () => {
      const value = fc.string({ unit: 'grapheme-ascii', maxLength: 12 }).map((text) => text.trim());
      const reply = fc.record({
        status: fc.oneof(fc.constantFrom('0', '7', '16', '-1', '999999'), value),
        message: fc.oneof(value, fc.constant('%E2%8'), fc.constant('auth failure: caller "x"')),
        body: fc.oneof(
          bytes(80),
          bytes(80).map((message) => {
            const head = Buffer.alloc(5);
            head.writeUInt32BE(message.length, 1);
            return Buffer.concat([head, message]);
          }),
        ),
        trailersOnly: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(reply, { minLength: BATCH, maxLength: BATCH }), async (list) => {
          replies = list.map(({ status, message, body, trailersOnly }) => (stream) => {
            const words = { 'grpc-status': status, 'grpc-message': message };
            if (trailersOnly) {
              stream.respond({ ':status': 200, ...words }, { endStream: true });
              return;
            }
            stream.respond({ ':status': 200 }, { waitForTrailers: true });
            stream.on('wantTrailers', () => stream.sendTrailers(words));
            stream.end(body);
          });
          for (const attempt of await Promise.all(list.map(() => ask(http2)))) {
            expect(attempt.failure).not.toBe('no answer in time');
            expect(JSON.stringify(attempt)).not.toContain(password);
            if (attempt.stage !== 'done') expect(judge(attempt).verdict).not.toBe('allow');
          }
        }),
        { numRuns: Math.ceil(runs / BATCH / 10) },
      );
    },
    patience(60_000),
  );

  test(
    'frames of any kind',
    async () => {
      const frame = fc.tuple(fc.nat(12), fc.nat(255), fc.nat(3), bytes(40)).map(([type, flags, stream, payload]) => {
        const head = Buffer.alloc(9);
        head.writeUIntBE(payload.length, 0, 3);
        head[3] = type;
        head[4] = flags;
        head.writeUInt32BE(stream, 5);
        return Buffer.concat([head, payload]);
      });
      const settings = Buffer.from('000000040000000000', 'hex');
      const script = fc
        .tuple(fc.boolean(), fc.array(fc.oneof(frame, bytes(30)), { maxLength: 6 }))
        .map(([honest, list]) => Buffer.concat([...(honest ? [settings] : []), ...list]));
      await fc.assert(
        fc.asyncProperty(fc.array(script, { minLength: BATCH, maxLength: BATCH }), async (list) => {
          frames = [...list];
          // Behind some frames node:http2 waits for more although the connection has ended: there the time limit ends it.
          for (const attempt of await Promise.all(list.map(() => ask(raw, 200)))) {
            expect(attempt.stage).not.toBe('done');
            expect(judge(attempt).verdict).toBe('refused');
          }
        }),
        { numRuns: Math.ceil(runs / BATCH / 10) },
      );
    },
    patience(60_000),
  );
});
