import type { Attempt } from '../../clients';
import type { ClusterAddresses } from '../cluster/cluster';
import type { SignInLog } from './sign-in-log';

/** The log of each cluster that this process runs, by the addresses that everything which connects to it is given. */
const logs = new WeakMap<ClusterAddresses, { readonly log: SignInLog; readonly settle: () => Promise<void> }>();

/**
 * From here on what this process tries at `addresses` can be told from what others do there.
 * @param settle resolves when every sign-in so far has been counted
 */
export const ownCluster = (addresses: ClusterAddresses, log: SignInLog, settle: () => Promise<void>): void =>
  void logs.set(addresses, { log, settle });

/**
 * Takes the sign-in of one attempt of Gatehouse's own back, so that tests are nobody's use of an entry; the keys of the
 * entry that let it in. Nothing happens at a cluster that another process runs.
 */
export async function disownAttempt(
  addresses: ClusterAddresses,
  gateway: string,
  unixSocket: boolean,
  { steps }: Pick<Attempt, 'steps'>,
): Promise<readonly string[]> {
  const id = steps.find(({ name }) => name === 'mysql.greeting')?.data['connectionId'];
  const own = logs.get(addresses);
  if (typeof id !== 'number' || own === undefined) return [];
  await own.settle();
  return own.log.disown(gateway, { id, unixSocket });
}
