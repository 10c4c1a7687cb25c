import type { Socket } from 'node:net';

const PEEKED_BYTES = 6;

/**
 * Whether a connection begins with a TLS ClientHello (Vitess, go/vt/grpcoptionaltls: byte 0 is 0x16, byte 1 is 0x03,
 * byte 5 is 0x01).
 */
export const looksLikeTls = (head: Buffer): boolean => head[0] === 0x16 && head[1] === 0x03 && head[5] === 0x01;

/** Reads the first six bytes of `socket` (more if more came) and leaves it paused. Null when it ends or `timeoutMs` pass before that. */
export function peek(socket: Socket, timeoutMs: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let length = 0;
    const settle = (head: Buffer | null): void => {
      clearTimeout(timer);
      socket.pause();
      socket.off('data', onData);
      socket.off('end', onEnd);
      socket.off('close', onEnd);
      resolve(head);
    };
    const onData = (chunk: Buffer): void => {
      parts.push(chunk);
      length += chunk.length;
      if (length >= PEEKED_BYTES) settle(Buffer.concat(parts));
    };
    const onEnd = (): void => settle(null);
    const timer = setTimeout(onEnd, timeoutMs);
    socket.on('data', onData);
    socket.once('end', onEnd);
    socket.once('close', onEnd);
  });
}
