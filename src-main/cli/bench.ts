import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { composePorts } from '../compose';
import { measureAttacks } from '../services/bench/attacking';
import { fillBenchTable, makeBenchWorkspace } from '../services/bench/bench-workspace';
import { measureConnecting } from '../services/bench/connecting';
import { measureDeciding } from '../services/bench/deciding';
import { isFigure, reaches, type Measurement } from '../services/bench/figure';
import { measureLongStatements } from '../services/bench/long-statements';
import { measureMakingFiles } from '../services/bench/making-files';
import { measureMemory } from '../services/bench/memory';
import { measureObserving } from '../services/bench/observing';
import { measurePage } from '../services/bench/page/measure-page';
import { measureStarting } from '../services/bench/starting';
import { measureThroughput } from '../services/bench/throughput';
import { findVitess } from '../servers/vitess';
import { startCluster } from '../services/cluster/cluster';
import type { EngineThreads } from '../services/cluster/engine-hosts';
import { startVitess } from '../services/cluster/vitess-engine';
import type { Workspace } from '../services/workspace/load-workspace';
import { interruptSignal } from './interrupt';
import { jsonOption, mysqldOption, resourceFolder, threadsOption } from './shared-options';
import { columns } from './table';
import type { Terminal } from './terminal';

interface BenchFlags {
  readonly json?: boolean;
  readonly mysqld?: string;
  readonly seconds: number;
  readonly rounds: number;
  readonly idle: number;
  readonly only?: string;
  readonly threads: EngineThreads;
}

const positive = (value: string): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 3_600)
    throw new InvalidArgumentError('a number from 1 to 3600');
  return number;
};

const PARTS = [
  ...(['files', 'start', 'decide', 'long', 'throughput', 'observing'] as const),
  ...(['connections', 'attacks', 'page', 'memory'] as const),
] as const;

/** `gatehouse bench`: every figure beside its peer, in one run. */
export function addBench(program: Command, terminal: Terminal): void {
  program
    .command('bench')
    .description('measure, each figure beside a peer in the same run')
    .addOption(jsonOption())
    .addOption(mysqldOption())
    .addOption(threadsOption())
    .option('--seconds <n>', 'length of one sysbench run', positive, 4)
    .option('--rounds <n>', 'rounds of each comparison', positive, 3)
    .option('--idle <n>', 'seconds of idleness before memory is read', positive, 60)
    .option('--only <parts>', `some of ${PARTS.join(',')}`)
    .action(async (flags: BenchFlags) => {
      const wants = (part: (typeof PARTS)[number]): boolean =>
        flags.only === undefined || flags.only.split(',').includes(part);
      const ports = composePorts();
      const samples = join(resourceFolder(), 'samples');
      const interrupt = interruptSignal(terminal, flags.json);
      const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
      const all: Measurement[] = [];
      const take = (measured: readonly Measurement[]): void => {
        all.push(...measured);
        if (flags.json !== true)
          for (const line of columns(measured.map((item) => describe(item, terminal)))) terminal.line(`  ${line}`);
      };
      try {
        if (wants('files')) take(await measureMakingFiles(samples));
        if (wants('start')) take(await measureStarting(ports, samples, flags.mysqld));
        const workspace = await makeBenchWorkspace(join(folder, 'shop'), samples);
        if (wants('decide')) take(measureDeciding(workspace));
        if (wants('long')) take(measureLongStatements());
        if (wants('throughput') || wants('connections')) {
          const cluster = await startCluster({
            workspace,
            ports,
            program: 'gatehouse bench',
            unlocker: { kind: 'key-file' },
            signal: interrupt.signal,
            queryLogs: folder,
            threads: flags.threads,
            ...(flags.mysqld === undefined ? {} : { mysqld: flags.mysqld }),
          });
          try {
            await fillBenchTable(cluster);
            if (wants('connections')) take(await measureConnecting(cluster));
            if (wants('throughput'))
              take(await measureThroughput(cluster, flags.seconds, flags.rounds, realVitess(workspace, flags)));
          } finally {
            await cluster.stop();
          }
        }
        if (wants('attacks')) take(await measureAttacks(ports, workspace.paths.dir, flags.mysqld));
        if (wants('observing')) {
          const cluster = await startCluster({
            workspace,
            ports,
            program: 'gatehouse bench',
            unlocker: { kind: 'key-file' },
            signal: interrupt.signal,
            threads: flags.threads,
            ...(flags.mysqld === undefined ? {} : { mysqld: flags.mysqld }),
          });
          try {
            await fillBenchTable(cluster);
            take(await measureObserving(cluster, flags.seconds, flags.rounds));
          } finally {
            await cluster.stop();
          }
        }
        if (wants('page'))
          take(
            await measurePage({
              program: [process.execPath, process.argv[1] ?? ''],
              root: join(dirname(resourceFolder()), 'out', 'renderer'),
              samples,
              folder,
            }),
          );
        if (wants('memory'))
          take([
            await measureMemory([process.execPath, process.argv[1] ?? ''], workspace.paths.dir, flags.idle * 1000),
          ]);
        if (flags.json === true)
          terminal.json(
            { schema: 1, figures: all.map((item) => (isFigure(item) ? { ...item, reaches: reaches(item) } : item)) },
            2,
          );
      } finally {
        await rm(folder, { recursive: true, force: true });
        interrupt.release();
      }
    });
}

/** The same workspace on Vitess's own programs, or why not. */
const realVitess = (workspace: Workspace, flags: BenchFlags) => async () => {
  const ports = composePorts();
  const found = await findVitess(ports.os);
  if (!found.ok) return found.failure.summary;
  if (process.getuid?.() === 0) return 'vtgate refuses to run as root';
  const cluster = await startVitess({
    workspace,
    ports,
    program: 'gatehouse bench',
    unlocker: { kind: 'key-file' },
    installation: found.value,
    ...(flags.mysqld === undefined ? {} : { mysqld: flags.mysqld }),
  });
  const measured = { ...cluster, workspace };
  await fillBenchTable(measured);
  return measured;
};

/** One line of the report: mark, name, value, bar, peer. */
function describe(item: Measurement, terminal: Terminal): string[] {
  const { colors } = terminal;
  if (!isFigure(item)) return [colors.dim('-'), item.name, colors.dim(`not measured: ${item.reason}`)];
  const digits = item.unit === 'ratio' ? 3 : item.value < 100 ? 1 : 0;
  const bar = item.bar === null ? '' : `${item.better === 'less' ? '≤' : '≥'} ${item.bar}`;
  return [
    item.bar === null ? colors.dim('·') : reaches(item) ? colors.green('✓') : colors.red('!'),
    item.name,
    colors.bold(`${item.value.toFixed(digits)} ${item.unit}`),
    colors.dim(bar),
    colors.dim(
      [
        item.peer === null
          ? ''
          : `${item.peer.name}: ${item.peer.value < 100 ? item.peer.value.toFixed(1) : Math.round(item.peer.value)}`,
        item.detail ?? '',
      ]
        .filter(Boolean)
        .join('; '),
    ),
  ];
}
