/** Texts from this length on are read and printed unit by unit: an expression holds every match until it is done. */
const longText = 16_384;

/** Writes UTF-16 units one after the other into as little room as they need. */
class UnitWriter {
  readonly #units: Uint16Array;
  #at = 0;
  #wide = 0;

  constructor(most: number) {
    this.#units = new Uint16Array(most);
  }

  add(unit: number): void {
    this.#units[this.#at++] = unit;
    this.#wide |= unit;
  }

  get text(): string {
    const { buffer, byteOffset } = this.#units;
    if (this.#wide > 255) return Buffer.from(buffer, byteOffset, this.#at * 2).toString('utf16le');
    return Buffer.from(this.#units.subarray(0, this.#at)).toString('latin1');
  }
}

const escapes: { readonly [character: string]: string } = {
  '\0': '\\0',
  "'": "\\'",
  '\b': '\\b',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x1a': '\\Z',
};

const meanings: { readonly [letter: string]: string } = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
};

const unitOf = (text: string): number => text.charCodeAt(0);
const backslash = unitOf('\\');

/** The letter behind the backslash for the first 256 units; 0 = stands for itself. */
const escaped = new Uint8Array(256);
for (const [character, text] of Object.entries(escapes)) escaped[unitOf(character)] = text.charCodeAt(1);
escaped[backslash] = backslash;

const staysEscaped = (unit: number): boolean => unit === unitOf('%') || unit === unitOf('_');

/** A string with backslashes before what a literal of Vitess has them; one before `%` and `_` stays alone, for it means itself there. */
export function withEscapes(value: string): string {
  if (!/[\0'\b\n\r\t\x1a\\]/.test(value)) return value;
  if (value.length < longText)
    return value.replace(/\\(?![%_])|[\0'\b\n\r\t\x1a]/g, (found) =>
      found === '\\' ? '\\\\' : (escapes[found] as string),
    );
  const writer = new UnitWriter(value.length * 2);
  for (let at = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at);
    const letter = unit < 256 ? (escaped[unit] as number) : 0;
    if (letter === 0 || (unit === backslash && staysEscaped(value.charCodeAt(at + 1)))) writer.add(unit);
    else {
      writer.add(backslash);
      writer.add(letter);
    }
  }
  return writer.text;
}

/** What stands between the quotes of a string literal, as vtgate reads it (go/vt/sqlparser/token.go): `\%` and `\_` stay. */
export function withoutEscapes(inner: string, quote: string): string {
  if (inner.length >= longText) return longWithoutEscapes(inner, unitOf(quote));
  if (!inner.includes('\\')) return inner.includes(quote) ? inner.replaceAll(quote + quote, quote) : inner;
  return inner.replace(quote === "'" ? /\\([\s\S])|''/g : /\\([\s\S])|""/g, (found, letter: string | undefined) => {
    if (letter === undefined) return quote;
    return letter === '%' || letter === '_' ? found : (meanings[letter] ?? letter);
  });
}

function longWithoutEscapes(inner: string, quote: number): string {
  if (!inner.includes('\\') && !inner.includes(String.fromCharCode(quote))) return inner;
  const writer = new UnitWriter(inner.length);
  for (let at = 0; at < inner.length; at++) {
    const unit = inner.charCodeAt(at);
    if (unit === quote && inner.charCodeAt(at + 1) === quote) {
      at += 1;
      writer.add(quote);
    } else if (unit === backslash && at + 1 < inner.length) {
      at += 1;
      const letter = inner.charCodeAt(at);
      if (staysEscaped(letter)) writer.add(backslash);
      const meaning = staysEscaped(letter) ? undefined : meanings[inner.charAt(at)];
      writer.add(meaning === undefined ? letter : unitOf(meaning));
    } else writer.add(unit);
  }
  return writer.text;
}
