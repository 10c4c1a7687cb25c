import { coverageSection } from './html-coverage';
import { gridSection, transportWords } from './html-grid';
import { cellMark, markOf, symbols, worded } from './html-marks';
import { policy, style } from './html-style';
import { counted, html, named, number } from './html-text';
import { needsLook, type MatrixReport, type ReportCell } from './matrix-report';

/** Cells that are written out in full; the table of marks and the other forms have all. */
const MOST_WRITTEN = 500;

const doing = { read: 'reads', write: 'writes', admin: 'changes the definition of' } as const;

/** The one sentence: what is true of this run. */
export function headline({ totals }: MatrixReport): string {
  if (totals.run === 0 && totals.failed === 0) return 'Nothing was run yet.';
  if (totals.differsFromPrediction > 0)
    return `${counted(totals.differsFromPrediction, 'cell differs from its prediction', 'cells differ from their predictions')}.`;
  if (totals.differsFromExpectation > 0)
    return `${counted(totals.differsFromExpectation, 'cell is not as expected', 'cells are not as expected')}.`;
  if (totals.failed > 0) return `${counted(totals.failed, 'test could not be made', 'tests could not be made')}.`;
  return totals.run < totals.cells ? 'Everything so far is as expected.' : 'Everything is as expected.';
}

/**
 * A report as one HTML file that needs nothing else: no script, no request, its own style alone (a Content-Security-Policy
 * says so), light or dark as the reader's system is. Whatever came from files or servers is escaped; nothing is secret.
 */
export function htmlReport(report: MatrixReport): string {
  const off = report.cells.filter(needsLook);
  const title = `${html(report.name, 120)}: access matrix`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
${symbols}
<main>
<h1>${headline(report)}</h1>
<p class="mute">${named(report.name)}${report.at === null ? '' : ` · <time datetime="${html(report.at)}">${html(report.at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'))}</time>`} · ${counted(report.totals.run, 'cell', 'cells')} run over real connections${report.milliseconds > 0 ? ` in ${(report.milliseconds / 1000).toFixed(1)} s` : ''}</p>
${facts(report)}
${report.warnings.map((warning) => `<p class="x">${html(warning)}</p>`).join('\n')}
${differsSection(off)}
${gridSection(report)}
${waysSection(report.cells.filter(({ table }) => table === null))}
${report.coverage === null ? '' : coverageSection(report.coverage)}
${filesSection(report)}
</main>
</body>
</html>
`;
}

function facts({ totals, vitess, fidelity }: MatrixReport): string {
  const rows: [string, string][] = [
    ['As expected', `${number(totals.asExpected)} of ${number(totals.cells)}`],
    ['Allowed', number(totals.allowed)],
    ['Stopped', number(totals.stopped)],
    ['Not as expected', number(totals.differsFromExpectation)],
    ['Not as predicted', number(totals.differsFromPrediction)],
    ...(totals.failed > 0 ? ([['Could not be tested', number(totals.failed)]] as [string, string][]) : []),
    ...(totals.run + totals.failed < totals.cells
      ? ([['Not run', number(totals.cells - totals.run - totals.failed)]] as [string, string][])
      : []),
    ['Behaves as', `Vitess ${html(vitess)}, ${html(fidelity)} mode`],
  ];
  return `<dl class="facts">${rows.map(([term, value]) => `<dt>${term}</dt><dd>${value}</dd>`).join('')}</dl>`;
}

function differsSection(cells: readonly ReportCell[]): string {
  if (cells.length === 0) return '';
  const rest = cells.length - MOST_WRITTEN;
  return `<h2>What differs</h2>
${cells.slice(0, MOST_WRITTEN).map(differing).join('\n')}
${rest > 0 ? `<p class="mute">And ${counted(rest, 'cell', 'cells')} more, marked below and listed in the JSON and CSV forms.</p>` : ''}`;
}

function differing(cell: ReportCell): string {
  const title =
    cell.table === null || cell.role === null
      ? `${named(cell.caller)}: ${named(testOf(cell))}`
      : `${named(cell.caller)} ${doing[cell.role]} <code>${named(cell.table)}</code>`;
  const expectedAs = cell.expected.verdict === 'allow' ? 'a' : cell.expected.verdict === 'refused' ? 'r' : 'd';
  const lines: [string, string][] = [
    ['Expected', worded(expectedAs, cell.expected.stoppedAt)],
    ['Predicted', worded(markOf[cell.predictedShown], cell.predicted.stoppedAt)],
    ['Actual', cellMark(cell)],
    ...(cell.failure === null ? [] : ([['Could not be tested', html(cell.failure)]] as [string, string][])),
    ...(cell.actual?.message == null
      ? []
      : ([['Server said', `<code>${html(cell.actual.message.trim())}</code>`]] as [string, string][])),
    ...(cell.reason === null ? [] : ([['Why it is predicted so', html(cell.reason)]] as [string, string][])),
    ['Over', `${transportWords[cell.transport]}, gateway ${named(cell.gateway)}`],
    ['Statement', `<code>${html(cell.sql)}</code>`],
  ];
  return `<section class="case"><h3>${title}</h3><dl class="facts">${lines.map(([term, value]) => `<dt>${term}</dt><dd>${value}</dd>`).join('')}</dl></section>`;
}

/** The name of a test of the way in, out of its cell's id: `SUITE/admission/TEST/CALLER/…`. */
function testOf({ id, suite, caller, transport }: ReportCell): string {
  const head = `${suite}/admission/`;
  const end = id.lastIndexOf(`/${caller}/${transport}/`);
  return id.startsWith(head) && end > head.length ? id.slice(head.length, end) : id;
}

function waysSection(cells: readonly ReportCell[]): string {
  if (cells.length === 0) return '';
  const rows = cells.map(
    (cell) =>
      `<tr><td>${named(testOf(cell))}</td><td>${named(cell.caller)}</td><td class="mute">${transportWords[cell.transport]}${cell.password === 'right' ? '' : `, ${cell.password} password`}${cell.certificate === null ? '' : `, ${named(cell.certificate)}`}</td><td>${cellMark(cell)}</td></tr>`,
  );
  return `<h2>Who gets in, and who does not</h2>
<div class="scroll"><table><thead><tr><th scope="col">Test</th><th scope="col">Caller</th><th scope="col">Over</th><th scope="col">Result</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

function filesSection({ files }: MatrixReport): string {
  if (files.length === 0) return '';
  const rows = files.map(
    ({ path, sha256 }) => `<tr><td><code>${named(path)}</code></td><td><code>${sha256 ?? '–'}</code></td></tr>`,
  );
  return `<h2>Files in force</h2>
<p class="small mute">SHA-256. Files with passwords have none here: it would let guesses be checked.</p>
<div class="scroll"><table class="small"><tbody>
${rows.join('\n')}
</tbody></table></div>`;
}
