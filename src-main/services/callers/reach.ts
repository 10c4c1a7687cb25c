import { aclMatrix } from '../../domain/acl';
import type { ImmediateCaller } from '../../domain/identity';
import type { Workspace } from '../workspace/load-workspace';
import { AccessWorld } from '../access/access-world';
import type { BackendTables } from '../access/backend-tables';
import { namedTables, orderTables, versionFor } from '../access/predict-access';

/** What callers may do with every table that is known, predicted from a workspace's files. */
export interface Reach {
  /** Names of the tables; with their keyspace in front where there are several. */
  readonly tables: readonly string[];
  /** Three letters a table for each caller (`aclMatrix`). */
  rows(callers: readonly ImmediateCaller[]): string[];
}

/** Prepares predictions for the first tablet of each keyspace. */
export function reachOf(workspace: Workspace, backends: Pick<BackendTables, 'of'>, now: Date): Reach {
  const world = new AccessWorld(workspace, backends, now);
  const { tablets, keyspaces } = workspace.topology;
  const parts = keyspaces.flatMap(({ name: keyspace }) => {
    const tablet = tablets.find((candidate) => candidate.keyspace === keyspace);
    if (tablet === undefined) return [];
    const acl = tablet.acl.file === null ? null : (workspace.acls.get(tablet.acl.file) ?? null);
    const tables = orderTables(acl, [...world.tablesOf(keyspace), ...namedTables(acl)]).map(({ name }) => name);
    return [{ keyspace, version: versionFor(tablet, acl), tables }];
  });
  return {
    tables: parts.flatMap(({ keyspace, tables }) =>
      parts.length === 1 ? tables : tables.map((table) => `${keyspace}.${table}`),
    ),
    rows: (callers) => {
      const byPart = parts.map(({ version, tables }) =>
        aclMatrix({ acl: version.acl, aclFileGiven: version.fileGiven, settings: version.settings, callers, tables }),
      );
      return callers.map((_, at) => byPart.map((rows) => rows[at] ?? '').join(''));
    },
  };
}

/** On how many tables of a row something gets through. */
export function reachable(row: string): number {
  let count = 0;
  for (let at = 0; at < row.length; at += 3) if (row.slice(at, at + 3) !== 'DDD') count += 1;
  return count;
}
