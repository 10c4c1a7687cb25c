import { setTimeout as pause } from 'node:timers/promises';
import type { Evidence } from '../../../domain/attacks';
import type { TraceStep } from '../../../servers/recorder';
import type { AttackGround } from '../ground';
import type { Place } from './places';

/** How long a part's record of a connection is waited for, milliseconds: it may learn of its end after the other side. */
const PATIENCE_MS = 400;
const LOOK_EVERY_MS = 5;

/** Vitess's text form of an alias, under which a tablet records. */
const padded = (alias: string): string => alias.replace(/-(\d+)$/, (_, uid: string) => `-${uid.padStart(10, '0')}`);

/** Name under which the part that listens at `place` records its connections. */
const listenerOf = (place: Place): string =>
  place.kind === 'tablet' ? `tablet ${padded(place.id)}` : place.part.replace(/^gateway /, '');

/** Steps that the part at `place` has recorded of the connection from `peer`, once one of them is `wanted`; empty: none came. */
export async function recordedAt(
  ground: AttackGround,
  place: Place,
  peer: string | null,
  wanted: (step: TraceStep) => boolean,
): Promise<readonly TraceStep[]> {
  if (peer === null || place.kind === 'backend') return [];
  const { recorder } = ground.cluster;
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    await ground.cluster.settle();
    const traceId = recorder.findByPeer(listenerOf(place), peer);
    const steps = traceId === null ? [] : recorder.steps(traceId);
    if (steps.some(wanted)) return steps;
    if (performance.now() > until) return [];
    await pause(LOOK_EVERY_MS);
  }
}

export const isRefusal = ({ name, outcome }: TraceStep): boolean => name === 'tls.handshake' && outcome === 'refused';

/** The words with which a part has recorded that it refused a handshake, and the alert of real Vitess; none: nothing was. */
export async function refusalAt(
  ground: AttackGround,
  place: Place,
  peer: string | null,
): Promise<{ readonly cause: string; readonly evidence: readonly Evidence[] } | null> {
  const step = (await recordedAt(ground, place, peer, isRefusal)).find(isRefusal);
  if (step === undefined) return null;
  const { message, cause, alert, alertSent } = step.data;
  const note = typeof alert === 'string' && alertSent !== true ? ` Real Vitess sends the alert ${alert} here.` : '';
  const text = `${typeof message === 'string' ? message : ''}${note}`;
  return { cause: String(cause ?? ''), evidence: [{ kind: 'record', side: place.side, text }] };
}
