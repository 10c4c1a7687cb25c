import type { Attempt } from '../../clients';
import type { ClusterAddresses } from '../cluster/cluster';
import type { SignInLog } from './sign-in-log';

/** The log of each cluster that this process runs, by the addresses that everything which connects to it is given. */
const logs = new WeakMap<ClusterAddresses, SignInLog>();

/** From here on what this process tries at `addresses` can be told from what others do there. */
export const ownCluster = (addresses: ClusterAddresses, log: SignInLog): void => void logs.set(addresses, log);

/**
 * Takes the sign-in of one attempt of Gatehouse's own back, so that tests are nobody's use of an entry; the keys of the
 * entry that let it in. Nothing happens at a cluster that another process runs.
 */
export function disownAttempt(
  addresses: ClusterAddresses,
  gateway: string,
  unixSocket: boolean,
  { steps }: Pick<Attempt, 'steps'>,
): readonly string[] {
  const id = steps.find(({ name }) => name === 'mysql.greeting')?.data['connectionId'];
  return typeof id === 'number' ? (logs.get(addresses)?.disown(gateway, { id, unixSocket }) ?? []) : [];
}
