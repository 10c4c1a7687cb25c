import type { RPCHandler } from '@orpc/server/message-port';
import type { IpcMain, IpcMainEvent } from 'electron';
import type { Session } from '../../services/app/session';
import { PAGE_ORIGIN, originOf } from './hardening';

/** Channel on which a page hands in one end of a message channel; the only one that the page can reach. */
export const CONNECT = 'page/connect';

/** Largest message of a page, in characters; the same as the browser shell's. */
export const MAX_MESSAGE = 16 * 1024 * 1024;

/** Serves the calls of one page over its port. */
export type PageCalls = Pick<RPCHandler<{ session: Session }>, 'upgrade'>;

/** Whether a message comes from the top frame of a page of our own (checklist, point 17). */
export function isOurPage(event: Pick<IpcMainEvent, 'senderFrame'>): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame.parent === null && originOf(frame.url) === PAGE_ORIGIN;
}

/**
 * Lets pages call the program: each hands in one end of a message channel, which is served until the page is gone. A
 * message from any other frame is dropped, one that is too large ends its connection.
 */
export function acceptPages(
  ipcMain: Pick<IpcMain, 'on'>,
  handler: PageCalls,
  session: Session,
  log: (text: string) => void,
): void {
  ipcMain.on(CONNECT, (event) => {
    const [port] = event.ports;
    if (port === undefined || !isOurPage(event)) {
      log('a connection from elsewhere than our page was dropped');
      for (const dropped of event.ports) dropped.close();
      return;
    }
    // The limit's listener is the first: it sees a message before the handler does.
    port.on('message', ({ data }) => {
      if (
        typeof data === 'string'
          ? data.length <= MAX_MESSAGE
          : data instanceof Uint8Array && data.byteLength <= MAX_MESSAGE
      )
        return;
      log('a message that is too large, or no message of ours, ended a page’s connection');
      port.close();
    });
    handler.upgrade(port, { context: { session } });
    port.start();
  });
}
