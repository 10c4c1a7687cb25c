import { createConnection, type Socket } from 'node:net';

/** Where a listener is. */
export type DialTarget = { readonly host: string; readonly port: number } | { readonly socketPath: string };

/** Begins to connect over TCP or a Unix socket. The socket is there at once, so that it can be ended while it connects. */
export function dial(target: DialTarget): { readonly socket: Socket; readonly connected: Promise<void> } {
  const socket =
    'port' in target
      ? createConnection({ host: target.host, port: target.port })
      : createConnection({ path: target.socketPath });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve();
    });
  });
  // A socket without a listener for errors would end the program.
  socket.on('error', () => undefined);
  return { socket, connected };
}
