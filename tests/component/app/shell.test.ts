import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import App from '../../../src-renderer/app/App.svelte';
import { PageFailure } from '../../../src-renderer/bridge/failure';
import { appPart, documentPart, pageOf } from '../support/page';

type Page = Awaited<ReturnType<typeof pageOf>>;
let page: Page | null = null;
const show = async (...args: Parameters<typeof pageOf>): Promise<Page> => {
  page = await pageOf(...args);
  render(App, { app: page.app });
  return page;
};
beforeEach(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
    this.dispatchEvent(new Event('close'));
  };
});
afterEach(() => {
  page?.end();
  page = null;
  history.replaceState(null, '');
});

describe('Welcome', () => {
  it('offers ways to start and the workspaces opened before', async () => {
    const recent = [
      { dir: '/a/shop', name: 'shop', openedAt: '2026-05-03T09:11:00Z', present: true },
      { dir: '/a/gone', name: 'gone', openedAt: '2026-05-02T09:11:00Z', present: false },
    ];
    const { reached } = await show({ app: appPart({ workspace: null, recent }) });
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Gatehouse');
    await userEvent.click(screen.getByRole('button', { name: /shop.*opened/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Remove from list' }));
    await userEvent.click(screen.getByRole('button', { name: /Open the reference scenario/ }));
    expect(reached).toEqual([
      { path: 'app.open', input: { dir: '/a/shop' } },
      { path: 'app.forgetRecent', input: { dir: '/a/gone' } },
      { path: 'tour.begin', input: undefined },
    ]);
  });

  it('tells why a workspace cannot be opened, and the notice stays until it is dismissed', async () => {
    await show(
      {
        app: appPart({
          workspace: null,
          recent: [{ dir: '/a', name: 'a', openedAt: '2026-05-03T09:11:00Z', present: true }],
        }),
      },
      {
        'app.open': () => {
          throw new PageFailure({
            code: 'workspace.unreadable',
            summary: 'users.json, line 14: not a list.',
            detail: 'x',
          });
        },
      },
    );
    await userEvent.click(screen.getByRole('button', { name: /opened/ }));
    const notice = await screen.findByRole('group', { name: /line 14/ });
    expect(screen.getByRole('status').textContent).toContain('line 14');
    await userEvent.click(within(notice).getByRole('button', { name: 'Dismiss' }));
    expect(screen.queryByRole('group', { name: /line 14/ })).toBeNull();
  });
});

describe('the window around a workspace', () => {
  it('has its landmarks and one heading, and walks the screens', async () => {
    const { app } = await show({ document: documentPart(), findings: [] });
    expect(screen.getByRole('banner')).toBeTruthy();
    expect(screen.getByRole('contentinfo', { name: 'Status' })).toBeTruthy();
    const nav = screen.getByRole('navigation', { name: 'Screens' });
    const names = within(nav)
      .getAllByRole('button')
      .map((button) => button.textContent?.trim());
    expect(names.slice(0, 6)).toEqual(['Overview', 'Certificates', 'Callers', 'Access', 'Test', 'Export']);
    await userEvent.click(within(nav).getByRole('button', { name: 'Settings' }));
    expect(app.nav.screen).toBe('settings');
    expect(document.title).toBe('Settings · shop · Gatehouse');
    expect(screen.getAllByRole('heading', { level: 1 })).toHaveLength(1);
  });

  it('shows the draft, and undoes by key with the label of what is undone', async () => {
    const { reached, change } = await show({ document: documentPart(), findings: [] });
    expect(screen.queryByRole('button', { name: /Review changes/ })).toBeNull();
    await userEvent.keyboard('{Control>}z{/Control}');
    expect(reached).toEqual([]);
    await change({ document: documentPart({ changes: 2, undoLabel: 'Add Reader' }) });
    expect(screen.getByRole('button', { name: /Review changes/ }).textContent).toContain('2');
    await userEvent.keyboard('{Control>}z{/Control}');
    expect(reached).toEqual([{ path: 'document.undo', input: undefined }]);
  });

  it('shows long work with its progress, and stops it', async () => {
    const task = { id: 't', title: 'Running', done: 4, total: 15, detail: '', cancellable: true };
    const { reached } = await show({ app: appPart({ tasks: [task] }), document: documentPart(), findings: [] });
    const status = screen.getByRole('contentinfo');
    expect(status.textContent).toContain('Running 4 of 15');
    await userEvent.click(within(status).getByRole('button', { name: 'Stop' }));
    expect(reached).toEqual([{ path: 'app.cancelTask', input: { id: 't' } }]);
  });

  it('tells what happened outside a call, once', async () => {
    const { change } = await show({ document: documentPart(), findings: [] });
    const notice = { id: 1, level: 'warning' as const, text: 'The gateway stopped.' };
    await change({ app: appPart({ notice }) });
    expect(await screen.findByRole('group', { name: 'The gateway stopped.' })).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    await change({ app: appPart({ notice: { ...notice } }) });
    expect(screen.queryByRole('group', { name: 'The gateway stopped.' })).toBeNull();
  });
});

describe('the palette', () => {
  it('finds by words, says why a thing cannot be done, and runs with Enter', async () => {
    const { app, reached } = await show({ document: documentPart(), findings: [] });
    await userEvent.keyboard('{F1}');
    const field = screen.getByRole('combobox', { name: 'Search or run a command' });
    await userEvent.type(field, 'undo');
    const option = screen.getByRole('option', { name: /Undo/ });
    expect(option.getAttribute('aria-disabled')).toBe('true');
    expect(option.textContent).toContain('nothing to undo');
    await userEvent.keyboard('{Enter}');
    expect(reached).toEqual([]);
    await userEvent.clear(field);
    await userEvent.type(field, 'go acc');
    await userEvent.keyboard('{Enter}');
    expect(app.nav.screen).toBe('access');
    await userEvent.keyboard('{Control>}k{/Control}');
    await userEvent.type(screen.getByRole('combobox'), 'xyz');
    expect(screen.getByText('No match for “xyz”')).toBeTruthy();
  });
});
