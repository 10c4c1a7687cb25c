import { GatehouseError } from '../../domain/kernel';
import { SecretStore } from '../../servers/store';
import type { TraceSource } from '../verify/verify-service';
import { attachCluster, localTraces } from './attach';
import { startCluster, type ClusterAddresses, type ClusterStatus, type StartOptions } from './cluster';
import { staleWarnings } from './reload';

/** A cluster to connect to: one that was started for this purpose, or one that somebody else runs. */
export interface OpenCluster {
  readonly addresses: ClusterAddresses;
  readonly traces: TraceSource;
  readonly secrets: SecretStore;
  /** Who runs it, when it is not this process. */
  readonly holder: string | null;
  /** Rejects with GatehouseError `cluster.ended` when somebody else ran it and has ended. */
  ensureRuns(): Promise<void>;
  /** What the running cluster has not read yet of what lies on disk, a sentence each. */
  readonly warnings: readonly string[];
  /** Stops what was started here; leaves alone what others run. */
  close(): Promise<void>;
}

/** Attaches to the running cluster of the workspace, or starts one that lives until `close`. */
export async function openCluster(options: StartOptions): Promise<OpenCluster> {
  const { workspace } = options;
  const overridden =
    workspace.overrides.fidelity !== undefined ||
    workspace.overrides.vitess !== undefined ||
    options.mysqld !== undefined;
  const attached = await attachCluster(workspace).catch((error: unknown) => {
    throw new GatehouseError({
      code: 'workspace.locked',
      summary:
        'The program that holds the workspace does not answer: it starts or ends at this moment. Try again, or stop it.',
      detail: String(error),
    });
  });
  if (attached !== null) {
    if (overridden) {
      attached.close();
      throw new GatehouseError({
        code: 'workspace.locked',
        summary: `The workspace is held by ${attached.holder.program} (process ${attached.holder.pid}), which runs with its own settings. Leave out --fidelity, --vitess and --mysqld to attach to it, or stop it first.`,
      });
    }
    const secrets = await SecretStore.open(workspace.paths.secrets, options.unlocker);
    if (!secrets.ok) throw new GatehouseError(secrets.failure);
    // A program of another version may not say what it runs with.
    const { files } = attached.addresses as Partial<ClusterStatus>;
    return {
      ...attached,
      warnings: files === undefined ? [] : staleWarnings(files, workspace, attached.holder.pid),
      secrets: secrets.value,
      holder: `${attached.holder.program} (process ${attached.holder.pid})`,
      close: () => Promise.resolve(attached.close()),
    };
  }
  const cluster = await startCluster(options);
  return {
    addresses: cluster.addresses,
    traces: localTraces(cluster),
    secrets: cluster.secrets,
    holder: null,
    warnings: [],
    ensureRuns: () => Promise.resolve(),
    close: () => cluster.stop(),
  };
}
