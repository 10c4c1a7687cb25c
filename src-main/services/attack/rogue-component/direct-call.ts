import { setTimeout as pause } from 'node:timers/promises';
import { attemptTablet, type Attempt, type CallerTls } from '../../../clients';
import type { Evidence } from '../../../domain/attacks';
import type { Tablet } from '../../../domain/topology';
import type { TraceStep } from '../../../servers/recorder';
import { aliasText } from '../../../servers/tablet';
import { alertIn, type Seen } from '../evidence';
import type { AttackGround } from '../ground';

/** How long a part's own record of a connection that broke off is waited for, milliseconds. */
const PATIENCE_MS = 400;
const LOOK_EVERY_MS = 5;

/** One call past every gateway. */
export interface DirectCall {
  readonly tls: CallerTls | null;
  readonly credentials?: { readonly username: string; readonly password: string } | null;
  /** The caller that the tablet is asked to believe. */
  readonly immediate: { readonly username: string; readonly groups: readonly string[] } | null;
  readonly sql: string;
}

/** TLS as an attacker dials: it shows what it has and checks nobody. */
export const attackersTls = (pair: { readonly cert: string; readonly key: string } | null): CallerTls => ({
  verify: null,
  cert: pair?.cert ?? null,
  key: pair?.key ?? null,
});

/** Calls the tablet's own port. */
export async function callTablet(
  ground: AttackGround,
  tablet: Tablet,
  call: DirectCall,
  signal: AbortSignal,
): Promise<{ readonly attempt: Attempt; readonly seen: Seen }> {
  const address = ground.addresses.tablets.find(({ alias }) => alias === tablet.alias);
  if (address === undefined) throw new Error(`the tablet ${tablet.alias} does not run`);
  const attempt = await attemptTablet({
    target: address.grpc,
    credentials: null,
    keyspace: tablet.keyspace,
    shard: tablet.shard,
    ...call,
    signal,
  });
  return { attempt, seen: await seenAtTablet(ground, tablet, attempt, call) };
}

/**
 * What the tablet answered: rows, an error in words, an alert, or the refusal in its own record of this connection. A
 * connection that only ends is "cannot decide".
 */
async function seenAtTablet(
  ground: AttackGround,
  tablet: Tablet,
  attempt: Attempt,
  { immediate }: DirectCall,
): Promise<Seen> {
  if (attempt.stage === 'done') {
    const rows = attempt.rows ?? 0;
    const text = `the tablet answered "${immediate?.username ?? ''}" with ${rows === 1 ? '1 row' : `${rows} rows`}`;
    return rows > 0
      ? { outcome: 'got-through', stoppedAt: null, evidence: [{ kind: 'rows', side: 'tablet', text }] }
      : { outcome: 'cannot-decide', stoppedAt: null, evidence: [{ kind: 'rows', side: 'tablet', text }] };
  }
  const evidence: Evidence[] = [];
  const add = (kind: Evidence['kind'], text: string): void => void evidence.push({ kind, side: 'tablet', text });
  if (attempt.error !== null) add('error', `gRPC code ${attempt.error.code}: ${attempt.error.message}`);
  else {
    const failure = attempt.failure ?? '';
    const alert = alertIn(failure);
    if (alert !== null) add('alert', alert);
    else add('closed', failure);
    const refusal = await refusalRecorded(ground, listenerOf(tablet), attempt.localAddress);
    if (refusal !== null) add('record', refusal);
  }
  const answered = evidence.some(({ kind }) => kind !== 'closed');
  // A refusal by the ACL is behind the link: whoever got so far was let in.
  const hop = attempt.error !== null && attempt.stage === 'statement' ? 'D' : 'C';
  return answered
    ? { outcome: 'stopped', stoppedAt: { hop, side: 'tablet' }, evidence }
    : { outcome: 'cannot-decide', stoppedAt: null, evidence };
}

/** Why a part refused the handshake of the connection from `peer`, in its own record; null: it recorded no refusal. */
export async function refusalRecorded(
  ground: Pick<AttackGround, 'cluster'>,
  listener: string,
  peer: string | null,
): Promise<string | null> {
  if (peer === null) return null;
  const { cluster } = ground;
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    await cluster.settle();
    const traceId = cluster.recorder.findByPeer(listener, peer);
    const steps = traceId === null ? [] : cluster.recorder.steps(traceId);
    const refused = steps.find(({ name, outcome }) => name === 'tls.handshake' && outcome === 'refused');
    if (refused !== undefined) return refusalText(refused);
    if (performance.now() > until) return null;
    await pause(LOOK_EVERY_MS);
  }
}

/** A refused handshake in the words of the part that refused it, with the alert that real Vitess sends. */
export function refusalText({ data }: Pick<TraceStep, 'data'>): string {
  const { message, alert } = data;
  const told = typeof message === 'string' ? message : 'the handshake was refused';
  return typeof alert === 'string' ? `${told} (alert ${alert})` : told;
}

/** A tablet's listener as the recorder knows it, with the number of the alias as Vitess pads it. */
function listenerOf({ alias }: Tablet): string {
  const dash = alias.lastIndexOf('-');
  return `tablet ${aliasText({ cell: alias.slice(0, dash), uid: Number(alias.slice(dash + 1)) })}`;
}
