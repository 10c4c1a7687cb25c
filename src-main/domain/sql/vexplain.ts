import { keyword } from './keywords';
import type { Reader } from './reader';
import { T } from './token-kinds';

/** What VEXPLAIN shows of a statement. */
export type VexplainType = 'plan' | 'queries' | 'all' | 'trace' | 'keys';

const types = new Set<string>(['plan', 'queries', 'all', 'trace', 'keys'] satisfies VexplainType[]);
const vexplain = keyword('vexplain');

/** Reads the first words of a VEXPLAIN: its type (a plan where none is named) and where the statement begins, UTF-16. */
export function vexplainHead(reader: Reader): { readonly type: VexplainType; readonly at: number } {
  if (reader.kind === vexplain) reader.advance();
  const word = reader.kind === T.end ? '' : reader.text().toLowerCase();
  if (!types.has(word)) return { type: 'plan', at: reader.kind === T.end ? reader.tokens.sql.length : reader.start() };
  reader.advance();
  return { type: word as VexplainType, at: reader.kind === T.end ? reader.tokens.sql.length : reader.start() };
}
