import type { AttackResult, PerformedAttack } from '../../domain/attacks';
import type { AttackGround } from './ground';
import type { PlannedAttack } from './planned';

/** Longest that one attack may take, milliseconds. */
const LIMIT_MS = 20_000;

export interface LabOptions {
  readonly signal?: AbortSignal | undefined;
  /** Attacks at work at once; those that run alone wait for all others. Default 4. */
  readonly concurrency?: number;
  readonly onBegin?: (id: string) => void;
  readonly onResult?: (performed: PerformedAttack, done: number, total: number) => void;
}

/**
 * Performs the attacks on one ground, and tells the results in the order of `planned`. An attack that breaks down itself is
 * "cannot decide". Rejects when the signal ends it.
 */
export async function performAttacks(
  ground: AttackGround,
  planned: readonly PlannedAttack[],
  options: LabOptions = {},
): Promise<readonly PerformedAttack[]> {
  const results: PerformedAttack[] = new Array<PerformedAttack>(planned.length);
  let done = 0;
  const perform = async (index: number): Promise<void> => {
    const attack = planned[index]!;
    options.signal?.throwIfAborted();
    options.onBegin?.(attack.card.id);
    const performed = { card: attack.card, result: await performOne(ground, attack, options.signal) };
    options.signal?.throwIfAborted();
    results[index] = performed;
    done += 1;
    options.onResult?.(performed, done, planned.length);
  };
  const together = planned.flatMap(({ alone }, index) => (alone ? [] : [index]));
  const alone = planned.flatMap(({ alone: single }, index) => (single ? [index] : []));
  const worker = async (): Promise<void> => {
    for (let index = together.shift(); index !== undefined; index = together.shift()) await perform(index);
  };
  await Promise.all(Array.from({ length: options.concurrency ?? 4 }, worker));
  for (const index of alone) await perform(index);
  return results;
}

async function performOne(ground: AttackGround, attack: PlannedAttack, signal?: AbortSignal): Promise<AttackResult> {
  const { notHere } = attack.card;
  const begun = performance.now();
  const nothing = { stoppedAt: null, evidence: [], settings: [], trace: null };
  if (notHere !== null) return { ...nothing, outcome: 'not-here', sentence: notHere, why: [], milliseconds: 0 };
  const limit = AbortSignal.timeout(LIMIT_MS);
  const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const since = (): number => performance.now() - begun;
  try {
    return { ...(await withLimit(attack.run(ground, either), either)), milliseconds: since() };
  } catch (error) {
    signal?.throwIfAborted();
    const why = limit.aborted ? `It was not over after ${LIMIT_MS / 1000} seconds.` : String((error as Error).message);
    return {
      ...nothing,
      outcome: 'cannot-decide',
      sentence: 'The rehearsal itself broke down, so nothing is known.',
      why: [why],
      milliseconds: since(),
    };
  }
}

function withLimit<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
