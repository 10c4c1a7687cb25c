import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import Combobox from '../../../src-renderer/ui/Combobox.svelte';
import Progress from '../../../src-renderer/ui/Progress.svelte';

const items = [
  { value: 'u:billing', label: 'billing', detail: 'user billing' },
  { value: 'u:myuser2', label: 'reporting', detail: 'user myuser2' },
  { value: 'c:client1', label: 'vtgate client 1', detail: 'certificate' },
];
const field = (): HTMLInputElement => screen.getByRole<HTMLInputElement>('combobox', { name: 'Caller' });

test('typing finds, Enter takes the first, and the label is shown', async () => {
  const onpick = vi.fn();
  render(Combobox, { items, label: 'Caller', value: 'u:billing', onpick });
  const user = userEvent.setup();
  expect(field().value).toBe('billing');
  await user.tab();
  await user.keyboard('client{Enter}');
  expect(onpick).toHaveBeenCalledWith('c:client1');
  expect(field().value).toBe('vtgate client 1');
  expect(screen.queryByRole('listbox')).toBeNull();
});

test('leaving with a text that fits nothing takes it back', async () => {
  const onpick = vi.fn();
  render(Combobox, { items, label: 'Caller', value: 'u:billing', onpick });
  const user = userEvent.setup();
  await user.tab();
  await user.keyboard('nobody');
  await user.tab();
  expect(field().value).toBe('billing');
  expect(onpick).not.toHaveBeenCalled();
});

test('free: any text is a value', async () => {
  const onpick = vi.fn();
  render(Combobox, { items, label: 'Caller', free: true, onpick });
  const user = userEvent.setup();
  await user.tab();
  await user.keyboard('somebody{Enter}');
  expect(onpick).toHaveBeenCalledWith('somebody');
});

test('Down opens at the value; Escape closes and keeps it', async () => {
  render(Combobox, { items, label: 'Caller', value: 'u:myuser2' });
  const user = userEvent.setup();
  await user.tab();
  await user.keyboard('{ArrowDown}');
  expect(screen.getByRole('option', { selected: true }).textContent).toContain('reporting');
  await user.keyboard('{ArrowDown}{Escape}');
  expect(screen.queryByRole('listbox')).toBeNull();
  expect(field().value).toBe('reporting');
});

test('progress tells how far, and can be stopped', async () => {
  const onstop = vi.fn();
  const { rerender } = render(Progress, { value: 4, max: 15, label: 'Running 4 of 15', onstop });
  const bar = screen.getByRole('progressbar', { name: 'Running 4 of 15' });
  expect(bar.getAttribute('aria-valuenow')).toBe('4');
  await userEvent.setup().click(screen.getByRole('button', { name: 'Stop' }));
  expect(onstop).toHaveBeenCalledTimes(1);
  await rerender({ max: undefined, label: 'Reading' });
  expect(screen.getByRole('progressbar').hasAttribute('aria-valuenow')).toBe(false);
});
