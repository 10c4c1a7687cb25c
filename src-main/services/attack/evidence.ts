import type { AttackResult, AttackSide, Evidence, ResponsibleSetting } from '../../domain/attacks';
import { clientRefusal, plainText, type HopId } from '../../domain/trace';
import type { TestRun } from '../test/run-test';

/** An alert in the words of Node's TLS (OpenSSL): its name and number (RFC 8446 §6); null: the text holds none. */
export function alertIn(text: string): string | null {
  const found = /alert ([a-z ]+?):.*SSL alert number (\d+)/s.exec(text);
  return found === null ? null : `${found[1] ?? ''} (${found[2] ?? ''})`;
}

export interface Seen {
  readonly outcome: 'stopped' | 'got-through' | 'cannot-decide';
  readonly stoppedAt: AttackResult['stoppedAt'];
  readonly evidence: readonly Evidence[];
}

const places: Readonly<Record<string, { readonly hop: HopId; readonly side: AttackSide }>> = {
  connect: { hop: 'A', side: 'gateway' },
  tls: { hop: 'A', side: 'gateway' },
  login: { hop: 'A', side: 'gateway' },
  gateway: { hop: 'B', side: 'gateway' },
  link: { hop: 'C', side: 'gateway' },
  tablet: { hop: 'D', side: 'tablet' },
  backend: { hop: 'E', side: 'mysql' },
};

/** Where an outcome's last stage is, and whose answer ends it. */
export const placeOf = (stoppedAt: string | null): { readonly hop: HopId; readonly side: AttackSide } =>
  places[stoppedAt ?? 'connect'] ?? { hop: 'A', side: 'gateway' };

/**
 * Reads from one connection whether it was stopped, and by what answer of the other side: an error in words, an alert, the
 * client's own check, or the refusal in the other side's record. A connection that only ends is "cannot decide".
 */
export function seenIn(run: TestRun): Seen {
  const { attempt, trace } = run;
  if (attempt.stage === 'done') {
    const rows = attempt.rows ?? 0;
    return {
      outcome: 'got-through',
      stoppedAt: null,
      evidence: [
        { kind: 'rows', side: 'mysql', text: rows === 1 ? 'answered with 1 row' : `answered with ${rows} rows` },
      ],
    };
  }
  const place = placeOf(trace.actual.stoppedAt);
  const evidence: Evidence[] = [];
  if (attempt.error !== null) {
    const { code, sqlState, message } = attempt.error;
    const number = sqlState === null ? `gRPC code ${code}` : `${code} (${sqlState})`;
    evidence.push({ kind: 'error', side: place.side, text: `${number}: ${message}` });
  } else if (attempt.failure !== null) {
    const alert = alertIn(attempt.failure);
    if (alert !== null) evidence.push({ kind: 'alert', side: place.side, text: alert });
    else if (clientRefusal(attempt.failure)) {
      const evidenceOfClient: Evidence = { kind: 'record', side: 'client', text: attempt.failure };
      return { outcome: 'stopped', stoppedAt: { hop: 'A', side: 'client' }, evidence: [evidenceOfClient] };
    } else evidence.push({ kind: 'closed', side: place.side, text: attempt.failure });
  }
  const both = trace.hops.find(({ id }) => id === place.hop)?.bothSides ?? null;
  const record = both === null ? 'Not recorded' : plainText(both.far);
  if (record !== 'Not recorded') evidence.push({ kind: 'record', side: place.side, text: record });
  const answered = evidence.some(({ kind }) => kind !== 'closed');
  return answered
    ? { outcome: 'stopped', stoppedAt: place, evidence }
    : { outcome: 'cannot-decide', stoppedAt: null, evidence };
}

/** The result of an attack that was one connection with one statement. */
export function resultOf(
  run: TestRun,
  words: {
    readonly sentence?: string;
    readonly why?: readonly string[];
    readonly settings: readonly ResponsibleSetting[];
  },
): AttackResult {
  const hop = run.trace.hops.find(({ id }) => id === run.trace.stoppedAt);
  return {
    ...seenIn(run),
    sentence: words.sentence ?? plainText(run.trace.sentence),
    why: words.why ?? hop?.why.map(plainText) ?? [],
    settings: words.settings,
    trace: run.trace,
    milliseconds: run.trace.milliseconds,
  };
}
