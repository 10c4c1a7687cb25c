import { setTimeout as pause } from 'node:timers/promises';
import type { Attempt } from '../../clients';
import type { TraceStep } from '../../servers/recorder';
import type { TraceSource } from '../verify/verify-service';

/** How far the clocks of two parts of one machine may lie apart, microseconds. */
const CLOCK_SLACK_MICROS = 2_000;
/** How long the gateway's record of a connection that broke off is waited for, milliseconds. */
const PATIENCE_MS = 400;
const LOOK_EVERY_MS = 10;

/** Steps with which the gateway's own record of a connection is complete enough to be shown. */
const closing = new Set([
  'mysql.login-answer',
  'statement.answered',
  'rpc.answered',
  'rpc.authorized',
  'mysql.command',
]);

const settled = (attempt: Attempt, steps: readonly TraceStep[]): boolean =>
  attempt.stage === 'done' ||
  steps.some(
    ({ part, name, outcome }) =>
      part === 'gateway' && (closing.has(name) || (name === 'tls.handshake' && outcome === 'refused')),
  );

/**
 * What the cluster recorded of one attempt. The gateway may learn after the client that a connection has ended, so that a
 * broken one is looked for until its end is there or the patience is over. Null: nothing was recorded.
 * @param begunMicros when the attempt began: what is older belongs to another connection on the same port
 * @param peer the address from which the gateway was dialled; null over a Unix socket
 */
export async function recordedSteps(
  traces: TraceSource,
  about: {
    readonly gateway: string;
    readonly way: 'mysql' | 'grpc';
    readonly peer: string | null;
    readonly attempt: Attempt;
    readonly begunMicros: number;
  },
): Promise<{ readonly traceId: string; readonly steps: readonly TraceStep[] } | null> {
  const { attempt, peer } = about;
  if (!attempt.steps.some(({ name }) => name === 'connected')) return null;
  const greeting = attempt.steps.find(({ name }) => name === 'mysql.greeting')?.data['connectionId'];
  const connection = typeof greeting === 'number' ? greeting : null;
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await traces.find(about.gateway, about.way, peer, connection);
    const own = found !== null && (found.steps[0]?.atMicros ?? 0) >= about.begunMicros - CLOCK_SLACK_MICROS;
    if (own && settled(attempt, found.steps)) return found;
    if (performance.now() > until) return own ? found : null;
    await pause(LOOK_EVERY_MS);
  }
}
