import { createServer, type Socket } from 'node:net';
import { Connection } from './connection';
import { listen } from './listen';
import { awaitProxyHeader } from './proxy-protocol/await-header';
import type { ProxiedClient } from './proxy-protocol/header';
import { remoteAddressOf } from './remote-address';
import type { ConnectionFacts, MysqlServer, MysqlServerOptions } from './types';

const defaultMaxHalfOpen = 512;
const keepAliveMs = 15_000;
/** How long clients of a stopping server are still answered, with 1053, after the last one has become idle. */
const lastWordMs = 100;
/** How often results that wait for more rows are sent anyway: --mysql-server-flush-delay. */
const flushDelayMs = 100;

/**
 * Starts one listener of the MySQL protocol and resolves when it accepts connections.
 *
 * In: see MysqlServerOptions. Out: the listening server. Errors: rejects with GatehouseError `mysql-wire.address-in-use`,
 * `mysql-wire.socket-in-use` (text of Vitess), `mysql-wire.not-a-socket` or `mysql-wire.listen-failed`.
 */
export async function createMysqlServer(options: MysqlServerOptions): Promise<MysqlServer> {
  const connections = new Set<Connection>();
  /** Sockets whose PROXY header has not come yet. */
  const waiting = new Set<Socket>();
  const maxHalfOpen = options.maxHalfOpen ?? defaultMaxHalfOpen;
  const maxConnections = options.maxConnections ?? Infinity;
  const socketPath = 'socketPath' in options.listen ? options.listen.socketPath : null;
  let halfOpen = 0;
  let lastId = 0;
  let whenEmpty: (() => void) | null = null;

  const factsOf = (socket: Socket, client: ProxiedClient | null): ConnectionFacts => {
    const unixSocket = socketPath !== null;
    const remoteAddress = client?.address ?? remoteAddressOf(socket, unixSocket);
    lastId = lastId === 0xffffffff ? 1 : lastId + 1;
    // All clients of a Unix socket have the same address; the connection id, which each of them is told, is theirs alone.
    const traceId = options.recorder.open(options.name, unixSocket ? `@${lastId}` : remoteAddress);
    const claims = client?.unixSocket === true ? { claimsUnixSocket: true } : {};
    return { connectionId: lastId, remoteAddress, unixSocket, ...claims, secured: null, traceId };
  };

  const accept = (socket: Socket): void => {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    const full = halfOpen >= maxHalfOpen || connections.size + waiting.size >= maxConnections;
    halfOpen += 1;
    if (full || options.proxyProtocol !== true || socketPath !== null) return serve(socket, null, full);
    waiting.add(socket);
    void awaitProxyHeader(socket, options.proxyHeaderTimeoutMs).then((header) => {
      waiting.delete(socket);
      if (header.kind === 'ready' && !socket.destroyed) return serve(socket, header.client, false);
      halfOpen -= 1;
      socket.destroy();
      if (connections.size + waiting.size === 0) whenEmpty?.();
    });
  };

  const serve = (socket: Socket, client: ProxiedClient | null, full: boolean): void => {
    const connection = new Connection(socket, options, factsOf(socket, client), {
      decided: () => (halfOpen -= 1),
      idle: () => setTimeout(closeIdle, lastWordMs),
      ended: () => {
        connections.delete(connection);
        if (connections.size + waiting.size === 0) whenEmpty?.();
        else if (stopping !== null) closeIdle();
      },
    });
    connections.add(connection);
    if (full) connection.turnAway({ errno: 1040, sqlState: '08004', message: 'Too many connections' });
    else connection.start();
    if (socket.isPaused()) socket.resume();
  };

  const server = createServer({ noDelay: true }, accept);
  const address = await listen(server, options);
  // A listener whose accept fails (no file descriptor left) goes on with the next client.
  server.on('error', () => undefined);
  const flushing = setInterval(() => {
    for (const connection of connections) connection.flushPending();
  }, flushDelayMs);
  flushing.unref();

  let stopping: Promise<void> | null = null;
  /** Closes every connection of a stopping server once no client runs a statement or has a transaction open. */
  const closeIdle = (): void => {
    const all = [...connections];
    if (!all.some(({ busy }) => busy)) for (const connection of all) connection.finish();
  };
  const stop = async (graceMs: number): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const empty = new Promise<void>((resolve) => {
      if (connections.size + waiting.size === 0) resolve();
      else whenEmpty = resolve;
    });
    for (const socket of waiting) socket.destroy();
    for (const connection of [...connections]) connection.drain();
    closeIdle();
    const impatience = setTimeout(() => {
      for (const connection of [...connections]) connection.destroy();
    }, graceMs);
    await empty;
    clearTimeout(impatience);
    clearInterval(flushing);
    await closed;
  };

  return {
    address,
    get openConnections() {
      return connections.size + waiting.size;
    },
    stop: ({ graceMs = 1_000 } = {}) => (stopping ??= stop(graceMs)),
  };
}
