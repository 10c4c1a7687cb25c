import type { Topology } from '../../domain/topology';
import type { HangUpOutcome } from './cluster';
import type { ReloadCause } from './hang-up';

/**
 * Reads each users file and each ACL again after its time, as vtgate and vttablet do with their intervals. `tell` hears of
 * what was taken over, and of a fault once for as long as it is the same. The result ends it.
 */
export function rereadByTime(
  { gateways, tablets }: Topology,
  reread: (cause: ReloadCause) => Promise<HangUpOutcome>,
  tell: (outcome: HangUpOutcome) => void,
): () => void {
  const timers: NodeJS.Timeout[] = [];
  const every = (seconds: number, cause: ReloadCause): void => {
    if (seconds === 0) return;
    let said = '';
    const look = async (): Promise<void> => {
      const outcome = await reread(cause);
      const fault = JSON.stringify(outcome.kept);
      if (outcome.reloaded.length > 0 || (outcome.kept.length > 0 && fault !== said)) tell(outcome);
      said = fault;
    };
    timers.push(setInterval(() => void look(), seconds * 1000).unref());
  };
  for (const { name, mysql } of gateways)
    if (mysql?.auth === 'static' && mysql.usersFile !== null) every(mysql.usersReloadSeconds, { usersOf: name });
  for (const { alias, acl } of tablets) if (acl.file !== null) every(acl.reloadSeconds, { aclOf: alias });
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
