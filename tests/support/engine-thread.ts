import { join } from 'node:path';
import { buildSync } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');
const bundle = join(root, 'node_modules', '.cache', `gatehouse-engine-thread-${process.pid}.mjs`);
let built = false;

/** On this channel a thread of this process is told by its name to die of an exception, or to end of its own accord. */
const DEATHS = 'gatehouse-test-deaths';

/** What a thread of gateways and tablets runs, bundled once for each test process; it dies when it is told to. */
export function engineThread(): string {
  if (!built) {
    buildSync({
      stdin: {
        contents: `
          import { workerData } from 'node:worker_threads';
          import './src-main/engine-thread.ts';
          const deaths = new BroadcastChannel('${DEATHS}');
          deaths.unref();
          deaths.onmessage = ({ data }) => {
            if (data.name !== workerData.name) return;
            if (data.how === 'exit') process.exit(7);
            setImmediate(() => { throw new Error('told to die'); });
          };`,
        resolveDir: root,
        loader: 'ts',
      },
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
    });
    built = true;
  }
  return bundle;
}

/** Lets the thread `name` (`gateways`, `tablets`, `engine`) die. */
export function killEngineThread(name: string, how: 'throw' | 'exit'): void {
  const deaths = new BroadcastChannel(DEATHS);
  deaths.postMessage({ name, how });
  deaths.close();
}
