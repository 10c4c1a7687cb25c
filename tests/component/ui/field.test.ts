import { render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import FieldSample from './FieldSample.svelte';

const state = (): Record<string, unknown> => JSON.parse(screen.getByTestId('state').textContent ?? '') as never;
const described = (element: HTMLElement): string =>
  (element.getAttribute('aria-describedby') ?? '')
    .split(' ')
    .map((id) => document.getElementById(id)?.textContent ?? `no element ${id}`)
    .join('|');

test('the label names the control, hint and error describe it', () => {
  render(FieldSample, { error: 'The name ends with a space.' });
  const name = screen.getByRole('textbox', { name: 'Common name' });
  expect(described(name)).toBe('Compared exactly.|The name ends with a space.');
  expect(name.getAttribute('aria-invalid')).toBe('true');
  expect(name.hasAttribute('required')).toBe(true);
});

test('without error the control is not invalid', () => {
  render(FieldSample);
  const name = screen.getByRole('textbox', { name: 'Common name' });
  expect(name.hasAttribute('aria-invalid')).toBe(false);
  expect(described(name)).toBe('Compared exactly.');
});

test('the summary takes focus and leads to the field', async () => {
  const { rerender } = render(FieldSample);
  expect(screen.queryByRole('alert')).toBeNull();
  await rerender({ error: 'A name is needed.' });
  const summary = screen.getByRole('alert');
  expect(document.activeElement).toBe(summary);
  await userEvent.setup().click(within(summary).getByRole('link', { name: 'A name is needed.' }));
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Common name' }));
});

test('text goes in, Escape and × take it out', async () => {
  render(FieldSample);
  const user = userEvent.setup();
  const name = screen.getByRole('textbox', { name: 'Common name' });
  await user.type(name, 'vtgate client 3');
  expect(state()['name']).toBe('vtgate client 3');
  await user.keyboard('{Escape}');
  expect(state()['name']).toBe('');
  await user.type(name, 'x');
  await user.click(screen.getByRole('button', { name: 'Clear' }));
  expect(state()['name']).toBe('');
  expect(document.activeElement).toBe(name);
});

test('a select takes the value of the chosen option and keeps groups', async () => {
  render(FieldSample);
  await userEvent.setup().selectOptions(screen.getByRole('combobox', { name: 'For' }), 'Gateway server');
  expect(state()['role']).toBe('gateway');
  expect(screen.getByRole('group', { name: 'Servers' })).toBeTruthy();
});

test('segments are a radio group that the Field names; arrows choose, what is disabled stays unchosen', async () => {
  render(FieldSample);
  const user = userEvent.setup();
  const group = screen.getByRole('radiogroup', { name: 'Mode' });
  expect(described(group)).toBe('What happens to others.');
  await user.click(within(group).getByRole('radio', { name: 'Dry run' }));
  expect(state()['mode']).toBe('dry');
  await user.click(within(group).getByRole('radio', { name: 'Off' }));
  expect(state()['mode']).toBe('dry');
  await user.click(within(group).getByRole('radio', { name: 'Dry run' }));
  await user.keyboard('{ArrowLeft}');
  expect(state()['mode']).toBe('strict');
});
