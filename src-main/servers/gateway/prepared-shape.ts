import { splitStatements } from '../../domain/sql';
import type { Executor } from './executor';
import { fieldQuery } from './field-query';
import { VitessError } from './vitess-error';

/** Statements of which a Prepare learns the columns. */
const describesColumns = new Set(['select', 'select-no-table', 'show']);
/** Statements that vtgate does not prepare. */
const neverPrepared = new Set(['call', 'lock-tables', 'unlock-tables', 'empty']);

/** What a Prepare, in either protocol, has to find out about a statement. */
export interface PreparedShape {
  readonly parameterCount: number;
  /** A statement that has the columns and no rows; null for statements without columns. */
  readonly fieldQuery: string | null;
}

/** Reads a statement that is to be prepared. Throws VitessError for statements that vtgate does not prepare. */
export function preparedShape(executor: Executor, sql: string): PreparedShape {
  const { kind, marks } = executor.plan(sql);
  const firstWord = /^\s*(\w*)/.exec(sql)?.[1]?.toLowerCase();
  if (neverPrepared.has(kind) || (kind === 'other' && firstWord !== 'explain'))
    throw new VitessError('INTERNAL', `[BUG] unrecognized prepare statement: ${sql}`);
  if (sql.includes(';') && splitStatements(sql).length > 1) throw new VitessError('UNKNOWN', 'unknown error: <nil>');
  const parameterCount = marks.filter((mark) => mark.kind === 'parameter').length;
  if (!describesColumns.has(kind)) return { parameterCount, fieldQuery: null };
  return { parameterCount, fieldQuery: kind === 'show' ? sql : fieldQuery(sql, marks) };
}
