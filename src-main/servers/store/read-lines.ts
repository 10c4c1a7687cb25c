import type { Socket } from 'node:net';

/**
 * Calls `take` with each line that comes over `socket`, without its line feed. A line longer than `most` bytes ends the
 * connection. Only a line feed ends a line: JSON may hold U+2028 and U+2029 as they are, which node:readline splits at.
 */
export function readLines(socket: Socket, most: number, take: (line: string) => void): void {
  let parts: Buffer[] = [];
  let size = 0;
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8');
      parts = [];
      size = 0;
      rest = rest.subarray(end + 1);
      take(line);
      if (socket.destroyed) return;
    }
    if (rest.length === 0) return;
    parts.push(rest);
    size += rest.length;
    if (size > most) socket.destroy(new Error('a line that is too long'));
  });
}
