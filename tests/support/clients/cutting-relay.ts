import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

/** A relay that passes bytes both ways and ends both connections after `after` bytes from the server's side. */
export interface CuttingRelay {
  readonly port: number;
  /** Bytes that the server has sent through it. */
  readonly passed: () => number;
  /** Ends every connection that is open now. */
  cut(): void;
  close(): Promise<void>;
}

/** Starts a relay to `target`; by default it cuts nothing and only counts. */
export async function startRelay(
  target: { readonly host: string; readonly port: number },
  after = Number.POSITIVE_INFINITY,
): Promise<CuttingRelay> {
  let passed = 0;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection(target);
    let left = after;
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        end();
      });
    }
    near.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk: Buffer) => {
      const part = chunk.subarray(0, left);
      left -= part.length;
      passed += part.length;
      if (left > 0) near.write(part);
      else near.end(part, () => end());
    });
    if (after === 0) end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    passed: () => passed,
    cut: () => {
      for (const socket of open) socket.destroy();
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
