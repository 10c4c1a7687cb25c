import { inlineHost, threadHost, type EngineHost } from '../../servers/engine';
import type { TraceRecorder } from '../../servers/recorder';

/** Where gateways and tablets run: here, in one thread of their own, or in two: gateways in one and tablets in the other. */
export const ENGINE_THREADS = ['none', 'one', 'two'] as const;
export type EngineThreads = (typeof ENGINE_THREADS)[number];

/** Of programs with a window or page: their own thread stays free whatever the load (docs/performance.md). */
export const appThreads: EngineThreads = 'one';

/** Where the gateways and where the tablets of a cluster run. */
export interface EngineHosts {
  readonly gateways: EngineHost;
  readonly tablets: EngineHost;
  /** Why no threads could be had although they were asked for, or null. */
  readonly fault: string | null;
  /** When it resolves, every step and sign-in that came about before has been told. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the threads that were asked for; where they cannot be had, everything runs here, which only is slower.
 * @param entry what a thread runs; undefined: this program brings none
 */
export async function engineHosts(
  threads: EngineThreads,
  entry: string | undefined,
  recorder: TraceRecorder,
): Promise<EngineHosts> {
  const here = inlineHost(recorder);
  if (threads === 'none' || entry === undefined) return hostsOf(here, here, null);
  const gateways = threadHost(entry, threads === 'two' ? 'gateways' : 'engine', recorder);
  const tablets = threads === 'two' ? threadHost(entry, 'tablets', recorder) : gateways;
  const hosts = hostsOf(gateways, tablets, null);
  try {
    await Promise.all([gateways.open(), tablets.open()]);
    return hosts;
  } catch (error) {
    await hosts.close();
    return hostsOf(here, here, error instanceof Error ? error.message : String(error));
  }
}

function hostsOf(gateways: EngineHost, tablets: EngineHost, fault: string | null): EngineHosts {
  const both = [...new Set([gateways, tablets])];
  return {
    gateways,
    tablets,
    fault,
    settle: async () => void (await Promise.all(both.map((host) => host.settle()))),
    close: async () => void (await Promise.all(both.map((host) => host.close()))),
  };
}
