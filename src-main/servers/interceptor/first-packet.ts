import type { Socket } from 'node:net';

/** Longest packet that is waited for before a login is over, bytes. */
const LONGEST = 64 * 1024;

/**
 * The first MySQL packet that has come whole, header included; the socket is left paused, with what came behind it unread.
 * Rejects when the connection ends before, or when the packet is announced longer than a login has reason to be.
 */
export function firstPacket(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let have: Buffer = Buffer.alloc(0);
    const settle = (): void => {
      socket.off('data', take);
      socket.off('close', closed);
      socket.pause();
    };
    const closed = (): void => {
      settle();
      reject(new Error('the connection was closed'));
    };
    const take = (chunk: Buffer): void => {
      have = Buffer.concat([have, chunk]);
      if (have.length < 4) return;
      const length = 4 + have.readUIntLE(0, 3);
      if (length > LONGEST) {
        settle();
        reject(new Error('a packet too long for a login'));
        return;
      }
      if (have.length < length) return;
      settle();
      if (have.length > length) socket.unshift(have.subarray(length));
      resolve(have.subarray(0, length));
    };
    socket.on('data', take);
    socket.once('close', closed);
    socket.resume();
  });
}
