import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { composePorts } from '../compose';
import { openCluster } from '../services/cluster/open-cluster';
import { requireSound } from '../services/workspace/load-workspace';
import { junitReport } from '../services/verify/junit';
import { cellsOf, verify, type VerifyReport } from '../services/verify/verify-service';
import { engineOption, withEngine, type EngineFlags } from './engine';
import { CommandExit, exitCode } from './exit';
import { printFindings } from './findings';
import { interruptSignal } from './interrupt';
import { Progress } from './progress';
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

interface VerifyFlags extends EngineFlags {
  readonly junit?: string;
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
      if (flags.junit !== undefined) await requireWritable(flags.junit);
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
      const cluster = await openCluster({
        workspace,
        ports: composePorts(),
        program: 'gatehouse verify',
        unlocker: unlockerFrom(flags.passphraseFd),
        signal: interrupt.signal,
        ...(flags.engine === undefined ? {} : { engine: flags.engine }),
        ...(flags.mysqld === undefined ? {} : { mysqld: flags.mysqld }),
        ...(flags.ports === undefined ? {} : { basePort: flags.ports }),
        onStep: (step) => progress.step(step.text, step.detail),
      });
      let report: VerifyReport;
      let down: readonly string[];
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
        });
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
      } finally {
        await cluster.close();
        interrupt.release();
      }
      if (flags.junit !== undefined) await writeFile(flags.junit, junitReport(report, workspace.topology.name));
      if (flags.trace === undefined) {
        if (quiet) terminal.json(reportDocument(report, [...cluster.warnings, ...down]));
        else printVerdicts(report, terminal, down);
      }
      if (report.totals.asExpected !== report.totals.cells) throw new CommandExit(exitCode.differs);
    });
}

/** Ends with exit code 2 when a report could not be written to `path`: better now than after the run. */
async function requireWritable(path: string): Promise<void> {
  const refuse = (why: string): never => {
    throw new CommandExit(
      exitCode.usage,
      `${path}: the JUnit report cannot be written there: ${why}. Nothing was run.`,
    );
  };
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) refuse('it is a folder');
  const folder = dirname(resolve(path));
  if (found === null && (await stat(folder).catch(() => null))?.isDirectory() !== true)
    refuse(`${folder} is no folder`);
  await access(found === null ? folder : path, constants.W_OK).catch(() => refuse('this user may not write it'));
}

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

/** The document of `verify --json` (docs/cli.md): schema 1, additive only. */
export function reportDocument(report: VerifyReport, warnings: readonly string[] = []): unknown {
  return {
    schema: 1,
    cells: report.results.map((result, index) => ({
      number: index + 1,
      id: result.cell.id,
      suite: result.cell.suite,
      caller: result.cell.caller.name,
      gateway: result.cell.caller.gateway,
      transport: result.cell.transport,
      password: result.cell.password,
      certificate: result.cell.certificate,
      sql: result.cell.sql,
      table: result.cell.table,
      role: result.cell.role,
      expected: result.cell.expected,
      predicted: result.predicted,
      actual: result.actual,
      differences: result.differences,
      traceId: result.traceId,
      milliseconds: Math.round(result.milliseconds * 1000) / 1000,
    })),
    totals: report.totals,
    warnings,
    milliseconds: Math.round(report.milliseconds),
  };
}
