import { describe, expect, it } from 'vitest';
import { readOrigin } from '../../../src-main/platform/browser';
import { dial, request, signIn, startTestShell, statusOf } from '../../support/browser-shell';

/**
 * Attack: a name of the attacker's resolves to 127.0.0.1 after its page was loaded (DNS rebinding). To the browser the page
 * and the shell then have the same origin; only the Host header tells them apart.
 */
describe('a request under another name', () => {
  it.each([
    'evil.example',
    'rebind.evil.example:4100',
    '127.0.0.1.nip.io',
    'localhost.evil.example',
    'localhost.',
    '0.0.0.0',
    '[::ffff:7f00:1]',
    '127.0.0.1, evil.example',
  ])('gets no file for %s', async (host) => {
    const shell = await startTestShell();
    const answer = await request(shell, 'GET / HTTP/1.1', [], host);
    expect(statusOf(answer)).toBe(403);
    expect(answer).not.toContain('<p>page</p>');
  });

  it('gets no WebSocket, though its origin agrees with its host', async () => {
    const shell = await startTestShell();
    const page = await dial(shell, { host: 'evil.example:4100', origin: 'http://evil.example:4100' });
    expect(page.status).toBe(403);
    expect(shell.refusals).toEqual(['host evil.example:4100']);
  });

  it('gets nothing with two Host headers, no Host, or an absolute target for another host', async () => {
    const shell = await startTestShell();
    for (const [line, headers, host] of [
      ['GET / HTTP/1.1', ['Host: evil.example'], shell.host],
      ['GET / HTTP/1.1', [], null],
      ['GET / HTTP/1.0', [], null],
      ['GET http://evil.example/ HTTP/1.1', [], shell.host],
    ] as const) {
      const answer = await request(shell, line, headers, host);
      expect([line, statusOf(answer) === 200]).toEqual([line, false]);
      expect(answer).not.toContain('<p>page</p>');
    }
  });

  it('is told apart from a forwarded port and from a name that was allowed', async () => {
    const shell = await startTestShell({ allowOrigins: [readOrigin('https://demo.example')] });
    for (const host of [shell.host, 'localhost:9000', 'demo.example'])
      expect(statusOf(await request(shell, 'GET / HTTP/1.1', [], host))).toBe(200);
    expect((await signIn(shell, { host: 'localhost:9000', origin: 'http://localhost:9000' })).status).toBeNull();
  });

  it('puts nothing of a hostile header into the answer or, unprintable, into the log', async () => {
    const shell = await startTestShell();
    const answer = await request(shell, 'GET / HTTP/1.1', [], 'a\x1b[31m<script>\x9b');
    expect(answer).not.toMatch(/script>|\x1b/);
    expect(shell.refusals.join()).not.toMatch(/[\x00-\x1f\x7f-\xff]/);
  });
});
