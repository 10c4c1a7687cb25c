import type { KnownNames } from '../../domain/acl';
import { parsePem } from '../../domain/certs';
import { NO_AUTHENTICATION_USER, UNSECURE_GRPC_CLIENT } from '../../domain/identity';
import type { Suite } from '../../domain/probes';
import type { Topology } from '../../domain/topology';
import type { GrpcUsersFile, UsersFile } from '../../domain/users';
import { schemaTables } from './schema-tables';

/** What callers can be called and which tables there are, as far as the workspace's files tell. */
export function knownNames(world: {
  readonly topology: Topology;
  readonly users: ReadonlyMap<string, UsersFile>;
  readonly grpcUsers: ReadonlyMap<string, GrpcUsersFile>;
  readonly suites: readonly Suite[];
  readonly files: ReadonlyMap<string, Buffer>;
  readonly certificates: ReadonlyMap<string, Buffer>;
}): KnownNames {
  const { topology, suites } = world;
  const tables = new Set(suites.flatMap((suite) => suite.tables.map((table) => table.name)));
  for (const { schemaFile } of topology.keyspaces) {
    const schema = schemaFile === null ? undefined : world.files.get(schemaFile);
    for (const table of schema === undefined ? [] : schemaTables(schema.toString('utf8'))) tables.add(table);
  }
  const principals = new Set<string>();
  for (const file of world.users.values())
    for (const entries of file.users.values())
      for (const entry of entries) for (const name of [entry.userData ?? '', ...entry.groups]) principals.add(name);
  for (const file of world.grpcUsers.values()) for (const user of file.users) principals.add(user.username);
  for (const suite of suites)
    for (const { claimed } of suite.callers)
      if (claimed !== null) for (const name of [claimed.principal, ...claimed.groups]) principals.add(name);
  if (topology.gateways.some((gateway) => gateway.mysql?.auth === 'none')) principals.add(NO_AUTHENTICATION_USER);
  if (topology.gateways.some((gateway) => gateway.grpc !== null)) principals.add(UNSECURE_GRPC_CLIENT);
  for (const [path, bytes] of [...world.certificates, ...world.files])
    if (path.endsWith('-cert.pem')) {
      const [leaf] = parsePem(bytes.toString('utf8'), path).certificates;
      for (const name of leaf === undefined ? [] : [leaf.subject.commonName, ...leaf.dnsNames]) principals.add(name);
    }
  principals.delete('');
  return {
    ...(tables.size > 0 ? { knownTables: tables } : {}),
    // Where names may be claimed, any name can come.
    ...(topology.gateways.some((gateway) => gateway.grpc?.useEffectiveCallerId === true) && suites.length === 0
      ? {}
      : { knownPrincipals: principals }),
  };
}
