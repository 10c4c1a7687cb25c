import { digits, inverted, LAST_CODE_POINT, spaces, wordCharacters, type Ranges } from './ranges';
import { RegexpFault } from './syntax';

/** Something read from a pattern, and where the rest begins. */
export interface Read<T> {
  readonly value: T;
  readonly next: number;
}

const letters: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const octal = (character: string | undefined): number =>
  character !== undefined && character >= '0' && character <= '7' ? character.charCodeAt(0) - 0x30 : -1;
const hex = (character: string | undefined): number =>
  character !== undefined && /^[0-9a-fA-F]$/.test(character) ? Number.parseInt(character, 16) : -1;

/** The escape at `at`, which is a backslash, as one code point (RE2's escape sequences). Throws RegexpFault. */
export function readEscape(pattern: readonly string[], at: number): Read<number> {
  let next = at + 1;
  const character = pattern[next];
  if (character === undefined) throw new RegexpFault('trailing backslash at end of expression', '');
  next += 1;
  const refuse = (): never => {
    throw new RegexpFault('invalid escape sequence', pattern.slice(at, next).join(''));
  };
  if (/^[0-7]$/.test(character)) {
    // One digit that is not followed by another would be a reference to a group, which RE2 does not have.
    if (character !== '0' && octal(pattern[next]) < 0) return refuse();
    let value = octal(character);
    for (let count = 1; count < 3 && octal(pattern[next]) >= 0; count += 1, next += 1)
      value = value * 8 + octal(pattern[next]);
    return { value, next };
  }
  if (character === 'x') {
    if (next >= pattern.length) return refuse();
    const first = pattern[next] as string;
    next += 1;
    if (first === '{') {
      let value = 0;
      for (let count = 0; ; count += 1) {
        if (next >= pattern.length) return refuse();
        const digit = pattern[next] as string;
        next += 1;
        if (digit === '}') return count === 0 ? refuse() : { value, next };
        if (hex(digit) < 0) return refuse();
        value = value * 16 + hex(digit);
        if (value > LAST_CODE_POINT) return refuse();
      }
    }
    const second = pattern[next];
    if (second === undefined) return refuse();
    next += 1;
    return hex(first) < 0 || hex(second) < 0 ? refuse() : { value: hex(first) * 16 + hex(second), next };
  }
  const known = Object.hasOwn(letters, character) ? letters[character] : undefined;
  if (known !== undefined) return { value: known, next };
  const code = character.codePointAt(0) as number;
  return code < 0x80 && !/^[A-Za-z0-9]$/.test(character) ? { value: code, next } : refuse();
}

const perl: Readonly<Record<string, Ranges>> = { d: digits, s: spaces, w: wordCharacters };

/** The class that `\d`, `\S` and their like stand for, and whether it is the one or its opposite; null for other letters. */
export function perlClass(letter: string | undefined): { readonly ranges: Ranges; readonly negated: boolean } | null {
  if (letter === undefined || !/^[dswDSW]$/.test(letter)) return null;
  return { ranges: perl[letter.toLowerCase()] as Ranges, negated: letter !== letter.toLowerCase() };
}

export const ofClass = (ranges: Ranges, negated: boolean): Ranges => (negated ? inverted(ranges) : ranges);
