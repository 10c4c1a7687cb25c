import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { os } from '@orpc/server';
import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import {
  rpcCalls,
  startBrowserShell,
  type AcceptPage,
  type BrowserShell,
  type BrowserShellOptions,
} from '../../src-main/platform/browser';

/** What the fake router was asked; `count` shows that nothing reached it. */
export interface Reached {
  readonly calls: string[];
}

/** A small router in place of the app's: an echo, an endless stream, a call that never ends and a large answer. */
export function fakeRouter(reached: Reached) {
  return {
    test: {
      echo: os.input(z.strictObject({ text: z.string() })).handler(({ input }) => {
        reached.calls.push('echo');
        return input.text;
      }),
      ticks: os.handler(async function* () {
        reached.calls.push('ticks');
        try {
          for (let n = 0; ; n += 1) yield 'x'.repeat(64 * 1024) + n;
        } finally {
          reached.calls.push('ticks, ended');
        }
      }),
      never: os.handler(({ signal }) => {
        reached.calls.push('never');
        return new Promise<void>((resolve) =>
          signal?.addEventListener('abort', () => {
            reached.calls.push('never, ended');
            resolve();
          }),
        );
      }),
      large: os.input(z.number()).handler(({ input }) => 'y'.repeat(input)),
    },
  };
}

export interface TestShell extends BrowserShell {
  readonly token: string;
  readonly root: string;
  readonly reached: Reached;
  readonly refusals: string[];
  readonly host: string;
}

const endings: (() => Promise<unknown> | unknown)[] = [];
/** Registers an ending for after the running test. */
export const atEnd = (end: () => Promise<unknown> | unknown): void => void endings.push(end);
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Folder with a small built page, and a secret beside it that must not be reached. */
export async function makePage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-page-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const root = join(folder, 'renderer');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'PRIVATE');
  await writeFile(join(folder, 'secret.js'), 'PRIVATE');
  await writeFile(
    join(root, 'index.html'),
    '<!doctype html><title>Page</title><script type="module" src="./assets/app.js"></script><p>page</p>',
  );
  await writeFile(join(root, 'assets', 'app.js'), 'document.title = "ready";\n');
  await writeFile(join(root, 'assets', 'app.js.map'), '{}');
  await writeFile(join(root, 'assets', 'app.css'), 'p { color: red }\n');
  await writeFile(join(root, '.env'), 'PRIVATE');
  return root;
}

/** A running shell with the fake router; it is ended after the test. */
export async function startTestShell(
  options: Partial<BrowserShellOptions> & { readonly accept?: AcceptPage } = {},
): Promise<TestShell> {
  const reached: Reached = { calls: [] };
  const refusals: string[] = [];
  const root = options.root ?? (await makePage());
  const shell = await startBrowserShell({
    port: 0,
    accept: rpcCalls(fakeRouter(reached) as never, () => ({})),
    onRefused: (what, who) => refusals.push(who === undefined ? what : `${what} ${who}`),
    ...options,
    root,
  });
  atEnd(() => shell.dispose());
  const token = new URL(shell.url.reveal()).hash.slice('#token='.length);
  return { ...shell, token, root, reached, refusals, host: `127.0.0.1:${shell.port}` };
}

/** What a WebSocket client saw. */
export interface Dialled {
  readonly socket: WebSocket;
  /** HTTP status of a refused handshake. */
  readonly status: number | null;
  /** Messages in order; `next` waits for one that has not been taken yet. */
  next(): Promise<string>;
  readonly closed: Promise<number>;
}

/** Dials the shell's WebSocket as some page or program would. */
export async function dial(
  shell: { readonly port: number; readonly host: string },
  headers: { readonly host?: string; readonly origin?: string | null; readonly path?: string } = {},
): Promise<Dialled> {
  const origin = headers.origin === undefined ? `http://${shell.host}` : headers.origin;
  const socket = new WebSocket(`ws://127.0.0.1:${shell.port}${headers.path ?? '/rpc'}`, {
    headers: { host: headers.host ?? shell.host, ...(origin === null ? {} : { origin }) },
    perMessageDeflate: false,
    maxPayload: 256 * 1024 * 1024,
  });
  atEnd(() => socket.terminate());
  const messages: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  socket.on('message', (data: Buffer) => {
    const taker = waiting.shift();
    if (taker === undefined) messages.push(data.toString('utf8'));
    else taker(data.toString('utf8'));
  });
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
  const next = (): Promise<string> => {
    const first = messages.shift();
    if (first !== undefined) return Promise.resolve(first);
    return Promise.race([
      new Promise<string>((resolve) => waiting.push(resolve)),
      closed.then((code) => Promise.reject(new Error(`closed with ${code}`))),
    ]);
  };
  const status = await new Promise<number | null>((resolve) => {
    socket.on('open', () => resolve(null));
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    socket.on('error', () => resolve(0));
  });
  return { socket, status, next, closed };
}

/** A page that has shown the right token. */
export async function signIn(shell: TestShell, headers: Parameters<typeof dial>[1] = {}): Promise<Dialled> {
  const page = await dial(shell, headers);
  page.socket.send(JSON.stringify({ token: shell.token }));
  const welcome = await page.next();
  if (welcome !== '{"welcome":1}') throw new Error(`no welcome: ${welcome}`);
  return page;
}

let id = 0;
/** A call in oRPC's peer format. */
export const callFrame = (path: string, input?: unknown): string =>
  JSON.stringify({ i: `t${(id += 1)}`, p: { u: path, b: { json: input } } });

/** Sends a call and returns the answer: its status and its body. */
export async function call(page: Dialled, path: string, input?: unknown): Promise<{ status: number; body: unknown }> {
  page.socket.send(callFrame(path, input));
  const { p } = JSON.parse(await page.next()) as { p: { s?: number; b: { json?: unknown } } };
  return { status: p.s ?? 200, body: p.b?.json ?? p.b };
}

/** Whether the shell still serves a page: an attack must not end it for others. */
export async function stillServes(shell: TestShell): Promise<boolean> {
  const page = await signIn(shell);
  const { body } = await call(page, '/test/echo', { text: 'alive' });
  page.socket.close();
  await page.closed;
  return body === 'alive';
}

/** Sends bytes as they are and returns all that came back until the shell closed the connection. */
export async function rawHttp(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  atEnd(() => socket.destroy());
  await once(socket, 'connect');
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => undefined);
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return answer;
}

/** One request line and headers, sent raw so that no client library tidies them. */
export const request = (
  shell: { readonly port: number; readonly host: string },
  line: string,
  headers: readonly string[] = [],
  host: string | null = shell.host,
): Promise<string> =>
  rawHttp(
    shell.port,
    [line, ...(host === null ? [] : [`Host: ${host}`]), ...headers, 'Connection: close', '', ''].join('\r\n'),
  );

/** Status of a raw answer; 0 when there was none. */
export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
