import type { BindVarCond } from './query-rules';
import { exactPattern } from './regexp';

/** A bind variable, as far as conditions look at it. */
export interface RuleBind {
  /** A whole number, a float, a text or bytes: what Vitess compares as a text; not decimals, dates and NULL. */
  readonly isText: boolean;
  /** A list of values. */
  readonly isList: boolean;
  /** Empty for NULL, whatever came with it. */
  readonly value: Uint8Array;
}

/** Asks one condition (rules.go, bvMatch); `bind` null: the request has no such variable. */
export type BindTest = (bind: RuleBind | null) => boolean;

/** White space that Vitess passes over around a number (go/mysql/fastparse). */
const WHOLE = /^[ \t\n\v\f\r]*(-?\d+)[ \t\n\v\f\r]*$/;

/** The number in a value, or null where it is none of `least` to `most`. The type is not looked at: a text of digits is a number. */
function wholeNumber({ isList, value }: RuleBind, least: bigint, most: bigint): bigint | null {
  const found = isList ? null : WHOLE.exec(Buffer.from(value).toString('latin1'));
  if (found === null) return null;
  const text = found[1] as string;
  if (least === 0n && text.startsWith('-')) return null;
  const number = BigInt(text);
  return number >= least && number <= most ? number : null;
}

/** Bytes as Go takes a text apart: each byte that is no UTF-8 is a character of its own, U+FFFD. */
export function goText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  if (!text.includes('\ufffd')) return text;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let made = '';
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] as number;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    try {
      made += decoder.decode(bytes.subarray(at, at + length));
      at += Math.min(length, bytes.length - at);
    } catch {
      made += '\ufffd';
      at += 1;
    }
  }
  return made;
}

function compared(order: number, operator: BindVarCond['operator']): boolean {
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '>=':
      return order >= 0;
    case '>':
      return order > 0;
    default:
      return order <= 0;
  }
}

/** Below 2⁶³ counts as too small for a signed number that overflows, above as too large; Vitess asks neither which. */
const outOfRange: Readonly<Record<'int64' | 'uint64', readonly BindVarCond['operator'][]>> = {
  // A signed condition takes what it cannot read for larger than everything, an unsigned one for smaller.
  int64: ['!=', '>=', '>'],
  uint64: ['!=', '<', '<='],
};

/** Makes a condition ready to be asked. */
export function bindTest({ onAbsent, onMismatch, operator, value }: BindVarCond): BindTest {
  if (value === null) return (bind) => (bind === null ? onAbsent : !onAbsent);
  switch (value.kind) {
    case 'pattern': {
      const reading = exactPattern(value.text);
      if (reading.kind !== 'read') throw new Error('a condition that was refused is asked');
      const wanted = operator === 'MATCH';
      return (bind) =>
        bind === null ? onAbsent : bind.isText ? reading.pattern.test(goText(bind.value)) === wanted : onMismatch;
    }
    case 'text': {
      const bytes = Buffer.from(value.text, 'utf8');
      return (bind) =>
        bind === null ? onAbsent : bind.isText ? compared(Buffer.compare(bind.value, bytes), operator) : onMismatch;
    }
    default: {
      const limit = BigInt(value.text);
      const [least, most] = value.kind === 'int64' ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
      const beyond = outOfRange[value.kind].includes(operator);
      return (bind) => {
        if (bind === null) return onAbsent;
        const number = wholeNumber(bind, least, most);
        if (number === null) return beyond;
        return compared(number < limit ? -1 : number > limit ? 1 : 0, operator);
      };
    }
  }
}
