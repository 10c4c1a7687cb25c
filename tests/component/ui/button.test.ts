import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { expect, test, vi } from 'vitest';
import Button from '../../../src-renderer/ui/Button.svelte';
import Play from '@lucide/svelte/icons/play';

const says = (text: string) => createRawSnippet(() => ({ render: () => `<span>${text}</span>` }));

test('calls on click, on Enter and on Space', async () => {
  const onclick = vi.fn();
  render(Button, { onclick, children: says('Start gateway') });
  const user = userEvent.setup();
  const button = screen.getByRole('button', { name: 'Start gateway' });
  await user.click(button);
  await user.keyboard('{Enter} ');
  expect(onclick).toHaveBeenCalledTimes(3);
  expect(button.getAttribute('type')).toBe('button');
});

test('one that cannot be used takes focus, says why and does nothing', async () => {
  const onclick = vi.fn();
  render(Button, { onclick, disabledReason: 'The gateway is stopped.', children: says('Run test') });
  const user = userEvent.setup();
  const button = screen.getByRole('button', { name: 'Run test' });
  expect(button.getAttribute('aria-disabled')).toBe('true');
  expect(button.hasAttribute('disabled')).toBe(false);
  const why = document.getElementById(button.getAttribute('aria-describedby') ?? '');
  expect(why?.textContent).toBe('The gateway is stopped.');
  await user.tab();
  expect(document.activeElement).toBe(button);
  await user.click(button);
  await user.keyboard('{Enter}');
  expect(onclick).not.toHaveBeenCalled();
});

test('a submit button that cannot be used does not submit', async () => {
  const submitted = vi.fn((event: Event) => event.preventDefault());
  const form = document.body.appendChild(document.createElement('form'));
  form.addEventListener('submit', submitted);
  render(Button, { target: form, props: { type: 'submit', disabledReason: 'No name yet.', children: says('Create') } });
  await userEvent.setup().click(screen.getByRole('button', { name: 'Create' }));
  expect(submitted).not.toHaveBeenCalled();
  form.remove();
});

test('pending: busy, and further clicks do nothing', async () => {
  const onclick = vi.fn();
  render(Button, { onclick, pending: true, children: says('Apply') });
  const button = screen.getByRole('button', { name: 'Apply' });
  await userEvent.setup().click(button);
  expect(button.getAttribute('aria-busy')).toBe('true');
  expect(onclick).not.toHaveBeenCalled();
});

test('an icon button has its label as name', () => {
  render(Button, { kind: 'icon', icon: Play, label: 'Run test' });
  expect(screen.getByRole('button', { name: 'Run test' })).toBeTruthy();
});

test('with href it is a link', () => {
  render(Button, { href: '#certificates', children: says('Open') });
  expect(screen.getByRole('link', { name: 'Open' }).getAttribute('href')).toBe('#certificates');
});
