/** A template's literal parts, and the names of what stands between them. */
export interface Template {
  readonly literals: readonly string[];
  /** Name before the first literal; null: none. */
  readonly before: string | null;
  /** One name after each literal; null: nothing is taken there. */
  readonly names: readonly (string | null)[];
  /** Characters of all literals: the more, the surer a match. */
  readonly weight: number;
}

/** Where a template was found. */
export interface TemplateMatch {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly values: Readonly<Record<string, string>>;
}

/** What varies in a text is not longer than this; statements are. */
const MOST_TAKEN = 2_000;
/** Places at which a template's first words are tried: bounds the work for a text that repeats them. */
const MOST_TRIES = 8;

/** ASCII letters in lower case; unlike toLowerCase it never changes a text's length. */
export const folded = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Reads `Access denied for user '{user}'`. Throws when two names touch, since nothing would part them. */
export function parseTemplate(text: string): Template {
  const parts = text.split(/\{([a-zA-Z]+)\}/);
  const literals: string[] = [];
  const names: (string | null)[] = [];
  let before: string | null = null;
  for (let index = 0; index < parts.length; index += 2) {
    const literal = folded(parts[index] ?? '');
    const name = parts[index + 1] ?? null;
    if (literal === '' && index === 0) before = name;
    else if (literal !== '') {
      literals.push(literal);
      names.push(name);
    } else if (index < parts.length - 1) throw new Error(`names touch in ${text}`);
  }
  if (literals.length === 0) throw new Error(`nothing to look for in ${text}`);
  return { literals, before, names, weight: literals.reduce((sum, literal) => sum + literal.length, 0) };
}

/** Finds a template in a text, both folded by the caller; linear in the text's length. Null: it is not there. */
export function matchTemplate(template: Template, text: string, foldedText: string): TemplateMatch | null {
  const [first = ''] = template.literals;
  let at = foldedText.indexOf(first);
  for (let tries = 0; at >= 0 && tries < MOST_TRIES; tries += 1) {
    const found = matchAt(template, text, foldedText, at);
    if (found !== null) return found;
    at = foldedText.indexOf(first, at + 1);
  }
  return null;
}

/** Texts as short as this, `EOF`, are known as whole words only. */
const SHORT_WORD = 4;

function matchAt(template: Template, text: string, foldedText: string, start: number): TemplateMatch | null {
  if (template.weight <= SHORT_WORD && /^\w+$/.test(template.literals[0] ?? '')) {
    const around = `${foldedText.charAt(start - 1)} ${foldedText.charAt(start + template.weight)}`;
    if (/[\w-]/.test(around)) return null;
  }
  const values: Record<string, string> = {};
  const { literals, names, before } = template;
  let from = start;
  if (before !== null) {
    const head = text.slice(Math.max(0, start - 200), start);
    const word = /[^\s:'"]+$/.exec(head.trimEnd())?.[0] ?? '';
    if (word === '') return null;
    values[before] = word;
    from = start - (head.length - head.trimEnd().length) - word.length;
  }
  let to = start + (literals[0] ?? '').length;
  for (const [index, name] of names.entries()) {
    const next = literals[index + 1];
    if (next === undefined) {
      if (name === null) break;
      const rest = text.slice(to, to + MOST_TAKEN);
      const value = (/^[^\n"|]*/.exec(rest)?.[0] ?? '').replace(/ \(CallerID: .*$/s, '').trimEnd();
      values[name] = value;
      to += value.length;
      break;
    }
    const window = foldedText.slice(to, to + MOST_TAKEN + next.length);
    const gap = window.indexOf(next);
    if (gap < 0) return null;
    if (name === null && gap > 0) return null;
    if (name !== null) values[name] = text.slice(to, to + gap);
    to += gap + next.length;
  }
  return { from, to, weight: template.weight, values };
}
