import { ofClass, perlClass, readEscape, type Read } from './escapes';
import { folded, inverted, namedClasses, tidy, type Range, type Ranges } from './ranges';
import { RegexpFault, RegexpUnknown } from './syntax';

/** Why classes of Unicode's tables are not decided. */
export const unicodeTables =
  'it names a class of Unicode characters, whose tables differ between releases of Go and of JavaScript';
/** And case-insensitive matching of other than ASCII. */
export const unicodeCase =
  'it ignores the case of characters beyond ASCII, whose tables differ between releases of Go and of JavaScript';

/** `ranges` under `(?i)`. Throws RegexpUnknown. */
export function caseless(ranges: Ranges): Ranges {
  const all = folded(ranges);
  if (all === null) throw new RegexpUnknown(unicodeCase);
  return all;
}

/** A class in brackets, which begins at `at`. Throws RegexpFault and RegexpUnknown. */
export function readBracket(pattern: readonly string[], at: number, fold: boolean): Read<Ranges> {
  const found: Range[] = [];
  let next = at + 1;
  const negated = pattern[next] === '^';
  if (negated) next += 1;
  for (let first = true; pattern[next] !== ']' || first; first = false) {
    if (pattern[next] === '[' && pattern[next + 1] === ':') {
      const named = readNamed(pattern, next, fold);
      if (named !== null) {
        found.push(...named.value);
        next = named.next;
        continue;
      }
    }
    if (pattern[next] === '\\') {
      if (/^[pP]$/.test(pattern[next + 1] ?? '')) throw new RegexpUnknown(unicodeTables);
      const known = perlClass(pattern[next + 1]);
      if (known !== null) {
        found.push(...ofClass(fold ? caseless(known.ranges) : known.ranges, known.negated));
        next += 2;
        continue;
      }
    }
    const begin = next;
    const low = readOne(pattern, next, at);
    let high = low;
    next = low.next;
    if (pattern[next] === '-' && pattern[next + 1] !== undefined && pattern[next + 1] !== ']') {
      high = readOne(pattern, next + 1, at);
      next = high.next;
      if (high.value < low.value)
        throw new RegexpFault('invalid character class range', pattern.slice(begin, next).join(''));
    }
    const one: Ranges = [[low.value, high.value]];
    found.push(...(fold ? caseless(one) : one));
  }
  const ranges = tidy(found);
  return { value: negated ? inverted(ranges) : ranges, next: next + 1 };
}

function readOne(pattern: readonly string[], at: number, begin: number): Read<number> {
  const character = pattern[at];
  if (character === undefined) throw new RegexpFault('missing closing ]', pattern.slice(begin).join(''));
  if (character === '\\') return readEscape(pattern, at);
  return { value: character.codePointAt(0) as number, next: at + 1 };
}

/** `[:name:]` or `[:^name:]` inside brackets; null where it is no such thing. */
function readNamed(pattern: readonly string[], at: number, fold: boolean): Read<Ranges> | null {
  let end = at + 2;
  while (end < pattern.length && !(pattern[end] === ':' && pattern[end + 1] === ']')) end += 1;
  if (end >= pattern.length) return null;
  const text = pattern.slice(at + 2, end).join('');
  const negated = text.startsWith('^');
  const ranges = namedClasses.get(negated ? text.slice(1) : text);
  if (ranges === undefined) throw new RegexpFault('invalid character class range', pattern.slice(at, end + 2).join(''));
  return { value: ofClass(fold ? caseless(ranges) : ranges, negated), next: end + 2 };
}
