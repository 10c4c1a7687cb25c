/** One word of pasted text. */
export interface Word {
  readonly text: string;
  /** Counts from 1. */
  readonly line: number;
  /** Begins a new command: at the start of a line that does not continue the last, or behind `;`, `|` or `&`. */
  readonly first: boolean;
}

/** Where a quoted text ends: the index of the closing quote, or -1. */
function closing(text: string, quote: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text.charAt(at) === quote) return at;
    if (quote === '"' && text.charAt(at) === '\\') at += 1;
  }
  return -1;
}

/** Splits one command line after the other; its state is the word being read. */
class ShellReader {
  readonly words: Word[] = [];
  #word: string | null = null;
  #wordLine: number;
  #first = true;
  /** Quotes that are never closed: they are letters, so that an apostrophe does not swallow what follows. */
  readonly #letters = new Set<string>();

  constructor(
    readonly text: string,
    private line: number,
  ) {
    this.#wordLine = line;
  }

  read(): Word[] {
    const { text } = this;
    for (let at = 0; at < text.length; at += 1) {
      const char = text.charAt(at);
      const next = text.charAt(at + 1);
      if ('\\`^'.includes(char) && next === '\n') {
        this.#end();
        this.line += 1;
        at += 1;
      } else if (char === '\\' && /^[A-Za-z]:/.test(this.#word ?? '')) {
        // A path of Windows.
        this.#add(char);
      } else if (char === '\\') {
        this.#add(next);
        at += 1;
      } else if ((char === "'" || char === '"') && !this.#letters.has(char)) {
        const end = closing(text, char, at + 1);
        if (end === -1) {
          this.#letters.add(char);
          at -= 1;
        } else {
          this.#quoted(text.slice(at + 1, end), char);
          at = end;
        }
      } else if (char === '\n') {
        this.#end();
        this.line += 1;
        this.#first = true;
      } else if (/\s/.test(char)) this.#end();
      else if (char === '#' && this.#word === null) {
        const end = text.indexOf('\n', at);
        at = end === -1 ? text.length : end - 1;
      } else if (';|&'.includes(char)) {
        this.#end();
        this.#first = true;
      } else if (char === '<' || char === '>') {
        // The number before a redirection is a file descriptor.
        if (this.#word !== null && /^\d+$/.test(this.#word)) this.#word = null;
        this.#end();
      } else this.#add(char);
    }
    this.#end();
    return this.words;
  }

  #quoted(inside: string, quote: string): void {
    this.#add(quote === "'" ? inside : inside.replace(/\\\n/g, '').replace(/\\(["\\$`])/g, '$1'));
    this.line += inside.split('\n').length - 1;
  }

  #add(text: string): void {
    if (this.#word === null) {
      this.#word = '';
      this.#wordLine = this.line;
    }
    this.#word += text;
  }

  #end(): void {
    if (this.#word === null) return;
    this.words.push({ text: this.#word, line: this.#wordLine, first: this.#first });
    this.#word = null;
    this.#first = false;
  }
}

/**
 * Splits POSIX command lines into words: blanks, quotes, backslashes, comments, and lines that a backslash (or
 * PowerShell's backtick, or cmd's caret) continues. Nothing is expanded; operators and redirections are left out.
 */
export const splitShell = (text: string, firstLine = 1): Word[] => new ShellReader(text, firstLine).read();
