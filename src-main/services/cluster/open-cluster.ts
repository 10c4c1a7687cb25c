import { GatehouseError } from '../../domain/kernel';
import { SecretStore } from '../../servers/store';
import type { TraceSource } from '../verify/verify-service';
import { attachCluster, localTraces } from './attach';
import { startCluster, type ClusterAddresses, type ClusterStatus, type StartOptions } from './cluster';
import { staleWarnings } from './reload';
import { startVitess } from './vitess-engine';

/** What runs a workspace: this program, or Vitess's own programs (docs/design.md §1). */
export type EngineName = 'embedded' | 'vitess';

/** A cluster to connect to: one that was started for this purpose, or one that somebody else runs. */
export interface OpenCluster {
  readonly addresses: ClusterAddresses;
  readonly traces: TraceSource;
  readonly secrets: SecretStore;
  /** Who runs it, when it is not this process. */
  readonly holder: string | null;
  /** Rejects with GatehouseError `cluster.ended` when somebody else ran it and has ended. */
  ensureRuns(): Promise<void>;
  /** A sentence for each MySQL that Gatehouse runs for the cluster and that is down. */
  backendsDown(): Promise<readonly string[]>;
  /** What the running cluster has not read yet of what lies on disk, a sentence each. */
  readonly warnings: readonly string[];
  /** Stops what was started here; leaves alone what others run. */
  close(): Promise<void>;
}

/**
 * Attaches to the running cluster of the workspace, or starts one on the engine asked for (default embedded) that lives
 * until `close`.
 */
export async function openCluster(options: StartOptions & { readonly engine?: EngineName }): Promise<OpenCluster> {
  const { workspace, engine = 'embedded' } = options;
  const overridden =
    engine !== 'embedded' ||
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
        summary: `The workspace is held by ${attached.holder.program} (process ${attached.holder.pid}), which runs with its own settings. Leave out --engine, --fidelity, --vitess and --mysqld to attach to it, or stop it first.`,
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
  if (engine === 'vitess') {
    const { addresses, secrets, stop } = await startVitess(options);
    return {
      addresses,
      // Vitess's programs tell no steps; what the client saw is all there is.
      traces: { find: () => Promise.resolve(null) },
      secrets,
      holder: null,
      warnings: [],
      ensureRuns: () => Promise.resolve(),
      backendsDown: () => Promise.resolve([]),
      close: () => stop(),
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
    backendsDown: () => Promise.resolve(cluster.backendsDown()),
    close: () => cluster.stop(),
  };
}
