import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { composePorts } from '../compose';
import type { Fidelity } from '../domain/fidelity/fidelity';
import { GatehouseError, type Failure, type Finding } from '../domain/kernel';
import type { BackendNotice } from '../services/cluster/backend-notices';
import { startCluster, type ClusterAddresses, type ClusterStep, type HangUpOutcome } from '../services/cluster/cluster';
import { loadWorkspace } from '../services/workspace/load-workspace';
import type { EngineThreads } from '../services/cluster/engine-hosts';
import { startVitess } from '../services/cluster/vitess-engine';
import { connectLines, printConnectLines } from './connect-lines';
import { engineOption, withEngine, type EngineFlags } from './engine';
import { printFindings } from './findings';
import { interruptSignal } from './interrupt';
import { Progress } from './progress';
import { reloadLines } from './reload-lines';
import {
  fidelityOption,
  jsonOption,
  mysqldOption,
  passphraseOption,
  portsOption,
  threadsOption,
  unlockerFrom,
  vitessOption,
} from './shared-options';
import { columns } from './table';
import type { Terminal } from './terminal';

export interface RunFlags {
  readonly json?: boolean;
  readonly fidelity?: Fidelity['mode'];
  readonly vitess?: Fidelity['version'];
  readonly mysqld?: string;
  readonly ports?: number;
  readonly passphraseFd?: number;
}

/** The overrides of one run, as the loader takes them. */
export const overridesOf = (flags: RunFlags): { fidelity?: Fidelity['mode']; vitess?: Fidelity['version'] } => ({
  ...(flags.fidelity === undefined ? {} : { fidelity: flags.fidelity }),
  ...(flags.vitess === undefined ? {} : { vitess: flags.vitess }),
});

/** Ends with a failure of loading, after printing the findings that its one sentence does not say already. */
export function failLoading(failure: Failure & { readonly findings?: readonly Finding[] }, terminal: Terminal): never {
  const unsaid = (failure.findings ?? []).filter(({ message }) => !failure.summary.includes(message));
  printFindings(unsaid, terminal, 'stderr');
  throw new GatehouseError(failure);
}

/** Loads a workspace or ends with its failure, after printing what is wrong with it. */
export async function requireWorkspace(dir: string, flags: RunFlags, terminal: Terminal) {
  const loaded = await loadWorkspace(dir, overridesOf(flags));
  if (loaded.ok) {
    if (existsSync(loaded.value.paths.applyJournal))
      throw new GatehouseError({
        code: 'workspace.apply-interrupted',
        summary: `The app is applying changes to ${dir}, or was cut off while it did: its files may be of two versions. Open it with "gatehouse serve ${dir}", which completes that.`,
      });
    return loaded.value;
  }
  failLoading(loaded.failure, terminal);
}

/** `gatehouse up DIR`: runs the cluster until Ctrl-C. */
export function addUp(program: Command, terminal: Terminal): void {
  program
    .command('up')
    .description('run the cluster of a workspace until Ctrl-C')
    .argument('<dir>', 'workspace')
    .addOption(jsonOption())
    .addOption(engineOption())
    .addOption(fidelityOption())
    .addOption(vitessOption())
    .addOption(mysqldOption())
    .addOption(portsOption())
    .addOption(threadsOption())
    .addOption(passphraseOption())
    .action(async (dir: string, given: EngineFlags & { readonly threads: EngineThreads }) => {
      const flags = await withEngine(given);
      const workspace = await requireWorkspace(dir, flags, terminal);
      const progress = new Progress(terminal, flags.json);
      const interrupt = interruptSignal(terminal, flags.json);
      const options = {
        workspace,
        ports: composePorts(),
        program: 'gatehouse up',
        unlocker: unlockerFrom(flags.passphraseFd),
        signal: interrupt.signal,
        threads: given.threads,
        ...(flags.mysqld === undefined ? {} : { mysqld: flags.mysqld }),
        ...(flags.ports === undefined ? {} : { basePort: flags.ports }),
        onStep: (step: ClusterStep) => {
          if (flags.json === true)
            terminal.json({ event: 'step', what: step.what, text: step.text, detail: step.detail });
          else progress.step(step.text, step.detail);
        },
      };
      if (flags.engine === 'vitess') {
        const real = await startVitess(options);
        if (flags.json === true) terminal.json({ event: 'ready', schema: 1, ...real.addresses });
        else {
          terminal.line();
          for (const line of addressTable(real.addresses)) terminal.line(line);
          terminal.line(`\nReady: Vitess ${real.release}. Ctrl-C stops it. Elsewhere: gatehouse verify ${dir}`);
        }
        await interrupt.interrupted;
        if (flags.json === true) terminal.json({ event: 'stopping' });
        await real.stop();
        if (flags.json === true) terminal.json({ event: 'stopped' });
        else terminal.line('Stopped.');
        interrupt.release();
        return;
      }
      const sayReloaded = (outcome: HangUpOutcome): void => {
        const { reloaded, restart, kept } = outcome;
        if (flags.json === true) {
          terminal.json({ event: 'reloaded', files: reloaded, restart, kept });
          return;
        }
        const lines = reloadLines(outcome);
        for (const line of lines.done) terminal.line(line);
        for (const line of lines.kept) terminal.note(line);
      };
      const sayBackend = ({ backend, what, text, log }: BackendNotice): void => {
        if (flags.json === true) terminal.json({ event: 'backend', backend, what, text, log });
        else terminal.note(text);
      };
      const cluster = await startCluster({ ...options, onReread: sayReloaded, onBackend: sayBackend });
      // Whoever reads "ready" may send SIGHUP at once.
      const hangUp = interrupt.onHangUp(() => void cluster.hangUp().then(sayReloaded));
      if (flags.json === true) {
        const { lines } = await connectLines(cluster);
        terminal.json({ event: 'ready', schema: 1, ...cluster.addresses, connect: lines });
      } else {
        terminal.line();
        for (const line of addressTable(cluster.addresses)) terminal.line(line);
        await printConnectLines(cluster, terminal);
        terminal.line(`\nReady. Ctrl-C stops the cluster. Elsewhere: gatehouse verify ${dir}`);
      }
      await interrupt.interrupted;
      hangUp();
      if (flags.json === true) terminal.json({ event: 'stopping' });
      await cluster.stop();
      if (flags.json === true) terminal.json({ event: 'stopped' });
      else terminal.line('Stopped.');
      interrupt.release();
    });
}

/** Addresses of a cluster as lines. */
export function addressTable(addresses: ClusterAddresses): string[] {
  const rows: string[][] = [];
  for (const gateway of addresses.gateways) {
    if (gateway.mysql !== null)
      rows.push([
        `gateway ${gateway.name}`,
        'MySQL',
        `${gateway.mysql.host}:${gateway.mysql.port}`,
        `${gateway.auth ?? ''}, ${gateway.fidelity}`,
      ]);
    if (gateway.mysql?.socket != null) rows.push(['', 'socket', gateway.mysql.socket, '']);
    if (gateway.grpc !== null)
      rows.push([
        gateway.mysql === null ? `gateway ${gateway.name}` : '',
        'gRPC',
        `${gateway.grpc.host}:${gateway.grpc.port}`,
        gateway.mysql === null ? gateway.fidelity : '',
      ]);
  }
  for (const tablet of addresses.tablets)
    rows.push([
      `tablet ${tablet.alias}`,
      'gRPC',
      `${tablet.grpc.host}:${tablet.grpc.port}`,
      `${tablet.keyspace}/${tablet.shard}, ${tablet.type}`,
    ]);
  for (const backend of addresses.backends)
    rows.push([backend.vendor, backend.version, `${backend.host}:${backend.port}`, backend.name]);
  return columns(rows);
}
