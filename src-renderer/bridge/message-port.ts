import { RPCLink } from '@orpc/client/message-port';
import type { Connection } from './connect';

/** What the preload puts into the page's world. */
interface PreloadBridge {
  pathForFile(file: File): string;
  /** Hears the ids of commands that were chosen in the native menu. */
  onCommand(listener: (id: string) => void): void;
}

const bridge = (): PreloadBridge | undefined => (globalThis as { gatehouse?: PreloadBridge }).gatehouse;

/** Whether the page runs in Electron. */
export const hasMessagePort = (): boolean => bridge() !== undefined;

/** Hears commands of the native menu where there is one. */
export const onMenuCommand = (listener: (id: string) => void): void => bridge()?.onCommand(listener);

/** Opens a message port to the main process. */
export function connectMessagePort(): Promise<Connection> {
  const preload = bridge();
  if (preload === undefined) return Promise.reject(new Error('no preload'));
  const { port1, port2 } = new MessageChannel();
  // Ports cannot cross the context bridge; they can be posted to the window, where the preload listens and passes them on.
  window.postMessage({ gatehouse: 'connect' }, location.origin, [port2]);
  port1.start();
  return Promise.resolve({
    link: new RPCLink({ port: port1 }),
    closed: new Promise((resolve) => port1.addEventListener('close', () => resolve('The window lost its program.'))),
    pathForFile: (file) => preload.pathForFile(file),
  });
}
