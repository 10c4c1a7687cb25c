import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { fitting } from '../../../src-renderer/ui/suggestions';
import ChipSample from './ChipSample.svelte';

const values = (): string => screen.getByTestId('values').textContent ?? '';
const field = (): HTMLElement => screen.getByRole('combobox', { name: 'Add caller or group' });

test('Enter adds what was typed, once', async () => {
  render(ChipSample);
  const user = userEvent.setup();
  await user.type(field(), ' admni {Enter}');
  expect(values()).toBe('billing|admin|admni');
  expect(screen.getByText('No caller has this name')).toBeTruthy();
  await user.type(field(), 'admin{Enter}');
  expect(values()).toBe('billing|admin|admni');
});

test('the suggestions leave out what is listed; arrows and Enter take one', async () => {
  render(ChipSample);
  const user = userEvent.setup();
  await user.click(field());
  expect(screen.getAllByRole('option').map((one) => one.textContent?.trim())).toEqual([
    'reporting user',
    'vtgate client 1 certificate',
  ]);
  await user.keyboard('{ArrowDown}{ArrowDown}');
  const active = field().getAttribute('aria-activedescendant') ?? '';
  expect(document.getElementById(active)?.textContent).toContain('vtgate client 1');
  await user.keyboard('{Enter}');
  expect(values()).toBe('billing|admin|vtgate client 1');
  expect(document.activeElement).toBe(field());
});

test('Escape closes the suggestions and keeps the text', async () => {
  render(ChipSample);
  const user = userEvent.setup();
  await user.type(field(), 'rep');
  expect(screen.getAllByRole('option')).toHaveLength(1);
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('listbox')).toBeNull();
  expect((field() as HTMLInputElement).value).toBe('rep');
});

test('Backspace at the start goes to the last chip; Delete removes it, focus stays with the next', async () => {
  render(ChipSample, { start: ['a', 'b', 'c'] });
  const user = userEvent.setup();
  await user.click(field());
  await user.keyboard('{Backspace}');
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Remove c' }));
  expect(values()).toBe('a|b|c');
  await user.keyboard('{ArrowLeft}{Delete}');
  expect(values()).toBe('a|c');
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Remove c' }));
  await user.keyboard('{Home}{Delete}{Delete}');
  expect(values()).toBe('');
  expect(document.activeElement).toBe(field());
});

test('the chips are one tab stop', async () => {
  render(ChipSample, { start: ['a', 'b', 'c'] });
  const user = userEvent.setup();
  await user.tab();
  await user.tab();
  expect(document.activeElement).toBe(field());
});

test('pasted lines become one chip each', async () => {
  render(ChipSample, { start: [] });
  const user = userEvent.setup();
  await user.click(field());
  await user.paste('orders\r\npayments \n\norders');
  expect(values()).toBe('orders|payments');
});

test('a name that is refused is not added, and why stands below', async () => {
  render(ChipSample, { check: (value) => (value.includes('%') ? '% only at the end.' : undefined) });
  const user = userEvent.setup();
  await user.type(field(), 'o%r{Enter}');
  expect(values()).toBe('billing|admin');
  expect(screen.getByRole('alert').textContent).toBe('% only at the end.');
  expect(field().getAttribute('aria-invalid')).toBe('true');
  await user.type(field(), 'x');
  expect(screen.queryByRole('alert')).toBeNull();
});

test('read-only: no field and nothing to remove', () => {
  render(ChipSample, { readonly: true });
  expect(screen.queryByRole('combobox')).toBeNull();
  expect(screen.queryAllByRole('button')).toEqual([]);
});

test('suggestions: beginnings first, then words, then the rest', () => {
  const all = ['reordered', 'big orders', 'Orders', 'x'].map((value) => ({ value }));
  expect(fitting(all, 'order').map((one) => one.value)).toEqual(['Orders', 'big orders', 'reordered']);
});
