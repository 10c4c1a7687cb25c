import { contextBridge, ipcRenderer, webUtils } from 'electron';

/** The two channels of the page; everything else goes over the message port that `page/connect` hands on. */
const CONNECT = 'page/connect';
const COMMAND = 'page/command';

// A port cannot cross the context bridge: the page posts it to its own window, and here it is passed on.
window.addEventListener('message', (event) => {
  const asked = (event.data as { gatehouse?: unknown } | null)?.gatehouse === 'connect';
  if (event.source === window && asked && event.ports[0] !== undefined)
    ipcRenderer.postMessage(CONNECT, null, [event.ports[0]]);
});

contextBridge.exposeInMainWorld('gatehouse', {
  /** Absolute path of a file that was dropped or chosen. */
  pathForFile: (file: File): string => webUtils.getPathForFile(file),
  /** Hears the ids of commands that were chosen in the menu. */
  onCommand: (listener: (id: string) => void): void => {
    ipcRenderer.on(COMMAND, (_event, id: unknown) => {
      if (typeof id === 'string') listener(id);
    });
  },
});
