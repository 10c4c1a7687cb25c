import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { GatehouseError } from '../../domain/kernel';
import type { ClientTls, ServerTls, Tablet as TabletSpec, Topology } from '../../domain/topology';
import type { HostedGateway, HostedTablet, TabletUpdate } from '../../servers/engine';
import type { GatewayConfig, GatewayUpdate } from '../../servers/gateway';
import { createTlsAcceptor, createTlsDialer, type ServerTlsConfig } from '../../servers/tls';
import { fidelityOf, loadWorkspace, requireSound, type Workspace } from '../workspace/load-workspace';
import { gatewayConfig } from './gateway-config';
import { serverTls } from './tls-files';

/** What runs, as far as it can take files over. */
export interface ReloadTarget {
  /** What is in force: the topology of the start with the files of the last reload. */
  readonly workspace: Workspace;
  /** In the order of the topology; undefined: that one is stopped. */
  readonly gateways: readonly (HostedGateway | undefined)[];
  /** In the order of the topology; undefined: that one is stopped. */
  readonly tablets: readonly (HostedTablet | undefined)[];
}

/** What a reload has done. */
export interface ReloadOutcome {
  /** Files that were changed and are in force from here on, in path order. */
  readonly reloaded: readonly string[];
  /** Files that were changed and need a restart, in path order. */
  readonly restart: readonly string[];
}

/** SHA-256 of every file that a cluster runs with, by workspace path; a schema counts only when its database is made. */
export function fileHashes(workspace: Workspace): Record<string, string> {
  const once = new Set(workspace.topology.keyspaces.map(({ schemaFile }) => schemaFile));
  const paths = [...workspace.files.keys()].filter((path) => !once.has(path)).sort();
  return Object.fromEntries(
    paths.map((path) => [path, createHash('sha256').update(workspace.files.get(path)!).digest('hex')]),
  );
}

/** Paths whose content is not the one of `before`; files that `after` no longer has are among them. */
export function changedFiles(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => before[path] !== after[path])
    .sort();
}

/** A sentence for each file on disk that is not the one that the cluster of process `pid` runs with. */
export function staleWarnings(running: Readonly<Record<string, string>>, workspace: Workspace, pid: number): string[] {
  const fixed = restartOnly(workspace.topology);
  // A file that only the changed topology names is no change of its own.
  return changedFiles(running, fileHashes(workspace))
    .filter((path) => path in running)
    .map((path) =>
      fixed.has(path)
        ? `${path} changed since the cluster read it: restart process ${pid}`
        : `${path} changed since the cluster read it: send SIGHUP to process ${pid}, or restart it`,
    );
}

/** Files that are read at the start alone: the topology, a MySQL's certificates, a gateway's own password, query rules that are not watched. */
export function restartOnly(topology: Topology): Set<string> {
  const fixed = new Set(['gatehouse.json']);
  for (const { tls } of topology.backends)
    for (const path of tls === null ? [] : [tls.ca, tls.cert, tls.key]) if (path !== null) fixed.add(path);
  for (const { tabletCredentialsFile } of topology.gateways)
    if (tabletCredentialsFile !== null) fixed.add(tabletCredentialsFile);
  for (const { queryRules, queryRulesWatch } of topology.tablets)
    if (queryRules !== null && !queryRulesWatch) fixed.add(queryRules);
  return fixed;
}

/** As `ReloadOutcome`, with what the next reload starts from. */
export interface FinishedReload extends ReloadOutcome {
  /** What is in force afterwards. */
  readonly workspace: Workspace;
}

/**
 * Takes over changed users, ACLs, certificates and CRLs without ending connections, but for those of peers that the new
 * certificates or CRLs refuse; sessions of users who are no longer there go on, as with vtgate. Everything is read and
 * checked before anything is replaced: rejects with GatehouseError, and all goes on as before, when a file is at fault.
 */
export async function reload({ workspace: running, gateways, tablets }: ReloadTarget): Promise<FinishedReload> {
  const loaded = await loadWorkspace(running.paths.dir, running.overrides);
  if (!loaded.ok) throw new GatehouseError(loaded.failure);
  const fresh = requireSound(loaded.value);
  requireSameFidelity(running, fresh);
  const { topology } = running;
  const before = fileHashes(running);
  const sameTopology = isDeepStrictEqual(withoutPlaces(topology), withoutPlaces(fresh.topology));
  const changed = changedFiles(before, fileHashes(fresh)).filter((path) => path in before);
  const fixed = restartOnly(topology);
  if (sameTopology) fixed.delete('gatehouse.json');
  const reloaded = changed.filter((path) => !fixed.has(path));
  const next: Workspace = { ...fresh, topology };

  const isNew = (tls: ServerTls | ClientTls | null | undefined): boolean =>
    Object.values(tls ?? {}).some((value) => typeof value === 'string' && reloaded.includes(value));
  const apply: (() => Promise<void> | undefined)[] = [];
  topology.gateways.forEach((spec, index) => {
    const fidelity = fidelityOf(next, spec);
    const config = gatewayConfig(next, spec, [linkProbe], { next: () => null });
    const update = gatewayUpdate(config, {
      mysqlTls: isNew(spec.mysql?.tls),
      grpcTls: isNew(spec.grpc?.tls),
      tabletTls: isNew(spec.tabletLink),
    });
    for (const tls of [update.mysqlTls, update.grpcTls]) check(tls, `gateway ${spec.name}`, fidelity);
    if (update.tabletTls !== undefined) createTlsDialer(update.tabletTls, { fidelity, name: `gateway ${spec.name}` });
    apply.push(() => gateways[index]?.update(update));
  });
  topology.tablets.forEach((spec, index) => {
    const tls = spec.grpc.tls !== null && isNew(spec.grpc.tls) ? serverTls(next.files, spec.grpc.tls) : undefined;
    check(tls, `tablet ${spec.alias}`, fidelityOf(next, null));
    const { acl, rules, users } = tabletFiles(next, spec);
    const update: TabletUpdate = {
      ...(tls === undefined ? {} : { tls }),
      ...(spec.grpc.usersFile !== null && reloaded.includes(spec.grpc.usersFile) ? { staticUsers: { users } } : {}),
      ...(spec.acl.file !== null && reloaded.includes(spec.acl.file) ? { acl: { acl } } : {}),
      ...(spec.queryRules !== null && reloaded.includes(spec.queryRules) ? { queryRules: { rules } } : {}),
    };
    apply.push(() => tablets[index]?.update(update));
  });
  await Promise.all(apply.map((put) => put()));

  const restart = changed.filter((path) => fixed.has(path));
  // What still runs with its old content is named until the restart.
  const files = new Map([...next.files].filter(([path]) => path in before && !restart.includes(path)));
  for (const path of restart) files.set(path, running.files.get(path)!);
  return { reloaded, restart, workspace: { ...next, files } };
}

/** Stands for a tablet where only the gateway's own side of the link is wanted. */
const linkProbe = { alias: '', keyspace: '', shard: '', host: '', port: 0 };

function check(tls: ServerTlsConfig | undefined, name: string, fidelity: ReturnType<typeof fidelityOf>): void {
  if (tls !== undefined) createTlsAcceptor(tls, { name, fidelity }).dispose();
}

function gatewayUpdate(
  { mysql, grpc, tablets }: GatewayConfig,
  isNew: { readonly mysqlTls: boolean; readonly grpcTls: boolean; readonly tabletTls: boolean },
): GatewayUpdate {
  const link = tablets[0]?.tls;
  return {
    ...(mysql === null ? {} : { mysqlAuth: mysql.auth }),
    ...(grpc?.staticUsers === undefined ? {} : { grpc: { staticUsers: grpc.staticUsers } }),
    ...(isNew.mysqlTls && mysql?.tls !== undefined ? { mysqlTls: mysql.tls } : {}),
    ...(isNew.grpcTls && grpc?.tls !== undefined ? { grpcTls: grpc.tls } : {}),
    ...(isNew.tabletTls && link !== undefined ? { tabletTls: link } : {}),
  };
}

/** An ACL or users file that the fresh topology no longer names was not read: without it nothing is taken over. */
function tabletFiles({ acls, queryRules, grpcUsers }: Workspace, tablet: TabletSpec) {
  const { acl, grpc } = tablet;
  const read = <T>(from: ReadonlyMap<string, T>, path: string | null): T | undefined => {
    const value = path === null ? undefined : from.get(path);
    if (path !== null && value === undefined)
      throw new GatehouseError({
        code: 'workspace.findings',
        summary: `gatehouse.json no longer names ${path}, which the cluster runs with. Restart it.`,
      });
    return value;
  };
  return {
    acl: read(acls, acl.file) ?? null,
    rules: read(queryRules, tablet.queryRules) ?? null,
    users: read(grpcUsers, grpc.usersFile),
  };
}

/** Users files are read by the rules of their gateway's mode, and the mode is chosen at the start. */
function requireSameFidelity(running: Workspace, fresh: Workspace): void {
  for (const gateway of [null, ...running.topology.gateways]) {
    const same = gateway === null ? null : fresh.topology.gateways.find(({ name }) => name === gateway.name);
    if (same === undefined || !isDeepStrictEqual(fidelityOf(running, gateway), fidelityOf(fresh, same)))
      throw new GatehouseError({
        code: 'cluster.reload',
        summary:
          same === undefined
            ? `gatehouse.json no longer has the gateway "${gateway?.name ?? ''}". Restart the cluster.`
            : 'gatehouse.json has another fidelity or Vitess version. Restart the cluster.',
      });
  }
}

/** A topology without the places of its parts, which a reformatted file moves. */
export const withoutPlaces = (topology: Topology): unknown =>
  JSON.parse(JSON.stringify(topology, (key, value: unknown) => (key === 'place' ? undefined : value)));
