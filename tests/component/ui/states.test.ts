import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { expect, test, vi } from 'vitest';
import EmptyState from '../../../src-renderer/ui/EmptyState.svelte';
import ErrorState from '../../../src-renderer/ui/ErrorState.svelte';
import FilteredEmpty from '../../../src-renderer/ui/FilteredEmpty.svelte';
import { shortcutNames, shortcutText } from '../../../src-renderer/ui/keys';
import Note from '../../../src-renderer/ui/Note.svelte';
import Quote from '../../../src-renderer/ui/Quote.svelte';

const raw = (html: string) => createRawSnippet(() => ({ render: () => html }));

test('empty: a heading, a text, the buttons', () => {
  render(EmptyState, { title: 'No callers', text: 'A caller is a user.', actions: raw('<button>New</button>') });
  expect(screen.getByRole('heading', { level: 2, name: 'No callers' })).toBeTruthy();
  expect(screen.getByText('A caller is a user.')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'New' })).toBeTruthy();
});

test('filtered empty names the filter and takes it away', async () => {
  const onclear = vi.fn();
  render(FilteredEmpty, { title: 'No certificate matches', filter: 'expired', hidden: '11 are hidden.', onclear });
  expect(screen.getByRole('status').textContent).toContain('expired');
  await userEvent.setup().click(screen.getByRole('button', { name: 'Clear filter' }));
  expect(onclear).toHaveBeenCalledTimes(1);
});

test('an error is announced with its remedy; the system’s own words are folded away', () => {
  render(ErrorState, {
    title: 'Port 15306 is in use',
    failure: { summary: 'Another program listens there.', detail: 'listen EADDRINUSE' },
    remedies: raw('<button>Use free port</button>'),
  });
  const alert = screen.getByRole('alert');
  expect(alert.textContent).toContain('Port 15306 is in use');
  expect(alert.textContent).toContain('Another program listens there.');
  expect(screen.getByRole('button', { name: 'Use free port' })).toBeTruthy();
  const fold = screen.getByText('The system said').closest('details');
  expect(fold?.open).toBe(false);
  expect(fold?.textContent).toContain('listen EADDRINUSE');
});

test('without a title the summary stands once, without detail there is no fold', () => {
  render(ErrorState, { failure: { summary: 'The tablet stopped.' } });
  expect(screen.getAllByText('The tablet stopped.')).toHaveLength(1);
  expect(document.querySelector('details')).toBeNull();
});

test('a note is silent unless it is live', () => {
  const { rerender } = render(Note, { kind: 'warn', children: raw('<span>x</span>') });
  expect(screen.queryByRole('status')).toBeNull();
  return rerender({ live: true }).then(() => expect(screen.getByRole('status')).toBeTruthy());
});

test('a quote keeps every character and copies them', async () => {
  const text = "Select command denied to user 'r'\n  <b>not markup</b>";
  const user = userEvent.setup();
  render(Quote, { text, copy: true });
  expect(document.querySelector('pre')?.textContent).toBe(text);
  expect(document.querySelector('pre b')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Copy' }));
  expect(await navigator.clipboard.readText()).toBe(text);
});

test('shortcuts are written as the system writes them', () => {
  expect(shortcutText('Mod+Shift+Enter', true)).toBe('⌘⇧↩');
  expect(shortcutText('Mod+Shift+Enter', false)).toBe('Ctrl Shift Enter');
  expect(shortcutNames('Mod+K', false)).toBe('Control+K');
});
