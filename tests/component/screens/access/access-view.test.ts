import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PageFailure } from '../../../../src-renderer/bridge/failure';
import { AccessView } from '../../../../src-renderer/screens/access/access-view.svelte';
import { STORE_AFTER_MS } from '../../../../src-renderer/screens/access/edited-file.svelte';
import { Latest } from '../../../../src-renderer/screens/access/latest';
import { documentPart, pageOf } from '../../support/page';
import { accessPart, aclFile, preview } from './fixture';

type Page = Awaited<ReturnType<typeof pageOf>>;
let page: Page;
let view: AccessView;
let answers: Record<string, (input: never) => unknown>;
beforeEach(async () => {
  answers = { 'access.preview': () => preview(), 'access.setText': () => ({ version: 'v2' }) };
  page = await pageOf(
    { access: accessPart(), document: documentPart() },
    new Proxy({}, { get: (_, path: string) => answers[path] }),
  );
  view = new AccessView(page.app);
});
afterEach(() => {
  vi.useRealTimers();
  page.end();
});
const calls = (path: string): unknown[] => page.reached.filter((call) => call.path === path).map(({ input }) => input);
const withFile = (text: string, version: string) => ({ access: accessPart({ files: [aclFile({ text, version })] }) });

describe('typing', () => {
  it('is stored some time after the last key, once, from the version it began with', async () => {
    vi.useFakeTimers();
    view.type('{');
    await vi.advanceTimersByTimeAsync(STORE_AFTER_MS - 1);
    view.type('{}');
    await vi.advanceTimersByTimeAsync(STORE_AFTER_MS - 1);
    expect(calls('access.setText')).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls('access.setText')).toEqual([{ file: 'acl.json', text: '{}', base: 'v1' }]);
  });

  it('is shown until the draft has it, so that the editor never falls back to an older text', async () => {
    view.type('{}');
    await view.flush();
    view.sync();
    expect(view.text).toBe('{}');
    await page.change(withFile('{}', 'v2'));
    view.sync();
    expect(view.typed).toBeNull();
    expect(view.text).toBe('{}');
  });

  it('goes on while a text is being stored, and the newer text is stored after it', async () => {
    let answer: (value: { version: string }) => void = () => undefined;
    answers['access.setText'] = () => new Promise((resolve) => (answer = resolve));
    view.type('1');
    const storing = view.flush();
    view.type('12');
    await Promise.resolve();
    answers['access.setText'] = () => ({ version: 'v3' });
    answer({ version: 'v2' });
    await storing;
    expect(calls('access.setText')).toEqual([
      { file: 'acl.json', text: '1', base: 'v1' },
      { file: 'acl.json', text: '12', base: 'v2' },
    ]);
  });

  it('is kept, and nothing is overwritten, when the file was changed elsewhere', async () => {
    answers['access.setText'] = () => {
      throw new PageFailure({ code: 'access.changed-elsewhere', summary: 'changed' });
    };
    view.type('mine');
    await view.flush();
    expect(view.conflict).toBe(true);
    expect(view.text).toBe('mine');
    await page.change(withFile('theirs', 'v9'));
    view.sync();
    expect(view.text).toBe('mine');
    answers['access.setText'] = () => ({ version: 'v10' });
    await view.keepMine();
    expect(calls('access.setText').at(-1)).toEqual({ file: 'acl.json', text: 'mine', base: null });
    expect(view.conflict).toBe(false);
  });

  it('can give way to what was changed elsewhere', async () => {
    answers['access.setText'] = () => {
      throw new PageFailure({ code: 'access.changed-elsewhere', summary: 'changed' });
    };
    view.type('mine');
    await view.flush();
    await page.change(withFile('theirs', 'v9'));
    view.loadTheirs();
    expect(view.text).toBe('theirs');
  });

  it('is stored before an edit of the form', async () => {
    view.type('{}');
    await view.edit({ kind: 'remove-group', group: 0 });
    expect(page.reached.map(({ path }) => path)).toEqual(['access.setText', 'access.edit']);
  });

  it('stays when it cannot be stored, and is told', async () => {
    answers['access.setText'] = () => {
      throw new PageFailure({ code: 'disk', summary: 'The disk is full.' });
    };
    view.type('mine');
    await view.flush();
    expect(view.text).toBe('mine');
    expect(page.app.notices.visible?.text).toBe('The disk is full.');
  });

  it('of the text that is there already is nothing', () => {
    view.type(view.text);
    expect(view.typed).toBeNull();
  });
});

it('predicts what is typed, and the draft when nothing is', async () => {
  view.predict();
  view.type('{"x": 1}');
  view.predict();
  await expect
    .poll(() => calls('access.preview'))
    .toEqual([
      { tablet: 'zone1-100', text: null },
      { tablet: 'zone1-100', text: '{"x": 1}' },
    ]);
  expect(view.preview?.cells).toEqual(preview().cells);
});

describe('Latest', () => {
  const bench = () => {
    const asked: { question: number; answer(text: string): void; fail(error: Error): void }[] = [];
    const taken: string[] = [];
    const latest = new Latest<number, string>(
      (question) => new Promise((resolve, reject) => asked.push({ question, answer: resolve, fail: reject })),
      (answer) => taken.push(answer),
      (error) => taken.push(String(error)),
    );
    const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
    return { asked, taken, latest, turn };
  };

  it('asks one at a time, and of those that wait only the newest', async () => {
    const { asked, taken, latest, turn } = bench();
    for (const question of [1, 2, 3, 4]) latest.put(question);
    expect(asked.map(({ question }) => question)).toEqual([1]);
    asked[0]?.answer('one');
    await turn();
    expect(asked.map(({ question }) => question)).toEqual([1, 4]);
    asked[1]?.answer('four');
    await turn();
    expect(taken).toEqual(['one', 'four']);
  });

  it('goes on after a failure, and passes over what was cleared', async () => {
    const { asked, taken, latest, turn } = bench();
    latest.put(1);
    asked[0]?.fail(new Error('gone'));
    await turn();
    latest.put(2);
    latest.put(3);
    latest.clear();
    asked[1]?.answer('two');
    await turn();
    expect(taken).toEqual(['Error: gone']);
    expect(asked).toHaveLength(2);
  });
});
