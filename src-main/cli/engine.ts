import { Option } from 'commander';
import { composePorts } from '../compose';
import { emulationOf } from '../domain/exports';
import { GatehouseError } from '../domain/kernel';
import { findVitess } from '../servers/vitess';
import type { EngineName } from '../services/cluster/open-cluster';
import { CommandExit, exitCode } from './exit';
import type { RunFlags } from './up';

/** `--engine embedded|vitess`. */
export const engineOption = (): Option =>
  new Option('--engine <engine>', 'what runs the cluster: Gatehouse itself, or vtgate, vttablet and etcd on the PATH')
    .choices(['embedded', 'vitess'])
    .default('embedded');

/** Flags of a command that runs a cluster on an engine. */
export interface EngineFlags extends RunFlags {
  readonly engine?: EngineName;
}

/**
 * The flags with what the engine decides: real programs behave as their release does, so predictions follow it. Ends with a
 * usage error when the flags ask for another behaviour, and rejects with GatehouseError `vitess.*` without the programs.
 */
export async function withEngine<F extends EngineFlags>(flags: F): Promise<F> {
  if (flags.engine !== 'vitess') return flags;
  const found = await findVitess(composePorts().os);
  if (!found.ok) throw new GatehouseError(found.failure);
  const { version } = found.value;
  const emulated = emulationOf(version)?.emulated;
  if (flags.fidelity === 'hardened' || (flags.vitess !== undefined && flags.vitess !== emulated))
    throw new CommandExit(
      exitCode.usage,
      `--engine vitess runs Vitess ${version} as it is: leave out --fidelity and --vitess.`,
    );
  return { ...flags, fidelity: 'vitess', ...(emulated === undefined ? {} : { vitess: emulated }) };
}
