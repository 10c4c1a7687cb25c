import {
  counterRows,
  mergeTakes,
  shortAlias,
  type CounterRow,
  type WatchTake,
  type WatchWish,
} from '../../domain/watch';
import type { Cluster } from './cluster';

type Parts = Pick<Cluster, 'gateways' | 'tablets'>;

/** A part that is just dying has nothing to tell. */
const ofLiving = async <T>(asked: readonly Promise<T>[]): Promise<T[]> =>
  (await Promise.allSettled(asked)).flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));

/** Asks every part that the filter lets speak, and puts the answers together. */
export async function watchParts({ gateways, tablets }: Parts, wish: WatchWish): Promise<WatchTake> {
  const { part } = wish.filter;
  const asked = [...(part === 'tablet' ? [] : gateways), ...(part === 'gateway' ? [] : tablets)];
  // Each gives its share: making rows costs the threads that run the statements.
  const limit = Math.max(1, Math.ceil(wish.limit / Math.max(1, asked.length)));
  return mergeTakes(await ofLiving(asked.map((one) => one.watch({ ...wish, limit }))), wish.limit);
}

/** What the table ACLs of all tablets have counted since they were started. */
export async function countersOf({ tablets }: Pick<Parts, 'tablets'>): Promise<CounterRow[]> {
  const asked = tablets.map(async (tablet) => counterRows(shortAlias(tablet.alias), await tablet.counters()));
  return (await ofLiving(asked)).flat();
}
