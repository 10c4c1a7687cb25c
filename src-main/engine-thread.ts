import { parentPort, workerData } from 'node:worker_threads';
import { serveEngineThread } from './servers/engine';

/** Entry of the thread in which gateways and tablets may run: a bundle of its own beside the program's. */
if (parentPort !== null) serveEngineThread(parentPort, workerData as Parameters<typeof serveEngineThread>[1]);
