import { describe, expect, it } from 'vitest';
import { closeCode } from '../../../src-main/platform/browser';
import { callFrame, dial, signIn, startTestShell, stillServes } from '../../support/browser-shell';

/** Attack: a program of this machine calls without a token, sends calls before or together with it, or waits with it. */
describe('a connection that has not shown the token', () => {
  it('cannot call', async () => {
    const shell = await startTestShell();
    const page = await dial(shell);
    page.socket.send(callFrame('/test/echo', { text: 'x' }));
    expect(await page.closed).toBe(closeCode.wrongToken);
    expect(shell.reached.calls).toEqual([]);
  });

  it('cannot smuggle a call in before its wrong token is refused', async () => {
    const shell = await startTestShell();
    const page = await dial(shell);
    page.socket.send('{"token":"wrong"}');
    for (let n = 0; n < 20; n += 1) page.socket.send(callFrame('/test/echo', { text: 'x' }));
    await page.closed;
    expect(shell.reached.calls).toEqual([]);
  });

  it('receives nothing while it waits, and is closed when its time is over', async () => {
    const shell = await startTestShell({ limits: { tokenMs: 150 } });
    const there = await signIn(shell);
    const page = await dial(shell);
    expect(await page.closed).toBe(closeCode.tokenTimeout);
    await expect(page.next()).rejects.toThrow(/closed/);
    expect(shell.refusals).toEqual(['token-timeout']);
    // The time is that of the token, not of the connection.
    expect(there.socket.readyState).toBe(there.socket.OPEN);
  });

  it('gains no time with pings', async () => {
    const shell = await startTestShell({ limits: { tokenMs: 150 } });
    const page = await dial(shell);
    const pings = setInterval(() => page.socket.ping(), 20);
    expect(await page.closed).toBe(closeCode.tokenTimeout);
    clearInterval(pings);
  });

  it('may send the right token and calls at once', async () => {
    const shell = await startTestShell();
    const page = await dial(shell);
    page.socket.send(JSON.stringify({ token: shell.token }));
    page.socket.send(callFrame('/test/echo', { text: 'x' }));
    expect(await page.next()).toBe('{"welcome":1}');
    expect(await page.next()).toContain('"x"');
    expect(await stillServes(shell)).toBe(true);
  });
});
