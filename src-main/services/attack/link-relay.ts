import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { dial } from '../../clients';

/** What somebody on the link does with a connection that the gateway has made to the tablet. */
export type OnTheLink = (near: Socket, tablet: { readonly host: string; readonly port: number }) => void;

/** A place on the way from one gateway to one tablet where an attacker can stand; empty, it passes everything on. */
export interface LinkRelay {
  readonly gateway: string;
  readonly tablet: string;
  /** Where the gateway dials instead of the tablet. */
  readonly address: { readonly host: string; readonly port: number };
  /** Where the tablet really is. */
  readonly behind: { readonly host: string; readonly port: number };
  /** Puts `attacker` on the link, or nobody with null, and ends what goes over it, so that the gateway dials again. */
  stand(attacker: OnTheLink | null): void;
  /** Resolves at the next connection that the gateway makes over the link. */
  nextConnection(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const passOn: OnTheLink = (near, tablet) => {
  const { socket: far, connected } = dial(tablet);
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('error', () => undefined);
    from.on('close', () => to.destroySoon());
  }
  connected.then(
    () => {
      far.setNoDelay(true);
      near.pipe(far);
      far.pipe(near);
    },
    () => near.destroy(),
  );
};

/** Opens the relay on loopback, on the host name that the tablet has, so that names are compared as without it. */
export async function openLinkRelay(
  gateway: string,
  tablet: string,
  behind: { readonly host: string; readonly port: number },
): Promise<LinkRelay> {
  let standing: OnTheLink = passOn;
  const sockets = new Set<Socket>();
  const listener = createServer({ allowHalfOpen: true }, (near) => {
    near.setNoDelay(true);
    sockets.add(near);
    near.on('error', () => near.destroy());
    near.on('close', () => sockets.delete(near));
    standing(near, behind);
    listener.emit('taken');
  });
  listener.listen({ host: behind.host, port: 0 });
  await once(listener, 'listening');
  return {
    gateway,
    tablet,
    address: { host: behind.host, port: (listener.address() as AddressInfo).port },
    behind,
    stand: (attacker) => {
      standing = attacker ?? passOn;
      for (const socket of sockets) socket.destroy();
    },
    nextConnection: async (signal) => {
      await once(listener, 'taken', { signal });
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
