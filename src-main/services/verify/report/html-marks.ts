import type { ShownVerdict } from '../../../domain/trace';
import { needsLook, type ReportCell } from './matrix-report';

/** Letter of a mark: also its class. */
type MarkLetter = 'a' | 'd' | 'r' | 'w' | 'n' | 'o' | 'x';

export const markOf: Readonly<Record<ShownVerdict, MarkLetter>> = {
  allowed: 'a',
  denied: 'd',
  refused: 'r',
  'would-be-denied': 'w',
  'not-enforced': 'n',
};

/** The words of ux §7, one for each mark. */
export const markWords: Readonly<Record<MarkLetter, string>> = {
  a: 'Allowed',
  d: 'Denied',
  r: 'Refused before',
  w: 'Would be denied',
  n: 'Allowed, not enforced',
  o: 'Not run',
  x: 'Error',
};

const shapes: Readonly<Record<MarkLetter, string>> = {
  a: '<path d="M2 8.6 6.2 12.8 14 4"/>',
  d: '<rect x="1.6" y="1.6" width="12.8" height="12.8" rx="1"/><path d="m5.2 5.2 5.6 5.6m0-5.6-5.6 5.6"/>',
  r: '<circle cx="8" cy="8" r="6"/><path d="m3.8 12.2 8.4-8.4"/>',
  w: '<rect x="1.5" y="1.5" width="13" height="13" stroke-dasharray="3.25 1.95"/><path d="m5.2 5.2 5.6 5.6m0-5.6-5.6 5.6"/>',
  n: '<path d="M2.4 6.4 6.4 10.2 13.6 2.4"/><path d="M1 14.2h14" stroke-dasharray="2 1.25"/>',
  o: '<path d="M3 8h10"/>',
  x: '<path d="M9.2 1.2 3.4 9h4.2l-.8 5.8L12.6 7H8.4z"/>',
};

/** Each shape once; the page refers to them. */
export const symbols = `<svg width="0" height="0" aria-hidden="true" class="h">${Object.entries(shapes)
  .map(([letter, shape]) => `<symbol id="m-${letter}" viewBox="0 0 16 16">${shape}</symbol>`)
  .join('')}</svg>`;

export const drawn = (letter: MarkLetter): string => `<svg aria-hidden="true"><use href="#m-${letter}"/></svg>`;

/** The mark of a cell: what happened, or that it was not run or could not be. */
export const letterOfCell = ({ shown, failure }: ReportCell): MarkLetter =>
  failure !== null ? 'x' : shown === null ? 'o' : markOf[shown];

const stages: Readonly<Record<string, string>> = {
  connect: 'no connection',
  tls: 'TLS handshake',
  login: 'sign-in',
  gateway: 'gateway',
  link: 'between gateway and tablet',
  tablet: 'tablet',
  backend: 'MySQL',
};

/** A mark with its word, and for a refusal the place. */
export function worded(letter: MarkLetter, stoppedAt: string | null, off = false): string {
  const place = letter === 'r' && stoppedAt !== null ? ` (${stages[stoppedAt] ?? stoppedAt})` : '';
  return `<span class="mark ${letter}${off ? ' off' : ''}">${drawn(letter)}${markWords[letter]}${place}</span>`;
}

/** Its mark on the marker where it needs a look. */
export const cellMark = (cell: ReportCell): string =>
  worded(letterOfCell(cell), cell.actual?.stoppedAt ?? null, needsLook(cell));
