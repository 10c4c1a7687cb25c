import { createHash } from 'node:crypto';
import { acceptedChanges } from './accepted-changes';
import { aclChanges } from './acl-changes';
import { certificateChanges } from './certificate-changes';
import { code, plain, say, type Change, type ChangeArea } from './change';
import { jsonText, JsonSides, type JsonText } from './json-sides';
import { queryRulesChanges } from './query-rules-changes';
import { settingChanges } from './setting-changes';
import { suiteChanges } from './suite-changes';
import { grpcUsersChanges, usersChanges } from './users-changes';

/** What a file holds, as far as sentences are concerned. */
export type TrackedKind =
  'users' | 'grpc-users' | 'acl' | 'query-rules' | 'topology' | 'suite' | 'attacks' | 'pki' | 'other';

/** A change with what names it: the same change in the same draft has the same id. */
export interface DescribedChange extends Change {
  readonly id: string;
}

/** A version of a workspace: the contents of its files. */
export type Version = ReadonlyMap<string, Buffer>;

/** The kind of a file by its place; `named` says what the topology uses it for. */
export function kindOfFile(path: string, named: ReadonlyMap<string, TrackedKind>): TrackedKind {
  if (path === 'gatehouse.json') return 'topology';
  if (path === 'tests/attacks.json') return 'attacks';
  if (path.startsWith('tests/') && path.endsWith('.json')) return 'suite';
  const known = named.get(path);
  if (known !== undefined) return known;
  if (path.startsWith('pki/')) return 'pki';
  if (/^users[^/]*\.json$/.test(path)) return 'users';
  if (/^grpc-(?:users|credentials)[^/]*\.json$/.test(path)) return 'grpc-users';
  if (/^query-rules[^/]*\.json$/.test(path)) return 'query-rules';
  return /^acl[^/]*\.json$/.test(path) ? 'acl' : 'other';
}

const areaOf: Readonly<Record<TrackedKind, ChangeArea>> = {
  users: 'callers',
  'grpc-users': 'callers',
  acl: 'access',
  'query-rules': 'access',
  topology: 'cluster',
  suite: 'tests',
  attacks: 'tests',
  pki: 'certificates',
  other: 'files',
};

const describers: { readonly [K in TrackedKind]?: (sides: JsonSides) => Change[] } = {
  users: usersChanges,
  'grpc-users': grpcUsersChanges,
  acl: aclChanges,
  'query-rules': queryRulesChanges,
  suite: suiteChanges,
  topology: (sides) =>
    settingChanges(sides, 'cluster', [
      { key: 'gateways', by: 'name', word: 'Gateway' },
      { key: 'tablets', by: 'alias', word: 'Tablet' },
      { key: 'backends', by: 'name', word: 'MySQL' },
      { key: 'keyspaces', by: 'name', word: 'Keyspace' },
    ]),
};

/**
 * Everything that differs between what is applied and the draft, as sentences; each can be taken back by itself. A file
 * that cannot be read, and one where only spacing or order differs, has one sentence for the whole of it.
 */
export function describeChanges(
  before: Version,
  after: Version,
  named: ReadonlyMap<string, TrackedKind>,
): DescribedChange[] {
  const differ = [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => {
      const [old, fresh] = [before.get(path), after.get(path)];
      return old === undefined || fresh === undefined ? old !== fresh : !old.equals(fresh);
    })
    .sort();
  const pki = differ.filter((path) => kindOfFile(path, named) === 'pki');
  const changes = [
    ...differ
      .filter((path) => !pki.includes(path))
      .flatMap((path) => fileChanges(path, kindOfFile(path, named), before.get(path), after.get(path))),
    ...certificateChanges(before, after, pki),
  ];
  const seen = new Map<string, number>();
  return changes.map((change) => {
    const key = JSON.stringify([change.file, plain(change.sentence)]);
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    return { ...change, id: createHash('sha256').update(`${key}#${count}`).digest('hex').slice(0, 16) };
  });
}

function fileChanges(path: string, kind: TrackedKind, old: Buffer | undefined, fresh: Buffer | undefined): Change[] {
  const whole = (text: Change['sentence']): Change[] => [
    {
      area: areaOf[kind],
      file: path,
      line: 0,
      side: fresh === undefined ? 'applied' : 'draft',
      sentence: text,
      revert: () => new Map([[path, old ?? null]]),
    },
  ];
  const accepted = kind === 'attacks' ? acceptedChanges(path, old, fresh) : null;
  if (accepted !== null) return accepted;
  if (old === undefined) return whole(say`${code(path)} added.`);
  if (fresh === undefined) return whole(say`${code(path)} removed.`);
  const lines = (): Change['sentence'] => {
    const count = changedLines(old, fresh);
    return say`${code(path)} changed in ${count === 1 ? 'one line' : `${count} lines`}.`;
  };
  const describe = describers[kind];
  const [before, after] = [jsonText(old), jsonText(fresh)];
  if (describe === undefined || before === null || after === null) {
    return whole(lines());
  }
  const sidesOf = (draft: JsonText): JsonSides =>
    new JsonSides(path, before, draft, old, kind === 'acl' || kind === 'suite');
  const changes = describe(sidesOf(after));
  if (isToldWhole(path, after, sidesOf, describe))
    return changes.length > 0 ? changes : whole(say`${code(path)} is written differently; what it says is the same.`);
  return [...changes, ...whole(changes.length === 0 ? lines() : say`${code(path)} differs in more than this.`)];
}

/** Files with more changes than this are not tried out: their sentences are taken as complete. */
const MOST_TRIED = 24;

/** Whether taking every change of a file back, one after the other, leads to what is applied. */
function isToldWhole(
  path: string,
  draft: JsonText,
  sidesOf: (draft: JsonText) => JsonSides,
  describe: (sides: JsonSides) => Change[],
): boolean {
  let left = draft;
  let last = MOST_TRIED + 1;
  for (;;) {
    const sides = sidesOf(left);
    const changes = describe(sides);
    const [next] = changes;
    if (next === undefined) return sides.saysTheSame(left);
    // One that cannot be taken back alone leaves a rest, which is told of as a whole.
    if (changes.length >= last) return last > MOST_TRIED;
    last = changes.length;
    const after = jsonText(next.revert().get(path) ?? undefined);
    if (after === null) return false;
    left = after;
  }
}

/** Lines of the longer side that the other does not have at the same place from the start or from the end. */
function changedLines(old: Buffer, fresh: Buffer): number {
  const [a, b] = [old.toString('utf8').split('\n'), fresh.toString('utf8').split('\n')];
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  return Math.max(1, Math.max(a.length, b.length) - head - tail);
}
