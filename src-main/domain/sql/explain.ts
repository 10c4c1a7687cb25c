import { insertStatement, withBeforeWriting, writingStatement } from './dml';
import { startsQuery } from './bracketed-query';
import { isName, keyword } from './keywords';
import type { Reader } from './reader';
import { C, T } from './token-kinds';
import { statement } from './tree';
import type { Query, Statement } from './tree';
import { vexplainHead } from './vexplain';

const K = {
  all: keyword('all'),
  analyze: keyword('analyze'),
  delete: keyword('delete'),
  format: keyword('format'),
  insert: keyword('insert'),
  plan: keyword('plan'),
  replace: keyword('replace'),
  update: keyword('update'),
  values: keyword('values'),
  with: keyword('with'),
} as const;

const formats = new Set(['json', 'tree', 'traditional']);

/** A query as a statement. */
export const queryStatement = (query: Query): Statement => {
  const isValues = query.kind === 'values';
  return statement(
    isValues ? 'UNKNOWN' : 'SELECT',
    isValues ? 'invalid' : 'select',
    isValues ? 'panic' : 'SelectStream',
    {
      reads: [query],
    },
  );
};

/** Reads a statement that EXPLAIN takes. */
export function explainable(reader: Reader): Statement {
  const { kind } = reader;
  if (kind === K.insert || kind === K.replace) return insertStatement(reader);
  if (kind === K.update || kind === K.delete || (kind === K.with && withBeforeWriting(reader)))
    return writingStatement(reader);
  if (startsQuery(kind) || kind === C.open || kind === K.values) return queryStatement(reader.readQuery(reader));
  reader.fail();
}

/** Reads EXPLAIN, DESCRIBE and DESC: of a table, whose name only hardened mode asks for, or of a statement, asked for since 24.0.4. */
export function explainStatement(reader: Reader): Statement {
  reader.advance();
  if (reader.kind === K.format && reader.peek(1) === C.equal) {
    reader.advance();
    reader.advance();
    if (!formats.has(reader.text().toLowerCase())) reader.fail();
    reader.advance();
  } else if (reader.kind === K.analyze) reader.advance();
  else if (isName(reader.kind) && reader.kind !== K.replace) {
    const table = reader.tableName();
    if (reader.kind === T.string) reader.advance();
    else if (isName(reader.kind)) reader.name();
    return statement('EXPLAIN', 'Select', 'SelectStream', { strictAsks: [{ table: table.name, role: 'READER' }] });
  }
  return statement('EXPLAIN', 'Select', 'SelectStream', { explained: explainable(reader) });
}

/** Reads VEXPLAIN, which no tablet plans. */
export function vexplainStatement(reader: Reader): Statement {
  vexplainHead(reader);
  explainable(reader);
  return statement('EXPLAIN', 'invalid', 'panic');
}
