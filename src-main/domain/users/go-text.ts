import { goEscape, goQuote as quote } from '../kernel';

/** Go's text rules where Vitess's messages and decoders show them; strings here are JavaScript's. */

const LONE_SURROGATE = /\p{Surrogate}/gu;

/** A text as Go's %q prints it (strconv.Quote), lone surrogates as U+FFFD. */
export const goQuote = (text: string): string => quote(wellFormed(text));

/** A byte as encoding/json shows it in a syntax error: the byte taken for a code point, in single quotes. */
export const goQuoteByte = (byte: number): string => `'${goEscape(byte, "'")}'`;

/** The text with every lone surrogate replaced by U+FFFD, as encoding/json decodes `\ud800`. */
export const wellFormed = (text: string): string => text.replace(LONE_SURROGATE, '�');

/** Length of the valid UTF-8 sequence at `at` (Unicode 15 table 3-7), 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (at + length > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (length > 0 && (second < lowest || second > highest)) return 0;
  for (let next = 2; next < length; next += 1) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/**
 * Decodes as Go does: every byte outside a valid sequence becomes one U+FFFD (the WHATWG decoder makes one of several).
 * A byte order mark stays in the text. `invalidAt` is the offset in the text of the first such byte, -1 if there is none.
 */
export function decodeAsGo(bytes: Uint8Array): { text: string; invalidAt: number } {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return { text: strict.decode(bytes), invalidAt: -1 };
  } catch {
    let text = '';
    let invalidAt = -1;
    let from = 0;
    for (let at = 0; at < bytes.length;) {
      const length = sequenceLength(bytes, at);
      if (length === 0) {
        text += strict.decode(bytes.subarray(from, at));
        if (invalidAt < 0) invalidAt = text.length;
        text += '�';
        from = at + 1;
      }
      at += length === 0 ? 1 : length;
    }
    return { text: text + strict.decode(bytes.subarray(from)), invalidAt };
  }
}
