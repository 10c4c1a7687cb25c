import type { ClusterNode, ClusterPart } from '../../contract/areas/cluster';
import type { Topology } from '../../domain/topology';
import type { ClusterAddresses } from './cluster';
import type { ClusterControl } from './cluster-control';
import { clusterLinks } from './cluster-links';
import type { Workspace } from '../workspace/load-workspace';
import { fidelityOf } from '../workspace/load-workspace';
import { changedFiles, fileHashes } from './reload';

const MODE = { strict: 'strict', 'dry-run': 'dry run', off: 'not enforced', none: 'none' } as const;

/** What the pictures and lists of the cluster show: what runs now, and how the draft protects each link. */
export function clusterView(control: ClusterControl, draft: Workspace, applied: Workspace): ClusterPart {
  const { state } = control;
  const { topology } = state.kind === 'running' ? state.cluster.workspace : applied;
  const addresses = state.kind === 'running' ? state.cluster.addresses : null;
  const stale =
    state.kind === 'running'
      ? changedFiles(fileHashes(state.cluster.workspace), fileHashes(applied)).filter((path) =>
          state.cluster.workspace.files.has(path),
        )
      : [];
  return {
    state: state.kind,
    since: state.kind === 'running' ? state.since.toISOString() : null,
    steps: 'steps' in state ? state.steps.map(({ text, detail }) => ({ text, detail })) : [],
    failure: state.kind === 'failed' ? { ...state.failure } : null,
    nodes: nodesOf(control, topology, addresses, applied),
    links: clusterLinks(draft),
    stale,
    holder: null,
    fidelity: fidelityOf(applied, null).mode,
    vitess: fidelityOf(applied, null).version,
  };
}

function nodesOf(
  control: ClusterControl,
  topology: Topology,
  addresses: ClusterAddresses | null,
  applied: Workspace,
): ClusterNode[] {
  const { state } = control;
  const base = (id: string): Pick<ClusterNode, 'state' | 'fault'> => {
    const part = control.partState(id);
    if (state.kind === 'running') {
      if (part === 'starting' || part === 'stopping') return { state: 'starting', fault: null };
      if (part !== undefined) return { state: 'failed', fault: part.failure.summary };
      return { state: runs(id) ? 'running' : 'stopped', fault: null };
    }
    return { state: state.kind === 'starting' ? 'starting' : 'stopped', fault: null };
  };
  const runs = (id: string): boolean => {
    try {
      return state.kind === 'running' && state.cluster.partRuns(id);
    } catch {
      return false;
    }
  };
  const nodes: ClusterNode[] = [];
  for (const gateway of topology.gateways) {
    const at = addresses?.gateways.find(({ name }) => name === gateway.name);
    const id = `gateway:${gateway.name}`;
    const login =
      gateway.mysql === null
        ? 'gRPC only'
        : { static: 'users file', clientcert: 'client certificates', none: 'no login' }[gateway.mysql.auth];
    nodes.push({
      ...base(id),
      id,
      kind: 'gateway',
      name: gateway.name,
      addresses: [
        ...(at?.mysql == null ? [] : [{ label: 'MySQL', address: `${at.mysql.host}:${at.mysql.port}` }]),
        ...(at?.grpc == null ? [] : [{ label: 'gRPC', address: `${at.grpc.host}:${at.grpc.port}` }]),
        ...(at?.mysql?.socket == null ? [] : [{ label: 'socket', address: at.mysql.socket }]),
      ],
      acl: null,
      detail: `${login}, ${fidelityOf(applied, gateway).mode}`,
      rates: control.ratesOf(gateway.name),
    });
  }
  for (const tablet of topology.tablets) {
    const at = addresses?.tablets.find(({ alias }) => alias === tablet.alias);
    const id = `tablet:${tablet.alias}`;
    const { acl } = tablet;
    const running = control.cluster?.tablets.find(({ alias }) => alias.replace(/-0+/, '-') === tablet.alias);
    const mode =
      acl.file === null && !acl.strict ? 'none' : acl.dryRun ? 'dry-run' : acl.strict ? 'strict' : ('off' as const);
    const own = base(id);
    nodes.push({
      ...own,
      fault: own.fault ?? running?.backendError ?? null,
      id,
      kind: 'tablet',
      name: tablet.alias,
      addresses: at === undefined ? [] : [{ label: 'gRPC', address: `${at.grpc.host}:${at.grpc.port}` }],
      acl: mode,
      detail: `table ACL: ${MODE[mode]}`,
      rates: null,
    });
  }
  for (const backend of topology.backends) {
    const at = addresses?.backends.find(({ name }) => name === backend.name);
    const id = `backend:${backend.name}`;
    nodes.push({
      ...base(id),
      id,
      kind: 'backend',
      name: backend.name,
      addresses:
        at === undefined
          ? backend.kind === 'external'
            ? [{ label: 'MySQL', address: `${backend.host}:${backend.port}` }]
            : []
          : [{ label: 'MySQL', address: `${at.host}:${at.port}` }],
      acl: null,
      detail:
        at === undefined
          ? backend.kind === 'external'
            ? 'run by others'
            : 'started by Gatehouse'
          : `${at.vendor} ${at.version}`.trim(),
      rates: null,
    });
  }
  return nodes;
}
