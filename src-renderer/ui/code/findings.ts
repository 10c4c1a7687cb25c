import { setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { RangeSet, StateEffect, StateField, type EditorState, type Extension } from '@codemirror/state';
import { Decoration, EditorView, gutter, GutterMarker, type DecorationSet } from '@codemirror/view';
import type { CodeDiagnostic } from './types';

const shapes: Record<CodeDiagnostic['level'], string[]> = {
  error: ['M2 2h12v12H2z', 'm5.2 5.2 5.6 5.6m0-5.6-5.6 5.6'],
  warning: ['M8 2 14.8 14H1.2z', 'M8 6.5v3.6m0 1.1v1.6'],
  info: ['M8 1.8a6.2 6.2 0 1 0 .01 0z', 'M8 7.2v4.4m0-7.2v1.6'],
};
const rank = { error: 2, warning: 1, info: 0 };

class FindingMarker extends GutterMarker {
  constructor(
    readonly level: CodeDiagnostic['level'],
    readonly text: string,
  ) {
    super();
  }
  override eq(other: FindingMarker): boolean {
    return other.level === this.level && other.text === this.text;
  }
  override toDOM(): Node {
    const element = document.createElement('span');
    element.className = this.level;
    element.title = this.text;
    element.setAttribute('role', 'img');
    element.setAttribute('aria-label', this.text);
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 16 16');
    for (const d of shapes[this.level]) {
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      path.setAttribute('d', d);
      svg.append(path);
    }
    element.append(svg);
    return element;
  }
}

/** By line number, from 1; the worst level counts. */
type ByLine = ReadonlyMap<number, { level: CodeDiagnostic['level']; text: string }>;
const setLines = StateEffect.define<ByLine>();

interface Lines {
  readonly marks: RangeSet<FindingMarker>;
  readonly grounds: DecorationSet;
}

const lines = StateField.define<Lines>({
  create: () => ({ marks: RangeSet.empty, grounds: Decoration.none }),
  update(value, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setLines)) continue;
      const document = transaction.state.doc;
      const entries = [...effect.value].filter(([line]) => line <= document.lines).sort((a, b) => a[0] - b[0]);
      return {
        marks: RangeSet.of(
          entries.map(([line, { level, text }]) => new FindingMarker(level, text).range(document.line(line).from)),
        ),
        grounds: Decoration.set(
          entries.map(([line, { level }]) =>
            Decoration.line({ class: `line-${level}` }).range(document.line(line).from),
          ),
        ),
      };
    }
    if (!transaction.docChanged) return value;
    return { marks: value.marks.map(transaction.changes), grounds: value.grounds.map(transaction.changes) };
  },
  provide: (field) => EditorView.decorations.from(field, (value) => value.grounds),
});

/** Marks in the gutter and tinted lines. */
export const findings: Extension = [
  lines,
  gutter({ class: 'cm-findings', markers: (view) => view.state.field(lines).marks }),
];

function range(state: EditorState, one: CodeDiagnostic): { from: number; to: number } {
  if (one.line < 1 || one.line > state.doc.lines) return { from: 0, to: 0 };
  const line = state.doc.line(one.line);
  const from = Math.min(line.to, line.from + Math.max(0, one.column - 1));
  const end = one.endColumn === undefined ? undefined : line.from + one.endColumn - 1;
  const word = /^("(?:[^"\\]|\\.)*"|[\w%-]+|\S)/.exec(line.text.slice(from - line.from))?.[0].length ?? 0;
  return { from, to: Math.max(from, Math.min(line.to, end ?? from + word)) };
}

/** Shows what was found in the text, in place of what was shown before. */
export function showFindings(view: EditorView, all: readonly CodeDiagnostic[]): void {
  const byLine = new Map<number, { level: CodeDiagnostic['level']; text: string }>();
  for (const one of all) {
    const line = Math.max(1, one.line);
    const before = byLine.get(line);
    byLine.set(line, {
      level: before !== undefined && rank[before.level] > rank[one.level] ? before.level : one.level,
      text: before === undefined ? one.message : `${before.text}\n${one.message}`,
    });
  }
  const diagnostics = all.map((one): Diagnostic => ({
    ...range(view.state, one),
    severity: one.level,
    message: one.message,
    ...(one.remedy === undefined ? {} : { actions: [{ name: one.remedy.label, apply: () => one.remedy?.run() }] }),
  }));
  const shown = setDiagnostics(view.state, diagnostics);
  const effects = [shown.effects ?? []].flat();
  view.dispatch({ effects: [...effects, setLines.of(byLine)] });
}
