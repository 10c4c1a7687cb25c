import { connectControl, readLock, type ControlClient, type LockHolder } from '../../servers/store';
import type { TraceStep } from '../../servers/recorder';
import type { TraceSource } from '../verify/verify-service';
import type { Workspace } from '../workspace/load-workspace';
import type { Cluster, ClusterAddresses } from './cluster';

/** A cluster that another Gatehouse runs, as seen through its control socket. */
export interface AttachedCluster {
  readonly holder: LockHolder;
  readonly addresses: ClusterAddresses;
  readonly traces: TraceSource;
  close(): void;
}

/** The cluster that runs for this workspace, or null when nobody holds it. Rejects when its holder does not answer. */
export async function attachCluster(workspace: Workspace): Promise<AttachedCluster | null> {
  const holder = await readLock(workspace.paths.lock);
  if (holder === null) return null;
  const client = await connectControl(workspace.paths.socket('control'));
  const status = (await client.call('status')) as ClusterAddresses;
  return { holder, addresses: status, traces: remoteTraces(client), close: () => client.close() };
}

/** Traces of a cluster in this process. */
export function localTraces(cluster: Cluster): TraceSource {
  return {
    find: (gateway, _way, peer, connectionId) => {
      const traceId = cluster.recorder.findByPeer(gateway, peer ?? `@${connectionId ?? ''}`);
      return Promise.resolve(traceId === null ? null : { traceId, steps: cluster.recorder.steps(traceId) });
    },
  };
}

function remoteTraces(client: ControlClient): TraceSource {
  return {
    find: async (gateway, _way, peer, connectionId) =>
      (await client.call('trace', { listener: gateway, peer: peer ?? `@${connectionId ?? ''}` })) as {
        traceId: string;
        steps: readonly TraceStep[];
      } | null,
  };
}
