import { RPCHandler } from '@orpc/server/message-port';
import * as electron from 'electron';
import { join } from 'node:path';
import { composeSession } from './compose';
import { handlerOptions, router } from './ipc/router';
import { startElectron } from './platform/electron/start';

/** Electron's entry: hands over to platform/electron what the program is made of. */
const out = join(import.meta.dirname, '..');
void startElectron(
  electron,
  {
    page: join(out, 'renderer'),
    preload: join(out, 'preload', 'index.cjs'),
    samples: join(out, '..', 'resources', 'samples'),
  },
  { compose: (shell) => composeSession(shell), calls: (report) => new RPCHandler(router, handlerOptions(report)) },
);
