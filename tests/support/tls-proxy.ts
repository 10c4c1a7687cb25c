import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls';
import type { Identity } from './tls-identities';

/** Somebody who stands in front of a listener, ends TLS with a certificate of their own and reads along. */
export interface TlsProxy {
  readonly port: number;
  /** What went through in clear, both ways. */
  readonly seen: () => Buffer;
  close(): Promise<void>;
}

/** The first MySQL packet that has come whole, header included; rejects when the connection ends before. */
function onePacket(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let have = Buffer.alloc(0);
    const take = (chunk: Buffer): void => {
      have = Buffer.concat([have, chunk]);
      const length = have.length < 4 ? Infinity : 4 + have.readUIntLE(0, 3);
      if (have.length < length) return;
      socket.off('data', take);
      socket.pause();
      if (have.length > length) socket.unshift(have.subarray(length));
      resolve(have.subarray(0, length));
    };
    socket.on('data', take);
    socket.once('close', () => reject(new Error('closed')));
    socket.resume();
  });
}

/**
 * Starts the proxy in front of `target`. `mysql`: it lets the greeting and the request for TLS pass, then secures both
 * sides; a client that asks for no TLS passes as it is. `grpc`: TLS from the first byte. It trusts whoever is behind it.
 */
export async function startTlsProxy(
  protocol: 'mysql' | 'grpc',
  target: { readonly host: string; readonly port: number },
  identity: Identity,
): Promise<TlsProxy> {
  const seen: Buffer[] = [];
  const sockets = new Set<Socket>();
  const context = createSecureContext({ cert: identity.cert, key: identity.key });
  const alpn = protocol === 'grpc' ? { ALPNProtocols: ['h2'] } : {};
  const join = (near: Socket, far: Socket): void => {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk: Buffer) => {
        seen.push(chunk);
        to.write(chunk);
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
    near.resume();
    far.resume();
  };
  const secureBoth = async (near: Socket, far: Socket): Promise<void> => {
    const server = new TLSSocket(near, { isServer: true, secureContext: context, ...alpn });
    server.on('error', () => near.destroy());
    await once(server, 'secure');
    const client = connectTls({ socket: far, rejectUnauthorized: false, ...alpn });
    client.on('error', () => far.destroy());
    await once(client, 'secureConnect');
    join(server, client);
  };
  const relay = async (near: Socket, far: Socket): Promise<void> => {
    if (protocol === 'grpc') return secureBoth(near, far);
    near.write(await onePacket(far));
    const first = await onePacket(near);
    far.write(first);
    // Protocol::SSLRequest is the first 32 bytes of a login packet and no more.
    if (first.length === 36) await secureBoth(near, far);
    else join(near, far);
  };
  const server = createServer((near) => {
    const far = connect(target.port, target.host);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    relay(near, far).catch(() => {
      near.destroy();
      far.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen: () => Buffer.concat(seen),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
