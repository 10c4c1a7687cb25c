import { connect, createServer, type AddressInfo } from 'node:net';

/** A relay that keeps what clients sent. */
export interface Tap {
  readonly port: number;
  readonly sent: () => Buffer;
  close(): Promise<void>;
}

/** Starts a relay to a port of this machine. */
export async function startTap(to: number): Promise<Tap> {
  const sent: Buffer[] = [];
  const server = createServer((near) => {
    const far = connect({ port: to, host: '127.0.0.1' });
    near.on('data', (chunk: Buffer) => sent.push(chunk));
    near.pipe(far);
    far.pipe(near);
    for (const socket of [near, far]) socket.on('error', () => (near.destroy(), far.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => Buffer.concat(sent),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
