import { connect as connectTcp, type Socket } from 'node:net';
import { TlsRefusedError, type TlsDialer } from '../tls';
import { connectionLost, dialFailure, handshakeFailure, prefaceFailure, prefaceTimeout } from './connection-errors';
import { ClientSession } from './h2';
import { connectionLimits } from './http2-limits';
import { defaultKeepalive, keepAlive } from './keepalive';
import { patience } from './patience';
import type { ConnectionFailure } from './types';

/** A connection attempt that failed; `failure` says why. */
export class NotConnectedError extends Error {
  constructor(readonly failure: ConnectionFailure) {
    super(failure.message);
    this.name = 'NotConnectedError';
  }
}

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  /** Null: plaintext. */
  readonly dialer: TlsDialer | null;
  readonly timeoutMs: number;
  readonly traceId: string;
  /** Ends an attempt that nobody waits for any more. */
  readonly signal: AbortSignal;
}

/** One HTTP/2 connection to a server that has answered with its SETTINGS. */
export class ClientConnection {
  readonly session: ClientSession;
  readonly scheme: 'http' | 'https';
  /** Set when the server announced its end (GOAWAY) or this side did: no new calls. */
  draining = false;
  openCalls = 0;

  constructor(session: ClientSession, scheme: 'http' | 'https') {
    this.session = session;
    this.scheme = scheme;
    session.once('goaway', () => (this.draining = true));
  }

  get usable(): boolean {
    return !this.draining && !this.session.closed && !this.session.destroyed;
  }

  /** No new calls; the connection ends with its last call. */
  drain(): void {
    this.draining = true;
    if (!this.session.closed && !this.session.destroyed) this.session.close();
  }
}

const dialTcp = ({ host, port, timeoutMs, signal }: DialOptions): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, noDelay: true });
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', fail);
    };
    const fail = (error: Error): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => fail(new Error('the attempt was given up'));
    const timer = setTimeout(() => fail(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })), timeoutMs);
    signal.addEventListener('abort', onAbort);
    socket.once('error', fail);
    socket.once('connect', () => {
      settle();
      resolve(socket);
    });
  });

/** Dials, secures, and waits for the server's SETTINGS, as grpc-go does before a connection counts. Rejects with NotConnectedError. */
export async function openConnection(
  options: DialOptions,
  lost: (connection: ClientConnection, failure: ConnectionFailure) => void,
): Promise<ClientConnection> {
  const { host, port, dialer, timeoutMs, traceId, signal } = options;
  const refuse = (failure: ConnectionFailure): never => {
    throw new NotConnectedError(failure);
  };
  const raw = await dialTcp(options).catch((error: Error) => refuse(dialFailure(error, host, port, new Date())));
  let socket = raw;
  if (dialer !== null) {
    const secured = await dialer.connect({ host, port, raw, timeoutMs, traceId, signal }).catch((error: Error) => {
      raw.destroy();
      return refuse(
        error instanceof TlsRefusedError
          ? handshakeFailure(error, new Date())
          : dialFailure(error, host, port, new Date()),
      );
    });
    socket = secured.socket;
    // grpc-go demands that the server chooses h2 (credentials/tls.go).
    if (secured.alpn !== 'h2') {
      socket.destroy();
      const text = 'credentials: cannot check peer: missing selected ALPN property';
      const message = `connection error: desc = "transport: authentication handshake failed: ${text}"`;
      refuse({ message, refusal: null, at: new Date() });
    }
  }
  return new Promise((resolve, reject) => {
    let state: 'waiting' | 'ready' | 'over' = 'waiting';
    const session = new ClientSession(socket, connectionLimits);
    const connection = new ClientConnection(session, dialer === null ? 'http' : 'https');
    const end = (failure: () => ConnectionFailure): void => {
      const before = state;
      if (before === 'over') return;
      state = 'over';
      calm();
      // The session first, so that calls learn of the end; the socket too, because a session waits for it to take its GOAWAY.
      session.destroy();
      socket.destroy();
      if (before === 'ready') lost(connection, connectionLost(new Date()));
      else reject(new NotConnectedError(failure()));
    };
    const calm = patience(timeoutMs, () => end(() => prefaceTimeout(new Date())));
    const broken = (error: Error | null): void => end(() => prefaceFailure(error, dialer !== null, new Date()));
    // An alert that comes after the handshake reaches the socket and not the session.
    socket.on('error', broken);
    socket.on('close', () => broken(null));
    session.on('error', broken);
    session.once('close', () => broken(null));
    session.once('ready', () => {
      if (state !== 'waiting') return;
      calm();
      state = 'ready';
      keepAlive(session, socket, defaultKeepalive, () => connection.openCalls > 0);
      resolve(connection);
    });
  });
}
