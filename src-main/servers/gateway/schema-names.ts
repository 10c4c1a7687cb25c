import { schemaComparisons } from '../../domain/sql';
import type { query } from '../rpc';
import { applyEdits, type Edit } from './rewrite';

type Binds = { readonly [name: string]: query.IBindVariable };

const VARCHAR = 6165;
const INT64 = 265;

/** The text of a plain string literal or of a bind variable; null for anything else. */
function valueOf(operand: string, binds: Binds): string | null {
  if (operand.startsWith(':')) {
    const value = binds[operand.slice(1)]?.value;
    return value === undefined || value === null ? null : Buffer.from(value).toString('utf8');
  }
  return /^(['"])([^'"\\]*)\1$/.exec(operand)?.[2] ?? null;
}

/**
 * In queries of information_schema a keyspace's name means the database behind it. The tablet, which knows that name, puts
 * it in: the variable `__replacevtschemaname` asks for it (go/sqltypes/bind_variables.go).
 * `current` is the session's keyspace, which DATABASE() means.
 */
export function withSchemaNames(
  sql: string,
  binds: Binds | undefined,
  isKeyspace: (name: string) => boolean,
  current: string,
): { readonly sql: string; readonly binds: Binds | undefined } {
  if (!/information_schema/i.test(sql)) return { sql, binds };
  const edits: Edit[] = [];
  for (const { start, end, operand } of schemaComparisons(sql)) {
    const value = operand.endsWith(')') ? current : valueOf(operand, binds ?? {});
    if (value !== null && isKeyspace(value)) edits.push({ start, end, text: ':__vtschemaname' });
  }
  if (edits.length === 0) return { sql, binds };
  return {
    sql: applyEdits(sql, edits),
    binds: {
      ...binds,
      __vtschemaname: { type: VARCHAR, value: Buffer.alloc(0) },
      __replacevtschemaname: { type: INT64, value: Buffer.from('1') },
    },
  };
}
