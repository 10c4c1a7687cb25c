import { firstKeyword, isName, keywordText } from '../keywords';
import type { Tokens } from '../lexer';
import { T } from '../token-kinds';
import { printedName } from './names';
import { unprintable, type Node } from './node';
import { vitessReserved } from './words';

const none: ReadonlySet<string> = new Set();

/** The rules that rules below them lead back to. The cursor carries them, so that no file imports one that imports it. */
export interface Grammar {
  readonly expression: (cursor: Cursor) => Node;
  readonly bits: (cursor: Cursor, level: number) => Node;
  readonly query: (cursor: Cursor) => Node;
}

/** A place in a statement's tokens, with what was seen on the way. */
export class Cursor {
  /** The name read last by `word`, and its place. */
  #word = '';
  #wordAt = -1;
  at = 0;
  /** Parameters (`?`) met so far. */
  parameters = 0;
  /** Something that vtgate puts a value or another expression in place of, so that select expressions may need an alias. */
  rewrites = false;
  /** Names of bind variables that the text itself has. */
  readonly arguments = new Set<string>();
  /** Tables of FROM lists but `dual`: names of WITH clauses that stand before them, null for others. */
  readonly tables: (string | null)[] = [];
  /** Names of WITH clauses; null where one is recursive. */
  readonly common: (string | null)[] = [];
  /** Keyspaces that were named. */
  readonly keyspaces = new Set<string>();

  constructor(
    readonly grammar: Grammar,
    readonly tokens: Tokens,
    /** The keyspace that a schema in front of a table's name means, or null; null instead = schemas are printed. */
    private readonly keyspaceNamed: ((name: string) => string | null) | null,
    /** System variables that the session has set, by lower-case name: their value is the gateway's too. */
    readonly sessionVariables: ReadonlySet<string> = none,
  ) {}

  /** Notes the name of a bind variable of the text; it matters only where others are to be named. */
  noteArgument(name: string): void {
    if (this.keyspaceNamed !== null) this.arguments.add(name);
  }

  /** What is printed for the schema in front of a name: nothing for a keyspace; another schema stops the printing. */
  schema(name: string): string {
    if (this.keyspaceNamed === null) return `${printedName(name)}.`;
    const keyspace = this.keyspaceNamed(name);
    if (keyspace === null) throw unprintable;
    this.keyspaces.add(keyspace);
    return '';
  }

  get kind(): number {
    return this.tokens.kinds[this.at] as number;
  }

  peek(offset: number): number {
    return this.tokens.kinds[this.at + offset] ?? T.end;
  }

  /** The word at this place in lower case; '' for what is no word. */
  word(offset = 0): string {
    const at = this.at + offset;
    const kind = this.tokens.kinds[at] ?? T.end;
    if (kind !== T.name) return keywordText(kind) ?? '';
    if (at === this.#wordAt) return this.#word;
    this.#wordAt = at;
    return (this.#word = this.text(offset).toLowerCase());
  }

  text(offset = 0): string {
    const at = this.at + offset;
    return this.tokens.sql.slice(this.tokens.starts[at], this.tokens.ends[at]);
  }

  /** Steps over a word if it stands here. */
  take(word: string): boolean {
    if (this.word() !== word) return false;
    this.at += 1;
    return true;
  }

  /** Steps over the first of two or more words if all of them follow. */
  takeAll(...words: string[]): boolean {
    for (let i = 0; i < words.length; i++) if (this.word(i) !== words[i]) return false;
    this.at += words.length;
    return true;
  }

  expect(word: string): void {
    if (!this.take(word)) throw unprintable;
  }

  takeCode(code: number): boolean {
    if (this.kind !== code) return false;
    this.at += 1;
    return true;
  }

  expectCode(code: number): void {
    if (!this.takeCode(code)) throw unprintable;
  }

  /** Whether a name can begin here. */
  get named(): boolean {
    return isName(this.kind) && !(this.kind !== T.quotedName && vitessReserved.has(this.word()));
  }

  /** A name as it is meant, without backticks. With `any`, reserved words count too, as they do after a point. */
  name(any = false): string {
    const { kind } = this;
    if (any ? !isName(kind) && kind < firstKeyword : !this.named) throw unprintable;
    const text = this.text();
    // Digits at its front make a word another token to MySQL in places.
    if (kind === T.name && text.charCodeAt(0) < 58 && text[0] !== '$') throw unprintable;
    this.at += 1;
    return kind === T.quotedName ? text.slice(1, -1).replaceAll('``', '`') : text;
  }

  /** Block comments between the last token and this one, each with a space after it, as vtgate keeps them after a statement's first word. */
  comments(): string {
    const { sql, starts, ends } = this.tokens;
    const between = sql.slice(this.at === 0 ? 0 : ends[this.at - 1], starts[this.at]);
    if (!between.includes('/')) {
      if (between.includes('-') || between.includes('#')) throw unprintable;
      return '';
    }
    const found: readonly string[] = between.match(/\/\*[\s\S]*?\*\//g) ?? [];
    if (between.replace(/\/\*[\s\S]*?\*\//g, '').trim() !== '') throw unprintable;
    // A comment without content is more than Vitess can take after a first word.
    if (found.includes('/**/')) throw unprintable;
    return found.map((comment) => `${comment} `).join('');
  }
}
