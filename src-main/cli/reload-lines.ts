import type { HangUpOutcome } from '../services/cluster/cluster';

/** What a reload has done, as lines: `done` for the standard output, `kept` for the standard error. */
export function reloadLines({ reloaded, restart, kept }: HangUpOutcome): { done: string[]; kept: string[] } {
  const done: string[] = [];
  if (reloaded.length > 0) done.push(`Reloaded: ${reloaded.join(', ')}`);
  if (restart.length > 0) done.push(`Not reloaded, a restart takes it over: ${restart.join(', ')}`);
  if (done.length === 0 && kept.length === 0) done.push('Nothing to reload.');
  return {
    done,
    kept: kept.map(({ file, line, column, message, remedy }) => {
      const place = line === undefined ? file : `${file}:${line}:${column ?? 0}`;
      return `Not reloaded, the old one stays: ${place}: ${message}${remedy === undefined ? '' : ` ${remedy}`}`;
    }),
  };
}
