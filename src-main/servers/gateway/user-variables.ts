import type { SetAssignment } from '../../domain/sql';
import { query } from '../rpc';

/** A user variable with a constant for its value. */
export interface PendingVariable {
  /** `@`name` = value`, as SET takes it. */
  readonly assignment: string;
  readonly value: query.IBindVariable;
  /** The constant as it was written. */
  readonly literal: string;
}

/** The bind variable of a constant that vtgate keeps in its session; null for what is not told apart here. */
function constantOf(text: string): query.IBindVariable | null {
  if (/^null$/i.test(text)) return { type: query.Type.NULL_TYPE };
  if (/^-?\d{1,18}$/.test(text)) return { type: query.Type.INT64, value: Buffer.from(text) };
  const inner = /^'([^'\\]*)'$/.exec(text)?.[1];
  return inner === undefined ? null : { type: query.Type.VARCHAR, value: Buffer.from(inner) };
}

/** The user variables of a SET by lower-case name, if all are set to constants; null otherwise. */
export function constantVariables(
  sql: string,
  assignments: readonly SetAssignment[],
): ReadonlyMap<string, PendingVariable> | null {
  const found = new Map<string, PendingVariable>();
  for (const { scope, name, start, end } of assignments) {
    if (scope !== 'user') continue;
    const text = sql.slice(start, end).trim();
    const value = constantOf(text);
    if (value === null) return null;
    found.set(name.toLowerCase(), { assignment: `@\`${name.replaceAll('`', '``')}\` = ${text}`, value, literal: text });
  }
  return found;
}
