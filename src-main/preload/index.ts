import { contextBridge } from 'electron';

/** What the page may reach: nothing yet but the program's version of the bridge. */
contextBridge.exposeInMainWorld('gatehouse', { bridge: 1 });
