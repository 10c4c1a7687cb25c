export { startBrowserShell, type BrowserShell, type BrowserShellOptions } from './browser-shell';
export { readOrigin } from './host-policy';
export { closeCode, type Limits } from './limits';
export type { AcceptPage, Calls, Refusal } from './page-connection';
export { rpcCalls } from './rpc-calls';
