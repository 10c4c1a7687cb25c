import { render, screen, waitFor, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { MenuItem } from '../../../src-renderer/ui/menu';
import FloatSample from './FloatSample.svelte';

// Dialogs of bits-ui mark the rest of the page with pointer-events, which jsdom does not take back in time.
const setup = (): ReturnType<typeof userEvent.setup> => userEvent.setup({ pointerEventsCheck: 0 });

test('a dialog is named, takes focus on its first field, and Escape gives it back', async () => {
  render(FloatSample);
  const user = setup();
  const opener = screen.getByRole('button', { name: 'New certificate' });
  await user.click(opener);
  const dialog = await screen.findByRole('dialog', { name: 'New certificate' });
  expect(document.getElementById(dialog.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
    'Signed by vtgate client CA.',
  );
  const field = within(dialog).getByRole('textbox', { name: 'Common name' });
  await waitFor(() => expect(document.activeElement).toBe(field));
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(opener));
});

test('inside a dialog, Escape first empties the field and only then closes', async () => {
  render(FloatSample);
  const user = setup();
  await user.click(screen.getByRole('button', { name: 'New certificate' }));
  const field = await screen.findByRole('textbox', { name: 'Common name' });
  await user.type(field, 'abc');
  await user.keyboard('{Escape}');
  expect((field as HTMLInputElement).value).toBe('');
  expect(screen.getByRole('dialog')).toBeTruthy();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('a dialog with onsubmit is a form: Enter in a field sends it', async () => {
  const onsubmit = vi.fn();
  render(FloatSample, { onsubmit });
  const user = setup();
  await user.click(screen.getByRole('button', { name: 'New certificate' }));
  await user.type(await screen.findByRole('textbox', { name: 'Common name' }), 'a{Enter}');
  expect(onsubmit).toHaveBeenCalledTimes(1);
});

test('a dialog that must not be left ignores Escape and has no ×', async () => {
  render(FloatSample, { closable: false });
  const user = setup();
  await user.click(screen.getByRole('button', { name: 'New certificate' }));
  await screen.findByRole('dialog');
  await user.keyboard('{Escape}');
  expect(screen.getByRole('dialog')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Close' })).toBeNull();
});

test('a question begins on Cancel, waits for its work, and shows why it failed', async () => {
  let fail: (reason: Error) => void = () => undefined;
  const onconfirm = vi.fn(() => new Promise<void>((_, reject) => (fail = reject)));
  render(FloatSample, { onconfirm });
  const user = setup();
  await user.click(screen.getByRole('button', { name: 'Stop gateway' }));
  const dialog = await screen.findByRole('dialog', { name: 'Stop the gateway?' });
  await waitFor(() => expect(document.activeElement).toBe(within(dialog).getByRole('button', { name: 'Cancel' })));
  const confirm = within(dialog).getByRole('button', { name: 'Stop' });
  await user.click(confirm);
  expect(confirm.getAttribute('aria-busy')).toBe('true');
  await user.click(confirm);
  expect(onconfirm).toHaveBeenCalledTimes(1);
  fail(new Error('The gateway does not answer.'));
  expect((await within(dialog).findByRole('alert')).textContent).toContain('The gateway does not answer.');
  onconfirm.mockResolvedValueOnce(undefined);
  await user.click(within(dialog).getByRole('button', { name: 'Stop' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('a menu opens with the keyboard, an entry that cannot be used says why and does nothing', async () => {
  const run = vi.fn();
  const stop = vi.fn();
  const items: MenuItem[] = [
    { kind: 'heading', label: 'Run' },
    { label: 'Run Test', shortcut: 'Mod+Enter', disabledReason: 'The gateway is stopped.', onselect: run },
    { kind: 'separator' },
    { label: 'Stop', onselect: stop },
  ];
  render(FloatSample, { items });
  const user = setup();
  screen.getByRole('button', { name: 'More' }).focus();
  await user.keyboard('{Enter}');
  const entry = await screen.findByRole('menuitem', { name: 'Run Test' });
  expect(entry.getAttribute('aria-disabled')).toBe('true');
  expect(document.getElementById(entry.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
    'The gateway is stopped.',
  );
  await user.click(entry);
  expect(run).not.toHaveBeenCalled();
  expect(screen.getByRole('menu')).toBeTruthy();
  await user.click(screen.getByRole('menuitem', { name: 'Stop' }));
  expect(stop).toHaveBeenCalledTimes(1);
  await waitFor(() => expect(screen.queryByRole('menu')).toBeNull());
});

test('entries that exclude each other are radio entries', async () => {
  const items: MenuItem[] = [
    { label: 'Light', checked: true, onselect: () => undefined },
    { label: 'Dark', checked: false, onselect: () => undefined },
  ];
  render(FloatSample, { items });
  await setup().click(screen.getByRole('button', { name: 'More' }));
  expect((await screen.findByRole('menuitemradio', { name: 'Light' })).getAttribute('aria-checked')).toBe('true');
  expect(screen.getByRole('menuitemradio', { name: 'Dark' }).getAttribute('aria-checked')).toBe('false');
});

test('a popover is a named dialog that its content can close', async () => {
  render(FloatSample);
  const user = setup();
  await user.click(screen.getByRole('button', { name: 'Filter' }));
  const pane = await screen.findByRole('dialog', { name: 'Filter' });
  await user.click(within(pane).getByRole('button', { name: 'Done' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('tabs: one tab stop, arrows choose, only the chosen pane is there', async () => {
  render(FloatSample);
  const user = setup();
  await user.click(screen.getByRole('tab', { name: 'Single test' }));
  expect(screen.getByRole('tabpanel').textContent).toContain('pane single');
  await user.keyboard('{ArrowRight}');
  const matrix = screen.getByRole('tab', { name: /Matrix/ });
  expect(document.activeElement).toBe(matrix);
  expect(matrix.getAttribute('aria-selected')).toBe('true');
  expect(screen.getByRole('tab', { name: 'Single test' }).getAttribute('tabindex')).toBe('-1');
  expect(screen.getByRole('tabpanel').textContent).toContain('pane matrix');
  expect(screen.queryByText('pane single')).toBeNull();
});
