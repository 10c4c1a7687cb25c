import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ImpactCell, ReviewData } from '../../../../src-main/contract/areas/document';
import App from '../../../../src-renderer/app/App.svelte';
import { PageFailure } from '../../../../src-renderer/bridge/failure';
import { documentPart, pageOf } from '../../support/page';

type Page = Awaited<ReturnType<typeof pageOf>>;
let page: Page | null = null;
// CodeMirror measures and selects text, which jsdom cannot; the end-to-end specs see it.
vi.mock('../../../../src-renderer/ui/code/diff', () => ({ createDiff: () => () => undefined }));
afterEach(() => {
  page?.end();
  page = null;
  history.replaceState(null, '');
});

const part = (more: object = {}) =>
  documentPart({
    changes: 2,
    changedFiles: ['acl.json'],
    undoLabel: 'Add Reader',
    changedOnDisk: [],
    skipped: [],
    ...more,
  });
const cell = (more: Partial<ImpactCell> = {}): ImpactCell => ({
  suite: 'shop',
  file: 'tests/shop.json',
  test: null,
  caller: 'maria',
  immediate: 'maria',
  user: 'maria',
  transports: ['mysql-tls'],
  table: 'payments',
  role: 'read',
  before: 'deny',
  after: 'allow',
  expected: 'deny',
  contradicts: true,
  ...more,
});
const review = (more: Partial<ReviewData> = {}): ReviewData => ({
  revision: 7,
  opens: [
    { text: 'This gives ', as: 'text' },
    { text: 'maria', as: 'name' },
    { text: ' access to ', as: 'text' },
    { text: 'payments', as: 'code' },
    { text: ' (read).', as: 'text' },
  ],
  changes: [
    {
      id: 'one',
      area: 'access',
      sentence: [
        { text: 'Table group money: reader ', as: 'text' },
        { text: 'analysts', as: 'strong' },
        { text: ' added.', as: 'text' },
      ],
      file: 'acl.json',
      line: 27,
      side: 'draft',
    },
    {
      id: 'two',
      area: 'callers',
      sentence: [{ text: 'User web removed.', as: 'text' }],
      file: 'users.json',
      line: 3,
      side: 'applied',
    },
  ],
  impact: { cells: [cell()], total: 1, gains: 1, loses: 0, contradictions: 1 },
  files: [{ path: 'acl.json', status: 'changed', before: '{"a": 1}\n', after: '{"a": 2}\n', masked: false }],
  flags: [],
  effect: { kind: 'at-once', parts: [], schema: false, running: true, connections: 2, holder: null },
  blocking: [],
  warnings: [],
  ...more,
});

const show = async (data: ReviewData, answers: Parameters<typeof pageOf>[1] = {}, more: object = {}): Promise<Page> => {
  page = await pageOf({ document: part(more), findings: [] } as never, { 'document.review': () => data, ...answers });
  render(App, { app: page.app });
  await userEvent.click(screen.getByRole('button', { name: /Review changes/ }));
  return page;
};
const dialog = (): Promise<HTMLElement> => screen.findByRole('dialog', { name: 'Review changes' });

describe('Review changes', () => {
  it('says what is opened, what changes, in which cells, and what follows', async () => {
    await show(review());
    const box = within(await dialog());
    expect((await box.findByText('maria', { selector: '.statement em' })).closest('p')?.textContent).toBe(
      'This gives maria access to payments (read).',
    );
    expect(box.getByText(/Takes effect at once/)).toBeTruthy();
    expect(box.getByText('Table groups')).toBeTruthy();
    expect(box.getByText(/acl.json, line 27/)).toBeTruthy();
    const row = box.getByRole('row', { name: /maria/ });
    expect(within(row).getByText('read: Denied, will be Allowed')).toBeTruthy();
    expect(within(row).getByRole('img', { name: 'contradicts an expectation' })).toBeTruthy();
    expect(box.getByText(/1 cell becomes Allowed/)).toBeTruthy();
  });

  it('takes one change back, and makes the new outcome the expected one', async () => {
    const { reached } = await show(review());
    const box = within(await dialog());
    await userEvent.click(await box.findByRole('button', { name: /Undo this: Table group money/ }));
    await userEvent.click(box.getByRole('button', { name: 'Expect allowed' }));
    expect(reached.filter(({ path }) => path !== 'document.review' && path.startsWith('document.'))).toEqual([
      { path: 'document.undoChange', input: { id: 'one' } },
      {
        path: 'document.edit',
        input: {
          edit: {
            kind: 'suite.expect',
            file: 'tests/shop.json',
            caller: 'maria',
            table: 'payments',
            role: 'read',
            verdict: 'allow',
          },
        },
      },
    ]);
  });

  it('applies what was looked at with its note, and Enter in the note applies nothing', async () => {
    const { reached } = await show(review(), { 'document.apply': () => ({ version: 3, cells: 15 }) });
    const box = within(await dialog());
    await userEvent.type(await box.findByRole('textbox', { name: /Describe the change/ }), 'for audit{Enter}');
    expect(reached.some(({ path }) => path === 'document.apply')).toBe(false);
    await userEvent.click(box.getByRole('button', { name: 'Apply' }));
    expect(reached.find(({ path }) => path === 'document.apply')?.input).toEqual({ note: 'for audit', revision: 7 });
    expect(await screen.findByRole('group', { name: /Applied as version 3\. 15 cells change/ })).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('stays open and says why, when it is not applied', async () => {
    await show(review(), {
      'document.apply': () => {
        throw new PageFailure({
          code: 'document.not-applied',
          summary:
            'Not applied. The gateway could not open port 15306 (in use). The previous version is still running.',
        });
      },
    });
    const box = within(await dialog());
    await userEvent.click(await box.findByRole('button', { name: 'Apply' }));
    expect((await box.findByRole('alert')).textContent).toContain('The previous version is still running.');
  });

  it('does not apply what Vitess would refuse, and names it; warnings do not stop it', async () => {
    const finding = {
      code: 'x',
      level: 'error' as const,
      file: 'acl.json',
      line: 9,
      column: 1,
      message: '"orders" and "ord%" overlap',
      remedy: 'Remove one.',
    };
    const { reached } = await show(
      review({ blocking: [finding], warnings: [{ ...finding, level: 'warning', isNew: true }] }),
    );
    const box = within(await dialog());
    const apply = await box.findByRole('button', { name: 'Apply' });
    await waitFor(() => expect(apply.getAttribute('aria-disabled')).toBe('true'));
    expect(box.getAllByText(/overlap/).length).toBeGreaterThan(0);
    expect(box.getByText('1 finding stays and does not stop applying.')).toBeTruthy();
    await userEvent.click(apply);
    expect(reached.some(({ path }) => path === 'document.apply')).toBe(false);
  });

  it.each([
    [
      { kind: 'restart' as const, parts: [{ kind: 'gateway' as const, name: 'main' }] },
      /restarts the cluster, because settings of gateway main change\. 2 open connections will be closed/,
      'Apply and restart cluster',
    ],
    [
      { kind: 'restart' as const, parts: [{ kind: 'all' as const, name: '' }], running: false },
      /cluster is stopped/,
      'Apply',
    ],
    [{ kind: 'none' as const }, /Nothing that runs reads these files/, 'Apply'],
    [{ holder: 'gatehouse up (process 7)' }, /gatehouse up \(process 7\) runs this workspace/, 'Apply'],
  ])('says what applying does: %#', async (effect, sentence, button) => {
    await show(review({ effect: { ...review().effect, ...effect } }));
    const box = within(await dialog());
    expect(await box.findByText(sentence)).toBeTruthy();
    expect(box.getByRole('button', { name: button })).toBeTruthy();
  });

  it('says when nobody gains access', async () => {
    await show(review({ opens: null, impact: { cells: [], total: 0, gains: 0, loses: 2, contradictions: 0 } }));
    expect(
      await within(await dialog()).findByText('2 changes; nobody gains access, and 2 cells lose it.'),
    ).toBeTruthy();
  });

  it('asks before it discards, and offers Undo afterwards', async () => {
    const { reached } = await show(review());
    await userEvent.click(await within(await dialog()).findByRole('button', { name: 'Discard draft…' }));
    const question = within(await screen.findByRole('dialog', { name: 'Discard 2 changes?' }));
    await userEvent.click(question.getByRole('button', { name: 'Discard' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(reached.map(({ path }) => path).filter((path) => /discard|undo/.test(path))).toEqual([
      'document.discard',
      'document.undo',
    ]);
  });

  it('looks again when the draft changes meanwhile', async () => {
    let asked = 0;
    const shown = await show(review(), { 'document.review': () => ((asked += 1), review({ revision: asked })) });
    await within(await dialog()).findByRole('button', { name: 'Apply' });
    await shown.change({ document: part({ revision: 9 }) } as never);
    await waitFor(() => expect(asked).toBe(2));
  });
});

describe('files changed on the disk', () => {
  it('are named, and can be compared, loaded or left', async () => {
    page = await pageOf(
      { document: part({ changes: 0, changedOnDisk: ['acl.json', 'users.json'] }), findings: [] } as never,
      {
        'document.compareDisk': () => [{ path: 'acl.json', status: 'changed', before: 'a', after: 'b', masked: false }],
      },
    );
    render(App, { app: page.app });
    const bar = within(screen.getByRole('group', { name: 'acl.json and users.json changed on the disk.' }));
    await userEvent.click(bar.getByRole('button', { name: 'Keep mine' }));
    await userEvent.click(bar.getByRole('button', { name: 'Compare…' }));
    const box = within(await screen.findByRole('dialog', { name: 'Changed on the disk' }));
    await userEvent.click(box.getByRole('button', { name: 'Load it' }));
    expect(page.reached.filter(({ path }) => path.endsWith('Disk')).map(({ path, input }) => [path, input])).toEqual([
      ['document.resolveDisk', { choice: 'keep' }],
      ['document.compareDisk', undefined],
      ['document.resolveDisk', { choice: 'load' }],
    ]);
  });
});

describe('History', () => {
  const versions = [
    {
      number: 2,
      at: '2026-05-03T09:11:00Z',
      note: 'payments',
      origin: 'applied',
      changes: 1,
      cells: { changed: 3, gains: 3, loses: 0 },
      files: 47,
      current: true,
    },
    {
      number: 1,
      at: '2026-05-02T09:11:00Z',
      note: '',
      origin: 'found',
      changes: 0,
      cells: { changed: 0, gains: 0, loses: 0 },
      files: 47,
      current: false,
    },
  ];
  const open = async (list: unknown): Promise<Page> => {
    page = await pageOf({ document: part(), findings: [] } as never, {
      'document.history': () => list,
      'document.compare': () => ({ changes: review().changes.slice(0, 1), files: [] }),
    });
    render(App, { app: page.app });
    page.app.nav.go('history');
    return page;
  };

  it('lists versions, tells what lies between one and now, and makes it the draft after a question', async () => {
    const { reached } = await open(versions);
    expect(await screen.findByText('Version 2 is applied.')).toBeTruthy();
    await userEvent.click(screen.getByRole('row', { name: /found on the disk/ }));
    const pane = within(await screen.findByRole('complementary', { name: 'Version 1' }));
    expect(await pane.findByText('analysts')).toBeTruthy();
    await userEvent.click(pane.getByRole('button', { name: 'Restore this version…' }));
    const question = within(await screen.findByRole('dialog', { name: 'Restore version 1?' }));
    expect(question.getByText(/in place of 2 changes/)).toBeTruthy();
    await userEvent.click(question.getByRole('button', { name: 'Restore' }));
    expect(reached.filter(({ path }) => path === 'document.restore')).toEqual([
      { path: 'document.restore', input: { version: 1 } },
    ]);
    expect(await screen.findByRole('group', { name: /Version 1 is the draft now/ })).toBeTruthy();
  });

  it('says what comes here while there is nothing', async () => {
    await open([]);
    expect(await screen.findByRole('heading', { name: 'No versions yet' })).toBeTruthy();
  });
});
