import { stringLiterals } from '../../domain/sql';

/** What vtgate's regular expressions call MySQL's errors, by number (go/mysql/icuregex/error.go). */
const heads: { readonly [errno: number]: string } = {
  3688: 'Syntax error',
  3689: 'Bad escape sequence',
  3690: 'Unimplemented',
  3691: 'Mismatched parentheses',
  3692: 'Bad interval',
  3693: 'Max less than min',
  3694: 'Invalid back reference',
  3695: 'Look behind limit',
  3696: 'Missing closing ]',
  3697: 'Invalid range',
  3700: 'Pattern too big',
  3887: 'Invalid capture group name',
  3900: 'Invalid flag',
};

/** Errors of the pattern of which vtgate says the same as MySQL. */
const same: { readonly [errno: number]: string } = {
  3685: 'Illegal argument to a regular expression.',
  3686: 'Index out of bounds in regular expression search.',
};

/** Where a pattern goes wrong, in characters; its end where only that tells. */
function faultAt(pattern: string, errno: number): number {
  const characters = [...pattern];
  let depth = 0;
  let inSet = false;
  /** What a quantifier would belong to: a quantifier may be followed by one more sign, `+` or `?`. */
  let before: 'nothing' | 'operand' | 'quantifier' = 'nothing';
  for (const [at, character] of characters.entries()) {
    const escaped = at > 0 && characters[at - 1] === '\\' && characters[at - 2] !== '\\';
    if (escaped) {
      if (errno === 3689 && /[A-Za-z]/.test(character) && !/[abdDefGhHkNnpPQrRsStuUvVwWxXzZAB]/.test(character))
        return at + 1;
      before = 'operand';
      continue;
    }
    if (inSet) {
      inSet = character !== ']';
      if (errno === 3697 && character === '-' && (characters[at + 1] ?? '') < (characters[at - 1] ?? '')) return at + 2;
      continue;
    }
    if (character === '[') inSet = true;
    if (character === '(') depth += 1;
    if (character === ')' && --depth < 0 && errno === 3691) return at + 1;
    if (errno === 3688 && character === '?' && characters[at - 1] === '(') return at + 2;
    if (/[*+?]/.test(character)) {
      if (before === 'nothing' || (before === 'quantifier' && character === '*')) {
        if (errno === 3688) return at + 1;
      } else before = before === 'operand' ? 'quantifier' : 'nothing';
      continue;
    }
    if (character === '{' && errno === 3692) {
      const rest = /^\{\d*(?:,\d*)?/.exec(characters.slice(at).join(''))?.[0] ?? '';
      return Math.min(at + rest.length + 1, characters.length);
    }
    if (character === '}' && errno === 3693) return Math.min(at + 2, characters.length);
    before = /[(|^]/.test(character) ? 'nothing' : 'operand';
  }
  return characters.length;
}

const broken = new Set([3688, 3691, 3692, 3693, 3696]);

/** Whether a text may be the pattern that MySQL refused with `errno`. */
function fits(text: string, errno: number): boolean {
  if (!broken.has(errno)) return /[\\[({*+?]/.test(text);
  if (errno === 3691) return (text.match(/\(/g) ?? []).length !== (text.match(/\)/g) ?? []).length;
  if (errno === 3696) return text.includes('[');
  return errno === 3688 ? /[*+?]/.test(text) : text.includes('{');
}

/**
 * The text of vtgate for a pattern that MySQL refused with `errno`; null when that is no such error or the pattern is
 * not a literal of the statement.
 */
export function regexpFault(errno: number, sql: string): string | null {
  const whole = same[errno];
  if (whole !== undefined) return whole;
  const head = heads[errno];
  if (head === undefined) return null;
  const pattern = stringLiterals(sql).find((text) => fits(text, errno));
  if (pattern === undefined) return null;
  const at = faultAt(pattern, errno);
  const before = [...pattern].slice(0, at);
  const line = before.filter((character) => character === '\n').length + 1;
  const offset = line === 1 ? at : at - before.lastIndexOf('\n') - 1;
  return `${head} in regular expression on line ${line}, character ${offset}: \`${pattern}\``;
}
