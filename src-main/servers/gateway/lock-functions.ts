import { selectList } from './select-list';
import { VitessError } from './vitess-error';

const lockCall =
  /^\s*(?:get_lock|release_lock|release_all_locks|is_free_lock|is_used_lock)\s*\([^()]*\)(?:\s+(?:as\s+)?[\w`]+)?\s*$/i;

/** vtgate runs lock functions on a connection of their own and takes nothing else beside them. Throws VT12001. */
export function demandLocksOnly(sql: string): void {
  const other = selectList(sql)?.find((item) => !lockCall.test(item));
  if (other === undefined) return;
  throw new VitessError(
    'UNIMPLEMENTED',
    `VT12001: unsupported: LOCK function and other expression: [${other.trim()}] in same select query`,
  );
}
