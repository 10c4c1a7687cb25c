import type { Socket } from 'node:net';
import { patience } from './patience';
import type { KeepaliveTimes } from './types';

/** What keeping alive needs of a session. */
export interface PingableSession {
  readonly destroyed: boolean;
  ping(answered: () => void): unknown;
  destroy(): void;
  once(event: 'close', listener: () => void): unknown;
}

/** Vitess's defaults. */
export const defaultKeepalive: KeepaliveTimes = { afterMs: 10_000, timeoutMs: 10_000 };

/**
 * Ends a connection whose other side has gone without a word: when nothing was received for `afterMs`, sends a PING and
 * ends the connection if nothing comes within `timeoutMs`. `wanted` says whether a silent connection matters right now.
 */
export function keepAlive(
  session: PingableSession,
  socket: Socket,
  { afterMs, timeoutMs }: KeepaliveTimes = defaultKeepalive,
  wanted: () => boolean = () => true,
): void {
  let received = socket.bytesRead;
  let answered: (() => void) | null = null;
  const check = setInterval(() => {
    if (session.destroyed || answered !== null) return;
    const silent = socket.bytesRead === received;
    received = socket.bytesRead;
    if (!silent || !wanted()) return;
    const settle = patience(timeoutMs, () => {
      answered = null;
      if (socket.bytesRead !== received) return;
      session.destroy();
      socket.destroy();
    });
    answered = settle;
    session.ping(() => {
      settle();
      if (answered === settle) answered = null;
    });
  }, afterMs);
  check.unref();
  session.once('close', () => {
    clearInterval(check);
    answered?.();
  });
}

/** Vitess's default for the least time between two PINGs of a client. */
const LEAST_PING_INTERVAL_MS = 10_000;
/** The same while the client has no call open (grpc-go: defaultPingTimeout; Vitess does not permit it without a stream). */
const LEAST_IDLE_PING_INTERVAL_MS = 2 * 60 * 60 * 1000;
const STRIKES = 2;

/** What this side sends without any call: a PING's answer is 17 bytes, a WINDOW_UPDATE 13, an acknowledged SETTINGS 9. */
const CONTROL_BYTES = 64;

/**
 * Finds clients that send PINGs too often (grpc-go, http2_server.go handlePing): more than two strikes, where headers or
 * data sent in between clear them. That clause matters: grpc-go's clients measure the link with a PING for each batch of
 * data they receive.
 */
export class PingPolice {
  #last: number | null = null;
  #strikes = 0;
  #written = 0;

  /** A call has begun or ended. */
  cleared(): void {
    this.#last = null;
    this.#strikes = 0;
  }

  /** True when this PING is one too many. `now` in milliseconds; `written`: bytes this side has sent so far. */
  tooMany(now: number, openCalls: number, written: number): boolean {
    if (written - this.#written > CONTROL_BYTES) this.cleared();
    this.#written = written;
    const least = openCalls > 0 ? LEAST_PING_INTERVAL_MS : LEAST_IDLE_PING_INTERVAL_MS;
    if (this.#last !== null && now - this.#last < least) this.#strikes += 1;
    this.#last = now;
    return this.#strikes > STRIKES;
  }
}
