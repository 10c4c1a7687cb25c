import type { PlanName } from '../../domain/sql';
import type { query } from '../rpc';

const VARCHAR = 6165;
const TIMESTAMP = 2061;
const DECIMAL = 18;
const INT32 = 263;
const FLOAT64 = 1036;

function result(fields: readonly (readonly [string, number])[], values: readonly string[]): query.IQueryResult {
  const parts = values.map((value) => Buffer.from(value));
  return {
    fields: fields.map(([name, type]) => ({ name, type })),
    rows: [{ lengths: parts.map(({ length }) => length), values: Buffer.concat(parts) }],
  };
}

/** The app that vttablet's throttler holds back for ever (go/vt/vttablet/tabletserver/throttle/throttlerapp). */
const heldBack = 'always-throttled-app';
const tenYearsMs = 10 * 365 * 24 * 3_600_000;
const lagQuery = 'select unix_timestamp(now(6))-max(ts/1000000000) as replication_lag from _vt.heartbeat';

/** What a tablet whose throttler was never turned on says of it; null for statements about something else. */
export function throttlerAnswer(plan: PlanName, shard: string): query.IQueryResult | null {
  if (plan === 'ShowThrottledApps') {
    const until = new Date(Date.now() + tenYearsMs).toISOString().slice(0, 19).replace('T', ' ');
    return result(
      [
        ['app', VARCHAR],
        ['expire_at', TIMESTAMP],
        ['ratio', DECIMAL],
      ],
      [heldBack, until, '1'],
    );
  }
  if (plan !== 'ShowThrottlerStatus') return null;
  return result(
    [
      ['shard', VARCHAR],
      ['enabled', INT32],
      ['threshold', FLOAT64],
      ['query', VARCHAR],
    ],
    [shard, '0', '5', lagQuery],
  );
}
