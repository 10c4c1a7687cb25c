import { flagsOf } from '../../domain/exports';
import { readSuite } from '../../domain/probes';
import type { Topology } from '../../domain/topology';
import { describeChanges, kindOfFile, maskPair, type DescribedChange, type TrackedKind } from '../../domain/workspace';

/** Contents of a version's files by path. */
export type Contents = ReadonlyMap<string, Buffer>;

/** One file of two versions as it may be shown. */
export interface FileDiff {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'changed';
  readonly before: string | null;
  readonly after: string | null;
  readonly masked: boolean;
}

/** The flags of one program that differ. */
export interface FlagDiff {
  /** `vtgate main`, `vttablet zone1-100`. */
  readonly program: string;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** What topologies use files for, those of the draft before those of the applied version. */
export function namedKinds(...topologies: readonly Topology[]): Map<string, TrackedKind> {
  const kinds = new Map<string, TrackedKind>();
  const put = (path: string | null | undefined, kind: TrackedKind): void => {
    if (path != null && !kinds.has(path)) kinds.set(path, kind);
  };
  for (const { gateways, tablets } of topologies) {
    for (const { mysql, grpc, tabletCredentialsFile } of gateways) {
      put(mysql?.usersFile, 'users');
      put(grpc?.usersFile, 'grpc-users');
      put(tabletCredentialsFile, 'grpc-users');
    }
    for (const { acl, queryRules, grpc } of tablets) {
      put(acl.file, 'acl');
      put(queryRules, 'query-rules');
      put(grpc.usersFile, 'grpc-users');
    }
  }
  return kinds;
}

/** Files of the suites by their names. */
export function suiteFiles(contents: Contents): Map<string, string> {
  const found = new Map<string, string>();
  for (const [path, content] of contents) {
    const suite = /^tests\/[^/]+\.json$/.test(path) ? readSuite(content, path).suite : null;
    if (suite !== null) found.set(suite.name, path);
  }
  return found;
}

/** Both versions of every file that differs, masked, in path order. */
export function fileDiffs(before: Contents, after: Contents, kinds: ReadonlyMap<string, TrackedKind>): FileDiff[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .filter((path) => {
      const [old, fresh] = [before.get(path), after.get(path)];
      return old === undefined || fresh === undefined || !old.equals(fresh);
    })
    .map((path): FileDiff => {
      const [old, fresh] = [before.get(path), after.get(path)];
      const status = old === undefined ? 'added' : fresh === undefined ? 'removed' : 'changed';
      return { path, status, ...maskPair(path, kindOfFile(path, kinds), old, fresh) };
    });
}

/** Flags that come and go; files are named by their workspace path. */
export function flagDiffs(before: Topology, after: Topology): FlagDiff[] {
  const [old, fresh] = [flagsOf(before, (path) => path), flagsOf(after, (path) => path)];
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((program): FlagDiff[] => {
    const [was, is] = [old.get(program) ?? [], fresh.get(program) ?? []];
    const removed = (was ?? []).filter((flag) => !is?.includes(flag));
    const added = (is ?? []).filter((flag) => !was?.includes(flag));
    return removed.length + added.length === 0 ? [] : [{ program, removed, added }];
  });
}

/** Sentences and files of the way from one version to another. */
export const compareVersions = (
  before: Contents,
  after: Contents,
  kinds: ReadonlyMap<string, TrackedKind>,
): { readonly changes: DescribedChange[]; readonly files: FileDiff[] } => ({
  changes: describeChanges(before, after, kinds),
  files: fileDiffs(before, after, kinds),
});
