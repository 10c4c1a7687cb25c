import type { ClientLink } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';

/** One authenticated connection of the browser shell. */
export interface PageConnection {
  /** For `createORPCClient`. Calls made after the end fail; a new connection has a new link. */
  readonly link: ClientLink<Record<never, never>>;
  /** Settles when the connection has ended for any reason; `connectWebSocket` makes the next one. */
  readonly closed: Promise<void>;
}

/** Why no connection will come about by trying again. */
export type RefusalReason = 'no-token' | 'wrong-token';

export class ConnectionRefused extends Error {
  constructor(readonly reason: RefusalReason) {
    super(reason);
    this.name = 'ConnectionRefused';
  }
}

/** What is used of the browser. */
export interface BrowserWindow {
  readonly location: Pick<Location, 'hash' | 'host' | 'pathname' | 'protocol' | 'reload' | 'search'>;
  readonly history: Pick<History, 'replaceState'>;
  readonly sessionStorage: Pick<Storage, 'getItem' | 'removeItem' | 'setItem'>;
  readonly WebSocket: new (url: string) => WebSocket;
  addEventListener(type: 'hashchange', listener: () => void): void;
}

export interface ConnectOptions {
  readonly window?: BrowserWindow;
  /** Called before each wait for another attempt; `attempt` counts from 1. */
  readonly onRetry?: (attempt: number, delayMs: number) => void;
  readonly signal?: AbortSignal;
}

const KEY = 'gatehouse.token';
const PREFIX = '#token=';
/** The shell's path and close code for a wrong token (src-main/platform/browser). */
const SOCKET_PATH = '/rpc';
const WRONG_TOKEN = 4401;
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;

/**
 * Moves a token from the address into this tab's session storage, and out of the address bar, so that it is neither copied
 * with the address by accident nor seen over a shoulder. Cookies and local storage would be shared with whatever else runs on
 * other ports or at other times.
 */
export function takeToken(page: BrowserWindow): string | null {
  const { hash, pathname, search } = page.location;
  if (hash.startsWith(PREFIX)) {
    page.sessionStorage.setItem(KEY, hash.slice(PREFIX.length));
    page.history.replaceState(null, '', pathname + search);
  }
  return page.sessionStorage.getItem(KEY);
}

const watched = new WeakSet<BrowserWindow>();

/** A new address that is pasted into an open tab changes its fragment only; the page begins anew with it. */
function watchAddress(page: BrowserWindow): void {
  if (watched.has(page)) return;
  watched.add(page);
  page.addEventListener('hashchange', () => {
    if (page.location.hash.startsWith(PREFIX)) page.location.reload();
  });
}

/**
 * Connects and shows the token; tries again, each time later, for as long as the shell cannot be reached.
 *
 * @throws ConnectionRefused without a token, and with one that belongs to another start of Gatehouse
 */
export async function connectWebSocket(options: ConnectOptions = {}): Promise<PageConnection> {
  const page = options.window ?? window;
  watchAddress(page);
  for (let attempt = 1; ; attempt += 1) {
    options.signal?.throwIfAborted();
    const token = takeToken(page);
    if (token === null) throw new ConnectionRefused('no-token');
    const outcome = await connectOnce(page, token);
    if (outcome === 'wrong-token') {
      page.sessionStorage.removeItem(KEY);
      throw new ConnectionRefused('wrong-token');
    }
    if (outcome !== 'unreachable') return outcome;
    const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
    options.onRetry?.(attempt, delay);
    await pause(delay, options.signal);
  }
}

function connectOnce(page: BrowserWindow, token: string): Promise<PageConnection | 'wrong-token' | 'unreachable'> {
  const { protocol, host } = page.location;
  const socket = new page.WebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}${SOCKET_PATH}`);
  return new Promise((resolve) => {
    socket.addEventListener('open', () => socket.send(JSON.stringify({ token })));
    const closed = new Promise<void>((settle) => {
      socket.addEventListener('close', ({ code }) => {
        resolve(code === WRONG_TOKEN ? 'wrong-token' : 'unreachable');
        settle();
      });
    });
    // The first message is the welcome; the link, which reads all messages, must not see it.
    socket.addEventListener('message', () => resolve({ link: new RPCLink({ websocket: socket }), closed }), {
      once: true,
    });
  });
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
