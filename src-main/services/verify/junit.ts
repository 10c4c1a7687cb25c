import type { VerifyReport } from './verify-service';

const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd');

/** A report as JUnit XML: one suite for each suite of the workspace, one test for each cell. */
export function junitReport(report: VerifyReport, name: string): string {
  const suites = new Map<string, typeof report.results>();
  for (const result of report.results)
    suites.set(result.cell.suite, [...(suites.get(result.cell.suite) ?? []), result]);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escape(name)}" tests="${report.totals.cells}" failures="${report.totals.cells - report.totals.asExpected}" time="${(report.milliseconds / 1000).toFixed(3)}">`,
  ];
  for (const [suite, results] of suites) {
    const failures = results.filter((result) => result.differences.length > 0).length;
    lines.push(`  <testsuite name="${escape(suite)}" tests="${results.length}" failures="${failures}">`);
    for (const { cell, actual, predicted, differences, milliseconds } of results) {
      const head = `    <testcase classname="${escape(cell.suite)}" name="${escape(cell.id)}" time="${(milliseconds / 1000).toFixed(4)}"`;
      if (differences.length === 0) lines.push(`${head}/>`);
      else {
        const text = `expected ${cell.expected.verdict}, predicted ${predicted.verdict}, actual ${actual.verdict}${actual.stoppedAt === null ? '' : ` at ${actual.stoppedAt}`}: ${actual.message ?? ''}`;
        lines.push(
          `${head}>`,
          `      <failure message="differs from what was ${differences.join(' and ')}">${escape(text)}</failure>`,
          '    </testcase>',
        );
      }
    }
    lines.push('  </testsuite>');
  }
  lines.push('</testsuites>', '');
  return lines.join('\n');
}
