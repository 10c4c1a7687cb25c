import { emptyResult, ownField, ownRow, type StatementResult } from './result';
import { selectList } from './select-list';

const INT64 = 265;
const VARCHAR = 6165;
/** Collation numbers of text (utf8mb4_0900_ai_ci) and of numbers. */
const utf8mb4 = 255;
const binary = 63;

const constant = /^\s*(?:(\d{1,18})|'([^'\\]*)')(?:\s+(?:as\s+)?(?:`[^`]+`|\w+))?\s*$/i;

/**
 * The row of a SELECT whose expressions are whole numbers and plain texts only, as MySQL would answer it but for the
 * fields' lengths and flags; null for everything else. `names` are the columns' names.
 */
export function constantRow(sql: string, names: readonly string[]): StatementResult | null {
  const items = selectList(sql);
  if (items === null || items.length !== names.length) return null;
  const fields = [];
  const values: string[] = [];
  for (const [index, item] of items.entries()) {
    const found = constant.exec(item);
    if (found === null) return null;
    const [, number, text = ''] = found;
    const type = number === undefined ? VARCHAR : INT64;
    fields.push(
      Object.assign(ownField(names[index] as string, type, 1), { charset: number === undefined ? utf8mb4 : binary }),
    );
    values.push(number === undefined ? text : String(BigInt(number)));
  }
  return { ...emptyResult, fields, rows: [ownRow(values)] };
}
