import { describe, expect, it } from 'vitest';
import { rawHttp, request, startTestShell, stillServes, statusOf } from '../../support/browser-shell';

/** Attack: requests that change something, tunnel, or confuse where one request ends and the next begins. */
describe('plain HTTP', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'LOCK'])('refuses %s', async (method) => {
    const shell = await startTestShell();
    const answer = await request(shell, `${method} / HTTP/1.1`, ['Content-Length: 0', `X-Echo: ${shell.token}`]);
    expect(statusOf(answer)).toBe(405);
    expect(answer).toMatch(/^allow: GET, HEAD\r$/im);
    expect(answer).not.toContain(shell.token);
  });

  it('refuses CONNECT and unknown methods without an answer from the page', async () => {
    const shell = await startTestShell();
    for (const line of [
      'CONNECT evil.example:443 HTTP/1.1',
      'BREW / HTTP/1.1',
      'get / HTTP/1.1',
      'GET / HTTP/9.9',
      'GET /',
    ])
      expect([line, statusOf(await request(shell, line)) === 200]).toEqual([line, false]);
    expect(await stillServes(shell)).toBe(true);
  });

  it('answers HEAD with the headers of GET and no body', async () => {
    const shell = await startTestShell();
    const answer = await request(shell, 'HEAD / HTTP/1.1');
    expect(statusOf(answer)).toBe(200);
    expect(answer).toMatch(/content-length: [1-9]/i);
    expect(answer.split('\r\n\r\n')[1]).toBe('');
  });

  it('takes no preflight: there is no header that lets another origin read', async () => {
    const shell = await startTestShell();
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const answer = await request(shell, `${method} / HTTP/1.1`, [
        'Origin: http://localhost:3000',
        'Access-Control-Request-Method: GET',
        'Access-Control-Request-Private-Network: true',
      ]);
      expect(answer.toLowerCase()).not.toContain('access-control-');
    }
  });

  it.each([
    [
      'both lengths',
      'GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /assets/app.js HTTP/1.1\r\nHost: HOST\r\n\r\n',
    ],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n'],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length : 4\r\n\r\n'],
    ['a bare line feed', 'GET / HTTP/1.1\nHost: HOST\n\n'],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: HOST\r\nX-A: b\r\n c\r\n\r\n'],
    ['headers without an end', `GET / HTTP/1.1\r\nHost: HOST\r\n${'X-A: b\r\n'.repeat(4_000)}\r\n`],
    ['no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('%s: the connection is ended', async (_name, text) => {
    const shell = await startTestShell();
    const answer = await rawHttp(shell.port, text.replaceAll('HOST', shell.host));
    expect(answer).not.toContain('document.title');
    expect(await stillServes(shell)).toBe(true);
  });

  it('has no upgrade but the WebSocket at its path', async () => {
    const shell = await startTestShell();
    const good = [
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      `Origin: http://${shell.host}`,
    ];
    for (const [line, headers] of [
      ['GET / HTTP/1.1', good],
      ['GET /rpc/ HTTP/1.1', good],
      ['GET /rpc?x HTTP/1.1', good],
      ['POST /rpc HTTP/1.1', good],
      ['GET /rpc HTTP/1.1', ['Upgrade: h2c', ...good.slice(1)]],
      ['GET /rpc HTTP/1.1', good.filter((header) => !header.startsWith('Sec-WebSocket-Key'))],
    ] as const) {
      const raw = [line, `Host: ${shell.host}`, ...headers, 'Connection: Upgrade', '', ''].join('\r\n');
      expect(statusOf(await rawHttp(shell.port, raw))).toBeGreaterThanOrEqual(400);
    }
    expect(await stillServes(shell)).toBe(true);
  });
});
