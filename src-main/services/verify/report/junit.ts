import { needsLook, type MatrixReport, type ReportCell } from './matrix-report';

/** Text inside XML: markup characters escaped, characters that XML has no form for replaced. */
export const xmlText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    // Characters that XML 1.0 has no form for.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');

const where = ({ stoppedAt }: { readonly stoppedAt: string | null }): string =>
  stoppedAt === null ? '' : ` at ${stoppedAt}`;

/** A report as JUnit XML: one suite for each suite of the workspace, one test for each cell. */
export function junitReport(report: MatrixReport): string {
  const suites = new Map<string, ReportCell[]>();
  for (const cell of report.cells) {
    const known = suites.get(cell.suite);
    if (known === undefined) suites.set(cell.suite, [cell]);
    else known.push(cell);
  }
  const counts = (cells: readonly ReportCell[]): string =>
    `tests="${cells.length}" failures="${cells.filter(({ differences }) => differences.length > 0).length}" errors="${cells.filter(({ failure }) => failure !== null).length}" skipped="${cells.filter(({ actual, failure }) => actual === null && failure === null).length}"`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xmlText(report.name)}" ${counts(report.cells)} time="${(report.milliseconds / 1000).toFixed(3)}">`,
  ];
  for (const [suite, cells] of suites) {
    lines.push(
      `  <testsuite name="${xmlText(suite)}" ${counts(cells)}${report.at === null ? '' : ` timestamp="${report.at.replace(/\.\d+Z$/, '')}"`}>`,
    );
    for (const cell of cells) {
      const head = `    <testcase classname="${xmlText(suite)}" name="${xmlText(cell.id)}" time="${((cell.milliseconds ?? 0) / 1000).toFixed(4)}"`;
      const inner = inside(cell);
      if (inner === null) lines.push(`${head}/>`);
      else lines.push(`${head}>`, `      ${inner}`, '    </testcase>');
    }
    lines.push('  </testsuite>');
  }
  lines.push('</testsuites>', '');
  return lines.join('\n');
}

function inside(cell: ReportCell): string | null {
  const { actual, expected, predicted, failure } = cell;
  if (failure !== null) return `<error message="the test could not be made">${xmlText(failure)}</error>`;
  if (actual === null) return '<skipped message="not run"/>';
  if (!needsLook(cell)) return null;
  const text = `expected ${expected.verdict}${where(expected)}, predicted ${predicted.verdict}${where(predicted)}, actual ${actual.verdict}${where(actual)}: ${actual.message ?? ''}${cell.reason === null ? '' : `\n${cell.reason}`}`;
  return `<failure message="differs from what was ${cell.differences.join(' and ')}">${xmlText(text)}</failure>`;
}
