import { vitessWords } from './words';

const bare = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** A name as Vitess prints it: in backticks only where it is a keyword or has other characters than letters, digits, `_` and `$`. */
export function printedName(name: string): string {
  if (bare.test(name) && !vitessWords.has(name.toLowerCase())) return name;
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A name as part of a bind variable's: what is no letter or digit becomes `_`. */
export const compliantName = (name: string): string => name.replace(/[^A-Za-z0-9_$]/gu, '_').replace(/^[0-9]/, '_');

const escapes: { readonly [character: string]: string } = {
  '\0': '\\0',
  "'": "\\'",
  '\b': '\\b',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x1a': '\\Z',
};

/** A string as a literal of Vitess; a backslash before `%` and `_` stays alone, for it means itself there. */
export const printedString = (value: string): string =>
  /[\0'\b\n\r\t\x1a\\]/.test(value)
    ? `'${value.replace(/\\(?![%_])|[\0'\b\n\r\t\x1a]/g, (found) => (found === '\\' ? '\\\\' : (escapes[found] as string)))}'`
    : `'${value}'`;

const meanings: { readonly [letter: string]: string } = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
};

/** The value of a string literal with its quotes, as vtgate reads it (go/vt/sqlparser/token.go): `\%` and `\_` stay. */
export function stringValue(text: string): string {
  const quote = text[0] as string;
  const inner = text.slice(1, -1);
  if (!inner.includes('\\')) return inner.includes(quote) ? inner.replaceAll(quote + quote, quote) : inner;
  return inner.replace(quote === "'" ? /\\([\s\S])|''/g : /\\([\s\S])|""/g, (found, letter: string | undefined) => {
    if (letter === undefined) return quote;
    return letter === '%' || letter === '_' ? found : (meanings[letter] ?? letter);
  });
}
