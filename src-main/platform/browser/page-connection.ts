import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { isPageMessage } from './frame';
import { closeCode, type Limits } from './limits';
import type { Attempts, PageToken } from './token';

/** What answers one page's messages. */
export interface Calls {
  /** Takes one message; settles when it is answered to its end, so that open calls can be counted. */
  message(text: string): Promise<void>;
  /** The page is gone: ends what still runs for it. */
  close(): void;
}

/** Called for each page that has shown the token; `send` settles when the page takes more. */
export type AcceptPage = (page: { readonly send: (text: string) => Promise<void> }) => Calls;

/** What the shell says about a peer it turned away; never what that peer sent. */
export type Refusal = 'token' | 'token-timeout' | 'too-many-attempts' | 'malformed' | 'too-slow' | 'too-many-calls';

export interface ConnectionOptions {
  readonly socket: WebSocket;
  /** The TCP connection below, to count what arrives before the token. */
  readonly raw: Socket;
  readonly token: PageToken;
  readonly attempts: Attempts;
  readonly limits: Limits;
  readonly accept: AcceptPage;
  readonly onAccepted: () => void;
  readonly onRefused: (what: Refusal) => void;
}

/** The token in a first message, or an empty text that matches nothing. */
function tokenIn(text: string): string {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message === 'object' && message !== null && 'token' in message && typeof message.token === 'string')
      return message.token;
  } catch {
    return '';
  }
  return '';
}

/** First answer to a page whose token is right. */
export const WELCOME = JSON.stringify({ welcome: 1 });

/**
 * One WebSocket from its handshake to its end: waits for the token, then hands messages over. Nothing that comes before the
 * token, or together with a wrong one, reaches the router.
 */
export function servePage(options: ConnectionOptions): void {
  const { socket, raw, limits, attempts } = options;
  let calls: Calls | null = null;
  let open = 0;
  let alive = true;
  let refused = false;

  const refuse = (what: Refusal, code: number): void => {
    if (refused) return;
    refused = true;
    options.onRefused(what);
    socket.close(code);
    // A peer that does not answer the closing handshake is not waited for.
    setTimeout(() => socket.terminate(), 1_000).unref();
  };

  let early = 0;
  const countEarly = (chunk: Buffer): void => {
    early += chunk.length;
    if (early > limits.maxBytesBeforeToken) {
      refused = true;
      options.onRefused('malformed');
      socket.terminate();
    }
  };
  raw.on('data', countEarly);
  const tooLate = setTimeout(() => refuse('token-timeout', closeCode.tokenTimeout), limits.tokenMs);
  const ping = setInterval(() => {
    if (!alive) {
      options.onRefused('too-slow');
      socket.terminate();
      return;
    }
    alive = false;
    socket.ping();
  }, limits.pingMs);

  const send = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (socket.readyState !== socket.OPEN) return reject(new Error('the page is gone'));
      if (socket.bufferedAmount > limits.maxSendBufferBytes) {
        options.onRefused('too-slow');
        socket.terminate();
        return reject(new Error('the page does not read'));
      }
      const wait = socket.bufferedAmount > limits.sendBufferBytes;
      socket.send(text, (error) => (error == null ? resolve() : reject(error)));
      if (!wait) resolve();
    });

  const checkToken = (text: string): void => {
    clearTimeout(tooLate);
    if (!attempts.open) return refuse('too-many-attempts', closeCode.tooManyAttempts);
    if (!options.token.matches(tokenIn(text))) {
      attempts.failed();
      return refuse('token', closeCode.wrongToken);
    }
    raw.off('data', countEarly);
    calls = options.accept({ send });
    options.onAccepted();
    socket.send(WELCOME);
  };

  const takeMessage = (text: string, to: Calls): void => {
    if (!isPageMessage(text)) return refuse('malformed', closeCode.malformed);
    if (open >= limits.maxCalls) return refuse('too-many-calls', closeCode.busy);
    open += 1;
    to.message(text)
      // What fails here is a page that left before its answer; a call's own failure is in its answer.
      .catch(() => undefined)
      .finally(() => (open -= 1));
  };

  socket.on('message', (data: RawData, binary: boolean) => {
    if (refused) return;
    if (binary) return refuse('malformed', closeCode.binary);
    const text = (data as Buffer).toString('utf8');
    if (calls === null) checkToken(text);
    else takeMessage(text, calls);
  });
  socket.on('pong', () => (alive = true));
  // ws ends the connection itself after a protocol error, an oversize message or broken UTF-8, and says so here first.
  socket.on('error', () => {
    if (!refused) options.onRefused('malformed');
    refused = true;
  });
  socket.on('close', () => {
    clearTimeout(tooLate);
    clearInterval(ping);
    raw.off('data', countEarly);
    calls?.close();
    calls = null;
  });
}
