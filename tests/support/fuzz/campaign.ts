import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that this process holds after a collection. */
export function heldBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** TCP connections of this process, both ends counted. */
export const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

/** What went wrong outside of every test's own promise. */
export function watchForCrashes(): { readonly crashes: unknown[]; stop(): void } {
  const crashes: unknown[] = [];
  const note = (fault: unknown): void => void crashes.push(fault);
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  return {
    crashes,
    stop: () => {
      process.off('uncaughtException', note);
      process.off('unhandledRejection', note);
    },
  };
}

/** How many cases: 10,000, or as many as FUZZ_RUNS says. */
export const fuzzRuns = Number(process.env['FUZZ_RUNS'] ?? 10_000);

/**
 * Plays `runs` cases, some at a time, and after every few hundred lets `between` look whether all others are still served.
 * Throws with the case when one fails; FUZZ_SEED repeats it.
 */
export async function campaign<Case>(
  cases: fc.Arbitrary<Case>,
  play: (one: Case) => Promise<void>,
  between: () => Promise<void>,
  { runs = fuzzRuns, atOnce = 48, batch = 500 } = {},
): Promise<void> {
  const { seed = Date.now() } = fc.readConfigureGlobal();
  for (let done = 0; done < runs; done += batch) {
    const waiting = fc.sample(cases, { numRuns: Math.min(batch, runs - done), seed: seed + done });
    const work = async (): Promise<void> => {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
        const played = one;
        await play(played).catch((error: unknown) => {
          throw new Error(`${(error as Error).message}\nseed ${seed}, case ${fc.stringify(played)}`);
        });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    await between();
  }
}
