import type { MarkKind } from '../ui/Mark.svelte';

/** What came of a test, or would. `refused` is everything before the access check: TLS, login, gateway. */
export type VerdictKind =
  | 'allowed'
  | 'denied'
  | 'refused'
  | 'would-be-denied'
  | 'not-enforced'
  | 'insecure'
  | 'not-run'
  | 'running'
  | 'error'
  | 'cannot-decide';

/** Colour of a verdict, by use. */
export type VerdictTone = 'allow' | 'deny' | 'warn' | 'ink' | 'none';

const marks: Record<VerdictKind, MarkKind> = {
  allowed: 'allow',
  denied: 'deny',
  refused: 'refuse',
  'would-be-denied': 'would-deny',
  'not-enforced': 'not-enforced',
  insecure: 'warn',
  'not-run': 'none',
  running: 'running',
  error: 'error',
  'cannot-decide': 'unknown',
};
const tones: Record<VerdictKind, VerdictTone> = {
  allowed: 'allow',
  denied: 'deny',
  refused: 'ink',
  'would-be-denied': 'warn',
  'not-enforced': 'warn',
  insecure: 'warn',
  'not-run': 'none',
  running: 'none',
  error: 'warn',
  'cannot-decide': 'none',
};

/** The mark of a verdict. A denial that was expected is drawn in outline, so that a healthy matrix stays calm. */
export function markOf(kind: VerdictKind, expected = false): MarkKind {
  return kind === 'denied' && expected ? 'deny-expected' : marks[kind];
}

export function toneOf(kind: VerdictKind): VerdictTone {
  return tones[kind];
}
