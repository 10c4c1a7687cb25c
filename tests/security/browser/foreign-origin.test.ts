import { describe, expect, it } from 'vitest';
import { readOrigin } from '../../../src-main/platform/browser';
import { dial, signIn, startTestShell } from '../../support/browser-shell';

/**
 * Attack: a page of another site, open in the same browser, dials the WebSocket (CORS does not apply to WebSockets: cross-site
 * WebSocket hijacking). Even with the right token, which it does not have, it must not get past the handshake.
 */
describe('a WebSocket of another origin', () => {
  it.each([
    'https://evil.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example:4100',
    'null',
    'file://',
    'http://evil.localhost.example',
    'http://127.0.0.2',
  ])('is refused for %s', async (origin) => {
    const shell = await startTestShell();
    const page = await dial(shell, { origin });
    expect(page.status).toBe(403);
    expect(shell.refusals).toEqual([`origin ${origin}`]);
    expect(shell.reached.calls).toEqual([]);
  });

  it('is refused without an Origin, which every browser sends', async () => {
    const shell = await startTestShell();
    expect((await dial(shell, { origin: null })).status).toBe(403);
    expect(shell.refusals).toEqual(['origin none']);
  });

  it.each(['http://localhost:9000', 'http://[::1]:9000', 'http://demo.localhost'])(
    'is accepted for a forwarded port of this machine, %s',
    async (origin) => {
      const shell = await startTestShell();
      expect((await signIn(shell, { origin, host: new URL(origin).host })).status).toBeNull();
    },
  );

  it('is accepted for the one origin that was allowed by name', async () => {
    const shell = await startTestShell({ allowOrigins: [readOrigin('https://demo.example')] });
    const good = { origin: 'https://demo.example', host: 'demo.example' };
    expect((await signIn(shell, good)).status).toBeNull();
    expect((await dial(shell, { ...good, origin: 'https://other.example' })).status).toBe(403);
  });
});
