import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

/** The Chromium of this machine, or null: GATEHOUSE_CHROMIUM, else the usual places of Debian's and other packages. */
export const chromiumPath = (): string | null =>
  [process.env['GATEHOUSE_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path) => path !== undefined && existsSync(path),
  ) ?? null;

/** Arguments with which it runs without a display, also as root, and asks nobody on the network. */
const quiet = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--window-size=1280,800',
];

type Parameters = Readonly<Record<string, unknown>>;

/** A tab in a context of its own: nothing is cached, nothing is kept. */
export interface Tab {
  /** A command of the DevTools protocol. */
  send<T>(method: string, parameters?: Parameters): Promise<T>;
  /** Value of an expression in the page; promises are awaited. Rejects with what it throws. */
  evaluate<T>(expression: string): Promise<T>;
  close(): Promise<void>;
}

export interface Chromium {
  open(): Promise<Tab>;
  close(): Promise<void>;
}

/** Starts Chromium and speaks its DevTools protocol, as far as measuring a page needs it. */
export async function startChromium(path: string): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'gatehouse-chromium-'));
  const child = spawn(path, [...quiet, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const address = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Chromium ended with ${code}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = /^DevTools listening on (ws:\S+)/.exec(line);
      if (found?.[1] !== undefined) resolve(found[1]);
    });
  });
  const socket = new WebSocket(address, { perMessageDeflate: false, maxPayload: 64 * 1024 * 1024 });
  await once(socket, 'open');
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  socket.on('message', (data: Buffer) => {
    const answer = JSON.parse(data.toString('utf8')) as { id?: number; result?: unknown; error?: { message: string } };
    const asked = answer.id === undefined ? undefined : waiting.get(answer.id);
    if (asked === undefined || answer.id === undefined) return;
    waiting.delete(answer.id);
    if (answer.error === undefined) asked.resolve(answer.result);
    else asked.reject(new Error(answer.error.message));
  });
  let id = 0;
  const send = <T>(method: string, params: Parameters = {}, sessionId?: string): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      id += 1;
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    });

  return {
    open: async () => {
      const { browserContextId } = await send<{ browserContextId: string }>('Target.createBrowserContext');
      const { targetId } = await send<{ targetId: string }>('Target.createTarget', {
        url: 'about:blank',
        browserContextId,
      });
      const { sessionId } = await send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
      const inTab = <T>(method: string, parameters?: Parameters): Promise<T> => send<T>(method, parameters, sessionId);
      await inTab('Page.enable');
      return {
        send: inTab,
        evaluate: async <T>(expression: string): Promise<T> => {
          const { result, exceptionDetails } = await inTab<{
            result: { value: T };
            exceptionDetails?: { text: string; exception?: { description?: string } };
          }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
          if (exceptionDetails === undefined) return result.value;
          throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        },
        close: () => send('Target.disposeBrowserContext', { browserContextId }),
      };
    },
    close: async () => {
      socket.terminate();
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await gone;
      await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}
