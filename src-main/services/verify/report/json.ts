import type { MatrixReport } from './matrix-report';

/**
 * The document of `verify --json` and of the app's export (docs/cli.md): schema 1, additive only. `actual` is null for
 * cells that were not run, which only the app has.
 */
export function reportDocument(report: MatrixReport): unknown {
  return {
    schema: 1,
    workspace: report.name,
    at: report.at,
    vitess: report.vitess,
    fidelity: report.fidelity,
    cells: report.cells.map(({ predictedShown: _, ...cell }) => cell),
    totals: report.totals,
    files: report.files,
    warnings: report.warnings,
    ...(report.coverage === null ? {} : { coverage: report.coverage }),
    milliseconds: Math.round(report.milliseconds),
  };
}
