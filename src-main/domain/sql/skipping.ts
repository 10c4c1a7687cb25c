import { keyword } from './keywords';
import type { Reader } from './reader';
import { C, T } from './token-kinds';

const K = {
  references: keyword('references'),
  select: keyword('select'),
  table: keyword('table'),
  values: keyword('values'),
  with: keyword('with'),
} as const;

/** Whether the statement is at its end: nothing follows, or the semicolon. */
export const atEnd = (reader: Reader): boolean => reader.kind === T.end || reader.kind === C.semicolon;

/** What was met in a stretch that is passed over token by token. */
export interface Passed {
  /** A word that begins a query. */
  query: boolean;
  /** Tables after REFERENCES. */
  readonly references: string[];
}

/**
 * Passes over tokens with their brackets up to a top-level comma (when `list`), a semicolon, a token `stop` accepts, or the end. Fails on
 * brackets that do not match.
 */
export function passOver(reader: Reader, passed: Passed, list: boolean, stop?: (kind: number) => boolean): void {
  let depth = 0;
  for (;;) {
    const { kind } = reader;
    if (depth === 0 && (atEnd(reader) || (list && kind === C.comma) || kind === C.close || stop?.(kind))) return;
    if (kind === T.end || kind === T.broken) reader.fail();
    if (kind === C.open) depth++;
    else if (kind === C.close) depth--;
    else if (
      kind === K.select ||
      kind === K.values ||
      (kind === K.with && depth > 0) ||
      (kind === K.table && depth > 0)
    )
      passed.query = true;
    reader.advance();
    if (kind === K.references && reader.kind !== C.open && !atEnd(reader))
      passed.references.push(reader.tableName().name);
  }
}

/** Passes over everything to the semicolon or the end, brackets and broken tokens included. */
export function skipToEnd(reader: Reader): void {
  while (reader.kind !== T.end && reader.kind !== C.semicolon) reader.advance();
}
