import { everything } from '../../domain/watch';
import type { TracePart } from '../../servers/recorder';
import type { Cluster } from '../cluster/cluster';
import { WatchService } from '../watch/watch-service';
import { median, type Measurement } from './figure';
import { pointSelects, sysbenchGround } from './throughput';

const parts: readonly TracePart[] = ['client', 'gateway', 'link', 'tablet', 'mysql'];
const THREADS = 8;
/** Tracing and watching may cost a tenth of the query rate. */
const BAR = 0.9;

/** Asks as a page does that shows the query log, until it is ended; resolves with the records that it was given. */
function watching(cluster: Cluster): { end(): Promise<number> } {
  const service = new WatchService(cluster.workspace.paths, { cluster });
  const ending = new AbortController();
  let shown = 0;
  const done = (async () => {
    let places = {};
    while (!ending.signal.aborted) {
      const next = await service.next(
        { places, filter: { ...everything, verdicts: [] }, values: false, known: 'running' },
        ending.signal,
      );
      places = next.places;
      // It is sent to a page as text.
      shown += JSON.stringify(next).length > 0 ? next.rows.length : 0;
    }
  })();
  return {
    end: async () => {
      ending.abort();
      await done;
      service.dispose();
      return shown;
    },
  };
}

/** What one run came to. */
interface Run {
  /** Queries a second. */
  readonly rate: number;
  /** Processor time of this program for one query, microseconds. */
  readonly cost: number;
}

const modes = {
  bare: { traced: false, watched: false },
  traced: { traced: true, watched: false },
  watched: { traced: true, watched: true },
} as const;
type Mode = keyof typeof modes;

/**
 * What it costs to be seen: point selects through the gateway with traces and without, with a page that watches the query
 * log and without, in turns. The ratios are those of the processor time that this program takes for a query, which is what
 * a thread's query rate comes from, in the round that other work on the machine disturbed least; the middle rates stand beside
 * them. The cluster writes no query logs to files.
 */
export async function measureObserving(cluster: Cluster, seconds: number, rounds: number): Promise<Measurement[]> {
  const ground = await sysbenchGround(cluster);
  if (typeof ground === 'string') return [{ name: 'tracing and watching', reason: ground }];
  const { folder, through } = ground;
  const measure = async (mode: Mode): Promise<Run> => {
    const { traced, watched } = modes[mode];
    for (const part of parts)
      if (traced) cluster.recorder.enable(part);
      else cluster.recorder.disable(part);
    const page = watched ? watching(cluster) : null;
    try {
      const before = process.cpuUsage();
      const { rate } = await pointSelects(folder, through, THREADS, seconds);
      const { user, system } = process.cpuUsage(before);
      return { rate, cost: (user + system) / (rate * seconds) };
    } finally {
      await page?.end();
    }
  };
  try {
    await measure('traced');
    const seen: Record<Mode, Run[]> = { bare: [], traced: [], watched: [] };
    const order: Mode[] = ['bare', 'traced', 'watched'];
    for (let round = 0; round < rounds; round += 1) {
      for (const mode of order) seen[mode].push(await measure(mode));
      // No mode is always the one that comes after another.
      order.push(order.shift()!);
    }
    const rateOf = (mode: Mode): number => Math.round(median(seen[mode].map(({ rate }) => rate)));
    const costOf = (mode: Mode): number => Math.min(...seen[mode].map(({ cost }) => cost));
    const figure = (name: string, mode: Mode, peer: Mode, peerName: string): Measurement => ({
      name: `point selects, ${THREADS} connections, ${name}`,
      value: costOf(peer) / costOf(mode),
      unit: 'ratio',
      bar: BAR,
      better: 'more',
      peer: { name: `${peerName}, µs of processor time a query`, value: Math.round(costOf(peer) * 10) / 10 },
      detail: `${costOf(mode).toFixed(1)} µs a query; ${rateOf(mode)} queries a second beside ${rateOf(peer)}`,
    });
    return [
      figure('traced to untraced', 'traced', 'bare', 'without traces'),
      figure('watched to not watched', 'watched', 'traced', 'nobody watches'),
      figure('traced and watched to neither', 'watched', 'bare', 'neither'),
    ];
  } finally {
    for (const part of parts) cluster.recorder.enable(part);
    await ground.end();
  }
}
