import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { expect, test, vi } from 'vitest';
import Details from '../../../src-renderer/components/Details.svelte';
import FileLink from '../../../src-renderer/components/FileLink.svelte';
import FindingRow from '../../../src-renderer/components/FindingRow.svelte';

const finding = {
  code: 'acl-unknown-caller',
  level: 'warning' as const,
  file: 'acl.json',
  line: 14,
  column: 3,
  message: '“admni” is no known caller.',
  remedy: 'Change it to admin.',
};

test('a finding has level, sentence, place and remedy in words', () => {
  render(FindingRow, { finding });
  expect(screen.getByRole('img', { name: 'Warning' })).toBeTruthy();
  expect(screen.getByRole('listitem').textContent).toContain('acl.json, line 14');
  expect(screen.getByText('Change it to admin.')).toBeTruthy();
});

test('a remedy with a button replaces the words', () => {
  const remedy = createRawSnippet(() => ({ render: () => '<button>Change to admin</button>' }));
  render(FindingRow, { finding, remedy });
  expect(screen.getByRole('button', { name: 'Change to admin' })).toBeTruthy();
  expect(screen.queryByText('Change it to admin.')).toBeNull();
});

test('a file link names the place and opens it', async () => {
  const onopen = vi.fn();
  const { rerender } = render(FileLink, { file: 'users.json', line: 8, toLine: 19, onopen });
  await userEvent.setup().click(screen.getByRole('button', { name: 'users.json, lines 8–19' }));
  expect(onopen).toHaveBeenCalledWith('users.json', 8);
  await rerender({ file: 'users.json', line: 0, onopen: undefined });
  expect(screen.queryByRole('button')).toBeNull();
  expect(document.body.textContent).toContain('users.json');
});

test('details are a landmark that × and Escape give up', async () => {
  const onclose = vi.fn();
  const children = createRawSnippet(() => ({ render: () => '<button>Renew…</button>' }));
  render(Details, { title: 'vtgate client 1', onclose, children });
  const user = userEvent.setup();
  expect(screen.getByRole('complementary', { name: 'vtgate client 1' })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Close' }));
  screen.getByRole('button', { name: 'Renew…' }).focus();
  await user.keyboard('{Escape}');
  expect(onclose).toHaveBeenCalledTimes(2);
});
