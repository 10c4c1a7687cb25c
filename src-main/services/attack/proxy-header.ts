import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { dial, type DialTarget } from '../../clients';

/** A proxy in front of a listener that takes PROXY headers. */
export interface HeaderProxy {
  readonly target: DialTarget;
  /** The client's address as the latest header gave it. */
  readonly outgoing: () => string | null;
  close(): Promise<void>;
}

/**
 * Relays each connection to `server` with a header of PROXY protocol version 1 in front (haproxy.org,
 * proxy-protocol.txt §2.1). `claimed`: the address that the header tells; null: the client's own, as an honest proxy does.
 */
export async function openHeaderProxy(
  server: { readonly host: string; readonly port: number },
  claimed: { readonly host: string; readonly port: number } | null,
): Promise<HeaderProxy> {
  let told: string | null = null;
  const listener = createServer((near) => {
    const client = claimed ?? { host: near.remoteAddress ?? '127.0.0.1', port: near.remotePort ?? 0 };
    told = `${client.host}:${client.port}`;
    const { socket: far, connected } = dial(server);
    near.on('error', () => far.destroy());
    near.on('close', () => far.destroySoon());
    far.on('close', () => near.destroySoon());
    connected.then(
      () => {
        far.write(`PROXY TCP4 ${client.host} 127.0.0.1 ${client.port} ${server.port}\r\n`);
        near.pipe(far);
        far.pipe(near);
      },
      () => near.destroy(),
    );
  });
  listener.listen({ host: '127.0.0.1', port: 0 });
  await once(listener, 'listening');
  return {
    target: { host: '127.0.0.1', port: (listener.address() as AddressInfo).port },
    outgoing: () => told,
    close: async () => {
      listener.close();
      await once(listener, 'close');
    },
  };
}
