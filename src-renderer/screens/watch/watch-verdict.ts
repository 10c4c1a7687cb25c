import type { WatchVerdictId } from '../../../src-main/contract/areas/watch';
import type { VerdictKind } from '../../components/verdict';

/** The mark of a record's verdict; its word is the screen's own. */
export const markOfWatched: Readonly<Record<WatchVerdictId, VerdictKind>> = {
  allowed: 'allowed',
  denied: 'denied',
  'would-be-denied': 'would-be-denied',
  'not-enforced': 'not-enforced',
  failed: 'error',
  answered: 'not-run',
};

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** `09:12:04.513`. */
export const clockTime = (milliseconds: number): string => clock.format(new Date(milliseconds));
