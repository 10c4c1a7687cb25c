import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { copySecret, type ClipboardPorts } from '../../../src-renderer/ui/clipboard';
import SecretField from '../../../src-renderer/ui/SecretField.svelte';

class FakeClipboard implements ClipboardPorts {
  text = '';
  readable = true;
  denied = false;
  hasFocus = true;
  #listeners = new Set<() => void>();

  writeText = (text: string): Promise<void> => {
    if (this.denied) return Promise.reject(new Error('not allowed'));
    this.text = text;
    return Promise.resolve();
  };
  readText = (): Promise<string> => Promise.resolve(this.text);
  mayRead = (): Promise<boolean> => Promise.resolve(this.readable);
  focused = (): boolean => this.hasFocus;
  onFocus = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  focus(): void {
    this.hasFocus = true;
    for (const listener of this.#listeners) listener();
  }
}

let clipboard: FakeClipboard;
beforeEach(() => {
  clipboard = new FakeClipboard();
  vi.useFakeTimers({ shouldAdvanceTime: true });
});
afterEach(() => void vi.useRealTimers());

describe('a copied secret', () => {
  test('is gone after the time', async () => {
    expect(await copySecret('s3cret', 60, undefined, clipboard)).toBe(true);
    expect(clipboard.text).toBe('s3cret');
    await vi.advanceTimersByTimeAsync(59_000);
    expect(clipboard.text).toBe('s3cret');
    await vi.advanceTimersByTimeAsync(1_100);
    expect(clipboard.text).toBe('');
  });

  test('something else that was copied meanwhile stays', async () => {
    await copySecret('s3cret', 60, undefined, clipboard);
    clipboard.text = 'a shopping list';
    await vi.advanceTimersByTimeAsync(61_000);
    expect(clipboard.text).toBe('a shopping list');
  });

  test('where nobody may look, it is emptied all the same', async () => {
    clipboard.readable = false;
    await copySecret('s3cret', 60, undefined, clipboard);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(clipboard.text).toBe('');
  });

  test('without focus it waits for it', async () => {
    await copySecret('s3cret', 60, undefined, clipboard);
    clipboard.hasFocus = false;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(clipboard.text).toBe('s3cret');
    clipboard.focus();
    await vi.advanceTimersByTimeAsync(1);
    expect(clipboard.text).toBe('');
  });

  test('a clipboard that cannot be used is told', async () => {
    clipboard.denied = true;
    expect(await copySecret('s3cret', 60, undefined, clipboard)).toBe(false);
  });
});

describe('secret field', () => {
  const user = () => userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) });

  test('is not in the page until asked for, and gone after 30 s', async () => {
    const reveal = vi.fn(() => Promise.resolve('s3cret'));
    render(SecretField, { reveal, label: 'password of myuser1', ports: clipboard });
    expect(document.body.innerHTML).not.toContain('s3cret');
    expect(reveal).not.toHaveBeenCalled();
    await user().click(screen.getByRole('button', { name: 'Show password of myuser1' }));
    expect(document.body.textContent).toContain('s3cret');
    await vi.advanceTimersByTimeAsync(31_000);
    expect(document.body.innerHTML).not.toContain('s3cret');
  });

  test('Hide takes it away at once', async () => {
    render(SecretField, { reveal: () => Promise.resolve('s3cret'), label: 'password', ports: clipboard });
    await user().click(screen.getByRole('button', { name: 'Show password' }));
    await user().click(screen.getByRole('button', { name: 'Hide password' }));
    expect(document.body.innerHTML).not.toContain('s3cret');
  });

  test('copies without showing, and says what follows', async () => {
    render(SecretField, { reveal: () => Promise.resolve('s3cret'), label: 'password', ports: clipboard });
    await user().click(screen.getByRole('button', { name: 'Copy password' }));
    expect(clipboard.text).toBe('s3cret');
    expect(document.body.innerHTML).not.toContain('s3cret');
    expect(screen.getByRole('status').textContent).toBe('Copied. The clipboard is cleared in 60 s.');
  });

  test('a secret that cannot be fetched stays hidden and the reason is handed on', async () => {
    const onfail = vi.fn();
    const reason = new Error('The secrets are locked.');
    render(SecretField, { reveal: () => Promise.reject(reason), label: 'password', onfail, ports: clipboard });
    await user().click(screen.getByRole('button', { name: 'Show password' }));
    expect(onfail).toHaveBeenCalledWith(reason);
    expect(screen.getByRole('button', { name: 'Show password' })).toBeTruthy();
  });
});
