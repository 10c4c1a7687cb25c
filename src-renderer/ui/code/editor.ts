import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { lintKeymap } from '@codemirror/lint';
import { Annotation, Compartment, EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { findings, showFindings } from './findings';
import { minimalChange } from './minimal-change';
import { codeTheme } from './theme';
import type { CodeDiagnostic, CodeLanguage, CompletionSource } from './types';

/** Marks a change that came from outside, so that it is not handed back. */
const fromOutside = Annotation.define<true>();

export interface CodeEditorOptions {
  readonly parent: Element;
  readonly root: ShadowRoot | Document;
  readonly text: string;
  readonly label: string;
  readonly language: CodeLanguage;
  readonly readonly: boolean;
  /** Asked again for each completion, so that it may answer from what is known then. */
  readonly complete: () => CompletionSource | undefined;
  readonly typed: (text: string) => void;
  readonly left: () => void;
}

export interface CodeEditor {
  setText(text: string): void;
  setFindings(all: readonly CodeDiagnostic[]): void;
  setReadonly(readonly: boolean): void;
  /** Moves the cursor to a line and column, from 1, and brings them into sight. */
  reveal(line: number, column: number): void;
  focus(): void;
  readonly text: string;
  destroy(): void;
}

/**
 * An editor of CodeMirror with our looks. Its styles go into the root's `adoptedStyleSheets` when the root is a shadow root,
 * which is what the page's content policy lets pass; in a document they would be a `<style>` element, which it refuses.
 *
 * Tab leaves the editor, as everywhere in the page.
 */
export function createEditor(options: CodeEditorOptions): CodeEditor {
  const writing = new Compartment();
  const lock = (readonly: boolean) => [EditorState.readOnly.of(readonly), EditorView.editable.of(!readonly)];
  const complete = (context: CompletionContext): CompletionResult | null => {
    const answer = options.complete()?.(context.state.doc.toString(), context.pos, context.explicit);
    if (answer == null || answer.options.length === 0) return null;
    return {
      from: answer.from,
      options: answer.options.map(({ label, detail, info, apply }) => ({
        label,
        ...(detail === undefined ? {} : { detail }),
        ...(info === undefined ? {} : { info }),
        ...(apply === undefined ? {} : { apply }),
      })),
      validFor: /^["\w %.-]*$/,
    };
  };
  const view = new EditorView({
    parent: options.parent,
    root: options.root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(),
        findings,
        highlightActiveLineGutter(),
        highlightActiveLine(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ override: [complete], icons: false }),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...lintKeymap, ...defaultKeymap]),
        options.language === 'json' ? json() : [],
        codeTheme,
        writing.of(lock(options.readonly)),
        // A read-only text is still reached with Tab, so that it can be read and scrolled with the keyboard.
        EditorView.contentAttributes.of({ 'aria-label': options.label, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          const typed = update.docChanged && !update.transactions.some((one) => one.annotation(fromOutside));
          if (typed) options.typed(update.state.doc.toString());
        }),
        EditorView.domEventHandlers({ blur: () => options.left() }),
      ],
    }),
  });

  return {
    get text() {
      return view.state.doc.toString();
    },
    setText(text) {
      const changes = minimalChange(view.state.doc.toString(), text);
      if (changes !== null) view.dispatch({ changes, annotations: fromOutside.of(true) });
    },
    setFindings: (all) => showFindings(view, all),
    setReadonly: (readonly) => view.dispatch({ effects: writing.reconfigure(lock(readonly)) }),
    reveal(line, column) {
      if (line < 1 || line > view.state.doc.lines) return;
      const place = view.state.doc.line(line);
      const anchor = Math.min(place.to, place.from + Math.max(0, column - 1));
      view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
