import { expect, it } from 'vitest';
import { Commands } from '../../../src-renderer/state/commands.svelte';

/** Presses keys on an element that takes them for itself, or not, and says which commands ran. */
function press(element: HTMLElement, init: KeyboardEventInit, takes: boolean): string[] {
  const ran: string[] = [];
  const commands = new Commands();
  commands.offer([
    {
      id: 'all',
      title: 'Run All',
      group: 'Commands',
      keys: ['Mod+Shift+Enter'],
      everywhere: true,
      run: () => ran.push('all'),
    },
    { id: 'open', title: 'Open', group: 'Commands', keys: ['Enter'], run: () => ran.push('open') },
    { id: 'undo', title: 'Undo', group: 'Commands', keys: ['Mod+Z'], run: () => ran.push('undo') },
  ]);
  document.body.append(element);
  if (takes) element.addEventListener('keydown', (event) => event.preventDefault());
  const listen = (event: KeyboardEvent): void => commands.handle(event);
  window.addEventListener('keydown', listen);
  element.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
  window.removeEventListener('keydown', listen);
  element.remove();
  return ran;
}
const button = (): HTMLElement => document.createElement('button');
const field = (): HTMLElement => document.createElement('input');
const all = { key: 'Enter', ctrlKey: true, shiftKey: true };

it('keys with Ctrl run their command though a tab or a button takes every Enter for itself', () => {
  expect(press(button(), all, false)).toEqual(['all']);
  expect(press(button(), all, true)).toEqual(['all']);
});

it('keys that a field takes are its own, and so is Enter on a button', () => {
  expect(press(field(), all, true)).toEqual([]);
  expect(press(field(), all, false)).toEqual(['all']);
  expect(press(field(), { key: 'z', ctrlKey: true }, false)).toEqual([]);
  expect(press(button(), { key: 'Enter' }, true)).toEqual([]);
  expect(press(button(), { key: 'Enter' }, false)).toEqual(['open']);
});
