import { Matcher } from './matcher';
import { readPattern } from './read-pattern';
import { fromStart, RegexpFault, RegexpUnknown, takes, toEnd } from './syntax';

/** One condition of a rule as an expression, ready to be asked. */
export interface ExactPattern {
  test(text: string): boolean;
  /** Whether only whole texts match. `a|b` is not so: it becomes `^a|b$`, where each anchor belongs to one side. */
  readonly isExact: boolean;
  /** Whether a character that matches may be this one. */
  takes(character: string): boolean;
}

export type PatternReading =
  | { readonly kind: 'read'; readonly pattern: ExactPattern }
  /** Go refuses it, with these words. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Go takes it; what it means is not certain here. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Reads a condition as vttablet does: `^` before it, `$` behind it, and nothing around it (rules.go, makeExact). */
export function exactPattern(text: string): PatternReading {
  try {
    const node = readPattern(`^${text}$`);
    const matcher = new Matcher(node);
    return {
      kind: 'read',
      pattern: {
        test: (subject) => matcher.test(subject),
        isExact: fromStart(node) && toEnd(node),
        takes: (character) => takes(node, character.codePointAt(0) as number),
      },
    };
  } catch (error) {
    if (error instanceof RegexpFault) return { kind: 'refused', message: error.message };
    if (error instanceof RegexpUnknown) return { kind: 'unknown', reason: error.reason };
    if (error instanceof RangeError) return { kind: 'unknown', reason: 'it is nested deeper than the stack holds' };
    throw error;
  }
}
