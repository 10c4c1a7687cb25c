import type { Socket } from 'node:net';
import { readProxyHeader, type ProxiedClient } from './header';

/** How the beginning of a connection came out. */
export type HeaderOutcome =
  /** The rest of what came is back in the socket, which is paused. `client` null: its own address counts. */
  | { readonly kind: 'ready'; readonly client: ProxiedClient | null }
  /** The socket is to be closed without a word. */
  | { readonly kind: 'broken'; readonly reason: string };

/** Bytes of the signature of version 2; a line of version 1 is never waited for. */
const signatureLength = 12;

/** As vtgate waits: who is silent for so long has no header (vitess-behaviour, `--proxy-protocol`). */
export const headerTimeoutMs = 10_000;

/**
 * Takes a PROXY protocol header off a fresh socket. Nothing is taken that is no header, and whoever sends none within
 * `timeoutMs` milliseconds goes on without; bytes of a header that is begun and does not come to an end by then are
 * broken. Never rejects.
 */
export function awaitProxyHeader(socket: Socket, timeoutMs = headerTimeoutMs): Promise<HeaderOutcome> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);

    const settle = (outcome: HeaderOutcome, taken: number): void => {
      clearTimeout(timer);
      socket.pause();
      socket.off('data', onData);
      socket.off('end', onGone);
      socket.off('close', onGone);
      const rest = bytes.subarray(taken);
      if (rest.length > 0 && outcome.kind === 'ready' && !socket.destroyed) socket.unshift(rest);
      resolve(outcome);
    };
    const onData = (chunk: Buffer): void => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const header = readProxyHeader(bytes);
      if (header.kind === 'more') return;
      if (header.kind === 'broken') settle(header, 0);
      else if (header.kind === 'none') settle({ kind: 'ready', client: null }, 0);
      else settle({ kind: 'ready', client: header.client }, header.length);
    };
    const onGone = (): void => settle({ kind: 'broken', reason: 'the client left before its header' }, 0);
    // A part of a signature is no header; a whole one begins one.
    const onTimeout = (): void =>
      settle(
        bytes.length >= signatureLength
          ? { kind: 'broken', reason: 'the header does not end' }
          : { kind: 'ready', client: null },
        0,
      );

    const timer = setTimeout(onTimeout, timeoutMs);
    socket.on('data', onData);
    socket.once('end', onGone);
    socket.once('close', onGone);
    socket.on('error', () => undefined);
  });
}
