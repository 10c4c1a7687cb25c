import type { GatewayRefusal } from '../../domain/sql';
import { DropConnectionError } from '../mysql-wire/types';
import { VitessError } from './vitess-error';

/** What a client sees where vtgate's planner refuses: its error, or where it panics the lost connection. */
export const refusalError = (refusal: GatewayRefusal): Error =>
  refusal.kind === 'panic'
    ? new DropConnectionError('a statement at which real vtgate panics')
    : new VitessError(refusal.code, refusal.message);

/** vtgate's grammar has no `AND CHAIN` and no `RELEASE`: throws its VitessError for either. */
export function refuseChain(
  sql: string,
  { chain, release }: { readonly chain: boolean; readonly release: boolean },
): void {
  if (!chain && !release) return;
  const found = /\b(and|no|release)\b/i.exec(sql);
  const near = found?.[1] ?? '';
  const position = (found?.index ?? 0) + near.length + 1;
  throw new VitessError('INVALID_ARGUMENT', `syntax error at position ${position} near '${near.toLowerCase()}'`);
}

/** Statements that vtgate's grammar knows and its planner does not (VT13001). */
const unplanned: readonly (readonly [RegExp, string])[] = [
  [/^\s*purge\b/i, 'unexpected statement type: *sqlparser.PurgeBinaryLogs'],
];

/** Statements that only stream, by the name of their plan. */
const streamsOnly = /^\s*(?:(vstream)|stream)\b/i;

/** Throws VitessError for statements that vtgate parses and does not plan; `streams`: the answer would be streamed. */
export function refuseUnplanned(sql: string, streams: boolean): void {
  const only = streamsOnly.exec(sql);
  if (only !== null && !streams) {
    const plan = only[1] === undefined ? 'MStream' : 'VStream';
    throw new VitessError('INTERNAL', `VT13001: [BUG] TryExecute is not supported for ${plan}`);
  }
  // Nothing streams changes here: the stream ends before it has begun.
  if (only?.[1] !== undefined)
    throw new VitessError('UNKNOWN', 'unexpected: query ended without no results and no error');
  const found = unplanned.find(([form]) => form.test(sql));
  if (found !== undefined) throw new VitessError('INTERNAL', `VT13001: [BUG] ${found[1]}`);
}
