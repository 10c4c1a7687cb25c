import { Writable } from 'node:stream';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { Sender } from '../../../../../src-main/servers/rpc/h2/sender';
import { Http2Stream } from '../../../../../src-main/servers/rpc/h2/stream';

const owner = { fields: () => undefined, data: () => undefined, ended: () => undefined, closed: () => undefined };

/** A sender with streams that all have data waiting, and how often any of their windows was looked at. */
function waiting(streams: number, window: number) {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const sender = new Sender(sink as Socket, () => undefined);
  const seen = { looks: 0 };
  const all = Array.from({ length: streams }, (_, at) => {
    const stream = new Http2Stream(null as never, owner, 0);
    stream.id = 2 * at + 1;
    let left = window;
    Object.defineProperty(stream, 'sendWindow', {
      get: () => {
        seen.looks += 1;
        return left;
      },
      set: (value: number) => (left = value),
    });
    sender.data(stream, Buffer.alloc(100_000), true);
    return stream;
  });
  seen.looks = 0;
  return { sender, seen, all };
}

it('a trickle of window for the connection does not look at streams that wait for their own', () => {
  const { sender, seen } = waiting(1000, 0);
  for (let n = 0; n < 1000; n += 1) sender.widen(1);
  expect(seen.looks).toBe(0);
});

it('a trickle of window for the connection serves one stream at a time, each in its turn', () => {
  // The first stream takes all that a connection has at its start.
  const { sender, seen, all } = waiting(1000, 1_000_000);
  for (let n = 0; n < 1000; n += 1) sender.widen(1);
  expect(seen.looks).toBeLessThan(20_000);
  const sent = all.map((stream) => 1_000_000 - stream.sendWindow);
  expect(Math.min(...sent)).toBe(1);
});
