import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { query, queryMethods } from '../../../src-main/servers/rpc';
import { ask, startQueryServer } from './rig';

let server: Awaited<ReturnType<typeof startQueryServer>>;
const sockets: Socket[] = [];
beforeAll(async () => {
  server = await startQueryServer();
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(() => server.stop({ graceMs: 0 }));

const frame = (type: number, flags: number, stream: number, payload: Buffer | number[] = []): Buffer => {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
};
const literal = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);
const pseudo = [literal(':method', 'POST'), literal(':scheme', 'http'), literal(':path', queryMethods.Execute.path)];
const usual = [...pseudo, literal('content-type', 'application/grpc'), literal('te', 'trailers')];
const block = (...fields: Buffer[]): Buffer => Buffer.concat(fields);
const message = (sql: string): Buffer => {
  const bytes = Buffer.from(query.ExecuteRequest.encode(ask(sql)).finish());
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};
const call = (id: number, sql = 'echo'): Buffer =>
  Buffer.concat([frame(1, 4, id, block(...usual)), frame(0, 1, id, message(sql))]);

interface Seen {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** A connection on which frames are written by hand. */
function open(settings: number[] = []): {
  socket: Socket;
  seen: Seen[];
  until: (done: (seen: Seen) => boolean) => Promise<Seen>;
  closed: Promise<void>;
} {
  const socket = connect(server.address.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  const seen: Seen[] = [];
  const waiting = new Set<() => void>();
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
      const end = 9 + bytes.readUIntBE(0, 3);
      seen.push({ type: bytes[3]!, flags: bytes[4]!, id: bytes.readUInt32BE(5), payload: bytes.subarray(9, end) });
      bytes = bytes.subarray(end);
    }
    for (const look of waiting) look();
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, settings)]));
  const until = (done: (one: Seen) => boolean): Promise<Seen> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = seen.find(done);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { socket, seen, until, closed };
}
const answered =
  (id: number) =>
  (one: Seen): boolean =>
    one.type === 1 && one.id === id && (one.flags & 1) === 1;
const reset =
  (id: number) =>
  (one: Seen): boolean =>
    one.type === 3 && one.id === id;
const goaway = (one: Seen): boolean => one.type === 7;

describe('a request', () => {
  it.each([
    ['without a method', block(...usual.slice(1))],
    ['without a path', block(usual[0]!, usual[1]!, ...usual.slice(3))],
    ['with a pseudo field behind others', block(usual[0]!, usual[1]!, usual[3]!, usual[2]!)],
    ['with two paths', block(...pseudo, usual[2]!, usual[3]!)],
    ['with an unknown pseudo field', block(...pseudo, literal(':who', 'x'))],
    ['with a name in capitals', block(...usual, literal('X-Name', 'x'))],
    ['with a line break in a value', block(...usual, literal('x-name', 'a\r\nb'))],
    ['with a connection field', block(...usual, literal('connection', 'close'))],
    ['with another te', block(...pseudo, literal('te', 'gzip'))],
    ['with too many fields', block(...usual, ...Array.from({ length: 200 }, () => literal('a', 'b')))],
  ])('%s is reset, and the connection goes on', async (_what, bytes) => {
    const before = server.seen.calls;
    const { socket, until } = open();
    socket.write(Buffer.concat([frame(1, 4, 1, bytes), call(3)]));
    expect((await until(reset(1))).payload.readUInt32BE(0)).toBe(1);
    await until(answered(3));
    expect(server.seen.calls).toBe(before + 1);
  });

  it.each([
    ['a pseudo field', literal(':path', '/other')],
    ['a name in capitals', literal('X-Name', 'x')],
    ['a line break in a value', literal('x-name', 'a\r\nb')],
    ['a connection field', literal('connection', 'close')],
  ])('whose trailers have %s is reset, and the connection goes on', async (_what, trailers) => {
    const { socket, until } = open();
    socket.write(Buffer.concat([frame(1, 4, 1, block(...usual)), frame(1, 5, 1, trailers), call(3)]));
    expect((await until(reset(1))).payload.readUInt32BE(0)).toBe(1);
    await until(answered(3));
  });

  it('that has header fields twice without an end is reset', async () => {
    const { socket, until } = open();
    socket.write(Buffer.concat([frame(1, 4, 1, block(...usual)), frame(1, 4, 1, literal('x', 'y')), call(3)]));
    expect((await until(reset(1))).payload.readUInt32BE(0)).toBe(1);
    await until(answered(3));
  });

  it('may be padded, and padding counts against the windows', async () => {
    const { socket, until } = open();
    const padded = Buffer.concat([Buffer.from([3]), message('echo'), Buffer.alloc(3)]);
    socket.write(Buffer.concat([frame(1, 12, 1, Buffer.concat([Buffer.from([2]), ...usual, Buffer.alloc(2)]))]));
    socket.write(frame(0, 9, 1, padded));
    await until(answered(1));
  });

  it('whose windows were made smaller than nothing waits until they are larger again', async () => {
    const { socket, seen, until } = open([0, 4, 0, 0, 0, 100]);
    socket.write(call(1, 'bytes 1000'));
    const sent = (): number =>
      seen.filter(({ type }) => type === 0).reduce((sum, { payload }) => sum + payload.length, 0);
    await until(() => sent() === 100);
    // 100 sent of a window of 10: 90 less than nothing, so that 90 more give nothing.
    socket.write(
      Buffer.concat([
        frame(4, 0, 0, [0, 4, 0, 0, 0, 10]),
        frame(8, 0, 1, [0, 0, 0, 90]),
        frame(6, 0, 0, [1, 1, 1, 1, 1, 1, 1, 1]),
      ]),
    );
    await until(({ type, flags }) => type === 6 && flags === 1);
    expect(sent()).toBe(100);
    socket.write(frame(8, 0, 1, [0, 0, 0, 5]));
    await until(() => sent() === 105);
    socket.write(frame(4, 0, 0, [0, 4, 0, 1, 0, 0]));
    await until(answered(1));
  });

  it('whose header list is too large is reset, and the next one is understood', async () => {
    const { socket, until } = open();
    // 40 references to an entry of 3 KiB make 120 KiB of a short block.
    const entry = Buffer.concat([
      Buffer.from([0x40, 1]),
      Buffer.from('z'),
      Buffer.from([0x7f, 0xb9, 0x16]),
      Buffer.alloc(3000, 'z'),
    ]);
    socket.write(Buffer.concat([frame(1, 4, 1, block(...usual, entry, Buffer.alloc(40, 0xbe))), call(3)]));
    expect((await until(reset(1))).payload.readUInt32BE(0)).toBe(11);
    await until(answered(3));
  });

  it('gets its answer as the windows of the client allow', async () => {
    const { socket, seen, until } = open([0, 4, 0, 0, 0, 100]);
    socket.write(call(1, 'bytes 1000'));
    const sent = (): number =>
      seen.filter(({ type }) => type === 0).reduce((sum, { payload }) => sum + payload.length, 0);
    await until(() => sent() === 100);
    socket.write(frame(8, 0, 1, [0, 0, 0, 50]));
    await until(() => sent() === 150);
    socket.write(frame(4, 0, 0, [0, 4, 0, 1, 0, 0]));
    await until(answered(1));
    expect(sent()).toBeGreaterThan(1000);
  });
});

describe('a connection ends', () => {
  it.each([
    ['that begins with something else', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 1],
    ['whose stream has an even number', call(2), 1],
    ['whose streams go backwards', Buffer.concat([call(5), frame(1, 4, 3, block(...usual))]), null],
    ['that sends data of a stream that it never began', frame(0, 1, 7, message('echo')), 1],
    ['that resets a stream that it never began', frame(3, 0, 7, [0, 0, 0, 8]), 1],
    ['with a frame that is too large', frame(0, 0, 1, Buffer.alloc(70_000)), 6],
    ['with a header block that cannot be', frame(1, 5, 1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 9],
    [
      'with a header block that never ends',
      Buffer.concat([frame(1, 0, 1), ...Array.from({ length: 100 }, () => frame(9, 0, 1))]),
      11,
    ],
    ['with padding beyond the frame', Buffer.concat([frame(1, 4, 1, block(...usual)), frame(0, 8, 1, [9, 0])]), 1],
    ['with padding beyond the frame, on a stream that has ended', Buffer.concat([call(1), frame(0, 8, 1, [9, 0])]), 1],
    ['with SETTINGS cut short', frame(4, 0, 0, [0, 4, 0]), 6],
    ['with SETTINGS of a stream', frame(4, 0, 1), 1],
    ['with an initial window beyond all bounds', frame(4, 0, 0, [0, 4, 128, 0, 0, 0]), 3],
    ['with a frame size below the least', frame(4, 0, 0, [0, 5, 0, 0, 0, 1]), 1],
    ['with SETTINGS of very many entries', frame(4, 0, 0, Buffer.alloc(6 * 33)), 11],
    [
      'whose initial window takes an open stream beyond all bounds',
      Buffer.concat([
        frame(1, 4, 1, block(...usual)),
        frame(8, 0, 1, [127, 255, 0, 0]),
        frame(4, 0, 0, [0, 4, 127, 255, 255, 255]),
      ]),
      3,
    ],
    ['with a PING of a wrong size', frame(6, 0, 0, [1]), 6],
    ['with a PING of a stream', frame(6, 0, 1, Buffer.alloc(8)), 1],
    ['with a WINDOW_UPDATE of nothing', frame(8, 0, 0, [0, 0, 0, 0]), 1],
    ['with a WINDOW_UPDATE of a stream that it never began', frame(8, 0, 9, [0, 0, 0, 1]), 1],
    [
      'with a header block that another frame interrupts',
      Buffer.concat([frame(1, 0, 1), frame(6, 0, 0, Buffer.alloc(8))]),
      1,
    ],
    ['with a CONTINUATION of nothing', frame(9, 4, 1), 1],
    ['with HEADERS of stream 0', frame(1, 5, 0, block(...usual)), 1],
    ['with DATA of stream 0', frame(0, 1, 0), 1],
    ['with GOAWAY cut short', frame(7, 0, 0, [0]), 6],
    [
      'that changes its SETTINGS for ever (CVE-2019-9515)',
      Buffer.concat(Array.from({ length: 300 }, () => frame(4, 0, 0))),
      11,
    ],
    ['with pushes', frame(5, 4, 1, [0, 0, 0, 2]), 1],
    [
      'with a window beyond all bounds',
      Buffer.concat([frame(8, 0, 0, [127, 255, 255, 255]), frame(8, 0, 0, [127, 255, 255, 255])]),
      3,
    ],
    [
      'with empty frames for ever',
      Buffer.concat([frame(1, 4, 1, block(...usual)), ...Array.from({ length: 10_001 }, () => frame(0, 0, 1))]),
      11,
    ],
    [
      'that resets stream after stream (CVE-2023-44487)',
      Buffer.concat(
        Array.from({ length: 1500 }, (_, n) =>
          Buffer.concat([frame(1, 4, 2 * n + 1, block(...usual)), frame(3, 0, 2 * n + 1, [0, 0, 0, 8])]),
        ),
      ),
      11,
    ],
    [
      'that makes the server reset stream after stream (CVE-2025-8671)',
      Buffer.concat(
        Array.from({ length: 1500 }, (_, n) =>
          Buffer.concat([frame(1, 4, 2 * n + 1, block(...usual)), frame(8, 0, 2 * n + 1, [0, 0, 0, 0])]),
        ),
      ),
      11,
    ],
    [
      'with malformed requests for ever',
      Buffer.concat(Array.from({ length: 200 }, (_, n) => frame(1, 5, 2 * n + 1, block(usual[0]!)))),
      11,
    ],
  ])('%s', async (what, bytes, code) => {
    const plain = what === 'that begins with something else';
    const { socket, seen, closed } = plain ? openPlain(bytes) : open();
    if (!plain) socket.write(bytes);
    await closed;
    const told = seen.find(goaway);
    if (code !== null) expect(told?.payload.readUInt32BE(4)).toBe(code);
    // Others are served as before.
    const { socket: next, until } = open();
    next.write(call(1));
    await until(answered(1));
  });

  const openPlain = (bytes: Buffer): { socket: Socket; seen: Seen[]; closed: Promise<void> } => {
    const socket = connect(server.address.port, '127.0.0.1');
    sockets.push(socket);
    const seen: Seen[] = [];
    let all = Buffer.alloc(0);
    socket.on('data', (chunk) => (all = Buffer.concat([all, chunk])));
    const closed = new Promise<void>((resolve) =>
      socket.once('close', () => {
        while (all.length >= 9) {
          const end = 9 + all.readUIntBE(0, 3);
          seen.push({ type: all[3]!, flags: all[4]!, id: all.readUInt32BE(5), payload: all.subarray(9, end) });
          all = all.subarray(end);
        }
        resolve();
      }),
    );
    socket.write(bytes);
    return { socket, seen, closed };
  };

  it('whose client calls and calls and reads no answer', async () => {
    const { socket, closed } = open();
    socket.pause();
    // No such method: answered with fields alone, which no window holds back.
    const fields = block(
      pseudo[0]!,
      pseudo[1]!,
      literal(':path', `/${'x'.repeat(120)}`),
      literal('content-type', 'application/grpc'),
    );
    let id = -1;
    const write = (): void => {
      if (socket.destroyed) return;
      const calls = Array.from({ length: 500 }, () => frame(1, 5, (id += 2), fields));
      socket.write(Buffer.concat(calls), () => setImmediate(write));
    };
    write();
    await closed;
  }, 60_000);

  it('whose client asks for answers and reads none of them', async () => {
    const { socket, closed } = open();
    socket.pause();
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => frame(4, 0, 0)));
    const write = (): void => {
      if (!socket.destroyed) socket.write(pings, () => setImmediate(write));
    };
    write();
    await closed;
  }, 30_000);
});
