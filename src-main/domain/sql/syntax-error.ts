import { Buffer } from 'node:buffer';
import type { Tokens } from './lexer';
import { C, T } from './token-kinds';

/**
 * Vitess's text for a statement that does not parse: the position is that of the byte after the offending token, counted from 1
 * (PositionedErr in go/vt/sqlparser/token.go); tokens without a text of their own are not quoted.
 */
export function syntaxErrorText(tokens: Tokens, token: number): string {
  const kind = tokens.kinds[token] ?? T.end;
  const { sql } = tokens;
  const start = tokens.starts[token] ?? sql.length;
  const end = tokens.ends[token] ?? sql.length;
  if (kind === T.broken && sql.charCodeAt(start) >= 128) {
    const bytes = Buffer.from(sql.slice(0, start), 'utf8').length;
    const first = Buffer.from(sql.slice(start, start + 2), 'utf8')[0] as number;
    return `syntax error at position ${bytes + 2} near '${String.fromCharCode(first)}'`;
  }
  // An empty pair of backticks ends at its first one.
  const emptyName = kind === T.broken && sql.slice(start, end) === '``';
  const position = Buffer.byteLength(sql.slice(0, emptyName ? start + 1 : end), 'utf8') + 1;
  const near = nearText(kind, sql.slice(start, end));
  return near === '' ? `syntax error at position ${position}` : `syntax error at position ${position} near '${near}'`;
}

function nearText(kind: number, text: string): string {
  if (kind === T.end || kind === C.semicolon) return '';
  if (kind === T.string || kind === T.quotedName) return text.slice(1, -1);
  if (kind === T.userVariable) return text.slice(1);
  if (kind === T.systemVariable || kind === T.listVariable) return text.slice(2);
  if (kind === T.bindVariable) return text.charAt(0) === ':' ? text.slice(1) : text;
  if (kind === T.broken) {
    const quote = text.charAt(0);
    if (quote === '@' || text === '``') return '';
    return quote === "'" || quote === '"' || quote === '`' ? text.slice(1) : text;
  }
  if (kind >= 200 || kind <= T.bits) return text;
  return '';
}
