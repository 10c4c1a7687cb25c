import type { Socket } from 'node:net';

/**
 * A TCP peer as Go prints it, `127.0.0.1:3306` or `[::1]:3306`: IPv4 addresses in IPv6 clothes lose them. `@` over a Unix
 * socket (vitess-behaviour §2.4).
 */
export function remoteAddressOf(socket: Socket, unixSocket: boolean): string {
  if (unixSocket) return '@';
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
  return address.includes(':') ? `[${address}]:${socket.remotePort}` : `${address}:${socket.remotePort}`;
}
