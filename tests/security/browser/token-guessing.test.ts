import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { closeCode } from '../../../src-main/platform/browser';
import { call, dial, signIn, startTestShell, type TestShell } from '../../support/browser-shell';

/**
 * Attack: another user of the machine, who can reach the port, guesses tokens, over one connection or many, and tries to learn
 * from the answers how near a guess was.
 */
const guess = async (shell: TestShell, token: string): Promise<number> => {
  const page = await dial(shell);
  page.socket.send(JSON.stringify({ token }));
  return page.closed;
};

describe('guessed tokens', () => {
  it('are refused, near ones like far ones', async () => {
    const shell = await startTestShell();
    const { token } = shell;
    const flipped = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    for (const near of [
      flipped,
      token.slice(0, -1),
      `${token}A`,
      token.toLowerCase(),
      '',
      randomBytes(32).toString('base64url'),
    ])
      expect(await guess(shell, near)).toBe(closeCode.wrongToken);
    expect(shell.reached.calls).toEqual([]);
  });

  it('end their connection: there is one guess a handshake', async () => {
    const shell = await startTestShell();
    const page = await dial(shell);
    page.socket.send(JSON.stringify({ token: 'wrong' }));
    page.socket.send(JSON.stringify({ token: shell.token }));
    expect(await page.closed).toBe(closeCode.wrongToken);
    await expect(page.next()).rejects.toThrow(/closed/);
  });

  it('are counted over all connections; after ten no token is compared, not even the right one', async () => {
    const shell = await startTestShell({ limits: { wrongTokenRefillMs: 3_600_000 } });
    const there = await signIn(shell);
    for (let n = 0; n < 10; n += 1) expect(await guess(shell, `wrong-${n}`)).toBe(closeCode.wrongToken);
    expect(await guess(shell, 'wrong')).toBe(closeCode.tooManyAttempts);
    expect(await guess(shell, shell.token)).toBe(closeCode.tooManyAttempts);
    // Whoever is in stays in.
    expect((await call(there, '/test/echo', { text: 'still here' })).body).toBe('still here');
  });

  it('do not lock the door for good', async () => {
    const shell = await startTestShell({ limits: { wrongTokens: 1, wrongTokenRefillMs: 50 } });
    expect(await guess(shell, 'wrong')).toBe(closeCode.wrongToken);
    await expect
      .poll(
        () =>
          signIn(shell).then(
            (page) => page.status,
            () => 'refused',
          ),
        { timeout: 5_000 },
      )
      .toBeNull();
  });

  it('in the path, the query, a cookie or a protocol header are not looked at', async () => {
    const shell = await startTestShell();
    expect((await dial(shell, { path: `/rpc?token=${shell.token}` })).status).toBe(404);
    expect((await dial(shell, { path: `/${shell.token}` })).status).toBe(404);
  });
});
