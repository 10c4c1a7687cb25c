import { join } from 'node:path';
import { createORPCClient, type Client, type ClientLink } from '@orpc/client';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTestShell, type TestShell } from '../../support/browser-shell';

type None = Record<never, never>;
/** The page's side, described here because its own types are a browser's. */
const { connectWebSocket, takeToken } = (await import(
  join(import.meta.dirname, '../../../src-renderer/bridge/websocket.ts')
)) as {
  connectWebSocket(options: {
    window: Page;
    onRetry?: (attempt: number, delay: number) => void;
    signal?: AbortSignal;
  }): Promise<{ link: ClientLink<None>; closed: Promise<void> }>;
  takeToken(page: Page): string | null;
};

type Page = ReturnType<typeof pageAt>;

/** What a tab at this address offers; its WebSocket sends the page's Origin, as browsers do. */
function pageAt(shell: TestShell, fragment = '') {
  const kept = new Map<string, string>();
  let onHash = (): void => undefined;
  const page = {
    opened: 0,
    reloads: 0,
    kept,
    location: {
      hash: fragment,
      host: shell.host,
      pathname: '/',
      protocol: 'http:',
      search: '',
      reload: () => (page.reloads += 1),
    },
    addEventListener: (_type: 'hashchange', listener: () => void) => (onHash = listener),
    paste: (hash: string) => {
      page.location.hash = hash;
      onHash();
    },
    history: { replaceState: (_data: unknown, _title: string, path: string) => (page.location.hash = path.slice(1)) },
    sessionStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    },
    WebSocket: class extends WebSocket {
      constructor(url: string) {
        super(url, { origin: `http://${shell.host}` });
        this.on('error', () => undefined);
        page.opened += 1;
      }
    },
  };
  return page;
}

type TestClient = {
  test: {
    echo: Client<None, { text: string }, string, Error>;
    ticks: Client<None, undefined, AsyncIterable<string>, Error>;
    never: Client<None, undefined, void, Error>;
  };
};

describe('the token', () => {
  it('moves from the address into this tab’s storage, and serves a reload', async () => {
    const shell = await startTestShell();
    const page = pageAt(shell, `#token=${shell.token}`);
    expect(takeToken(page)).toBe(shell.token);
    expect(page.location.hash).toBe('');
    expect(takeToken(page)).toBe(shell.token);
  });

  it('of a newer address replaces the one kept', async () => {
    const shell = await startTestShell();
    const page = pageAt(shell, '#token=old');
    takeToken(page);
    page.location.hash = '#token=new';
    expect(takeToken(page)).toBe('new');
  });

  it('leaves other fragments alone', async () => {
    const shell = await startTestShell();
    const page = pageAt(shell, '#/overview');
    expect(takeToken(page)).toBeNull();
    expect(page.location.hash).toBe('#/overview');
  });
});

describe('a connection', () => {
  it('carries calls and streams', async () => {
    const shell = await startTestShell();
    const { link } = await connectWebSocket({ window: pageAt(shell, `#token=${shell.token}`) });
    const client = createORPCClient<TestClient>(link);
    expect(await client.test.echo({ text: 'hé “x”' })).toBe('hé “x”');
    let seen = 0;
    for await (const tick of await client.test.ticks()) {
      expect(tick).toHaveLength(64 * 1024 + 1);
      seen += 1;
      if (seen === 3) break;
    }
    const abort = new AbortController();
    const never = client.test.never(undefined, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(never).rejects.toThrow('enough');
  });

  it('is refused without a token, and with a wrong one, which is then forgotten; neither is tried again', async () => {
    const shell = await startTestShell();
    await expect(connectWebSocket({ window: pageAt(shell) })).rejects.toMatchObject({ reason: 'no-token' });
    const page = pageAt(shell, '#token=wrong');
    await expect(connectWebSocket({ window: page })).rejects.toMatchObject({ reason: 'wrong-token' });
    expect(page.kept.size).toBe(0);
    expect(page.opened).toBe(1);
  });

  it('begins anew when another address is pasted into the tab, and only then', async () => {
    const shell = await startTestShell();
    const page = pageAt(shell, `#token=${shell.token}`);
    await connectWebSocket({ window: page });
    page.paste('#somewhere');
    expect(page.reloads).toBe(0);
    page.paste('#token=new');
    expect(page.reloads).toBe(1);
  });

  it('that is lost says so, fails its calls, and can be had again', async () => {
    const shell = await startTestShell({ limits: { maxCalls: 1 } });
    const page = pageAt(shell, `#token=${shell.token}`);
    const first = await connectWebSocket({ window: page });
    const client = createORPCClient<TestClient>(first.link);
    const calls = Promise.allSettled([client.test.never(), client.test.never()]);
    await first.closed;
    expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(client.test.echo({ text: 'x' })).rejects.toThrow();
    const second = await connectWebSocket({ window: page });
    expect(await createORPCClient<TestClient>(second.link).test.echo({ text: 'again' })).toBe('again');
  });

  it('is tried again until the shell is there, each time later', async () => {
    const first = await startTestShell();
    const page = pageAt(first, `#token=${first.token}`);
    await first.dispose();
    const delays: number[] = [];
    const abort = new AbortController();
    const connecting = connectWebSocket({
      window: page,
      signal: abort.signal,
      onRetry: (attempt, delay) => {
        delays.push(delay);
        if (attempt === 3) abort.abort(new Error('left'));
      },
    });
    await expect(connecting).rejects.toThrow('left');
    expect(delays).toEqual([200, 400, 800]);
  });

  it('to a shell that was started anew is refused, so that a person opens the new address', async () => {
    const first = await startTestShell();
    const page = pageAt(first, `#token=${first.token}`);
    const { closed } = await connectWebSocket({ window: page });
    await first.dispose();
    await closed;
    await startTestShell({ port: first.port, root: first.root });
    await expect(connectWebSocket({ window: page })).rejects.toMatchObject({ reason: 'wrong-token' });
  });
});
