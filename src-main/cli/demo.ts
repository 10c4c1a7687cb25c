import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { composePorts } from '../compose';
import { GatehouseError, systemClock } from '../domain/kernel';
import { localTraces } from '../services/cluster/attach';
import { startCluster, type Cluster } from '../services/cluster/cluster';
import { atForcedEnd } from '../services/cluster/forced-end';
import { verify } from '../services/verify/verify-service';
import { initWorkspace, type SampleName } from '../services/workspace/init-workspace';
import { printConnectLines } from './connect-lines';
import { ensureMysql } from './ensure-mysql';
import { CommandExit, exitCode } from './exit';
import { interruptSignal } from './interrupt';
import { duration, Progress } from './progress';
import { fidelityOption, mysqldOption, portsOption, resourceFolder, vitessOption } from './shared-options';
import type { Terminal } from './terminal';
import { requireWorkspace, type RunFlags } from './up';
import { printVerdicts } from './verdict-table';

interface DemoFlags extends RunFlags {
  readonly sample: SampleName;
  readonly dir?: string;
  readonly keep?: boolean;
  readonly yes?: boolean;
}

/** `gatehouse demo`: everything from nothing. */
export function addDemo(program: Command, terminal: Terminal): void {
  program
    .command('demo')
    .description('make a workspace, run its cluster, prove it over real connections, and clean up')
    .addOption(
      new Option('--sample <name>', 'which sample').choices(['shop', 'reference', 'user-guide']).default('shop'),
    )
    .option('--dir <dir>', 'where to make the workspace; it stays there (default: a temporary folder)')
    .option('--keep', 'leave the cluster running until Ctrl-C')
    .option('-y, --yes', 'install what is missing without asking')
    .addOption(fidelityOption())
    .addOption(vitessOption())
    .addOption(mysqldOption())
    .addOption(portsOption())
    .action(async (flags: DemoFlags) => {
      const interrupt = interruptSignal(terminal);
      const progress = new Progress(terminal);
      const temporary = flags.dir === undefined ? await mkdtemp(join(tmpdir(), 'gatehouse-')) : null;
      const dir = flags.dir === undefined ? join(temporary ?? '', flags.sample) : resolve(flags.dir);
      const forget =
        temporary === null
          ? () => undefined
          : atForcedEnd(() => rmSync(temporary, { recursive: true, force: true, maxRetries: 40, retryDelay: 50 }));
      let cluster: Cluster | null = null;
      let differing: number;
      try {
        const ports = composePorts();
        progress.title('Set-up');
        const mysqld = await ensureMysql({
          ports,
          mysqld: flags.mysqld,
          yes: flags.yes === true,
          signal: interrupt.signal,
          terminal,
          onStep: (text, detail) => progress.step(text, detail),
        });
        const made = await initWorkspace({
          dir,
          sample: flags.sample,
          samples: join(resourceFolder(), 'samples'),
          clock: systemClock,
          unlocker: { kind: 'key-file' },
        });
        if (!made.ok) throw new GatehouseError(made.failure);
        const pki = made.value.files.filter((file) => file.endsWith('-cert.pem')).length;
        progress.step(
          `workspace "${flags.sample}"`,
          `${made.value.files.length} files, ${pki} certificates, ${made.value.secrets.length} passwords, in ${dir}`,
        );

        progress.title('Cluster');
        const workspace = await requireWorkspace(dir, flags, terminal);
        cluster = await startCluster({
          workspace,
          ports,
          program: 'gatehouse demo',
          unlocker: { kind: 'key-file' },
          signal: interrupt.signal,
          mysqld,
          ...(flags.ports === undefined ? {} : { basePort: flags.ports }),
          onStep: (step) =>
            ['ready', 'lock', 'mysql-found'].includes(step.what) || progress.step(step.text, step.detail),
        });

        progress.title('Proof: every cell is a new connection, a login and a statement');
        const report = await verify({
          workspace,
          addresses: cluster.addresses,
          secrets: cluster.secrets,
          traces: localTraces(cluster),
          signal: interrupt.signal,
        });
        progress.step(
          `${report.totals.cells} cells`,
          `${Math.round((report.totals.cells / report.milliseconds) * 1000)} a second`,
        );
        printVerdicts(report, terminal);
        differing = report.totals.cells - report.totals.asExpected;

        if (flags.keep === true) await printConnectLines(cluster, terminal);
        else
          terminal.line('\nTo connect as each caller, call the demo with --keep: the cluster then runs until Ctrl-C.');
        terminal.line(terminal.colors.dim(`\nFrom nothing to proof in ${duration(progress.elapsed)}.`));
        if (flags.keep === true) {
          terminal.line('The cluster is running. Ctrl-C stops it.');
          await interrupt.interrupted;
        }
      } catch (error) {
        if (!interrupt.signal.aborted) throw error;
        throw new CommandExit(exitCode.interrupted);
      } finally {
        await cluster?.stop();
        if (temporary !== null) await rm(temporary, { recursive: true, force: true });
        forget();
        if (cluster !== null)
          terminal.line(
            `Stopped${temporary === null ? `; the workspace stays in ${dir}` : '; the temporary workspace is removed'}.`,
          );
        interrupt.release();
      }
      if (differing > 0) throw new CommandExit(exitCode.differs);
    });
}
