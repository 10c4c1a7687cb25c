import { firstWordAt, splitStatements } from '../../domain/sql';
import type { Executor } from './executor';
import { fieldQuery } from './field-query';
import type { SqlMark } from './scan-sql';
import { VitessError } from './vitess-error';

/** Statements of which a Prepare learns the columns. */
const describesColumns = new Set(['select', 'select-no-table', 'show']);
/** First words of statements whose parameters vtgate counts, and of all that it prepares (go/vt/vtgate/executor.go, Prepare). */
const withParameters = new Set(['select', 'show', 'insert', 'replace', 'update', 'delete']);
const prepared = new Set([
  ...withParameters,
  ...['begin', 'start', 'commit', 'rollback', 'set', 'use', 'create', 'alter', 'drop', 'rename', 'truncate', 'flush'],
  ...['analyze', 'describe', 'desc', 'explain', 'repair', 'optimize', 'grant', 'revoke', 'kill'],
]);

/** Longer than any first word. */
const longestWord = 20;

const nextValues = /^\s*select\s+next\s+(?:value|(\d+)\s+values)\s+from\s+([\w`.]+)\s*;?\s*$/i;

/** What a Prepare, in either protocol, has to find out about a statement. */
export interface PreparedShape {
  readonly parameterCount: number;
  /** A statement that has the columns and no rows; null for statements without columns. */
  readonly fieldQuery: string | null;
  /** The tablet is asked with that text as it is. */
  readonly own?: true;
}

/**
 * The arguments that a text names itself (`:v1`), which vtgate counts as parameters; it knows no values for other names.
 * Throws VitessError for those.
 */
function namedArguments(marks: readonly SqlMark[]): number {
  const named = marks.filter(({ kind }) => kind === 'argument');
  const unknown = named.find(({ name }) => !/^v\d+$/.test(name));
  if (unknown !== undefined) throw new VitessError('UNKNOWN', `query arguments missing for ${unknown.name}`);
  return named.length;
}

/** Reads a statement that is to be prepared. Throws VitessError for statements that vtgate does not prepare. */
export function preparedShape(executor: Executor, sql: string): PreparedShape {
  const { kind, marks, syntaxError, isComputed, mysqlVariables, usesLocks } = executor.plan(sql);
  const start = firstWordAt(sql);
  const firstWord = /^\w*/.exec(sql.slice(start, start + longestWord))?.[0].toLowerCase() ?? '';
  if (sql === '') throw new VitessError('UNKNOWN', 'unknown error: <nil>');
  if (!prepared.has(firstWord)) throw new VitessError('INTERNAL', `[BUG] unrecognized prepare statement: ${sql}`);
  if (sql.includes(';') && splitStatements(sql).length > 1) throw new VitessError('UNKNOWN', 'unknown error: <nil>');
  if (!withParameters.has(firstWord)) return { parameterCount: 0, fieldQuery: null };
  if (syntaxError !== null) throw new VitessError('INVALID_ARGUMENT', syntaxError);
  const parameterCount = marks.filter((mark) => mark.kind === 'parameter').length + namedArguments(marks);
  const sequence = nextValues.exec(sql);
  if (sequence !== null) {
    // Recorded: vtgate's question for the columns is no statement to the tablet.
    const [, count = '1', table = ''] = sequence;
    return {
      parameterCount,
      fieldQuery: `select next ${count} values from ${table.replace(/^.*\./, '')} where 1 != 1`,
      own: true,
    };
  }
  // The question for a lock function's columns takes no lock, so it goes the way of any SELECT.
  if (kind === 'select-no-table' && usesLocks)
    return { parameterCount, fieldQuery: fieldQuery(sql, marks, false), own: true };
  if (!describesColumns.has(kind)) return { parameterCount, fieldQuery: null };
  return {
    parameterCount,
    fieldQuery: kind === 'show' ? sql : fieldQuery(sql, marks, isComputed && mysqlVariables.length === 0),
  };
}

/** The values that parameters have while only the columns are asked for. */
export function nullParameters(count: number): { readonly [name: string]: { readonly type: number } } | undefined {
  if (count === 0) return undefined;
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`v${at + 1}`, { type: 0 }]));
}
