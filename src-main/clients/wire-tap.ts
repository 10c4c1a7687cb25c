import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { dial, type DialTarget } from './dial';

/** A stretch of bytes as it passed the tap. */
export interface TappedChunk {
  readonly from: 'client' | 'server';
  /** Microseconds since the Unix epoch. */
  readonly atMicros: number;
  readonly bytes: Buffer;
}

/** What a listener between the two ends got to see. */
export interface Capture {
  /** In the order in which they passed; at most `limit` bytes of each direction are kept. */
  readonly chunks: readonly TappedChunk[];
  /** All bytes of each direction, the dropped ones too. */
  readonly total: { readonly client: number; readonly server: number };
}

/** A relay that one client dials instead of the server; what passes is copied and not changed. */
export interface WireTap {
  readonly target: DialTarget;
  /** Address of the tap's own connection to the server, as the server sees it; null over a Unix socket or before the first client. */
  readonly outgoing: () => string | null;
  readonly capture: () => Capture;
  close(): Promise<void>;
}

/** Bytes of each direction that are kept. */
const KEPT = 64 * 1024;

/**
 * Listens on loopback (or on the Unix socket `listenAt`) and relays every connection to `server`, recording what a
 * listener between the two reads. It terminates nothing: TLS passes through it sealed.
 */
export async function openWireTap(server: DialTarget, listenAt?: string): Promise<WireTap> {
  const chunks: TappedChunk[] = [];
  const total = { client: 0, server: 0 };
  const kept = { client: 0, server: 0 };
  const sockets = new Set<Socket>();
  let outgoing: string | null = null;
  const note = (from: 'client' | 'server', data: Buffer): void => {
    total[from] += data.length;
    const bytes = data.subarray(0, Math.max(0, KEPT - kept[from]));
    if (bytes.length === 0) return;
    kept[from] += bytes.length;
    const atMicros = Math.round((performance.timeOrigin + performance.now()) * 1000);
    chunks.push({ from, atMicros, bytes: Buffer.from(bytes) });
  };
  const pass = (from: Socket, to: Socket, side: 'client' | 'server'): void => {
    sockets.add(from);
    from.on('data', (data: Buffer) => {
      note(side, data);
      if (!to.write(data)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('end', () => to.end());
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      to.destroySoon();
    });
  };
  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => {
    near.setNoDelay(true);
    const { socket: far, connected } = dial(server);
    pass(near, far, 'client');
    pass(far, near, 'server');
    connected.then(
      () => {
        far.setNoDelay(true);
        outgoing ??= 'port' in server ? `${far.localAddress}:${far.localPort}` : null;
        near.resume();
      },
      () => near.destroy(),
    );
  });
  listener.listen(listenAt === undefined ? { host: '127.0.0.1', port: 0 } : { path: listenAt });
  await once(listener, 'listening');
  return {
    target:
      listenAt === undefined
        ? { host: '127.0.0.1', port: (listener.address() as AddressInfo).port }
        : { socketPath: listenAt },
    outgoing: () => outgoing,
    capture: () => ({ chunks: [...chunks], total: { ...total } }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
