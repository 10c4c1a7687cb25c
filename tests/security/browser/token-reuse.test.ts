import { expect, it } from 'vitest';
import { closeCode } from '../../../src-main/platform/browser';
import { call, dial, signIn, startTestShell } from '../../support/browser-shell';

/** Attack: a token from a browser's history, a screenshot or an old terminal is used after Gatehouse was started again. */
it('the token of an earlier start is refused by the next one on the same port', async () => {
  const first = await startTestShell();
  const page = await signIn(first);
  await first.dispose();
  expect(await page.closed).toBe(closeCode.goingAway);

  const second = await startTestShell({ port: first.port, root: first.root });
  const again = await dial(second);
  again.socket.send(JSON.stringify({ token: first.token }));
  expect(await again.closed).toBe(closeCode.wrongToken);
  expect(second.reached.calls).toEqual([]);
});

/** Not an attack: a second tab is opened with the same address. */
it('the same token serves two tabs of one start, each with calls of its own', async () => {
  const shell = await startTestShell();
  const [one, two] = [await signIn(shell), await signIn(shell)];
  expect((await call(one, '/test/echo', { text: 'one' })).body).toBe('one');
  expect((await call(two, '/test/echo', { text: 'two' })).body).toBe('two');
  one.socket.close();
  await one.closed;
  expect((await call(two, '/test/echo', { text: 'still' })).body).toBe('still');
});
