import { withEscapes, withoutEscapes } from '../escapes';
import { vitessWords } from './words';

const bare = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** A name as Vitess prints it: in backticks only where it is a keyword or has other characters than letters, digits, `_` and `$`. */
export function printedName(name: string): string {
  if (bare.test(name) && !vitessWords.has(name.toLowerCase())) return name;
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A name as part of a bind variable's: what is no letter or digit becomes `_`. */
export const compliantName = (name: string): string => name.replace(/[^A-Za-z0-9_$]/gu, '_').replace(/^[0-9]/, '_');

/** A string as a literal of Vitess. */
export const printedString = (value: string): string => `'${withEscapes(value)}'`;

/** The value of a string literal with its quotes. */
export const stringValue = (text: string): string => withoutEscapes(text.slice(1, -1), text[0] as string);
