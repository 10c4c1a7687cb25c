const shortEscapes = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x5c, '\\\\'],
]);
const PRINTABLE = /^[ \p{L}\p{M}\p{N}\p{P}\p{S}]$/u;
/** Texts that need no escape at all: printable ASCII without a double quote or a backslash. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** One code point as Go prints it between `quote` marks (strconv.AppendQuoteRune). */
export function goEscape(code: number, quote: '"' | "'"): string {
  const short = shortEscapes.get(code);
  if (short !== undefined) return short;
  const character = String.fromCodePoint(code);
  if (character === quote) return `\\${quote}`;
  if (PRINTABLE.test(character)) return character;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

/** A text as Go's %q prints it (strconv.Quote). */
export function goQuote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  let quoted = '"';
  for (const character of text) quoted += goEscape(character.codePointAt(0) ?? 0, '"');
  return `${quoted}"`;
}
