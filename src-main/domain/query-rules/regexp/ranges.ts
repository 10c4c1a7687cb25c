/** Code points from `low` to `high`, both included. */
export type Range = readonly [low: number, high: number];

/** Code points as ranges in order, none touching the next. */
export type Ranges = readonly Range[];

export const LAST_CODE_POINT = 0x10ffff;

/** Sorted and merged. */
export function tidy(ranges: readonly Range[]): Ranges {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const merged: [number, number][] = [];
  for (const [low, high] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  return merged;
}

/** Everything that is not in `ranges`. */
export function inverted(ranges: Ranges): Ranges {
  const rest: Range[] = [];
  let next = 0;
  for (const [low, high] of ranges) {
    if (low > next) rest.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= LAST_CODE_POINT) rest.push([next, LAST_CODE_POINT]);
  return rest;
}

const range = (text: string): Ranges => {
  const found: Range[] = [];
  for (let at = 0; at < text.length; at += 2) found.push([text.charCodeAt(at), text.charCodeAt(at + 1)]);
  return tidy(found);
};

export const digits = range('09');
export const wordCharacters = range('09AZ__az');
export const spaces: Ranges = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
];

/** The classes `[[:name:]]` of RE2, ASCII only. */
export const namedClasses: ReadonlyMap<string, Ranges> = new Map([
  ['alnum', range('09AZaz')],
  ['alpha', range('AZaz')],
  ['ascii', [[0, 0x7f]]],
  [
    'blank',
    [
      [0x09, 0x09],
      [0x20, 0x20],
    ],
  ],
  [
    'cntrl',
    [
      [0, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ['digit', digits],
  ['graph', range('!~')],
  ['lower', range('az')],
  ['print', range(' ~')],
  ['punct', range('!/:@[`{~')],
  [
    'space',
    [
      [0x09, 0x0d],
      [0x20, 0x20],
    ],
  ],
  ['upper', range('AZ')],
  ['word', wordCharacters],
  ['xdigit', range('09AFaf')],
]);

/** Characters that fold to ASCII letters though they are none (Unicode's CaseFolding.txt): the Kelvin sign and the long s. */
const KELVIN = 0x212a;
const LONG_S = 0x17f;

/**
 * `ranges` with every character that differs only by case; null where that takes more of Unicode's tables than ASCII, which
 * differ between releases of Go and of JavaScript.
 */
export function folded(ranges: Ranges): Ranges | null {
  const found: Range[] = [...ranges];
  for (const [low, high] of ranges) {
    if (high > 0x7f && !isOneOf(low, high)) return null;
    for (let code = Math.max(low, 0x41); code <= Math.min(high, 0x7a); code += 1) {
      const letter = String.fromCharCode(code);
      const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
      if (other === letter) continue;
      found.push([other.charCodeAt(0), other.charCodeAt(0)]);
      if (letter.toLowerCase() === 'k') found.push([KELVIN, KELVIN]);
      if (letter.toLowerCase() === 's') found.push([LONG_S, LONG_S]);
    }
    if (low === KELVIN) found.push(...range('KKkk'));
    if (low === LONG_S) found.push(...range('SSss'));
  }
  return tidy(found);
}

const isOneOf = (low: number, high: number): boolean => low === high && (low === KELVIN || low === LONG_S);
