import { Option, type Command } from 'commander';
import { composePorts } from '../compose';
import { vitessMajors, type VitessMajor } from '../domain/flags';
import { GatehouseError } from '../domain/kernel';
import { SecretStore } from '../servers/store';
import { requireExportFolder } from '../services/export/export-folder';
import { DEFAULT_TOPO } from '../services/export/plan-export';
import { proofLine, proofState, type ProofState } from '../services/export/proof';
import { runProof } from '../services/export/run-proof';
import { loadForExport, writeExport, type ExportReport } from '../services/export/write-export';
import { requireSound } from '../services/workspace/load-workspace';
import { CommandExit, exitCode } from './exit';
import { printFindings } from './findings';
import { interruptSignal } from './interrupt';
import { Progress } from './progress';
import { jsonOption, mysqldOption, passphraseOption, unlockerFrom } from './shared-options';
import type { Terminal } from './terminal';

interface ExportFlags {
  readonly vitess: VitessMajor;
  readonly out: string;
  readonly includeKeys?: boolean;
  readonly force?: boolean;
  readonly proof: boolean;
  readonly acceptHardenedOnly?: boolean;
  readonly faulty?: boolean;
  readonly at?: string;
  readonly topo: string;
  readonly json?: boolean;
  readonly mysqld?: string;
  readonly passphraseFd?: number;
}

/** `gatehouse export DIR --vitess VERSION --out DIR2`. */
export function addExport(program: Command, terminal: Terminal): void {
  program
    .command('export')
    .description('write files and flags for real vtgate and vttablet, with the proof of a run that they hold')
    .argument('<dir>', 'workspace')
    .addOption(new Option('--vitess <version>', 'Vitess release').choices(vitessMajors).makeOptionMandatory())
    .requiredOption('--out <dir>', 'folder to write: not there, empty, or with --force that of an earlier export')
    .option('--include-keys', 'private keys too, and the password of a MySQL that others run')
    .option('--force', 'overwrite what an earlier export wrote; other files stay')
    .option('--no-proof', 'do not run the tests when they are out of date; the README says so')
    .option('--accept-hardened-only', 'export although some tests pass in hardened mode only')
    .option('--faulty', 'export certificates that are faulty on purpose')
    .option('--at <dir>', 'where the folder will lie on the machine that runs Vitess (default: where it is written)')
    .option('--topo <address>', 'address of etcd', DEFAULT_TOPO)
    .addOption(jsonOption())
    .addOption(mysqldOption())
    .addOption(passphraseOption())
    .action(async (dir: string, flags: ExportFlags) => {
      const version = flags.vitess;
      if (/\s/.test(flags.topo)) throw new CommandExit(exitCode.usage, '--topo is HOST:PORT, several with commas.');
      // What would refuse the export is found before the tests run.
      const workspace = requireSound(await loadForExport(dir, version));
      await requireExportFolder(flags.out, dir, flags.force === true);
      if (flags.proof) await prove(dir, flags, await proofState(workspace, version), terminal);
      const report = await writeExport({
        dir,
        version,
        out: flags.out,
        includeKeys: flags.includeKeys === true,
        force: flags.force === true,
        withoutProof: !flags.proof,
        acceptHardenedOnly: flags.acceptHardenedOnly === true,
        acceptFaulty: flags.faulty === true,
        topo: flags.topo,
        ...(flags.at === undefined ? {} : { place: flags.at }),
        ...(await secretsFor(flags, workspace)),
      }).catch((error: unknown) => {
        if (error instanceof GatehouseError && error.failure.code === 'export.hardened-only')
          throw new CommandExit(exitCode.differs, `${error.failure.summary} --accept-hardened-only accepts it.`);
        throw error;
      });
      if (flags.json === true) terminal.json(reportDocument(report));
      else print(report, terminal);
      if (unexpected(report).length > 0) throw new CommandExit(exitCode.differs);
    });
}

/** Cells that failed and that nobody accepted. */
const unexpected = ({ proof }: ExportReport): readonly unknown[] =>
  proof.kind === 'current' ? proof.proof.failing.filter(({ hardenedOnly }) => !hardenedOnly) : [];

/** Runs the tests unless they ran with these files; without tests the export itself says what to do. */
async function prove(dir: string, flags: ExportFlags, state: ProofState, terminal: Terminal): Promise<void> {
  if (state.kind === 'no-tests' || state.kind === 'current') return;
  const progress = new Progress(terminal, flags.json === true);
  const interrupt = interruptSignal(terminal, flags.json);
  if (state.kind === 'outdated') progress.step('Tests ran before the last change; they run again');
  try {
    const proof = await runProof({
      dir,
      version: flags.vitess,
      ports: composePorts(),
      unlocker: unlockerFrom(flags.passphraseFd),
      signal: interrupt.signal,
      ...(flags.mysqld === undefined ? {} : { mysqld: flags.mysqld }),
      onStep: ({ text, detail }) => progress.step(text, detail),
    });
    progress.step(proofLine(proof));
  } finally {
    interrupt.release();
  }
}

async function secretsFor(
  flags: ExportFlags,
  workspace: {
    readonly topology: { readonly backends: readonly { readonly kind: string }[] };
    readonly paths: { readonly secrets: string };
  },
): Promise<{ secrets?: SecretStore }> {
  if (flags.includeKeys !== true || !workspace.topology.backends.some(({ kind }) => kind === 'external')) return {};
  const secrets = await SecretStore.open(workspace.paths.secrets, unlockerFrom(flags.passphraseFd));
  if (!secrets.ok) throw new GatehouseError(secrets.failure);
  return { secrets: secrets.value };
}

const octal = (mode: number): string => `0${mode.toString(8)}`;

/** The document of `export --json` (docs/cli.md): schema 1, additive only. */
export function reportDocument(report: ExportReport): unknown {
  const { plan, proof } = report;
  return {
    schema: 1,
    dir: report.dir,
    vitess: report.version,
    files: report.files.map((file) => ({ ...file, mode: octal(file.mode) })),
    missing: report.missing,
    left: report.left,
    programs: plan.programs.map(({ program, name, file }) => ({ program, name, file })),
    proof: 'proof' in proof ? { state: proof.kind, ...proof.proof } : { state: proof.kind },
    differences: plan.differences,
    findings: plan.flagFindings.map(({ line: _, versions: __, ...finding }) => finding),
    warnings: report.warnings,
  };
}

function print(report: ExportReport, terminal: Terminal): void {
  const { plan, proof } = report;
  for (const { path, mode } of report.files) terminal.line(`${octal(mode)}  ${path}`);
  terminal.line();
  if (report.missing.length > 0) terminal.line(`Secret and left out (--include-keys): ${report.missing.join(', ')}`);
  if (report.left.length > 0) terminal.line(`Still there from an earlier export: ${report.left.join(', ')}`);
  printFindings(report.warnings, terminal);
  for (const { program, level, message, remedy, code } of plan.flagFindings)
    printFindings([{ code, level, file: program, line: 0, column: 0, message, remedy }], terminal);
  if (plan.differences.length > 0)
    terminal.line(
      `${plan.differences.length} differences between the workspace and Vitess ${report.version}: README.txt.`,
    );
  terminal.line(
    'proof' in proof
      ? `${proofLine(proof.proof)}${proof.kind === 'outdated' ? '; tests ran before the last change' : ''}.`
      : 'Exported without proof.',
  );
  if (proof.kind === 'current')
    for (const { id, expected, actual, hardenedOnly } of proof.proof.failing)
      terminal.line(`  ${id}: expected ${expected}, was ${actual}${hardenedOnly ? ' (hardened mode only)' : ''}`);
  terminal.line(`Exported to ${report.dir}. README.txt says how the programs are started.`);
}
