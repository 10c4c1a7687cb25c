import type { query } from '../rpc';
import type { TabletConfig } from './config';
import { VtError } from './vt-error';

const names = ['UNKNOWN', 'PRIMARY', 'REPLICA', 'RDONLY', 'SPARE', 'EXPERIMENTAL', 'BACKUP', 'RESTORE', 'DRAINED'];
const PRIMARY = 1;

/** The name of a topodata.TabletType. */
export const tabletTypeName = (type: number): string => names[type] ?? String(type);

/** Throws VtError with vttablet's text unless a request means this tablet; the cell does not matter. */
export function demandTarget(target: query.Target | null, { keyspace, shard }: TabletConfig): void {
  const refuse = (message: string): never => {
    throw new VtError('INVALID_ARGUMENT', message, true);
  };
  if (target === null) return refuse('No target');
  if (target.keyspace !== keyspace) refuse(`invalid keyspace ${target.keyspace} does not match expected ${keyspace}`);
  if (target.shard !== shard) refuse(`invalid shard ${target.shard} does not match expected ${shard}`);
  const type = target.tabletType as number;
  if (type !== PRIMARY)
    throw new VtError('FAILED_PRECONDITION', `wrong tablet type: ${tabletTypeName(type)}, want: PRIMARY or []`, true);
}
