import { describe, expect, it } from 'vitest';
import { closeCode } from '../../../src-main/platform/browser';
import { call, callFrame, dial, signIn, startTestShell, stillServes } from '../../support/browser-shell';

/**
 * Attack: a peer sends messages that are too large, broken, or of a kind that pages do not send, before and after it has shown
 * the token, to crash the program, fill its memory or reach a part of the call library that nothing needs.
 */
const limits = { maxMessageBytes: 64 * 1024 };

describe('messages of a page that has shown the token', () => {
  it.each([
    ['no JSON', 'hello'],
    ['an empty text', ''],
    ['a list', '[]'],
    ['another kind', '{"i":"1","t":9}'],
    ['a stream to the program', '{"i":"1","t":3,"p":{"e":"message","d":1}}'],
    ['an absolute URL', '{"i":"1","p":{"u":"http://evil.example/test/echo"}}'],
    ['a GET with data in its URL', '{"i":"1","p":{"u":"/test/echo?data={}","m":"GET"}}'],
    ['a form', '{"i":"1","p":{"u":"/test/echo","h":{"content-type":"multipart/form-data; boundary=x"},"b":"x"}}'],
    ['a file', '{"i":"1","p":{"u":"/test/echo","h":{"content-disposition":"attachment; filename=x"}}}'],
    ['deep nesting without an end', `{"i":"1","p":${'['.repeat(60_000)}`],
  ])('%s: the connection is closed, nothing is called, others go on', async (_name, text) => {
    const shell = await startTestShell({ limits });
    const page = await signIn(shell);
    page.socket.send(text);
    page.socket.send(callFrame('/test/echo', { text: 'after' }));
    expect(await page.closed).toBe(closeCode.malformed);
    expect(shell.refusals).toEqual(['malformed']);
    expect(shell.reached.calls).toEqual([]);
    expect(await stillServes(shell)).toBe(true);
  });

  it('binary: the connection is closed', async () => {
    const shell = await startTestShell({ limits });
    const page = await signIn(shell);
    page.socket.send(Buffer.from(callFrame('/test/echo', { text: 'x' })), { binary: true });
    expect(await page.closed).toBe(closeCode.binary);
    expect(shell.reached.calls).toEqual([]);
  });

  it('one byte too large: closed with 1009; the largest allowed one is answered', async () => {
    const shell = await startTestShell({ limits });
    const page = await signIn(shell);
    const empty = callFrame('/test/echo', { text: '' }).length;
    // The id may grow by a digit between the two calls.
    const { body } = await call(page, '/test/echo', { text: 'x'.repeat(limits.maxMessageBytes - empty - 2) });
    expect(String(body)).toHaveLength(limits.maxMessageBytes - empty - 2);
    page.socket.send('x'.repeat(limits.maxMessageBytes + 1));
    expect(await page.closed).toBe(1009);
    expect(await stillServes(shell)).toBe(true);
  });

  it('deep nesting in an input is refused by its schema', async () => {
    const shell = await startTestShell();
    const page = await signIn(shell);
    const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
    page.socket.send(`{"i":"d","p":{"u":"/test/echo","b":{"json":${deep}}}}`);
    expect(JSON.parse(await page.next())).toMatchObject({ i: 'd', p: { s: 400 } });
    expect(shell.reached.calls).toEqual([]);
    expect(await stillServes(shell)).toBe(true);
  });

  it.each([
    ['a frame without a mask', Buffer.from([0x81, 0x02, 0x68, 0x69])],
    ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ['an unknown opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['a length of 2^63', Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['broken UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28])],
    ['a continuation of nothing', Buffer.from([0x80, 0x80, 0, 0, 0, 0])],
    ['an oversize ping', Buffer.from([0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0])],
  ])('%s ends the connection and nothing else', async (_name, bytes) => {
    const shell = await startTestShell();
    const page = await signIn(shell);
    (page.socket as never as { _socket: NodeJS.WritableStream })._socket.write(bytes);
    expect([1002, 1007, 1009]).toContain(await page.closed);
    expect(shell.refusals).toEqual(['malformed']);
    expect(await stillServes(shell)).toBe(true);
  });
});

describe('messages before the token', () => {
  it('larger than a token: the connection is cut before the message is whole', async () => {
    const shell = await startTestShell();
    const page = await dial(shell);
    page.socket.send(JSON.stringify({ token: shell.token, filler: 'x'.repeat(100_000) }));
    expect(await page.closed).toBe(1006);
    expect(shell.refusals).toEqual(['malformed']);
  });

  it('many small pieces of one message are counted together', async () => {
    const shell = await startTestShell();
    const page = await dial(shell);
    for (let n = 0; n < 1_000; n += 1) page.socket.send('xxxxxxxx', { fin: false });
    expect(await page.closed).toBe(1006);
    expect(await stillServes(shell)).toBe(true);
  });

  it.each(['{"token":{"length":43}}', '{"token":null}', '[]', '"x"', 'null', '{"token":["x"]}', 'x'])(
    '%s is no token',
    async (text) => {
      const shell = await startTestShell();
      const page = await dial(shell);
      page.socket.send(text);
      expect(await page.closed).toBe(closeCode.wrongToken);
    },
  );

  it('a binary one is no token either', async () => {
    const shell = await startTestShell();
    const page = await dial(shell);
    page.socket.send(Buffer.from(JSON.stringify({ token: shell.token })), { binary: true });
    expect(await page.closed).toBe(closeCode.binary);
  });
});
