import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import { explainTlsError } from '../tls';
import { firstPacket } from './first-packet';

export interface InterceptorOptions {
  /** `mysql`: TLS begins after the greeting, on request (MySQL manual: Protocol::SSLRequest). `grpc`: with the first byte. */
  readonly protocol: 'mysql' | 'grpc';
  /** Who is stood in front of. */
  readonly target: { readonly host: string; readonly port: number };
  /** Certificate with which it ends TLS, PEM; null: it ends none, and reads only what crosses in clear. */
  readonly identity: { readonly cert: string; readonly key: string } | null;
}

/** What was read, in the order in which it passed: bytes inside TLS, taken out of it. */
export interface Intercepted {
  readonly chunks: readonly { readonly from: 'client' | 'server'; readonly atMicros: number; readonly bytes: Buffer }[];
  readonly total: { readonly client: number; readonly server: number };
}

/** A man in the middle: ends TLS with a certificate of his own, opens it anew to the target, and reads what passes. */
export interface Interceptor {
  readonly address: { readonly host: string; readonly port: number };
  /** Address of the latest connection to the target, as the target sees it; null: there was none. */
  outgoing(): string | null;
  /** Takes over a connection that came another way, on a link for instance. */
  take(near: Socket): void;
  intercepted(): Intercepted;
  /** How handshakes ended that did not succeed: with whom, and the alert or the words of the library. */
  refusals(): readonly { readonly by: 'client' | 'server'; readonly text: string; readonly alert: string | null }[];
  close(): Promise<void>;
}

/** Bytes of each direction that are kept. */
const KEPT = 64 * 1024;
/** Payload of Protocol::SSLRequest with its header: the first 32 bytes of a login packet and no more. */
const SSL_REQUEST = 36;

/**
 * Starts it on loopback. It trusts whoever is behind it and asks nobody for a certificate. What it reads may be secret: it
 * stays in memory, and is for looking up what could be read, not for showing.
 */
export async function openInterceptor(options: InterceptorOptions): Promise<Interceptor> {
  const { protocol, target, identity } = options;
  const context = identity === null ? null : createSecureContext({ cert: identity.cert, key: identity.key });
  const chunks: { from: 'client' | 'server'; atMicros: number; bytes: Buffer }[] = [];
  const total = { client: 0, server: 0 };
  const kept = { client: 0, server: 0 };
  const refusals: { by: 'client' | 'server'; text: string; alert: string | null }[] = [];
  const sockets = new Set<Socket>();
  let outgoing: string | null = null;

  const note = (from: 'client' | 'server', data: Buffer): void => {
    total[from] += data.length;
    const bytes = data.subarray(0, Math.max(0, KEPT - kept[from]));
    if (bytes.length === 0) return;
    kept[from] += bytes.length;
    chunks.push({ from, atMicros: Math.round((performance.timeOrigin + performance.now()) * 1000), bytes });
  };
  const refused = (by: 'client' | 'server', error: Error): void => {
    // The side that is talked to refuses: seen from here it is the other end of a server's or a client's handshake.
    const { message, alert, cause } = explainTlsError(error, by === 'client' ? 'server' : 'client', null);
    refusals.push({ by, text: message, alert: cause === 'refused-by-peer' ? alert : null });
  };
  const pass = (from: Socket, to: Socket, side: 'client' | 'server'): void => {
    from.on('data', (data: Buffer) => {
      note(side, data);
      if (!to.write(data)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('end', () => to.end());
    from.on('error', (error) => {
      if (from instanceof TLSSocket) refused(side, error);
      to.destroy();
    });
    from.on('close', () => to.destroySoon());
    from.resume();
  };
  const join = (near: Socket, far: Socket): void => {
    pass(near, far, 'client');
    pass(far, near, 'server');
  };
  const secureBoth = async (near: Socket, far: Socket, secure: SecureContext): Promise<void> => {
    const alpn = protocol === 'grpc' ? { ALPNProtocols: ['h2'] } : {};
    const inner = new TLSSocket(near, { isServer: true, secureContext: secure, ...alpn });
    await shaken(inner, 'secure', (error) => refused('client', error));
    const outer = connectTls({ socket: far, rejectUnauthorized: false, ...alpn });
    await shaken(outer, 'secureConnect', (error) => refused('server', error));
    join(inner, outer);
  };
  const relay = async (near: Socket, far: Socket): Promise<void> => {
    await once(far, 'connect');
    outgoing = `${far.localAddress}:${far.localPort}`;
    if (context === null) return join(near, far);
    if (protocol === 'grpc') return secureBoth(near, far, context);
    near.write(await firstPacket(far));
    const first = await firstPacket(near);
    far.write(first);
    if (first.length === SSL_REQUEST) return secureBoth(near, far, context);
    note('client', first);
    join(near, far);
  };
  const take = (near: Socket): void => {
    const far = connect({ host: target.host, port: target.port, noDelay: true });
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        // The other side may still be reading what was written last.
        (socket === near ? far : near).destroySoon();
      });
    }
    relay(near, far).catch(end);
  };
  const listener = createServer({ noDelay: true, pauseOnConnect: true }, take);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    address: { host: '127.0.0.1', port: (listener.address() as AddressInfo).port },
    outgoing: () => outgoing,
    take,
    intercepted: () => ({ chunks: [...chunks], total: { ...total } }),
    refusals: () => [...refusals],
    close: async () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}

/** Waits for the end of a handshake; rejects, and tells why, when it comes to none. */
function shaken(socket: TLSSocket, event: 'secure' | 'secureConnect', tell: (error: Error) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      tell(error);
      reject(error);
    };
    const closed = (): void => reject(new Error('the connection was closed during the handshake'));
    socket.once('error', fail);
    socket.once('close', closed);
    socket.once(event, () => {
      socket.off('error', fail);
      socket.off('close', closed);
      resolve();
    });
  });
}
