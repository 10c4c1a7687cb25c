import {
  constants,
  performServerHandshake,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { SESSION_WINDOW_BYTES, serverSessionOptions } from './http2-limits';
import { calmDown, keepAlive, PingPolice } from './keepalive';
import { patience } from './patience';
import { ServerCall, type CallPolicy } from './server-call';
import type { GrpcPeer, KeepaliveTimes } from './types';

/** HTTP/2 on one accepted connection, which is secured already or is meant to be plaintext. */
export class ServerSession {
  readonly #session: ServerHttp2Session;
  readonly #closed: Promise<void>;
  readonly #pings = new PingPolice();
  #openCalls = 0;

  /** `timeoutMs`: how long the client may take until its first SETTINGS frame. */
  constructor(socket: Socket, peer: GrpcPeer, policy: CallPolicy, timeoutMs: number, keepalive?: KeepaliveTimes) {
    const session = performServerHandshake(socket, serverSessionOptions);
    this.#session = session;
    // A TLSSocket that no tls.Server owns never says that it is secure, and the session waits to hear it.
    if (peer.secured !== null) socket.emit('secureConnect');
    socket.on('error', () => {
      session.destroy();
      socket.destroy();
    });
    session.on('error', () => undefined);
    this.#closed = new Promise((resolve) => session.once('close', resolve));

    const calm = patience(timeoutMs, () => session.destroy());
    session.once('remoteSettings', calm);
    session.once('close', calm);
    session.once('connect', () => session.setLocalWindowSize(SESSION_WINDOW_BYTES));
    keepAlive(session, socket, keepalive);
    session.on('ping', () => {
      if (this.#pings.tooMany(performance.now(), this.#openCalls, socket.bytesWritten)) calmDown(session);
    });
    session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: string[]) => {
      this.#openCalls += 1;
      this.#pings.cleared();
      stream.once('close', () => {
        this.#openCalls -= 1;
        this.#pings.cleared();
      });
      new ServerCall(stream, headers[':path'] ?? '', raw, peer, policy).start(headers);
    });
  }

  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Announces that no new calls are taken (GOAWAY); the connection ends with its last call. */
  drain(): void {
    if (!this.#session.closed && !this.#session.destroyed) this.#session.close();
  }

  /** Ends the connection and every call on it. */
  destroy(): void {
    if (!this.#session.destroyed) this.#session.destroy(undefined, constants.NGHTTP2_NO_ERROR);
  }
}
