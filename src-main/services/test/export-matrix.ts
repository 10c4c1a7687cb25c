import type { ReportForm } from '../../contract/areas/test';
import type { SecretStore } from '../../servers/store';
import { csvReport, htmlReport, junitReport, matrixReport, reportDocument, type MatrixReport } from '../verify/report';
import type { Workspace } from '../workspace/load-workspace';
import { coverageOfPlan } from './coverage';
import type { Matrix } from './matrix';

/** A file for the page's own way of saving. */
export interface ExportedReport {
  readonly name: string;
  readonly mediaType: string;
  readonly content: string;
  readonly encoding: 'utf8';
}

const forms: Readonly<
  Record<ReportForm, { readonly end: string; readonly mediaType: string; write(report: MatrixReport): string }>
> = {
  csv: { end: 'csv', mediaType: 'text/csv;charset=utf-8', write: csvReport },
  json: {
    end: 'json',
    mediaType: 'application/json',
    write: (report) => `${JSON.stringify(reportDocument(report), null, 2)}\n`,
  },
  junit: { end: 'xml', mediaType: 'application/xml', write: junitReport },
  html: { end: 'html', mediaType: 'text/html;charset=utf-8', write: htmlReport },
};

/** A name that every file system takes. */
const fileName = (workspace: string, at: Date, end: string): string => {
  const name = workspace
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 60);
  return `${name === '' ? 'gatehouse' : name}-matrix-${at.toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-')}.${end}`;
};

/** The matrix as it is: results where there are some, predictions everywhere; the same forms that `verify` writes. */
export function exportedMatrix(
  form: ReportForm,
  workspace: Workspace,
  secrets: SecretStore,
  matrix: Matrix,
  now: Date,
): ExportedReport {
  const { plan, results, lastRun } = matrix;
  const report = matrixReport({
    workspace,
    plan,
    results: new Map(
      [...results].map(([id, result]) => [id, 'failure' in result ? result : { ...result, traceId: null }] as const),
    ),
    at: lastRun.at,
    milliseconds: lastRun.milliseconds,
    secrets: secrets.names().map((name) => secrets.get(name)?.reveal() ?? ''),
    warnings: matrix.outdated ? ['These results are from before the last change of the files.'] : [],
    coverage: form === 'html' || form === 'json' ? coverageOfPlan(workspace, plan, results) : null,
  });
  const { end, mediaType, write } = forms[form];
  return { name: fileName(report.name, now, end), mediaType, content: write(report), encoding: 'utf8' };
}
