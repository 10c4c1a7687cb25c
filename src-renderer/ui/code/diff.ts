import { json } from '@codemirror/lang-json';
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { defaultKeymap } from '@codemirror/commands';
import { codeTheme } from './theme';
import type { CodeLanguage } from './types';

export interface DiffOptions {
  readonly parent: Element;
  readonly root: ShadowRoot | Document;
  readonly before: string;
  readonly after: string;
  readonly labels: { readonly before: string; readonly after: string };
  readonly language: CodeLanguage;
  /** One below the other instead of side by side. */
  readonly unified: boolean;
  /** Unchanged parts are folded away. */
  readonly fold: boolean;
  /** What a folded part says; `$` stands for the number of lines. */
  readonly unchanged: string;
}

const looks = EditorView.theme({
  '&': { height: 'auto' },
  '.cm-content': { padding: '4px 0' },
  '.cm-changedLine, &.cm-merge-a .cm-changedLine, &.cm-merge-b .cm-changedLine, .cm-inlineChangedLine': {
    backgroundColor: 'var(--window)',
  },
  '&.cm-merge-a .cm-changedText, &.cm-merge-b .cm-changedText, .cm-changedText, .cm-deletedChunk .cm-deletedText': {
    background: 'var(--marker)',
    color: 'var(--on-marker)',
    outline: '1px solid var(--marker-line)',
    // Inside, it would be drawn over underscores.
    outlineOffset: '0',
    borderRadius: 'var(--radius-mark)',
    textDecoration: 'none',
  },
  '.cm-deletedChunk': { backgroundColor: 'var(--window)', padding: '0' },
  '.cm-deletedChunk del, .cm-deletedLine, .cm-deletedLine del': { textDecoration: 'none' },
  '.cm-deletedChunk .cm-deletedLine': { padding: '0 12px 0 8px' },
  '&.cm-merge-a .cm-changedLineGutter, &.cm-merge-b .cm-changedLineGutter, .cm-changedLineGutter, .cm-deletedLineGutter':
    {
      background: 'var(--ink)',
    },
  '.cm-mergeSpacer': {
    background: 'repeating-linear-gradient(-45deg, transparent 0 5px, var(--line) 5px 6px)',
  },
  '.cm-collapsedLines': {
    padding: '3px 12px 3px 8px',
    background: 'var(--sunken)',
    color: 'var(--ink-3)',
    fontFamily: 'var(--font-ui)',
    fontSize: 'var(--text-caption)',
    lineHeight: 'var(--leading-caption)',
    borderBlock: '1px solid var(--line)',
    cursor: 'pointer',
  },
  '.cm-collapsedLines::before, .cm-collapsedLines::after': { content: '""', margin: '0' },
});

/**
 * Two texts compared, for reading only: what changed is on the marker, the rest may be folded away.
 *
 * @returns a function that takes it away again
 */
export function createDiff(options: DiffOptions): () => void {
  const { parent, root, before, after, labels, language, unified, fold, unchanged } = options;
  const common = (label: string): Extension[] => [
    lineNumbers(),
    keymap.of(defaultKeymap),
    language === 'json' ? json() : [],
    codeTheme,
    looks,
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
    EditorState.phrases.of({ '$ unchanged lines': unchanged }),
  ];
  const collapse = fold ? { collapseUnchanged: { margin: 2, minSize: 4 } } : {};
  if (unified) {
    const view = new EditorView({
      parent,
      root,
      doc: after,
      extensions: [...common(labels.after), unifiedMergeView({ original: before, mergeControls: false, ...collapse })],
    });
    return () => view.destroy();
  }
  const view = new MergeView({
    parent,
    root,
    a: { doc: before, extensions: common(labels.before) },
    b: { doc: after, extensions: common(labels.after) },
    ...collapse,
  });
  return () => view.destroy();
}
