export { startBrowserShell, type BrowserShell, type BrowserShellOptions } from './browser-shell';
export { readOrigin } from './host-policy';
export { closeCode, type Limits } from './limits';
export { hasOwnScreen, openInBrowser, type HandOver } from './open-in-browser';
export type { AcceptPage, Calls, Refusal } from './page-connection';
export { rpcCalls } from './rpc-calls';
export { commonHeaders, contentPolicy } from './security-headers';
export { readStaticFiles, type StaticFile } from './static-files';
