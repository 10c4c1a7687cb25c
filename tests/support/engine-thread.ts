import { bundled } from './bundled';

/** On this channel a thread of this process is told by its name to die of an exception, or to end of its own accord. */
const DEATHS = 'gatehouse-test-deaths';

/** What a thread of gateways and tablets runs; it dies when it is told to. */
export const engineThread = (): string =>
  bundled(
    'engine-thread',
    `
      import { workerData } from 'node:worker_threads';
      import './src-main/engine-thread.ts';
      const deaths = new BroadcastChannel('${DEATHS}');
      deaths.unref();
      deaths.onmessage = ({ data }) => {
        if (data.name !== workerData.name) return;
        if (data.how === 'exit') process.exit(7);
        setImmediate(() => { throw new Error('told to die'); });
      };`,
  );

/** Lets the thread `name` (`gateways`, `tablets`, `engine`) die. */
export function killEngineThread(name: string, how: 'throw' | 'exit'): void {
  const deaths = new BroadcastChannel(DEATHS);
  deaths.postMessage({ name, how });
  deaths.close();
}
