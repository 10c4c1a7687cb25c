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

/**
 * What it costs to be seen: point selects through the gateway with traces and without, with a page that watches the query
 * log and without, in turns. The cluster writes no query logs to files.
 */
export async function measureObserving(cluster: Cluster, seconds: number, rounds: number): Promise<Measurement[]> {
  const ground = await sysbenchGround(cluster);
  if (typeof ground === 'string') return [{ name: 'tracing and watching', reason: ground }];
  const { folder, through } = ground;
  const rate = async (traced: boolean, watched: boolean): Promise<number> => {
    for (const part of parts)
      if (traced) cluster.recorder.enable(part);
      else cluster.recorder.disable(part);
    const page = watched ? watching(cluster) : null;
    try {
      return (await pointSelects(folder, through, THREADS, seconds)).rate;
    } finally {
      await page?.end();
    }
  };
  try {
    await rate(true, false);
    const seen: { readonly bare: number; readonly traced: number; readonly watched: number }[] = [];
    for (let round = 0; round < rounds; round += 1)
      seen.push({ bare: await rate(false, false), traced: await rate(true, false), watched: await rate(true, true) });
    const figure = (
      name: string,
      [value, valueName]: readonly [keyof (typeof seen)[number], string],
      [peer, peerName]: readonly [keyof (typeof seen)[number], string],
    ): Measurement => ({
      name: `point selects, ${THREADS} connections, ${name}`,
      value: median(seen.map((one) => one[value] / one[peer])),
      unit: 'ratio',
      bar: BAR,
      better: 'more',
      peer: { name: `${peerName}, queries a second`, value: Math.round(median(seen.map((one) => one[peer]))) },
      detail: `${valueName}: ${Math.round(median(seen.map((one) => one[value])))} queries a second`,
    });
    return [
      figure('traced to untraced', ['traced', 'with traces'], ['bare', 'without traces']),
      figure(
        'watched to not watched',
        ['watched', 'with a page that watches'],
        ['traced', 'with traces, nobody watches'],
      ),
      figure('traced and watched to neither', ['watched', 'with both'], ['bare', 'with neither']),
    ];
  } finally {
    for (const part of parts) cluster.recorder.enable(part);
    await ground.end();
  }
}
