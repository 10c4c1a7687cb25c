import { connect } from 'node:net';
import { createConnection, type Connection } from 'mysql2';
import type { Secret } from '../../domain/kernel';

/** Where a server listens. */
export type ServerAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

const POLL_MS = 5;

/** Whether something accepts connections there. */
export function accepts(address: ServerAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = 'socketPath' in address ? connect(address.socketPath) : connect(address.port, address.host);
    const done = (value: boolean): void => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

/** Logs in, runs `sql`, and returns the first row as texts; rejects with mysql2's error. */
export function askOnce(
  address: ServerAddress,
  user: string,
  password: Secret,
  sql: string,
  timeoutMs: number,
): Promise<(string | null)[]> {
  return new Promise((resolve, reject) => {
    const connection: Connection = createConnection({
      ...('socketPath' in address ? { socketPath: address.socketPath } : { host: address.host, port: address.port }),
      user,
      password: password.reveal(),
      connectTimeout: timeoutMs,
    });
    connection.on('error', (error) => {
      connection.destroy();
      reject(error);
    });
    connection.query({ sql, rowsAsArray: true, typeCast: (field) => field.string() }, (error, rows) => {
      connection.destroy();
      if (error !== null) reject(error);
      else resolve((rows as unknown as (string | null)[][])[0] ?? []);
    });
  });
}

/**
 * Waits until `attempt` succeeds at `address`: readiness is a login that works, never a line of a log. Gives up when
 * `ended` says so, when `signal` aborts or after `limitMs`; the reason is returned.
 */
export async function waitForLogin<T>(
  address: ServerAddress,
  attempt: () => Promise<T>,
  options: { readonly ended: () => boolean; readonly limitMs: number; readonly signal?: AbortSignal | undefined },
): Promise<
  { readonly value: T } | { readonly reason: 'ended' | 'cancelled' | 'timeout' | 'refused'; readonly detail: string }
> {
  const until = performance.now() + options.limitMs;
  let last = '';
  for (;;) {
    if (options.signal?.aborted === true) return { reason: 'cancelled', detail: last };
    if (options.ended()) return { reason: 'ended', detail: last };
    if (performance.now() > until) return { reason: 'timeout', detail: last };
    if (await accepts(address)) {
      try {
        return { value: await attempt() };
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        last = message;
        if (code === 'ER_ACCESS_DENIED_ERROR') return { reason: 'refused', detail: message };
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
