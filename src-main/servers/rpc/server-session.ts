import type { Socket } from 'node:net';
import { ServerSession as Http2ServerSession } from './h2';
import { serverLimits } from './http2-limits';
import { keepAlive, PingPolice } from './keepalive';
import { patience } from './patience';
import { ServerCall, type CallPolicy } from './server-call';
import type { GrpcPeer, KeepaliveTimes } from './types';

/** HTTP/2 on one accepted connection, which is secured already or is meant to be plaintext. */
export class ServerSession {
  readonly #session: Http2ServerSession;
  readonly #closed: Promise<void>;
  readonly #pings = new PingPolice();

  /** `timeoutMs`: how long the client may take until its first SETTINGS frame. */
  constructor(socket: Socket, peer: GrpcPeer, policy: CallPolicy, timeoutMs: number, keepalive?: KeepaliveTimes) {
    const session: Http2ServerSession = new Http2ServerSession(
      socket,
      serverLimits,
      (stream, fields) => {
        this.#pings.cleared();
        return new ServerCall(stream, fields, peer, policy, () => this.#pings.cleared());
      },
      (): boolean => this.#pings.tooMany(performance.now(), session.open, socket.bytesWritten),
    );
    this.#session = session;
    this.#closed = new Promise((resolve) => session.once('close', resolve));
    const calm = patience(timeoutMs, () => session.destroy());
    session.once('ready', calm);
    session.once('close', calm);
    keepAlive(session, socket, keepalive);
  }

  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Announces that no new calls are taken (GOAWAY); the connection ends with its last call. */
  drain(): void {
    this.#session.close();
  }

  /** Ends the connection and every call on it. */
  destroy(): void {
    this.#session.destroy();
  }
}
