import type { ClientLink } from '@orpc/client';
import { connectMessagePort, hasMessagePort } from './message-port';
import { connectWebSocket } from './websocket';

/** A way to the program: calls go through `link` until `closed` resolves with a sentence on why it ended. */
export interface Connection {
  readonly link: ClientLink<Record<never, never>>;
  readonly closed: Promise<string>;
  /** Absolute path of a dropped or chosen file where the shell can tell it; null elsewhere. */
  pathForFile(file: File): string | null;
}

/** Connects by whatever the shell offers: a message port in Electron, a WebSocket in a browser. */
export function connect(): Promise<Connection> {
  if (hasMessagePort()) return connectMessagePort();
  return connectWebSocket().then(({ link, closed }) => ({
    link,
    closed: closed.then(() => 'The connection ended.'),
    pathForFile: () => null,
  }));
}
