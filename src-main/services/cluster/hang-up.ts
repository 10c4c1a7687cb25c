import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseAclFile } from '../../domain/acl';
import { GatehouseError, type Finding } from '../../domain/kernel';
import { parseQueryRules } from '../../domain/query-rules';
import { readTopology, type ClientTls, type ServerTls } from '../../domain/topology';
import { parseGrpcUsersFile, parseUsersFile } from '../../domain/users';
import { createTlsAcceptor } from '../../servers/tls';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';
import { FileAtFault, keptFile, mainFault, type KeptFile } from './kept-file';
import { changedFiles, fileHashes, withoutPlaces, type FinishedReload, type ReloadTarget } from './reload';
import { clientTls, serverTls } from './tls-files';

/** What makes a running cluster look at its files again: a signal, the time of one users file or one ACL, or a change of query rules. */
export type ReloadCause =
  'hang-up' | { readonly usersOf: string } | { readonly aclOf: string } | { readonly queryRulesOf: string };

/** As of a reload that takes each file for itself. */
export interface FinishedHangUp extends FinishedReload {
  /** Files that changed and cannot be taken over: what was in force stays. */
  readonly kept: readonly KeptFile[];
}

/** Files that are taken over together, and how. `put` rejects, before it changes anything, when they are at fault. */
interface Unit {
  readonly paths: readonly string[];
  put(files: ReadonlyMap<string, Buffer>): Promise<void>;
}

/**
 * Reloads as real programs do at SIGHUP and by time (vitess-behaviour §§1.1, 2.2, 5.2): each file for itself, so that one
 * that is at fault keeps what was in force and does not hold back the others. A gateway in vitess mode reads its users
 * and the CRL of its MySQL port, a tablet its ACL; open connections stay (rule tls-files-read-once). In hardened mode
 * everything but the topology is read, and peers that it refuses are disconnected. Never rejects because of a file.
 */
export async function hangUp(target: ReloadTarget, cause: ReloadCause): Promise<FinishedHangUp> {
  const { workspace: running } = target;
  const before = fileHashes(running);
  const files = new Map(running.files);
  const kept = new Map<string, KeptFile>();
  for (const path of Object.keys(before)) {
    try {
      files.set(path, await readFile(join(running.paths.dir, path)));
    } catch (error) {
      files.delete(path);
      if (cause === 'hang-up')
        kept.set(path, {
          file: path,
          message: `The file cannot be read (${(error as NodeJS.ErrnoException).code ?? ''}).`,
        });
    }
  }
  const next = {
    ...running,
    files,
    users: new Map(running.users),
    grpcUsers: new Map(running.grpcUsers),
    acls: new Map(running.acls),
    queryRules: new Map(running.queryRules),
  };
  const changed = new Set(changedFiles(before, fileHashes(next)));
  const taken = new Set<string>();
  for (const { paths, put } of units(target, next, cause)) {
    const own = paths.filter((path) => changed.has(path));
    if (own.length === 0 || paths.some((path) => !files.has(path))) continue;
    try {
      await put(files);
      for (const path of own) taken.add(path);
    } catch (error) {
      for (const path of own) kept.set(path, keptFile(path, error));
    }
  }
  const written = files.get('gatehouse.json');
  if (cause === 'hang-up' && changed.has('gatehouse.json') && written !== undefined) {
    const { topology, findings } = readTopology(written, 'gatehouse.json');
    const fault = topology === null ? mainFault(findings) : undefined;
    // A restart would fail with it.
    if (fault !== undefined) kept.set('gatehouse.json', keptFile('gatehouse.json', new FileAtFault(fault)));
    else if (topology !== null && isDeepStrictEqual(withoutPlaces(topology), withoutPlaces(running.topology)))
      taken.add('gatehouse.json');
  }
  // What one part takes over and another keeps, or reads at its start only, is still the old file for the whole.
  for (const file of kept.keys()) taken.delete(file);
  const restart = [...changed].filter((path) => !taken.has(path) && !kept.has(path)).sort();
  for (const path of changed)
    if (!taken.has(path) && running.files.has(path)) files.set(path, running.files.get(path)!);
  return {
    reloaded: [...taken].sort(),
    restart: cause === 'hang-up' ? restart : [],
    kept: [...kept.values()].sort((a, b) => a.file.localeCompare(b.file)),
    workspace: next,
  };
}

function* units(
  { workspace: running, gateways, tablets }: ReloadTarget,
  next: {
    readonly users: Map<string, NonNullable<ReturnType<Workspace['users']['get']>>>;
    readonly grpcUsers: Map<string, NonNullable<ReturnType<Workspace['grpcUsers']['get']>>>;
    readonly acls: Map<string, NonNullable<ReturnType<Workspace['acls']['get']>>>;
    readonly queryRules: Map<string, NonNullable<ReturnType<Workspace['queryRules']['get']>>>;
  },
  cause: ReloadCause,
): Generator<Unit> {
  const { topology } = running;
  const all = cause === 'hang-up';
  for (const [index, spec] of topology.gateways.entries()) {
    const fidelity = fidelityOf(running, spec);
    const hardened = fidelity.mode === 'hardened';
    const gateway = gateways[index];
    const { mysql, grpc } = spec;
    const usersFile = mysql?.auth === 'static' ? mysql.usersFile : null;
    if (usersFile !== null && (all || ('usersOf' in cause && cause.usersOf === spec.name)))
      yield {
        paths: [usersFile],
        async put(files) {
          const reading = parseUsersFile(files.get(usersFile)!, { file: usersFile, fidelity });
          const users = sound(reading.users, reading.findings, hardened, reading.vitess.message);
          await gateway?.update({ mysqlAuth: { kind: 'static', users, file: usersFile } });
          next.users.set(usersFile, users);
        },
      };
    if (!all) continue;
    const tls = mysql?.tls ?? null;
    if (tls !== null && (hardened || tls.crl !== null))
      yield {
        paths: hardened ? pathsOf(tls) : [tls.crl!],
        async put(files) {
          // Certificate, key and authorities of vtgate stay those of the start.
          const read = hardened ? files : new Map([...running.files, [tls.crl!, files.get(tls.crl!)!]]);
          const config = serverTls(read, tls);
          createTlsAcceptor(config, { name: `gateway ${spec.name}`, fidelity }).dispose();
          await gateway?.update({ mysqlTls: config, keepOpenPeers: !hardened });
        },
      };
    if (!hardened) continue;
    if (grpc?.tls != null) {
      const { tls: grpcTls } = grpc;
      yield {
        paths: pathsOf(grpcTls),
        async put(files) {
          const config = serverTls(files, grpcTls);
          createTlsAcceptor(config, { name: `gateway ${spec.name}`, fidelity }).dispose();
          await gateway?.update({ grpcTls: config });
        },
      };
    }
    if (grpc?.usersFile != null) {
      const { usersFile: file } = grpc;
      yield {
        paths: [file],
        async put(files) {
          const reading = parseGrpcUsersFile(files.get(file)!, { file, fidelity });
          const staticUsers = sound(reading.users, reading.findings, hardened, null);
          await gateway?.update({ grpc: { staticUsers } });
          next.grpcUsers.set(file, staticUsers);
        },
      };
    }
    const { tabletLink } = spec;
    if (tabletLink !== null)
      yield {
        paths: pathsOf(tabletLink),
        async put(files) {
          const tabletTls = clientTls(files, tabletLink);
          if (tabletTls !== undefined) await gateway?.update({ tabletTls });
        },
      };
  }
  const fidelity = fidelityOf(running, null);
  const hardened = fidelity.mode === 'hardened';
  for (const [index, { alias, acl, queryRules, queryRulesWatch, grpc }] of topology.tablets.entries()) {
    const tablet = tablets[index];
    const { file } = acl;
    if (file !== null && (all || ('aclOf' in cause && cause.aclOf === alias)))
      yield {
        paths: [file],
        async put(files) {
          const reading = parseAclFile(files.get(file)!, { file, fidelity });
          const found = sound(reading.acl, reading.findings, hardened, reading.vitess.message);
          await tablet?.update({ acl: { acl: found } });
          next.acls.set(file, found);
        },
      };
    // Without the watch vttablet reads its rules at its start alone.
    if (queryRules !== null && queryRulesWatch && (all || ('queryRulesOf' in cause && cause.queryRulesOf === alias)))
      yield {
        paths: [queryRules],
        async put(files) {
          const reading = parseQueryRules(files.get(queryRules)!, { file: queryRules });
          const rules = sound(reading.rules, reading.findings, hardened, reading.vitess.message);
          await tablet?.update({ queryRules: { rules } });
          next.queryRules.set(queryRules, rules);
        },
      };
    if (!all || !hardened) continue;
    if (grpc.tls !== null) {
      const { tls } = grpc;
      yield {
        paths: pathsOf(tls),
        async put(files) {
          const config = serverTls(files, tls);
          createTlsAcceptor(config, { name: `tablet ${alias}`, fidelity }).dispose();
          await tablet?.update({ tls: config });
        },
      };
    }
    if (grpc.usersFile !== null) {
      const { usersFile } = grpc;
      yield {
        paths: [usersFile],
        async put(files) {
          const reading = parseGrpcUsersFile(files.get(usersFile)!, { file: usersFile, fidelity });
          const users = sound(reading.users, reading.findings, hardened, null);
          await tablet?.update({ staticUsers: { users } });
          next.grpcUsers.set(usersFile, users);
        },
      };
    }
  }
}

/** What was read of a file, unless it cannot be taken over; in hardened mode a finding of level error is reason enough. */
function sound<T>(value: T | null, findings: readonly Finding[], hardened: boolean, said: string | null): T {
  const fault = mainFault(findings);
  if (value !== null && !(hardened && fault !== undefined)) return value;
  if (fault !== undefined) throw new FileAtFault(fault);
  throw new GatehouseError({ code: 'workspace.findings', summary: said ?? 'the file cannot be taken over' });
}

const pathsOf = (tls: ServerTls | ClientTls): string[] =>
  Object.entries(tls).flatMap(([key, value]) =>
    ['ca', 'cert', 'key', 'crl', 'clientCa', 'serverCa'].includes(key) && typeof value === 'string' ? [value] : [],
  );
