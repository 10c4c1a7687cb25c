import type { Span } from './reading';
import { tokenize } from './lexer';
import { C, T } from './token-kinds';

/** Columns of information_schema that hold a schema's name (go/vt/vtgate/planbuilder/operators/info_schema_planning.go). */
const schemaColumns = new Set([
  ...['table_schema', 'constraint_schema', 'schema_name', 'routine_schema', 'specific_schema', 'event_schema'],
  ...['referenced_table_schema', 'unique_constraint_schema', 'trigger_schema', 'event_object_schema'],
]);

/** A value that a column with a schema's name is compared to by `=`. */
export interface SchemaComparison extends Span {
  /** The text of a literal as it stands, of a parameter, or of `DATABASE()`. */
  readonly operand: string;
}

/** The comparisons of a text; strings and comments are not looked into. */
export function schemaComparisons(sql: string): SchemaComparison[] {
  const { kinds, starts, ends } = tokenize(sql);
  const found: SchemaComparison[] = [];
  for (let at = 1; at + 1 < kinds.length; at++) {
    if (kinds[at] !== C.equal) continue;
    const kind = kinds[at + 1];
    const isCall = kinds[at + 2] === C.open && kinds[at + 3] === C.close;
    const isDatabase = isCall && /^(?:database|schema)$/i.test(sql.slice(starts[at + 1], ends[at + 1]));
    if (kind !== T.string && kind !== T.bindVariable && !isDatabase) continue;
    const column = sql
      .slice(starts[at - 1], ends[at - 1])
      .replaceAll('`', '')
      .toLowerCase();
    if (!schemaColumns.has(column)) continue;
    const [start, end] = [starts[at + 1] as number, ends[isDatabase ? at + 3 : at + 1] as number];
    found.push({ start, end, operand: sql.slice(start, end) });
  }
  return found;
}
