import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { SecuredConnection } from '../tls/types';
import { peek, looksLikeTls } from './first-bytes';
import { DEFAULT_MAX_MESSAGE_BYTES } from './framing';
import { healthService } from './health';
import { reflectionServices } from './reflection';
import type { CallPolicy } from './server-call';
import { ServerSession } from './server-session';
import { Router, type RegisteredService } from './services';
import type { GrpcPeer, GrpcServer, GrpcServerOptions } from './types';

const DEFAULT_HANDSHAKE_TIMEOUT_MS = 10_000;
const DEFAULT_GRACE_MS = 1000;

/**
 * Listens on options.listen and serves `services`, health checking and server reflection. Without `tls` the port is
 * plaintext; with it, HTTP/2 is spoken only on connections that the acceptor has judged, so no call of a refused peer is
 * ever read. Rejects with the listening socket's error (EADDRINUSE, EACCES, …).
 */
export async function createGrpcServer(
  options: GrpcServerOptions,
  services: readonly RegisteredService[],
): Promise<GrpcServer> {
  const { recorder, tls, optionalTls = false, handshakeTimeoutMs = DEFAULT_HANDSHAKE_TIMEOUT_MS } = options;
  const part = options.part ?? 'gateway';
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerSession>();
  let stopping: Promise<void> | null = null;

  const names = services.map(({ name }) => name);
  const router = new Router([...services, healthService(names), ...reflectionServices(names)]);
  const policy: CallPolicy = {
    router,
    authorize: options.authorize ?? null,
    maxMessageBytes: options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    ended: (context, code, message) => {
      if (!recorder.enabled(part, context.peer.traceId)) return;
      const data = code === 0 ? { path: context.path, code } : { path: context.path, code, message };
      recorder.record(context.peer.traceId, part, 'rpc.answered', code === 0 ? 'ok' : 'refused', data);
    },
    crashed: (context, error) => {
      if (!recorder.enabled(part)) return;
      const kind = error instanceof Error ? error.name : typeof error;
      const detail = error instanceof Error ? error.message : '';
      recorder.record(context.peer.traceId, part, 'rpc.crashed', 'failed', { path: context.path, kind, detail });
    },
  };

  const speak = (socket: Socket, remoteAddress: string, traceId: string, secured: SecuredConnection | null): void => {
    const peer: GrpcPeer = { remoteAddress, secured, traceId };
    const session = new ServerSession(socket, peer, policy, handshakeTimeoutMs, options.keepalive);
    sessions.add(session);
    void session.closed.then(() => {
      sessions.delete(session);
      socket.destroy();
    });
    if (stopping !== null) session.drain();
  };

  const secure = async (raw: Socket, remoteAddress: string, traceId: string): Promise<void> => {
    let head: Buffer | null = null;
    if (tls === undefined) return speak(raw, remoteAddress, traceId, null);
    if (optionalTls) {
      head = await peek(raw, handshakeTimeoutMs);
      if (head === null || raw.destroyed) return void raw.destroy();
      if (!looksLikeTls(head)) {
        raw.unshift(head);
        return speak(raw, remoteAddress, traceId, null);
      }
    }
    const secured = await tls.accept(raw, {
      ...(head === null ? {} : { head }),
      timeoutMs: handshakeTimeoutMs,
      traceId,
    });
    // grpc-go refuses connections on which no protocol was chosen (credentials/tls.go, missing selected ALPN property).
    if (secured.alpn !== 'h2' || secured.socket.destroyed) return void secured.socket.destroy();
    speak(secured.socket, remoteAddress, traceId, secured);
  };

  const server = createServer({ noDelay: true }, (raw) => {
    sockets.add(raw);
    raw.once('close', () => sockets.delete(raw));
    raw.on('error', () => raw.destroy());
    const remoteAddress = `${raw.remoteAddress ?? ''}:${raw.remotePort ?? 0}`;
    const traceId = recorder.open(options.name, remoteAddress);
    secure(raw, remoteAddress, traceId).catch(() => raw.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.listen.port, options.listen.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', () => undefined);
  const { address, port } = server.address() as AddressInfo;

  const stop = async (graceMs: number): Promise<void> => {
    const listenerClosed = new Promise<void>((resolve) => server.close(() => resolve()));
    const drained = Promise.all([...sessions].map(({ closed }) => closed));
    for (const session of [...sessions]) session.drain();
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([drained, new Promise((resolve) => (timer = setTimeout(resolve, graceMs)))]);
    clearTimeout(timer);
    for (const session of [...sessions]) session.destroy();
    for (const socket of [...sockets]) socket.destroy();
    await listenerClosed;
  };

  return {
    address: { host: address, port },
    get openConnections() {
      return sessions.size;
    },
    stop: ({ graceMs = DEFAULT_GRACE_MS } = {}) => (stopping ??= stop(graceMs)),
  };
}
