import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { emulationOf } from '../../src-main/domain/exports';
import { GatehouseError, systemClock } from '../../src-main/domain/kernel';
import { operatingSystem } from '../../src-main/platform/os';
import type { SecretStore } from '../../src-main/servers/store';
import { findVitess, type VitessInstallation } from '../../src-main/servers/vitess';
import { startCluster, type Cluster, type ClusterAddresses } from '../../src-main/services/cluster/cluster';
import {
  startVitess,
  type VitessCluster,
  type VitessStartOptions,
} from '../../src-main/services/cluster/vitess-engine';
import type { ServicePorts } from '../../src-main/services/ports';
import { verify, type VerifiedCell } from '../../src-main/services/verify/verify-service';
import { initWorkspace, type SampleName } from '../../src-main/services/workspace/init-workspace';
import { loadWorkspace, requireSound, type Workspace } from '../../src-main/services/workspace/load-workspace';

const os = operatingSystem();
const unlocker = { kind: 'key-file' } as const;

/** Vitess's programs on the PATH; a test that needs them fails without them. */
export async function installedVitess(): Promise<VitessInstallation> {
  const found = await findVitess(os);
  if (!found.ok) throw new GatehouseError(found.failure);
  return found.value;
}

/** A workspace made from a sample, and a second folder with the same files, certificates and secrets. */
export interface TwinWorkspaces {
  readonly first: Workspace;
  readonly second: Workspace;
  readonly ports: ServicePorts;
  readonly remove: () => Promise<void>;
}

/** Makes a sample twice, both emulating the release in vitess mode. */
export async function twins(sample: SampleName, release: string): Promise<TwinWorkspaces> {
  const folder = await mkdtemp(join(tmpdir(), 'gh-twins-'));
  const dir = join(folder, sample);
  const samples = fileURLToPath(new URL('../../resources/samples', import.meta.url));
  const made = await initWorkspace({ dir, sample, samples, clock: systemClock, unlocker });
  if (!made.ok) throw new GatehouseError(made.failure);
  const twin = join(folder, 'twin');
  await cp(dir, twin, { recursive: true });
  const vitess = emulationOf(release)!.emulated;
  const load = async (where: string): Promise<Workspace> => {
    const loaded = await loadWorkspace(where, { fidelity: 'vitess', vitess });
    if (!loaded.ok) throw new GatehouseError(loaded.failure);
    return requireSound(loaded.value);
  };
  return {
    first: await load(dir),
    second: await load(twin),
    ports: { clock: systemClock, os, templateDir: join(folder, 'templates') },
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }),
  };
}

/** MySQL 9 where it is, as for the recordings. */
const mysqld = (): { mysqld?: string } => {
  const folder = process.env['GATEHOUSE_MYSQL9_BIN'];
  return folder === undefined ? {} : { mysqld: join(folder, os.executable('mysqld')) };
};

export const startEmbedded = (workspace: Workspace, ports: ServicePorts): Promise<Cluster> =>
  startCluster({ workspace, ports, program: 'test', unlocker, basePort: 0, ...mysqld() });

export const startReal = (
  workspace: Workspace,
  ports: ServicePorts,
  more: Partial<VitessStartOptions> = {},
): Promise<VitessCluster> =>
  startVitess({ workspace, ports, program: 'test', unlocker, ...mysqld(), ...more }).catch((error: unknown) => {
    // What the program said last, which the folder's removal would take with it.
    if (error instanceof GatehouseError)
      throw new Error(`${error.message}\n${error.failure.detail ?? ''}`, { cause: error });
    throw error;
  });

/** Runs vtctldclient on the topology server of a running cluster, without a vtctld; its standard output. */
export async function askTopology(cluster: VitessCluster, ...command: readonly string[]): Promise<string> {
  const { paths } = await installedVitess();
  const { stdout } = await promisify(execFile)(paths.vtctldclient, [
    '--server=internal',
    '--topo-implementation=etcd2',
    `--topo-global-server-address=${cluster.topologyServer}`,
    '--topo-global-root=/vitess/global',
    ...command,
  ]);
  return stdout;
}

/** What a caller learns in one cell. */
export interface CellAnswer {
  readonly verdict: string;
  readonly stoppedAt: string | null;
  readonly code: unknown;
  readonly sqlState: unknown;
  readonly message: string | null;
  readonly rows: number | null;
}

/** A refused handshake may show itself as a connection that just ends, so `connect` and `tls` are one place. */
const placeOf = (stoppedAt: string | null): string | null => (stoppedAt === 'connect' ? 'tls' : stoppedAt);

function answerOf({ actual }: VerifiedCell): CellAnswer {
  const { verdict, code, sqlState, message } = actual;
  const stoppedAt = placeOf(actual.stoppedAt);
  // The words of a handshake that ended are the caller's own library's; not every alert can be sent (docs/design.md §6).
  const words = stoppedAt === 'tls' && code === null ? null : message;
  return { verdict, stoppedAt, code, sqlState, message: words, rows: actual.rows ?? null };
}

/** Every cell of the workspace's tests over real connections, one after the other so that writes come in one order. */
export async function cellAnswers(
  workspace: Workspace,
  addresses: ClusterAddresses,
  secrets: SecretStore,
): Promise<Map<string, CellAnswer>> {
  const { results } = await verify({ workspace, addresses, secrets, concurrency: 1 });
  return new Map(results.map((result) => [result.cell.id, answerOf(result)]));
}

/** Cells that differ, with both answers. */
export function differing(
  ours: ReadonlyMap<string, CellAnswer>,
  theirs: ReadonlyMap<string, CellAnswer>,
): { readonly cell: string; readonly ours: unknown; readonly theirs: unknown }[] {
  const cells = new Set([...ours.keys(), ...theirs.keys()]);
  return [...cells].flatMap((cell) => {
    const [our, their] = [ours.get(cell), theirs.get(cell)];
    return JSON.stringify(our) === JSON.stringify(their) ? [] : [{ cell, ours: our, theirs: their }];
  });
}
