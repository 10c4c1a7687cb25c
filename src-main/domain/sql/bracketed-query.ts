import { keyword } from './keywords';
import type { Reader } from './reader';
import { C } from './token-kinds';
import type { Query } from './tree';

const K = {
  for: keyword('for'),
  limit: keyword('limit'),
  lock: keyword('lock'),
  order: keyword('order'),
  row: keyword('row'),
  select: keyword('select'),
  union: keyword('union'),
  values: keyword('values'),
  with: keyword('with'),
} as const;

/** Whether a token starts a query. `VALUES` starts one only before ROW, which the caller looks at. */
export const startsQuery = (kind: number): boolean => kind === K.select || kind === K.with;

/** Whether a token after a bracketed query belongs to the query around it. */
export const continuesQuery = (kind: number): boolean =>
  kind === K.union || kind === K.order || kind === K.limit || kind === K.for || kind === K.lock;

/**
 * Reads the brackets at the next token. A query in them is returned; otherwise the expression or row in them has
 * been read, and the result is null. Brackets around brackets are looked into, since `((select 1) union …)` is a
 * query and `((select 1) + 1)` is not.
 */
export function bracketedQuery(reader: Reader, expressionList: (reader: Reader) => void): Query | null {
  reader.expect(C.open);
  if (startsQuery(reader.kind) || (reader.kind === K.values && reader.peek(1) === K.row)) {
    const query = reader.readQuery(reader);
    reader.expect(C.close);
    return query;
  }
  if (reader.kind === C.open && reader.opensQuery(startsQuery)) {
    reader.enter();
    const inner = bracketedQuery(reader, expressionList);
    reader.leave();
    if (inner !== null) {
      if (reader.kind === C.close) {
        reader.advance();
        return inner;
      }
      if (continuesQuery(reader.kind)) {
        const query = reader.continueQuery(reader, inner);
        reader.expect(C.close);
        return query;
      }
      reader.sink.push(inner);
    }
    reader.primed = true;
  }
  expressionList(reader);
  reader.expect(C.close);
  return null;
}

/** Reads `( query )` at the next token and hands its subquery to the sink. */
export function subquery(reader: Reader, expressionList: (reader: Reader) => void): void {
  const found = bracketedQuery(reader, expressionList);
  if (found === null) reader.fail();
  reader.sink.push(found);
}
