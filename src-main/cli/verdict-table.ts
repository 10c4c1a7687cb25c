import type { VerifiedCell, VerifyReport } from '../services/verify/verify-service';
import type { ProbeRole } from '../domain/probes';
import { printable } from './printable';
import { duration } from './progress';
import { columns } from './table';
import type { Terminal } from './terminal';

const LETTER: Record<ProbeRole, string> = { read: 'R', write: 'W', admin: 'A' };
const TRANSPORT: Record<string, string> = {
  'mysql-plain': 'MySQL, no TLS',
  'mysql-tls': 'MySQL, TLS',
  'mysql-tls-verified': 'MySQL, TLS verified',
  'mysql-mutual-tls': 'MySQL, mutual TLS',
  'mysql-unix': 'MySQL, Unix socket',
  'grpc-plain': 'gRPC, no TLS',
  'grpc-tls': 'gRPC, TLS',
  'grpc-mutual-tls': 'gRPC, mutual TLS',
};

/** Longest name that a table has room for. */
const LONGEST_NAME = 60;

/** A name from a file as a line of a table can hold it. */
function shownName(text: string): string {
  const clean = printable(text);
  return clean.length <= LONGEST_NAME ? clean : `${clean.slice(0, LONGEST_NAME - 1)}…`;
}

/** A transport for people. */
export const transportName = (transport: string): string => TRANSPORT[transport] ?? transport;

/**
 * The verdicts of a run: a row for each caller and way, a column for each table, in it the roles that the connection
 * really got (R W A, · for none); then one line for each admission test. What differs is red and marked `!`. `down` says which
 * MySQL did not run.
 */
export function printVerdicts(report: VerifyReport, terminal: Terminal, down: readonly string[] = []): void {
  const { colors } = terminal;
  const suites = new Map<string, VerifiedCell[]>();
  for (const result of report.results)
    suites.set(result.cell.suite, [...(suites.get(result.cell.suite) ?? []), result]);
  for (const [suite, results] of suites) {
    const access = results.filter((result) => result.cell.table !== null);
    const tables = [...new Set(access.map((result) => result.cell.table ?? ''))];
    const rows = new Map<string, { caller: string; way: string; cells: Map<string, VerifiedCell[]> }>();
    for (const result of access) {
      const id = `${result.cell.caller.name}\0${result.cell.transport}`;
      const row = rows.get(id) ?? {
        caller: result.cell.caller.name,
        way: transportName(result.cell.transport),
        cells: new Map<string, VerifiedCell[]>(),
      };
      const table = result.cell.table ?? '';
      row.cells.set(table, [...(row.cells.get(table) ?? []), result]);
      rows.set(id, row);
    }
    if (rows.size > 0) {
      terminal.line(colors.bold(`\n${suite}: who may do what`));
      const body = [...rows.values()].map((row) => [
        shownName(row.caller),
        colors.dim(row.way),
        ...tables.map((table) => {
          const cells = row.cells.get(table) ?? [];
          const text = cells
            .map((cell) => (cell.actual.verdict === 'allow' ? LETTER[cell.cell.role ?? 'read'] : '·'))
            .join('');
          return cells.some((cell) => cell.differences.length > 0)
            ? colors.red(`${text}!`)
            : text.includes('R') || text.includes('W') || text.includes('A')
              ? colors.green(text)
              : colors.dim(text);
        }),
      ]);
      for (const line of columns([
        ['caller', 'way', ...tables.map(shownName)].map((heading) => colors.dim(heading)),
        ...body,
      ]))
        terminal.line(`  ${line}`);
    }

    const admissions = new Map<string, VerifiedCell[]>();
    for (const result of results) {
      if (result.cell.table !== null) continue;
      const name = result.cell.id.split('/')[2] ?? '';
      admissions.set(name, [...(admissions.get(name) ?? []), result]);
    }
    if (admissions.size > 0) {
      terminal.line(colors.bold(`\n${suite}: who gets in, and who does not`));
      const lines = [...admissions].map(([name, cells]) => {
        const wrong = cells.filter((cell) => cell.differences.length > 0).length;
        const outcomes = [
          ...new Set(
            cells.map(
              (cell) => `${cell.actual.verdict}${cell.actual.stoppedAt === null ? '' : ` at ${cell.actual.stoppedAt}`}`,
            ),
          ),
        ].join(', ');
        return [
          wrong === 0 ? colors.green('✓') : colors.red('!'),
          shownName(name),
          colors.dim(`${cells.length}×`),
          wrong === 0 ? outcomes : colors.red(`${outcomes} (${wrong} differ)`),
        ];
      });
      for (const line of columns(lines)) terminal.line(`  ${line}`);
    }
  }
  const differing = report.results.filter((result) => result.differences.length > 0);
  if (differing.length > 0) {
    terminal.line(colors.bold(colors.red('\nWhat differs')));
    for (const result of differing.slice(0, 40)) printDifference(result, terminal);
    if (differing.length > 40) terminal.line(`  … and ${differing.length - 40} more (--json lists all).`);
  }
  const { totals } = report;
  const rate = Math.round((totals.cells / report.milliseconds) * 1000);
  const summary = `${totals.cells} cells, ${totals.allowed} allowed, ${totals.stopped} stopped, ${totals.cells - totals.asExpected} differ`;
  terminal.line(
    `\n${totals.asExpected === totals.cells ? colors.green(summary) : colors.red(summary)} ${colors.dim(`· ${duration(report.milliseconds)}, ${rate} a second`)}`,
  );
  if (down.length > 0) for (const reason of down) terminal.line(colors.red(`${reason}.`));
  else if (totals.differsFromPrediction > 0)
    terminal.line(
      colors.red(
        `${totals.differsFromPrediction} cells differ from Gatehouse's own prediction: that is an error of Gatehouse, or something stands between it and the cluster.`,
      ),
    );
}

function printDifference(result: VerifiedCell, terminal: Terminal): void {
  const { cell, actual, predicted, differences } = result;
  const show = (outcome: {
    readonly verdict: string;
    readonly stoppedAt: string | null;
    readonly code?: number | null;
    readonly message?: string | null;
  }): string =>
    `${outcome.verdict}${outcome.stoppedAt === null ? '' : ` at ${outcome.stoppedAt}`}${outcome.code == null ? '' : ` (${outcome.code})`}${outcome.message == null ? '' : `: ${outcome.message.trim()}`}`;
  terminal.line(`  ${terminal.colors.red('!')} ${printable(cell.id)}`);
  terminal.line(`      expected   ${show(cell.expected)}`);
  if (differences.includes('predicted')) terminal.line(`      predicted  ${show(predicted)}`);
  terminal.line(`      actual     ${show(actual)}`);
}
