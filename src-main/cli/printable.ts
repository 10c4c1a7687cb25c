const named: { readonly [code: number]: string } = { 9: '\\t', 10: '\\n', 13: '\\r' };

/**
 * A text from a database as a terminal may show it: control characters, which could move the cursor, colour what follows
 * or break a table's lines, as `\n`, `\x1b`. Everything else stays.
 */
export const printable = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (found) => {
    const code = found.charCodeAt(0);
    return named[code] ?? (code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`);
  });
