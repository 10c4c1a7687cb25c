const escapes: Readonly<Record<string, string>> = { '0': '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' };

/** What a quoted string stands for (MySQL manual 11.1.1, without NO_BACKSLASH_ESCAPES). */
export function literalValue(quoted: string): string {
  const quote = quoted.charAt(0);
  const content = quoted.slice(1, -1);
  let value = '';
  for (let i = 0; i < content.length; i++) {
    const character = content.charAt(i);
    if (character === '\\') {
      i++;
      const escaped = content.charAt(i);
      // `\%` and `\_` keep their backslash outside of LIKE patterns too.
      value += escaped === '%' || escaped === '_' ? `\\${escaped}` : (escapes[escaped] ?? escaped);
    } else {
      value += character;
      if (character === quote) i++;
    }
  }
  return value;
}
