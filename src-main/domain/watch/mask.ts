const masked = '[REDACTED]';

/** Words behind which MySQL's statements write passwords or their hashes (MySQL manual, "Passwords and Logging"). */
const word = /identified|passwo?r?d|passwd|authentication_string/i;
/** Behind these a password stands even where it is written without quotes, by mistake. */
const always = /identified|set\s+(?:(?:global|session|local|persist)\s+)?password|password\s+for/i;
/** What may be a value and no name: quotes, digits at a word's beginning, the stars of a native hash. */
const value = /['"`]|(?<![\w:@$.])\d|\*[0-9a-f]{8}/i;

export interface MaskedText {
  readonly text: string;
  /** The statement has to do with passwords: its bind variables must never be shown either. */
  readonly secret: boolean;
}

/**
 * A statement as it may be shown: everything behind the first word that announces a password goes, when anything there
 * can be one. It errs on the side of hiding: what follows such a word is not read, since its quotes mean different things in
 * different SQL modes.
 */
export function maskStatement(sql: string): MaskedText {
  const found = word.exec(sql);
  if (found === null) return { text: sql, secret: false };
  const end = found.index + found[0].length;
  const rest = sql.slice(end);
  const near = sql.slice(Math.max(0, found.index - 40), end + 40);
  if (!always.test(near) && !value.test(rest)) return { text: sql, secret: true };
  return { text: `${sql.slice(0, end)} ${masked}`, secret: true };
}

/** An error as it may be shown: of a statement about passwords without what it quotes. */
export function maskError(text: string, secret: boolean): string {
  if (!secret) return text;
  const first = text.search(/['"`]/);
  if (first < 0) return maskStatement(text).text;
  const last = Math.max(text.lastIndexOf("'"), text.lastIndexOf('"'), text.lastIndexOf('`'));
  return last > first ? `${text.slice(0, first)}${masked}${text.slice(last + 1)}` : `${text.slice(0, first)}${masked}`;
}

/** Errors of vttablet end in the statement and its bind variables (`Sql: …, BindVars: {…}`); the values go. */
export const hideBinds = (text: string): string => text.replace(/BindVars: \{[\s\S]*\}?/, `BindVars: {${masked}}`);
