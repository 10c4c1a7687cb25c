import { availableParallelism } from 'node:os';
import { InvalidArgumentError, type Command } from 'commander';
import { composePorts } from '../compose';
import { openCluster } from '../services/cluster/open-cluster';
import type { SecretStore } from '../servers/store';
import { requireSound, type Workspace } from '../services/workspace/load-workspace';
import { planMatrix } from '../services/test/matrix-model';
import { coverageOfPlan } from '../services/test/coverage';
import { matrixReport, reportDocument, type MatrixReport } from '../services/verify/report';
import { cellsOf, verify, type VerifyReport } from '../services/verify/verify-service';
import { engineOption, withEngine, type EngineFlags } from './engine';
import { printCoverage } from './coverage-lines';
import { CommandExit, exitCode } from './exit';
import { printFindings } from './findings';
import { interruptSignal } from './interrupt';
import { LiveLine } from './live-line';
import { Progress } from './progress';
import { requireWritable, wantsFiles, writeReports, type ReportFileFlags } from './report-files';
import {
  fidelityOption,
  jsonOption,
  mysqldOption,
  passphraseOption,
  portsOption,
  unlockerFrom,
  vitessOption,
} from './shared-options';
import type { Terminal } from './terminal';
import { traceOf, printTrace } from './trace';
import { requireWorkspace } from './up';
import { printVerdicts } from './verdict-table';

interface VerifyFlags extends EngineFlags, ReportFileFlags {
  readonly coverage?: boolean;
  readonly trace?: string;
  readonly only?: string;
  readonly concurrency?: number;
}

const count = (value: string): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 64) throw new InvalidArgumentError('a number from 1 to 64');
  return number;
};

/** `gatehouse verify DIR`. */
export function addVerify(program: Command, terminal: Terminal): void {
  program
    .command('verify')
    .description('run every test of a workspace over real connections and compare with what is expected')
    .argument('<dir>', 'workspace')
    .addOption(jsonOption())
    .option('--junit <file>', 'also write a JUnit report')
    .option('--csv <file>', 'also write every cell as CSV')
    .option('--html <file>', 'also write one self-contained HTML report with a picture of the matrix')
    .option('--coverage', 'also tell which lines of the ACL and users files no test touches')
    .option('--trace <cell>', 'show one cell hop by hop: its number in the run, or its id')
    .option('--only <text>', 'only cells whose id contains this text')
    .option('--concurrency <n>', 'connections at once', count, 8)
    .addOption(engineOption())
    .addOption(fidelityOption())
    .addOption(vitessOption())
    .addOption(mysqldOption())
    .addOption(portsOption())
    .addOption(passphraseOption())
    .action(async (dir: string, given: VerifyFlags) => {
      const flags = await withEngine(given);
      const workspace = await requireWorkspace(dir, flags, terminal);
      const faults = workspace.findings.filter((finding) => finding.level === 'error');
      printFindings(faults, terminal, 'stderr');
      // A test file at fault is left out when it is read; the others alone would prove less than was asked for.
      requireSound(workspace);
      await requireWritable(flags);
      if (workspace.suites.length === 0)
        throw new CommandExit(exitCode.usage, `${dir} has no tests: tests/*.json is where expectations live.`);
      const quiet = flags.json === true;
      const progress = new Progress(terminal, quiet);
      const interrupt = interruptSignal(terminal, flags.json);
      let only: ((id: string) => boolean) | undefined =
        flags.only === undefined ? undefined : (id) => id.includes(flags.only ?? '');
      if (flags.trace !== undefined)
        only = oneCell(
          cellsOf(workspace).map((cell) => cell.id),
          flags.trace,
        );
      if (only !== undefined && !cellsOf(workspace).some((cell) => only?.(cell.id)))
        throw new CommandExit(exitCode.usage, `no cell's id contains "${flags.only ?? ''}".`);
      const total = cellsOf(workspace).filter(({ id }) => only?.(id) ?? true).length;
      const cluster = await openCluster({
        workspace,
        ports: composePorts(),
        program: 'gatehouse verify',
        threads: worthThreads(total) ? 'two' : 'none',
        unlocker: unlockerFrom(flags.passphraseFd),
        signal: interrupt.signal,
        ...(flags.engine === undefined ? {} : { engine: flags.engine }),
        ...(flags.mysqld === undefined ? {} : { mysqld: flags.mysqld }),
        ...(flags.ports === undefined ? {} : { basePort: flags.ports }),
        onStep: (step) => progress.step(step.text, step.detail),
      });
      let report: VerifyReport;
      let whole: MatrixReport | null = null;
      let down: readonly string[];
      const at = new Date();
      const live = new LiveLine(terminal, total, quiet);
      try {
        if (cluster.holder !== null) progress.step('attached', cluster.holder);
        if (!quiet) for (const warning of cluster.warnings) terminal.line(`warning: ${warning}`);
        report = await verify({
          workspace,
          addresses: cluster.addresses,
          secrets: cluster.secrets,
          traces: cluster.traces,
          signal: interrupt.signal,
          concurrency: flags.trace === undefined ? (flags.concurrency ?? 8) : 1,
          ...(only === undefined ? {} : { only }),
          onCell: ({ differences }) => live.cell(differences.length > 0),
        }).finally(() => live.end());
        down = await cluster.backendsDown();
        progress.step(`${report.totals.cells} cells run`);
        if (flags.trace !== undefined) {
          const [result] = report.results;
          if (result !== undefined) {
            const trace = await traceOf(result, cluster.traces);
            if (quiet) terminal.json({ schema: 1, cell: result.cell.id, traceId: result.traceId, hops: trace });
            else printTrace(result, trace, terminal);
          }
        }
        if (quiet || wantsFiles(flags) || flags.coverage === true)
          whole = wholeReport(report, {
            workspace,
            secrets: cluster.secrets,
            at,
            only,
            warnings: [...cluster.warnings, ...down],
            coverage: flags.coverage === true,
          });
      } finally {
        live.end();
        await cluster.close();
        interrupt.release();
      }
      if (whole !== null) await writeReports(flags, whole);
      if (flags.trace === undefined) {
        if (quiet) terminal.json(whole === null ? null : reportDocument(whole));
        else {
          printVerdicts(report, terminal, down);
          if (whole?.coverage != null) printCoverage(whole.coverage, terminal);
        }
      }
      if (report.totals.asExpected !== report.totals.cells) throw new CommandExit(exitCode.differs);
    });
}

/** Cells from which on threads of their own for gateways and tablets repay their start. */
const MANY_CELLS = 300;

/** Callers, gateways and tablets share the work of a large run where there is more than one core to do it. */
const worthThreads = (cells: number): boolean => cells >= MANY_CELLS && availableParallelism() > 1;

/** Accepts the one cell that `wanted` names by number (from 1) or id. */
function oneCell(ids: readonly string[], wanted: string): (id: string) => boolean {
  const id = /^\d+$/.test(wanted) ? ids[Number(wanted) - 1] : ids.find((candidate) => candidate === wanted);
  if (id === undefined)
    throw new CommandExit(
      exitCode.usage,
      `no cell "${wanted}": there are ${ids.length}, numbered from 1 in the order of --json.`,
    );
  return (candidate) => candidate === id;
}

/** What the report files and `--json` are written from. */
function wholeReport(
  report: VerifyReport,
  about: {
    readonly workspace: Workspace;
    readonly secrets: SecretStore;
    readonly at: Date;
    readonly only: ((id: string) => boolean) | undefined;
    readonly warnings: readonly string[];
    readonly coverage: boolean;
  },
): MatrixReport {
  const { workspace, secrets, at, only, warnings } = about;
  const plan = planMatrix(workspace, secrets, at);
  const results = new Map(
    report.results.map(({ cell, shown, actual, differences, traceId, milliseconds }) => {
      const { rows, ...outcome } = actual;
      return [cell.id, { shown, outcome, rows, milliseconds, differs: differences, traceId }] as const;
    }),
  );
  return matrixReport({
    workspace,
    plan,
    results,
    at: at.toISOString(),
    milliseconds: report.milliseconds,
    secrets: secrets.names().map((name) => secrets.get(name)?.reveal() ?? ''),
    only,
    warnings,
    coverage: about.coverage ? coverageOfPlan(workspace, plan, results, only) : null,
  });
}
