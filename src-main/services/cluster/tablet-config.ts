import { GatehouseError } from '../../domain/kernel';
import type { Tablet as TabletSpec } from '../../domain/topology';
import type { TabletConfig } from '../../servers/tablet';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';
import type { RunningBackend } from './backends';
import type { PortPlan } from './gateway-config';
import { serverTls } from './tls-files';

/** What a tablet needs to run, from the workspace's files and the MySQL that runs for it. */
export function tabletConfig(
  workspace: Workspace,
  spec: TabletSpec,
  running: ReadonlyMap<string, RunningBackend>,
  ports: PortPlan,
): TabletConfig {
  const { topology, files, acls, queryRules, grpcUsers } = workspace;
  const keyspace = topology.keyspaces.find((candidate) => candidate.name === spec.keyspace);
  const backend = running.get(spec.backend);
  if (keyspace === undefined || backend === undefined)
    throw new GatehouseError({
      code: 'workspace.findings',
      summary: `Tablet ${spec.alias} refers to a keyspace or backend that is not there.`,
    });
  const dash = spec.alias.lastIndexOf('-');
  return {
    alias: { cell: spec.alias.slice(0, dash), uid: Number(spec.alias.slice(dash + 1)) },
    keyspace: spec.keyspace,
    shard: spec.shard,
    type: spec.type,
    database: keyspace.database,
    listen: { host: spec.grpc.listen.host, port: ports.next() ?? spec.grpc.listen.port },
    ...(spec.grpc.tls === null ? {} : { tls: serverTls(files, spec.grpc.tls) }),
    authMode: spec.grpc.authMode === 'none' ? '' : spec.grpc.authMode,
    ...(spec.grpc.usersFile === null ? {} : { staticUsers: grpcUsers.get(spec.grpc.usersFile) }),
    mtlsSubstrings: spec.grpc.allowedSubstrings.join(':'),
    acl: spec.acl.file === null ? null : (acls.get(spec.acl.file) ?? null),
    aclFileGiven: spec.acl.file !== null,
    aclSettings: { strict: spec.acl.strict, dryRun: spec.acl.dryRun, exempt: spec.acl.exempt },
    queryRules: spec.queryRules === null ? null : (queryRules.get(spec.queryRules) ?? null),
    fidelity: fidelityOf(workspace, null),
    backend: backend.connection,
  };
}
