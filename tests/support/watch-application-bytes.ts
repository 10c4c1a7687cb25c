import { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';

/**
 * Counts the decrypted bytes that reach JavaScript on TLS sockets of one side. It looks below every listener: Node hands
 * all application data of a TLS socket to Readable.push.
 */
export function watchApplicationBytes(side: 'server' | 'client'): { bytes: () => number; restore: () => void } {
  const original = Readable.prototype.push;
  let bytes = 0;
  Readable.prototype.push = function push(this: Readable, chunk: unknown, ...rest: unknown[]): boolean {
    const isServer =
      this instanceof TLSSocket &&
      (this as unknown as { _tlsOptions: { isServer?: boolean } })._tlsOptions.isServer === true;
    if (this instanceof TLSSocket && isServer === (side === 'server') && chunk instanceof Uint8Array)
      bytes += chunk.byteLength;
    return (original as (...args: unknown[]) => boolean).call(this, chunk, ...rest);
  } as typeof original;
  return {
    bytes: () => bytes,
    restore: () => {
      Readable.prototype.push = original;
    },
  };
}
