/**
 * Go's strconv.Quote: double quotes, the usual escapes, `\x..` for control bytes, `\u....` for what is not printable.
 */
export function goQuote(text: string): string {
  if (/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(text)) return `"${text}"`;
  let quoted = '"';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === '\\') quoted += `\\${character}`;
    else if (code >= 0x20 && code < 0x7f) quoted += character;
    else if (code === 7) quoted += '\\a';
    else if (code === 8) quoted += '\\b';
    else if (code === 9) quoted += '\\t';
    else if (code === 10) quoted += '\\n';
    else if (code === 11) quoted += '\\v';
    else if (code === 12) quoted += '\\f';
    else if (code === 13) quoted += '\\r';
    else if (code < 0x80) quoted += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) quoted += character;
    else if (code > 0xffff) quoted += `\\U${code.toString(16).padStart(8, '0')}`;
    else quoted += `\\u${code.toString(16).padStart(4, '0')}`;
  }
  return `${quoted}"`;
}

/** Go's `2006-01-02 15:04:05.000 UTC`. */
export const goUtcMillis = (date: Date): string => `${date.toISOString().slice(0, 23).replace('T', ' ')} UTC`;

/** Go's `2006-01-02 15:04:05.000000` in the process's own zone, from microseconds since the epoch. */
export function goLocalMicros(micros: number): string {
  const date = new Date(Math.floor(micros / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const fraction = String(((micros % 1_000_000) + 1_000_000) % 1_000_000).padStart(6, '0');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction}`;
}

/** Go's time.Duration.String() for whole milliseconds: `1s`, `500ms`, `1m30s`. */
export function goDuration(ms: number): string {
  if (ms < 1000) return ms === 0 ? '0s' : `${ms}ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  const rest = seconds - minutes * 60;
  if (minutes < 60) return `${minutes}m${rest}s`;
  return `${Math.floor(minutes / 60)}h${minutes % 60}m${rest}s`;
}
