import { GatehouseError } from '../../domain/kernel';
import { connectControl, readLock, type ControlClient, type LockHolder } from '../../servers/store';
import type { TraceStep } from '../../servers/recorder';
import type { TraceSource } from '../verify/verify-service';
import type { Workspace } from '../workspace/load-workspace';
import type { Cluster, ClusterAddresses, ClusterStatus } from './cluster';

/** A cluster that another Gatehouse runs, as seen through its control socket. */
export interface AttachedCluster {
  readonly holder: LockHolder;
  readonly addresses: ClusterAddresses;
  readonly traces: TraceSource;
  /** Rejects with GatehouseError `cluster.ended` when its holder has ended. */
  ensureRuns(): Promise<void>;
  /** A sentence for each of its MySQL that does not run. */
  backendsDown(): Promise<readonly string[]>;
  close(): void;
}

/** The cluster that runs for this workspace, or null when nobody holds it. Rejects when its holder does not answer. */
export async function attachCluster(workspace: Workspace): Promise<AttachedCluster | null> {
  const holder = await readLock(workspace.paths.lock);
  if (holder === null) return null;
  const client = await connectControl(workspace.paths.socket('control'));
  const status = (await client.call('status')) as ClusterAddresses;
  const call: ControlClient['call'] = async (method, parameters) => {
    try {
      return await client.call(method, parameters);
    } catch (error) {
      throw new GatehouseError(
        {
          code: 'cluster.ended',
          summary: `${holder.program} (process ${holder.pid}), which ran the cluster, has ended; run again.`,
          detail: String(error),
        },
        { cause: error },
      );
    }
  };
  return {
    holder,
    addresses: status,
    traces: remoteTraces(call),
    ensureRuns: async () => void (await call('status')),
    // A program of another version may not say it.
    backendsDown: async () => ((await call('status')) as Partial<ClusterStatus>).backendsDown ?? [],
    close: () => client.close(),
  };
}

/** Traces of a cluster in this process. */
export function localTraces(cluster: Cluster): TraceSource {
  return {
    find: async (gateway, _way, peer, connectionId) => {
      await cluster.settle();
      const traceId = cluster.recorder.findByPeer(gateway, peer ?? `@${connectionId ?? ''}`);
      return traceId === null ? null : { traceId, steps: cluster.recorder.steps(traceId) };
    },
  };
}

function remoteTraces(call: ControlClient['call']): TraceSource {
  return {
    find: async (gateway, _way, peer, connectionId) =>
      (await call('trace', { listener: gateway, peer: peer ?? `@${connectionId ?? ''}` })) as {
        traceId: string;
        steps: readonly TraceStep[];
      } | null,
  };
}
