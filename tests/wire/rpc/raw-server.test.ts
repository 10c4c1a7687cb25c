import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createGrpcClient, queryMethods, type GrpcClient } from '../../../src-main/servers/rpc';
import { ask, failure } from './rig';

let server: Server;
let client: GrpcClient;
const sockets: Socket[] = [];
afterEach(async () => {
  await client.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

const frame = (type: number, flags: number, stream: number, payload: Buffer | number[] = []): Buffer => {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
};
const [DATA, HEADERS, RESET, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION] = [0, 1, 3, 4, 5, 6, 7, 8, 9];
const setting = (number: number, value: number): number[] => [
  0,
  number,
  value >>> 24,
  (value >> 16) & 255,
  (value >> 8) & 255,
  value & 255,
];
/** `:status 200`, content-type: application/grpc as a literal. */
const okBlock = Buffer.concat([Buffer.from([0x88, 0x0f, 0x10, 16]), Buffer.from('application/grpc')]);
const okTrailers = Buffer.concat([
  Buffer.from([0x00, 11]),
  Buffer.from('grpc-status'),
  Buffer.from([1]),
  Buffer.from('0'),
]);
const message = Buffer.from([0, 0, 0, 0, 0]);
const answer = (id: number): Buffer =>
  Buffer.concat([frame(HEADERS, 4, id, okBlock), frame(DATA, 0, id, message), frame(HEADERS, 5, id, okTrailers)]);

interface Seen {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** A server that writes and reads frames as told; `settings` is its first frame's payload. */
async function start(onFrame: (seen: Seen, socket: Socket) => void, settings: number[] = []): Promise<void> {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write(frame(SETTINGS, 0, 0, settings));
    let bytes = Buffer.alloc(0);
    let greeted = false;
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (!greeted && bytes.length >= 24) {
        greeted = true;
        bytes = bytes.subarray(24);
      }
      while (greeted && bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
        const end = 9 + bytes.readUIntBE(0, 3);
        const seen = { type: bytes[3]!, flags: bytes[4]!, id: bytes.readUInt32BE(5), payload: bytes.subarray(9, end) };
        bytes = bytes.subarray(end);
        onFrame(seen, socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = createGrpcClient({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
}
const call = (sql = 'x') => client.unary(queryMethods.Execute, ask(sql));
const ends = ({ type, flags }: Seen): boolean => type === DATA && (flags & 1) === 1;

describe('our client', () => {
  it.each([
    ['has no status', Buffer.from([0x0f, 0x10, 0])],
    ['has two statuses', Buffer.concat([Buffer.from([0x88]), okBlock])],
    ['has a status that is none', Buffer.concat([Buffer.from([0x08, 2]), Buffer.from('20')])],
    ['has a pseudo field of requests', Buffer.concat([okBlock, Buffer.from([0x83])])],
    ['has a name in capitals', Buffer.concat([okBlock, Buffer.from([0, 1]), Buffer.from('X'), Buffer.from([0])])],
    [
      'breaks a line in a value',
      Buffer.concat([okBlock, Buffer.from([0, 1]), Buffer.from('x'), Buffer.from([2]), Buffer.from('\r\n')]),
    ],
  ])('resets a call whose answer %s', async (_what, block) => {
    const resets: Seen[] = [];
    await start((seen, socket) => {
      if (ends(seen))
        socket.write(
          Buffer.concat([
            frame(HEADERS, 4, seen.id, block),
            frame(DATA, 0, seen.id, message),
            frame(HEADERS, 5, seen.id, okTrailers),
          ]),
        );
      if (seen.type === RESET) resets.push(seen);
    });
    expect((await failure(call())).code).toBe(13);
    await expect.poll(() => resets.map(({ payload }) => payload.readUInt32BE(0))).toContain(1);
  });

  it('resets a call whose trailers have a pseudo field, and one that is never answered for good', async () => {
    await start((seen, socket) => {
      if (!ends(seen)) return;
      if (seen.id === 1)
        socket.write(
          Buffer.concat([
            frame(HEADERS, 4, 1, okBlock),
            frame(DATA, 0, 1, message),
            frame(HEADERS, 5, 1, Buffer.from([0x88, ...okTrailers])),
          ]),
        );
      else
        for (let n = 0; n < 20; n += 1)
          socket.write(frame(HEADERS, 4, seen.id, Buffer.concat([Buffer.from([0x08, 3]), Buffer.from('100')])));
    });
    expect((await failure(call())).code).toBe(13);
    expect((await failure(call())).code).toBe(13);
  });

  it('takes an answer in any number of pieces', async () => {
    await start((seen, socket) => {
      if (!ends(seen)) return;
      const block = Buffer.concat([okBlock, okBlock.subarray(0, 0)]);
      const bytes = Buffer.concat([
        frame(HEADERS, 0, seen.id, block.subarray(0, 3)),
        frame(CONTINUATION, 0, seen.id, block.subarray(3, 9)),
        frame(CONTINUATION, 4, seen.id, block.subarray(9)),
        frame(DATA, 8, seen.id, [3, ...message.subarray(0, 2), 0, 0, 0]),
        frame(0x2a, 0, seen.id, [1, 2, 3]),
        frame(DATA, 0, seen.id, message.subarray(2)),
        frame(HEADERS, 0x25, seen.id, Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), okTrailers])),
      ]);
      socket.setNoDelay(true);
      for (const byte of bytes) socket.write(Buffer.from([byte]));
    });
    await call();
    await call();
  });

  it('sends no more than the windows of the server allow, and the rest when they open', async () => {
    let received = 0;
    let most = 0;
    await start(
      (seen, socket) => {
        if (seen.type !== DATA) return;
        received += seen.payload.length;
        most = Math.max(most, seen.payload.length);
        if (ends(seen)) socket.write(answer(seen.id));
        else if (received % 1000 === 0)
          socket.write(Buffer.concat([frame(WINDOW, 0, seen.id, [0, 0, 3, 232]), frame(WINDOW, 0, 0, [0, 0, 3, 232])]));
      },
      setting(4, 1000),
    );
    await call('y'.repeat(200_000));
    expect(received).toBeGreaterThan(200_000);
    expect(most).toBe(1000);
  });

  it('has no more calls under way than the server wants', async () => {
    const open: number[] = [];
    let most = 0;
    await start(
      (seen, socket) => {
        if (!ends(seen)) return;
        open.push(seen.id);
        most = Math.max(most, open.length);
        setImmediate(() => socket.write(answer(open.shift()!)));
      },
      setting(3, 2),
    );
    await Promise.all(Array.from({ length: 20 }, () => call()));
    expect(most).toBeLessThanOrEqual(2);
  });

  it('asks again, elsewhere, what a departing server has not begun', async () => {
    let connections = 0;
    const first = new Set<Socket>();
    await start((seen, socket) => {
      if (seen.type === SETTINGS && seen.flags === 0) connections += 1;
      if (!ends(seen)) return;
      if (connections === 1 && seen.id === 1) {
        first.add(socket);
        // Stream 1 was begun, stream 3 was not.
        socket.write(frame(GOAWAY, 0, 0, [0, 0, 0, 1, 0, 0, 0, 0]));
        socket.write(answer(1));
      } else if (!first.has(socket)) socket.write(answer(seen.id));
    });
    await Promise.all([call(), call()]);
    expect(connections).toBe(2);
  });

  it('answers PING and SETTINGS', async () => {
    const answered: string[] = [];
    await start((seen, socket) => {
      if (seen.type === SETTINGS && seen.flags === 0) socket.write(frame(PING, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]));
      if (seen.type === PING) answered.push(`ping ${seen.flags} ${seen.payload.toString('hex')}`);
      if (seen.type === SETTINGS && seen.flags === 1) answered.push('settings');
      if (ends(seen)) socket.write(answer(seen.id));
    });
    await call();
    // What was answered before the second call was heard before it.
    await call();
    expect(answered.sort()).toEqual(['ping 1 0102030405060708', 'settings']);
  });

  it.each([
    ['pushes', frame(PUSH, 4, 1, [0, 0, 0, 2, 0x88])],
    ['interrupts a header block', Buffer.concat([frame(HEADERS, 0, 1, [0x88]), frame(PING, 0, 0, Buffer.alloc(8))])],
    [
      'continues header blocks for ever',
      Buffer.concat([frame(HEADERS, 0, 1), ...Array.from({ length: 100 }, () => frame(CONTINUATION, 0, 1))]),
    ],
    ['sends a frame too large', frame(DATA, 0, 1, Buffer.alloc(70_000))],
    ['answers streams that were never begun', frame(HEADERS, 5, 99, okBlock)],
    ['sends a PING of the wrong size', frame(PING, 0, 0, [1])],
    [
      'lets a window grow beyond all bounds',
      Buffer.concat([frame(WINDOW, 0, 0, [0x7f, 255, 255, 255]), frame(WINDOW, 0, 0, [0x7f, 255, 255, 255])]),
    ],
    ['refers to a header that it never sent', frame(HEADERS, 5, 1, [0xfe])],
    ['resets stream 0', frame(RESET, 0, 0, [0, 0, 0, 0])],
  ])('ends the connection of a server that %s, and dials again', async (_what, bytes) => {
    let bad = true;
    await start((seen, socket) => {
      if (!ends(seen)) return;
      if (bad) socket.write(bytes);
      else socket.write(answer(seen.id));
      bad = false;
    });
    expect((await failure(call())).code).toBe(14);
    await call();
  });

  it('ends only the stream whose data has no headers', async () => {
    await start((seen, socket) => {
      if (ends(seen)) socket.write(seen.id === 1 ? frame(DATA, 0, 1, message) : answer(seen.id));
    });
    expect((await failure(call())).code).toBe(13);
    await call();
  });
});
