import { describe, expect, it } from 'vitest';
import { call, dial, signIn, startTestShell, stillServes, type Dialled } from '../../support/browser-shell';

/** Attack: a peer asks for much and reads nothing, so that answers pile up in memory; or it falls silent without closing. */
const stopReading = (page: Dialled): void => page.socket.pause();

describe('a peer that does not read', () => {
  it('makes a stream wait instead of filling memory', async () => {
    let produced = 0;
    const shell = await startTestShell({
      limits: { pingMs: 3_600_000 },
      accept: ({ send }) => ({
        message: async () => {
          for (;;) {
            await send('x'.repeat(64 * 1024));
            produced += 1;
          }
        },
        close: () => undefined,
      }),
    });
    const page = await signIn(shell);
    stopReading(page);
    page.socket.send('{"i":"1","p":{"u":"/test/ticks"}}');
    let before = -1;
    await expect
      .poll(
        () => {
          const same = produced > 0 && produced === before;
          before = produced;
          return same;
        },
        { interval: 200, timeout: 10_000 },
      )
      .toBe(true);
    // One mebibyte is held here; the rest is in the kernel's buffers for loopback.
    expect(produced * 64).toBeLessThan(20 * 1024);
    page.socket.resume();
    await page.next();
    await expect.poll(() => produced).toBeGreaterThan(before);
  });

  it('is dropped when answers to its calls exceed the bound', async () => {
    const shell = await startTestShell({ limits: { maxSendBufferBytes: 4 * 1024 * 1024, pingMs: 3_600_000 } });
    const page = await signIn(shell);
    stopReading(page);
    for (let n = 0; n < 60; n += 1)
      page.socket.send(JSON.stringify({ i: `n${n}`, p: { u: '/test/large', b: { json: 1024 * 1024 } } }));
    await expect.poll(() => shell.refusals, { timeout: 10_000 }).toContain('too-slow');
    expect(await stillServes(shell)).toBe(true);
  });

  it('is dropped when it answers no ping, its calls are ended, and a page that answers stays', async () => {
    const shell = await startTestShell({ limits: { pingMs: 60 } });
    const good = await signIn(shell);
    const silent = await signIn(shell);
    stopReading(silent);
    await expect.poll(() => shell.refusals).toEqual(['too-slow']);
    expect((await call(good, '/test/echo', { text: 'here' })).body).toBe('here');
  });

  it('that waits for its token is dropped too', async () => {
    const shell = await startTestShell({ limits: { tokenMs: 100, maxWaiting: 1 } });
    stopReading(await dial(shell));
    await expect.poll(() => shell.refusals).toEqual(['token-timeout']);
    // It does not answer the closing handshake either; its place is free all the same.
    await expect.poll(() => stillServes(shell).catch(() => false), { timeout: 5_000 }).toBe(true);
  });
});

it('calls and streams end when their page leaves', async () => {
  const shell = await startTestShell();
  const page = await signIn(shell);
  page.socket.send('{"i":"1","p":{"u":"/test/ticks"}}');
  page.socket.send('{"i":"2","p":{"u":"/test/never"}}');
  for (let n = 0; n < 3; n += 1) await page.next();
  page.socket.close();
  await page.closed;
  await expect.poll(() => [...shell.reached.calls].sort()).toEqual(['never', 'never, ended', 'ticks', 'ticks, ended']);
});
