import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { closeCode } from '../../../src-main/platform/browser';
import { atEnd, call, dial, signIn, startTestShell, stillServes } from '../../support/browser-shell';

/** Attack: a peer opens connections, with or without the token, or calls, until nobody else is served. */
describe('a flood', () => {
  it('of WebSockets without a token is bounded, does not touch pages, and is over with their time', async () => {
    const shell = await startTestShell({ limits: { maxWaiting: 4, tokenMs: 400 } });
    const there = await signIn(shell);
    const flood = await Promise.all(Array.from({ length: 12 }, () => dial(shell)));
    expect(flood.filter(({ status }) => status === null)).toHaveLength(4);
    expect(flood.filter(({ status }) => status === 503)).toHaveLength(8);
    expect((await call(there, '/test/echo', { text: 'here' })).body).toBe('here');
    await Promise.all(flood.flatMap(({ status, closed }) => (status === null ? [closed] : [])));
    expect(await stillServes(shell)).toBe(true);
  });

  it('of pages is bounded, and the place of one that has left is free', async () => {
    const shell = await startTestShell({ limits: { maxPages: 3 } });
    const pages = [await signIn(shell), await signIn(shell), await signIn(shell)];
    expect((await dial(shell)).status).toBe(503);
    pages[0]?.socket.close();
    await pages[0]?.closed;
    await expect
      .poll(() =>
        signIn(shell).then(
          (page) => page.status,
          () => 'refused',
        ),
      )
      .toBeNull();
  });

  it('of calls ends the page that sends it, and its calls with it', async () => {
    const shell = await startTestShell({ limits: { maxCalls: 8 } });
    const page = await signIn(shell);
    for (let n = 0; n < 9; n += 1) page.socket.send(JSON.stringify({ i: `n${n}`, p: { u: '/test/never' } }));
    expect(await page.closed).toBe(closeCode.busy);
    expect(shell.reached.calls).toHaveLength(8);
    expect(await stillServes(shell)).toBe(true);
  });

  it('of calls that are answered is no flood', async () => {
    const shell = await startTestShell({ limits: { maxCalls: 8 } });
    const page = await signIn(shell);
    for (let n = 0; n < 100; n += 1) expect((await call(page, '/test/echo', { text: `${n}` })).body).toBe(`${n}`);
  });

  it('of half-open HTTP connections is bounded', async () => {
    const shell = await startTestShell({ limits: { maxConnections: 10 } });
    const sockets = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const socket = connect(shell.port, '127.0.0.1');
        atEnd(() => socket.destroy());
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        socket.write('GET / HTTP/1.1\r\n');
        return socket;
      }),
    );
    const dropped = (): number => sockets.filter((socket) => socket.destroyed || socket.readableEnded).length;
    for (const socket of sockets) socket.resume();
    await expect.poll(dropped).toBe(20);
    sockets.forEach((socket) => socket.destroy());
    await expect.poll(() => stillServes(shell).catch(() => false)).toBe(true);
  });
});
