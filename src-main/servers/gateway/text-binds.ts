import type { query } from '../rpc';
import type { StatementResult } from './result';

/** The first row of a result as bind variables `v1`, `v2`, … with the types of its columns. */
export function bindText(result: StatementResult): { readonly [name: string]: query.IBindVariable } {
  const row = result.rows[0];
  const binds: { [name: string]: query.IBindVariable } = {};
  let at = 0;
  result.fields.forEach((field, index) => {
    const length = row?.lengths[index] ?? -1;
    binds[`v${index + 1}`] =
      length < 0 ? { type: 0 } : { type: field.type, value: row?.values.subarray(at, at + length) ?? null };
    if (length > 0) at += length;
  });
  return binds;
}
