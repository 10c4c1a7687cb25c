import { goQuote, goQuoteRune, runeCount, runeLength, textOf } from './go-text';

/** What Go's protojson says about a text that it refuses, with its prefix. */
export class ProtoJsonError extends Error {}

export type TokenKind = 'eof' | 'null' | 'bool' | 'number' | 'string' | 'name' | '{' | '}' | '[' | ']' | ',';

/** One token; `text` is the value of a string or name. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const words = new Map<number, readonly [string, TokenKind]>([
  [0x6e, ['null', 'null']],
  [0x74, ['true', 'bool']],
  [0x66, ['false', 'bool']],
]);
const simpleEscapes = new Map([
  [0x22, '"'],
  [0x5c, '\\'],
  [0x2f, '/'],
  [0x62, '\b'],
  [0x66, '\f'],
  [0x6e, '\n'],
  [0x72, '\r'],
  [0x74, '\t'],
]);

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
/** A letter, digit or one of `-+._`: what may not follow a word or a number directly. */
const isWordByte = (code: number): boolean =>
  isDigit(code) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  code === 0x2d ||
  code === 0x2b ||
  code === 0x2e ||
  code === 0x5f;

/**
 * Reads JSON tokens from bytes under the rules of Go's protojson (google.golang.org/protobuf, which vttablet uses for
 * ACL files): which texts it refuses, with which words, and lines and columns counted in runes.
 */
export class ProtoJsonTokens {
  #at = 0;
  #previous: TokenKind | 'start' = 'start';
  #peeked: Token | null = null;
  readonly #open: ('{' | '[')[] = [];

  constructor(readonly bytes: Uint8Array) {}

  /** The next token without taking it. */
  peek(): Token {
    this.#peeked ??= this.#read();
    return this.#peeked;
  }

  /** Takes the next token; commas are checked and left out. */
  next(): Token {
    const token = this.peek();
    this.#peeked = null;
    return token;
  }

  /** The bytes of a token as they stand in the file. */
  raw(token: Token): string {
    return textOf(this.bytes.subarray(token.start, token.end));
  }

  /** An error that is not one of syntax. */
  error(at: number, words: string): ProtoJsonError {
    return new ProtoJsonError(`proto: ${this.#position(at)}: ${words}`);
  }

  /** The error for a token where it may not stand. */
  unexpected(token: Token): ProtoJsonError {
    return this.#syntaxError(token.start, `unexpected token ${this.raw(token)}`);
  }

  #position(at: number): string {
    const lineStart = at === 0 ? 0 : this.bytes.lastIndexOf(0x0a, at - 1) + 1;
    let line = 1;
    for (let i = 0; i < lineStart; i += 1) if (this.bytes[i] === 0x0a) line += 1;
    return `(line ${line}:${runeCount(this.bytes, lineStart, at) + 1})`;
  }

  #syntaxError(at: number, words: string): ProtoJsonError {
    return new ProtoJsonError(`proto: syntax error ${this.#position(at)}: ${words}`);
  }

  #endOfFile(): ProtoJsonError {
    return new ProtoJsonError('proto: unexpected EOF');
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.bytes[this.#at];
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  /** Reads one token and checks that it may stand behind the one before it. */
  #read(): Token {
    const token = this.#scan();
    const inside = this.#open.at(-1);
    const valueMayStand =
      inside === undefined
        ? this.#previous === 'start'
        : inside === '{'
          ? this.#previous === 'name'
          : this.#previous === '[' || this.#previous === ',';
    switch (token.kind) {
      case 'eof':
        if (inside !== undefined) throw this.#endOfFile();
        break;
      case 'string': {
        if (valueMayStand) break;
        if (this.#previous !== '{' && this.#previous !== ',') throw this.unexpected(token);
        const follower = this.bytes[this.#at];
        if (follower === undefined) throw this.#endOfFile();
        if (follower !== 0x3a)
          throw this.#syntaxError(
            this.#at,
            `unexpected character ${String.fromCharCode(follower)}, missing ":" after field name`,
          );
        this.#at += 1;
        this.#skipSpace();
        this.#previous = 'name';
        return { ...token, kind: 'name' };
      }
      case '}':
      case ']': {
        const wanted = token.kind === '}' ? '{' : '[';
        const afterName = token.kind === '}' && this.#previous === 'name';
        if (inside !== wanted || this.#previous === ',' || afterName) throw this.unexpected(token);
        this.#open.pop();
        break;
      }
      case ',': {
        const behindValue = ['null', 'bool', 'number', 'string', '}', ']'].includes(this.#previous);
        if (inside === undefined || !behindValue) throw this.unexpected(token);
        this.#previous = ',';
        return this.#read();
      }
      default:
        if (!valueMayStand) throw this.unexpected(token);
        if (token.kind === '{' || token.kind === '[') this.#open.push(token.kind);
    }
    this.#previous = token.kind;
    return token;
  }

  #take(kind: TokenKind, length: number, text = ''): Token {
    const start = this.#at;
    this.#at += length;
    this.#skipSpace();
    return { kind, start, end: start + length, text };
  }

  #scan(): Token {
    this.#skipSpace();
    const code = this.bytes[this.#at];
    if (code === undefined) return { kind: 'eof', start: this.#at, end: this.#at, text: '' };
    const character = String.fromCharCode(code);
    if (character === '{' || character === '}' || character === '[' || character === ']' || character === ',')
      return this.#take(character, 1);
    if (code === QUOTE) return this.#string();
    const word = words.get(code);
    if (word !== undefined && this.#stands(word[0])) return this.#take(word[1], word[0].length);
    if (code === 0x2d || isDigit(code)) {
      const length = this.#numberLength();
      if (length > 0) return this.#take('number', length);
    }
    throw this.#syntaxError(this.#at, `invalid value ${this.#fragment()}`);
  }

  #stands(word: string): boolean {
    for (let i = 0; i < word.length; i += 1) if (this.bytes[this.#at + i] !== word.charCodeAt(i)) return false;
    return !isWordByte(this.bytes[this.#at + word.length] ?? 0);
  }

  /** What is shown of something that is no value: a word of at most 32 bytes, or one rune. */
  #fragment(): string {
    let length = 0;
    while (length < 32 && isWordByte(this.bytes[this.#at + length] ?? 0)) length += 1;
    if (length === 0) length = runeLength(this.bytes, this.#at) || 1;
    return textOf(this.bytes.subarray(this.#at, this.#at + length));
  }

  /** Length of the number here, or 0. Unlike RFC 8259, `1e` is one (protojson does not ask for digits behind the e). */
  #numberLength(): number {
    const code = (at: number): number => this.bytes[at] ?? 0;
    let at = this.#at;
    const digits = (): void => {
      while (isDigit(code(at))) at += 1;
    };
    if (code(at) === 0x2d) at += 1;
    if (code(at) === 0x30) at += 1;
    else if (isDigit(code(at))) digits();
    else return 0;
    if (code(at) === 0x2e && isDigit(code(at + 1))) {
      at += 1;
      digits();
    }
    if ((code(at) === 0x65 || code(at) === 0x45) && at + 1 < this.bytes.length) {
      at += 1;
      if (code(at) === 0x2b || code(at) === 0x2d) {
        at += 1;
        if (at >= this.bytes.length) return 0;
      }
      digits();
    }
    return isWordByte(code(at)) ? 0 : at - this.#at;
  }

  #string(): Token {
    const { bytes } = this;
    const start = this.#at;
    const refuse = (words: string): ProtoJsonError => this.#syntaxError(start, words);
    let text = '';
    let plain = start + 1;
    for (let at = plain; ;) {
      const code = bytes[at];
      if (code === undefined) throw this.#endOfFile();
      if (code === QUOTE) {
        text += textOf(bytes.subarray(plain, at));
        return this.#take('string', at + 1 - start, text);
      }
      if (code < 0x20) throw refuse(`invalid character ${goQuoteRune(code)} in string`);
      if (code !== BACKSLASH) {
        const length = runeLength(bytes, at);
        if (length === 0) throw refuse('invalid UTF-8 in string');
        at += length;
        continue;
      }
      text += textOf(bytes.subarray(plain, at));
      const escaped = bytes[at + 1];
      if (escaped === undefined) throw this.#endOfFile();
      const simple = simpleEscapes.get(escaped);
      if (simple !== undefined) {
        text += simple;
        at += 2;
      } else if (escaped === 0x75) {
        const unit = this.#hexUnit(at, refuse);
        at += 6;
        text += String.fromCharCode(unit);
        if (unit >= 0xd800 && unit <= 0xdfff) {
          text += String.fromCharCode(this.#lowSurrogate(at, unit, refuse));
          at += 6;
        }
      } else throw refuse(`invalid escape code ${goQuote(textOf(bytes.subarray(at, at + 2)))} in string`);
      plain = at;
    }
  }

  /** The four hexadecimal digits of the escape at `at`. */
  #hexUnit(at: number, refuse: (words: string) => ProtoJsonError): number {
    if (at + 6 > this.bytes.length) throw this.#endOfFile();
    const unit = this.#hexDigits(at + 2);
    if (unit < 0) throw refuse(`invalid escape code ${goQuote(textOf(this.bytes.subarray(at, at + 6)))} in string`);
    return unit;
  }

  /** The second half of a pair: an escape at `at` that completes `high`. */
  #lowSurrogate(at: number, high: number, refuse: (words: string) => ProtoJsonError): number {
    if (at + 6 > this.bytes.length) throw this.#endOfFile();
    const low = this.#hexDigits(at + 2);
    const isEscape = this.bytes[at] === BACKSLASH && this.bytes[at + 1] === 0x75;
    if (!isEscape || high > 0xdbff || low < 0xdc00 || low > 0xdfff)
      throw refuse(`invalid escape code ${goQuote(textOf(this.bytes.subarray(at, at + 6)))} in string`);
    return low;
  }

  #hexDigits(at: number): number {
    const digits = String.fromCharCode(...this.bytes.subarray(at, at + 4));
    return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
  }
}
