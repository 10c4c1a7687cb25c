import { render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEditor, type CodeEditor } from '../../../src-renderer/ui/code/editor';
import { minimalChange } from '../../../src-renderer/ui/code/minimal-change';
import { TypedText } from '../../../src-renderer/ui/code/typed-text';
import CodePane from '../../../src-renderer/ui/CodePane.svelte';

describe('the smallest change between two texts', () => {
  const apply = (before: string, after: string): string => {
    const change = minimalChange(before, after);
    return change === null ? before : before.slice(0, change.from) + change.insert + before.slice(change.to);
  };
  test.each([
    ['', ''],
    ['', 'abc'],
    ['abc', ''],
    ['aaa', 'aaaa'],
    ['aaaa', 'aa'],
    ['{"a": 1}', '{"a": 12}'],
    ['one two three', 'one 2 three'],
  ])('%j to %j', (before, after) => expect(apply(before, after)).toBe(after));

  test('leaves both ends alone', () => {
    expect(minimalChange('one two three', 'one 2 three')).toEqual({ from: 4, to: 7, insert: '2' });
    expect(minimalChange('same', 'same')).toBeNull();
  });
});

describe('what is typed and what comes from outside', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is handed on once, after the last key', () => {
    const send = vi.fn();
    const text = new TypedText(send, 150);
    text.typed('a');
    vi.advanceTimersByTime(100);
    text.typed('ab');
    vi.advanceTimersByTime(149);
    expect(send).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(send.mock.calls).toEqual([['ab']]);
    text.flush();
    expect(send).toHaveBeenCalledTimes(1);
  });

  test('an echo is not written over newer text, not even a late one', () => {
    const text = new TypedText(() => undefined, 150);
    text.typed('a');
    text.flush();
    text.typed('ab');
    text.flush();
    text.typed('abc');
    expect(text.accepts('a')).toBe(false);
    expect(text.accepts('ab')).toBe(false);
  });

  test('something else from outside is taken, unless something typed waits', () => {
    const text = new TypedText(() => undefined, 150);
    text.typed('a');
    expect(text.accepts('undone')).toBe(false);
    text.flush();
    expect(text.accepts('undone')).toBe(true);
  });

  test('after an undo to a text that was typed before, the text is taken', () => {
    const text = new TypedText(() => undefined, 0);
    text.typed('a');
    text.flush();
    expect(text.accepts('a')).toBe(false);
    expect(text.accepts('a')).toBe(true);
  });
});

describe('editor', () => {
  let editor: CodeEditor;
  const typed = vi.fn();
  let content: HTMLElement;

  beforeEach(() => {
    const host = document.body.appendChild(document.createElement('div'));
    const root = host.attachShadow({ mode: 'open' });
    const parent = root.appendChild(document.createElement('div'));
    typed.mockClear();
    editor = createEditor({
      parent,
      root,
      text: '{\n  "readers": ["admni"]\n}',
      label: 'acl.json',
      language: 'json',
      readonly: false,
      complete: () => undefined,
      typed,
      left: () => undefined,
    });
    content = root.querySelector<HTMLElement>('[role=textbox]')!;
  });
  afterEach(() => {
    editor.destroy();
    document.body.replaceChildren();
  });

  test('is a text box with a name', () => expect(content.getAttribute('aria-label')).toBe('acl.json'));

  test('text from outside is not handed back', () => {
    editor.setText('{}');
    expect(editor.text).toBe('{}');
    expect(typed).not.toHaveBeenCalled();
  });

  test('findings stand in the gutter with their sentences; the worst level of a line counts', () => {
    editor.setFindings([
      { level: 'warning', line: 2, column: 15, message: 'No caller has this name.' },
      { level: 'error', line: 2, column: 3, message: 'Twice.' },
      { level: 'error', line: 99, column: 1, message: 'Beyond the end.' },
      { level: 'info', line: 0, column: 0, message: 'Of the whole file.' },
    ]);
    const root = content.getRootNode() as ShadowRoot;
    const marks = [...root.querySelectorAll('.cm-findings [role=img]')].map((mark) => [
      mark.className,
      mark.getAttribute('aria-label'),
    ]);
    expect(marks).toEqual([
      ['info', 'Of the whole file.'],
      ['error', 'No caller has this name.\nTwice.'],
    ]);
    expect(root.querySelectorAll('.line-error')).toHaveLength(1);
    editor.setFindings([]);
    expect(root.querySelectorAll('.cm-findings [role=img]')).toHaveLength(0);
  });

  test('read-only is told', () => {
    editor.setReadonly(true);
    expect(content.getAttribute('contenteditable')).toBe('false');
    expect(content.getAttribute('tabindex')).toBe('0');
  });
});

test('the pane shows the text at once, then the editor in a shadow root, and follows the value', async () => {
  const { container, rerender } = render(CodePane, { value: '{"a": 1}', label: 'users.json' });
  expect(container.querySelector('pre')?.textContent).toBe('{"a": 1}');
  const root = container.querySelector('.host')?.shadowRoot;
  await waitFor(() => expect(root?.querySelector('[role=textbox]')).toBeTruthy(), { timeout: 10_000 });
  expect(container.querySelector('pre')).toBeNull();
  expect(document.head.querySelectorAll('style')).toHaveLength(0);
  await rerender({ value: '{"a": 2}' });
  await waitFor(() => expect(root?.querySelector('[role=textbox]')?.textContent).toBe('{"a": 2}'));
});
