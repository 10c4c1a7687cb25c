import type { query } from '../rpc';

const isolationLevels: ReadonlyMap<number, string> = new Map([
  [1, 'repeatable read'],
  [2, 'read committed'],
  [3, 'read uncommitted'],
  [4, 'serializable'],
  [5, 'repeatable read'],
]);
const accessModes: readonly string[] = ['with consistent snapshot', 'read write', 'read only'];

/** The statements that open a transaction as the options ask for it (go/vt/vttablet/tabletserver/tx_pool.go). */
export function beginStatements(options: query.ExecuteOptions | null): string[] {
  const isolation = options?.transactionIsolation ?? 0;
  if (isolation === 6) return [];
  const level = isolationLevels.get(isolation);
  const statements = level === undefined ? [] : [`set transaction isolation level ${level}`];
  const modes = isolation === 5 ? [0, 2] : [...new Set(options?.transactionAccessMode ?? [])].sort();
  const words = modes.map((mode) => accessModes[mode]).filter((mode) => mode !== undefined);
  return [...statements, words.length === 0 ? 'begin' : `start transaction ${words.join(', ')}`];
}
