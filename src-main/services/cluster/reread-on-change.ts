import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Topology } from '../../domain/topology';
import type { HangUpOutcome } from './cluster';
import type { ReloadCause } from './hang-up';

/**
 * Reads each tablet's query rules again as soon as their file changes, where that is asked for, as vttablet does with
 * `--filecustomrules-watch`: the folder is watched, since editors put a new file in the place of the old one. `tell` hears
 * of what was taken over, and of a fault once for as long as it is the same. The result ends it.
 */
export function rereadOnChange(
  dir: string,
  { tablets }: Topology,
  reread: (cause: ReloadCause) => Promise<HangUpOutcome>,
  tell: (outcome: HangUpOutcome) => void,
): () => void {
  const watchers: FSWatcher[] = [];
  for (const { alias, queryRules, queryRulesWatch } of tablets) {
    if (queryRules === null || !queryRulesWatch) continue;
    const path = join(dir, queryRules);
    let said = '';
    const look = async (): Promise<void> => {
      const outcome = await reread({ queryRulesOf: alias });
      const fault = JSON.stringify(outcome.kept);
      if (outcome.reloaded.length > 0 || (outcome.kept.length > 0 && fault !== said)) tell(outcome);
      said = fault;
    };
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === basename(path)) void look();
    });
    // A folder that goes away takes its watch with it; the cluster keeps what it has.
    watcher.on('error', () => watcher.close());
    watchers.push(watcher);
  }
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}
