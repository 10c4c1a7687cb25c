import { goQuoteByte } from './go-text';

/** What a reader of JSON in Go says about the syntax of a file. */
export type GoScan = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Nesting beyond which encoding/json refuses. */
const MAX_DEPTH = 10_000;
const END = -1;
const IN_STRING = 'in string literal';

class GoSyntax extends Error {}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);

/** Walks the bytes of one JSON value and stops with encoding/json's words where it would. */
class Scanner {
  #at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    /** As json.Unmarshal reads (one value, nothing behind it), not as json.Decoder does. */
    private readonly whole: boolean,
  ) {}

  #byte(): number {
    return this.bytes[this.#at] ?? END;
  }

  #refuse(context: string): never {
    if (this.#byte() === END) {
      // json.Unmarshal feeds one space behind the end and reports that where a space cannot stand.
      const inside = context !== IN_STRING && /^(?:in|after decimal point in) /.test(context);
      if (this.whole && inside) throw new GoSyntax(`invalid character ' ' ${context}`);
      throw new GoSyntax(this.whole ? 'unexpected end of JSON input' : 'unexpected EOF');
    }
    throw new GoSyntax(`invalid character ${goQuoteByte(this.#byte())} ${context}`);
  }

  /** Moves behind white space; returns whether a byte is left. */
  skipSpace(): boolean {
    while (isSpace(this.#byte())) this.#at += 1;
    return this.#byte() !== END;
  }

  refuseRest(): void {
    if (this.skipSpace()) this.#refuse('after top-level value');
  }

  /** One value, without recursion: `open` holds the closing byte of every container around the place. */
  value(): void {
    const open: number[] = [];
    for (;;) {
      this.skipSpace();
      const byte = this.#byte();
      if (byte === 0x7b || byte === 0x5b) {
        if (open.length >= MAX_DEPTH) this.#refuse('exceeded max depth');
        this.#at += 1;
        const close = byte === 0x7b ? 0x7d : 0x5d;
        this.skipSpace();
        if (this.#byte() !== close) {
          open.push(close);
          if (close === 0x7d) this.#key();
          continue;
        }
        this.#at += 1;
      } else this.#scalar();
      if (!this.#closeOrNext(open)) return;
    }
  }

  /** Behind a value: closes containers; true when another value follows. */
  #closeOrNext(open: number[]): boolean {
    for (;;) {
      const close = open.at(-1);
      if (close === undefined) return false;
      this.skipSpace();
      if (this.#byte() === 0x2c) {
        this.#at += 1;
        if (close === 0x7d) this.#key();
        return true;
      }
      if (this.#byte() !== close) this.#refuse(close === 0x7d ? 'after object key:value pair' : 'after array element');
      this.#at += 1;
      open.pop();
    }
  }

  #key(): void {
    this.skipSpace();
    if (this.#byte() !== 0x22) this.#refuse('looking for beginning of object key string');
    this.#string();
    this.skipSpace();
    if (this.#byte() !== 0x3a) this.#refuse('after object key');
    this.#at += 1;
  }

  #scalar(): void {
    const byte = this.#byte();
    if (byte === 0x22) this.#string();
    else if (byte === 0x2d || isDigit(byte)) this.#number();
    else if (byte === 0x74) this.#literal('true');
    else if (byte === 0x66) this.#literal('false');
    else if (byte === 0x6e) this.#literal('null');
    else this.#refuse('looking for beginning of value');
  }

  #literal(word: string): void {
    for (const letter of word) {
      if (this.#byte() !== letter.charCodeAt(0))
        this.#refuse(`in literal ${word} (expecting ${goQuoteByte(letter.charCodeAt(0))})`);
      this.#at += 1;
    }
  }

  #digits(context: string): void {
    if (!isDigit(this.#byte())) this.#refuse(context);
    while (isDigit(this.#byte())) this.#at += 1;
  }

  #number(): void {
    if (this.#byte() === 0x2d) this.#at += 1;
    if (this.#byte() === 0x30) this.#at += 1;
    else this.#digits('in numeric literal');
    if (this.#byte() === 0x2e) {
      this.#at += 1;
      this.#digits('after decimal point in numeric literal');
    }
    if (this.#byte() === 0x65 || this.#byte() === 0x45) {
      this.#at += 1;
      if (this.#byte() === 0x2b || this.#byte() === 0x2d) this.#at += 1;
      this.#digits('in exponent of numeric literal');
    }
  }

  #string(): void {
    this.#at += 1;
    while (this.#byte() !== 0x22) {
      if (this.#byte() < 0x20) this.#refuse(IN_STRING);
      if (this.#byte() === 0x5c) this.#escape();
      else this.#at += 1;
    }
    this.#at += 1;
  }

  #escape(): void {
    this.#at += 1;
    if (this.#byte() === 0x75) {
      this.#at += 1;
      for (let digit = 0; digit < 4; digit += 1) {
        if (!isHex(this.#byte())) this.#refuse('in \\u hexadecimal character escape');
        this.#at += 1;
      }
    } else if (this.#byte() !== END && '"\\/bfnrt'.includes(String.fromCharCode(this.#byte()))) this.#at += 1;
    else this.#refuse('in string escape code');
  }
}

function scan(run: () => void): GoScan {
  try {
    run();
    return { ok: true };
  } catch (error) {
    if (error instanceof GoSyntax) return { ok: false, message: error.message };
    throw error;
  }
}

/** The first JSON value, as Go's json.Decoder reads it; what follows is not looked at. */
export function scanFirstValue(bytes: Uint8Array): GoScan {
  const scanner = new Scanner(bytes, false);
  if (!scanner.skipSpace()) return { ok: false, message: 'EOF' };
  return scan(() => scanner.value());
}

/** Exactly one JSON value, as Go's json.Unmarshal demands. */
export function scanWhole(bytes: Uint8Array): GoScan {
  const scanner = new Scanner(bytes, true);
  return scan(() => {
    scanner.value();
    scanner.refuseRest();
  });
}
