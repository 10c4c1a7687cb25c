import { describe, expect, it } from 'vitest';
import { closeCode } from '../../../src-main/platform/browser';
import { call, signIn, startTestShell, stillServes } from '../../support/browser-shell';

/** Attack: calls of names that no contract has, names that every object has, and inputs that reach for a prototype. */
describe('calls that are not in the contract', () => {
  it.each([
    '/test',
    '/test/nothing',
    '/echo',
    '/test/echo/more',
    '/constructor',
    '/constructor/prototype',
    '/test/constructor',
    '/test/toString',
    '/test/hasOwnProperty',
    '/valueOf',
  ])('%s is not found', async (path) => {
    const shell = await startTestShell();
    const page = await signIn(shell);
    expect((await call(page, path, {})).status).toBe(404);
    expect(shell.reached.calls).toEqual([]);
  });

  it.each([
    '/__proto__',
    '/test/__proto__',
    '/test/__proto__/echo',
    '/__defineGetter__',
    '/test/e%63ho',
    '/test//echo',
  ])('%s is no name of a call: the connection is closed', async (path) => {
    const shell = await startTestShell();
    const page = await signIn(shell);
    page.socket.send(JSON.stringify({ i: '1', p: { u: path } }));
    expect(await page.closed).toBe(closeCode.malformed);
  });

  it.each([
    ['an unknown key', '{"json":{"text":"x","more":1}}'],
    ['__proto__ as a key', '{"json":{"text":"x","__proto__":{"polluted":1}}}'],
    ['constructor as a key', '{"json":{"text":"x","constructor":{"prototype":{"polluted":1}}}}'],
    ['another type', '{"json":{"text":1}}'],
    ['nothing', '{}'],
    ['a note on a type that leads to the prototype', '{"json":{"text":"x"},"meta":[[5,"__proto__","polluted"]]}'],
    ['a note on a type that leads to the constructor', '{"json":{"text":"x"},"meta":[[5,"constructor","prototype"]]}'],
    ['a note on a type of the whole', '{"json":"/(a+)+$/","meta":[[5]]}'],
    ['a large number', `{"json":{"text":"${'9'.repeat(100_000)}"},"meta":[[0,"text"]]}`],
    ['notes that are no list', '{"json":{"text":"x"},"meta":1}'],
    ['places of files', '{"json":{"text":"x"},"maps":[["__proto__"]]}'],
  ])('%s in the input is refused before the handler', async (_name, body) => {
    const shell = await startTestShell();
    const page = await signIn(shell);
    page.socket.send(`{"i":"1","p":{"u":"/test/echo","b":${body}}}`);
    const answer = JSON.parse(await page.next()) as { p: { s?: number } };
    if (_name === 'places of files') expect(answer.p.s ?? 200).toBe(200);
    else {
      expect(answer.p.s).toBe(400);
      expect(shell.reached.calls).toEqual([]);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(await stillServes(shell)).toBe(true);
  });

  it('a refusal does not repeat what was sent', async () => {
    const shell = await startTestShell();
    const page = await signIn(shell);
    page.socket.send('{"i":"1","p":{"u":"/test/echo","b":{"json":{"text":{"password":"Passw0rd"}}}}}');
    expect(await page.next()).not.toContain('Passw0rd');
  });

  it('the same id twice is one call', async () => {
    const shell = await startTestShell();
    const page = await signIn(shell);
    page.socket.send('{"i":"1","p":{"u":"/test/never"}}');
    page.socket.send('{"i":"1","p":{"u":"/test/never"}}');
    await call(page, '/test/echo', { text: 'x' });
    expect(shell.reached.calls).toEqual(['never', 'echo']);
  });
});
