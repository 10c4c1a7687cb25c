import { goEscape } from '../kernel';

/**
 * Go's strings are bytes. A byte that is not part of valid UTF-8 is kept here as one of U+DC80 to U+DCFF, which no valid
 * text contains: such a name can never equal a caller's, and Vitess's messages about it can be repeated exactly.
 */
const ESCAPE = 0xdc00;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Length in bytes of the valid UTF-8 sequence at `at`, or 0 (Unicode 15, table 3-7; Go's utf8.DecodeRune). */
export function runeLength(bytes: Uint8Array, at: number, end = bytes.length): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > end) return 0;
  const second = bytes[at + 1] ?? 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let next = 2; next < length; next += 1) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Number of runes as Go counts them: every byte that is not valid UTF-8 is one. */
export function runeCount(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; count += 1) at += runeLength(bytes, at, to) || 1;
  return count;
}

/** The bytes as text; invalid ones as U+DC80 to U+DCFF. */
export function textOf(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    let text = '';
    let from = 0;
    for (let at = 0; at < bytes.length;) {
      const length = runeLength(bytes, at);
      if (length === 0) {
        text += strict.decode(bytes.subarray(from, at)) + String.fromCharCode(ESCAPE + (bytes[at] ?? 0));
        from = at + 1;
      }
      at += length || 1;
    }
    return text + strict.decode(bytes.subarray(from));
  }
}

/** The bytes that `textOf` made this text from. */
export function bytesOf(text: string): Uint8Array {
  if (isUtf8Text(text)) return Buffer.from(text, 'utf8');
  const parts = text
    .split(/([\udc80-\udcff])/u)
    .map((part) =>
      /^[\udc80-\udcff]$/u.test(part) ? Buffer.of(part.charCodeAt(0) - ESCAPE) : Buffer.from(part, 'utf8'),
    );
  return Buffer.concat(parts);
}

/** Whether the text came from valid UTF-8. */
export const isUtf8Text = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** The text as people and JSON see it: what was not UTF-8 is U+FFFD. */
export const shownText = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

/** One rune as Go prints it; a byte that was not UTF-8 as `\xNN`. */
const quotedRune = (code: number, quote: '"' | "'"): string =>
  code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff
    ? `\\x${(code - ESCAPE).toString(16).padStart(2, '0')}`
    : goEscape(code, quote);

/** Go's %q of a string (strconv.Quote). */
export function goQuote(text: string): string {
  let quoted = '"';
  for (const character of text) quoted += quotedRune(character.codePointAt(0) ?? 0, '"');
  return `${quoted}"`;
}

/** Go's %q of one rune (strconv.QuoteRune). */
export const goQuoteRune = (code: number): string => `'${quotedRune(code, "'")}'`;
