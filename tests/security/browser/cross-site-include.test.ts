import { describe, expect, it } from 'vitest';
import { request, startTestShell, statusOf } from '../../support/browser-shell';

/**
 * Attack: another site includes the page's files as script, style, image or frame, to read them, to run them in its own
 * context, or to lay the page under its own buttons. The files are the same for everybody, hold no secret, and may not be
 * embedded anyway.
 */
describe('files of the page', () => {
  it.each(['script', 'style', 'image', 'iframe', 'embed', 'object', 'empty', 'worker'])(
    'are refused to another site as %s',
    async (dest) => {
      const shell = await startTestShell();
      for (const site of ['cross-site', 'same-site']) {
        const headers = [`Sec-Fetch-Site: ${site}`, `Sec-Fetch-Dest: ${dest}`];
        expect(statusOf(await request(shell, 'GET /assets/app.js HTTP/1.1', headers))).toBe(403);
        expect(statusOf(await request(shell, 'GET / HTTP/1.1', headers))).toBe(403);
      }
    },
  );

  it.each([
    ['none', 'document'],
    ['cross-site', 'document'],
    ['same-origin', 'script'],
    ['same-origin', 'style'],
  ])('are given for %s %s', async (site, dest) => {
    const shell = await startTestShell();
    const headers = [`Sec-Fetch-Site: ${site}`, `Sec-Fetch-Dest: ${dest}`];
    expect(statusOf(await request(shell, 'GET / HTTP/1.1', headers))).toBe(200);
  });

  it('carry a policy that forbids frames, inline code, other sources and bases', async () => {
    const shell = await startTestShell();
    for (const path of ['/', '/assets/app.js', '/nothing']) {
      const answer = await request(shell, `GET ${path} HTTP/1.1`);
      const policy = /^content-security-policy: (.*)\r$/im.exec(answer)?.[1] ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:\/\//);
      expect(answer).toMatch(/^x-content-type-options: nosniff\r$/im);
      expect(answer).toMatch(/^cross-origin-resource-policy: same-origin\r$/im);
      expect(answer).toMatch(/^cross-origin-opener-policy: same-origin\r$/im);
      expect(answer).toMatch(/^referrer-policy: no-referrer\r$/im);
      expect(answer).not.toMatch(/^set-cookie/im);
    }
    const policy = /^content-security-policy: (.*)\r$/im.exec(await request(shell, 'GET / HTTP/1.1'))?.[1] ?? '';
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      `connect-src 'self' ws://${shell.host} wss://${shell.host}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types svelte-trusted-html',
    ]);
  });

  it('hold no secret: nothing plain HTTP answers contains the token', async () => {
    const shell = await startTestShell();
    for (const path of ['/', '/assets/app.js', '/assets/app.css', '/nothing', '/rpc'])
      expect(await request(shell, `GET ${path} HTTP/1.1`)).not.toContain(shell.token);
  });

  it('are asked for again each time: what is kept is valid only with its tag', async () => {
    const shell = await startTestShell();
    const answer = await request(shell, 'GET /assets/app.js HTTP/1.1');
    expect(answer).toMatch(/^cache-control: no-cache\r$/im);
    const tag = /^etag: (.*)\r$/im.exec(answer)?.[1] ?? '';
    expect(statusOf(await request(shell, 'GET /assets/app.js HTTP/1.1', [`If-None-Match: ${tag}`]))).toBe(304);
    expect(statusOf(await request(shell, 'GET /assets/app.css HTTP/1.1', [`If-None-Match: ${tag}`]))).toBe(200);
  });
});
