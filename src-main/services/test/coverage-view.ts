import type { CoverageItem, CoveragePiece, CoverageView, CoveredFileView } from '../../contract/areas/test';
import { untouched, type CoveredFile, type CoveredLine } from '../../domain/probes';
import { heatOf } from '../verify/report';
import type { Workspace } from '../workspace/load-workspace';
import { coverageOfPlan } from './coverage';
import type { MatrixPlan, CellResults } from './matrix-model';
import { testFor, wantedWords, type TestMaterial } from './test-maker';

/** What the tests touch of the files in force, those lines first that none touches; texts of ACLs with the heat of their parts. */
export function coverageView(
  workspace: Workspace,
  plan: MatrixPlan,
  results: CellResults,
  material: TestMaterial,
): CoverageView {
  const coverage = coverageOfPlan(workspace, plan, results);
  const views = new Map<CoveredLine, CoverageItem>();
  const files = coverage.files.map((file): CoveredFileView => {
    const most = Math.max(0, ...file.lines.map(({ tests }) => tests));
    const items = file.lines.map((line): CoverageItem => {
      const { column: _, ...item } = { ...line, heat: heatOf(line.tests, most) };
      views.set(line, item);
      return item;
    });
    return { file: file.file, items, lines: file.kind === 'acl' ? piecesOf(workspace, file) : null };
  });
  return {
    totals: coverage.totals,
    untouched: untouched(coverage).map(({ file, line }) => {
      const wanted = testFor(workspace, plan, material, file, line);
      return {
        file,
        item: views.get(line)!,
        test: 'obstacle' in wanted ? null : wantedWords(wanted),
        obstacle: 'obstacle' in wanted ? wanted.obstacle : null,
      };
    }),
    files,
  };
}

/** Texts longer than this are shown as their list alone. */
const MOST_LINES = 20_000;
const STRING = /"(?:[^"\\]|\\.)*"/y;

/** The text of an ACL by lines, each cut where a name begins on which decisions turn. */
function piecesOf(workspace: Workspace, { file, lines: items }: CoveredFile): CoveragePiece[][] | null {
  const text = workspace.files.get(file)?.toString('utf8');
  if (text === undefined || workspace.acls.get(file)?.format !== 'json') return null;
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (lines.length > MOST_LINES) return null;
  const byLine = new Map<number, { at: number; item: number }[]>();
  items.forEach(({ line, column, kind }, item) => {
    if (kind === 'group' || kind === 'list') return;
    byLine.set(line, [...(byLine.get(line) ?? []), { at: column - 1, item }]);
  });
  return lines.map((line, index) => {
    const pieces: CoveragePiece[] = [];
    let done = 0;
    for (const { at, item } of (byLine.get(index + 1) ?? []).sort((a, b) => a.at - b.at)) {
      STRING.lastIndex = at;
      const found = at < done ? null : STRING.exec(line);
      if (found === null) continue;
      if (at > done) pieces.push({ text: line.slice(done, at), item: null });
      pieces.push({ text: found[0], item });
      done = at + found[0].length;
    }
    if (done < line.length || pieces.length === 0) pieces.push({ text: line.slice(done), item: null });
    return pieces;
  });
}
