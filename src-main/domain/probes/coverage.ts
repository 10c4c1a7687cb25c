import type { AclListName, Decision, TableAcl, TableGroup } from '../acl';
import type { GrpcUsersFile, UsersFile } from '../users';
import type { UserEntryPlace } from './predict';

/** One thing in a file on which a decision can turn. */
export interface CoveredLine {
  /** Stable within the file: what `add a test` names. */
  readonly id: string;
  /** From 1; 0 in a binary ACL, which has no lines. */
  readonly line: number;
  /** From 1, as the ACL's reader counts; 0 where there is none. */
  readonly column: number;
  readonly kind: 'group' | 'entry' | 'list' | 'member' | 'user';
  /** The table group, '' for a nameless one; of a users file the user. */
  readonly group: string;
  readonly list: AclListName | null;
  /** The entry, the member; of a user's entry its number, from 1. */
  readonly text: string;
  /** Tests whose decision goes through it. */
  readonly tests: number;
  /** Of these, run, with the outcome that was predicted. */
  readonly proven: number;
  /** Why no test can ever reach it; null: one can. */
  readonly unreachable: 'repeated' | 'null-entry' | null;
}

/** What the tests touch of one file, in the order of the file. */
export interface CoveredFile {
  readonly file: string;
  readonly kind: 'acl' | 'users' | 'grpc-users';
  readonly lines: readonly CoveredLine[];
}

/** What the tests touch of the files that decide. */
export interface Coverage {
  readonly files: readonly CoveredFile[];
  /** Lines that a test can reach; `touched` by at least one test, `proven` by at least one that was run. */
  readonly totals: { readonly lines: number; readonly touched: number; readonly proven: number };
}

/** How one cell is decided. */
export interface DecidedCell {
  /** Null: it never gets to the table ACL. */
  readonly decision: Decision | null;
  /** The entry of a users file that lets the caller in. */
  readonly entry: UserEntryPlace | null;
  /** It was run, and what happened is what was predicted. */
  readonly proven: boolean;
}

interface Count {
  tests: number;
  proven: number;
}

const keyOf = (file: string, ...parts: readonly (string | number | null)[]): string => JSON.stringify([file, ...parts]);
const userKey = ({ file, user, line, index }: UserEntryPlace): string =>
  keyOf(file, 'user', user, index ?? `line ${line}`);

/**
 * Counts, for every line of the files that decide, the cells whose decision goes through it: the entry that covers the
 * table with its group, the list that is asked, the member of it that matches, and the entry of a users file that lets the
 * caller in. A list that answers no is touched, its members are not. Where nothing is asked (`dual`, exempt callers)
 * nothing is touched. A cell counts once a line, however many tables its statement has.
 */
export function coverageOf(
  files: {
    readonly acls: ReadonlyMap<string, TableAcl>;
    readonly users: ReadonlyMap<string, UsersFile>;
    readonly grpcUsers: ReadonlyMap<string, GrpcUsersFile>;
  },
  cells: Iterable<DecidedCell>,
): Coverage {
  const counts = new Map<string, Count>();
  const groupsByEntry = new Map([...files.acls].map(([file, acl]) => [file, entryIndex(acl)]));
  for (const { decision, entry, proven } of cells) {
    const touched = new Set<string>();
    if (entry !== null) touched.add(userKey(entry));
    const asked = decision !== null && decision.enforcement !== 'dual' && decision.enforcement !== 'exempt';
    for (const table of asked ? decision.tables : []) {
      if (table.file === null || table.entry === null || table.list === null) continue;
      const group = groupsByEntry.get(table.file)?.get(table.entry);
      if (group === undefined) continue;
      touched.add(keyOf(table.file, group, 'group'));
      touched.add(keyOf(table.file, group, 'entry', table.entry));
      touched.add(keyOf(table.file, group, table.list));
      if (table.principal !== null) touched.add(keyOf(table.file, group, table.list, table.principal));
    }
    for (const key of touched) {
      const count = counts.get(key) ?? { tests: 0, proven: 0 };
      count.tests += 1;
      if (proven) count.proven += 1;
      counts.set(key, count);
    }
  }
  const of = (key: string): Count => counts.get(key) ?? { tests: 0, proven: 0 };
  const covered: CoveredFile[] = [
    ...[...files.acls].map(([file, acl]): CoveredFile => ({
      file,
      kind: 'acl',
      lines: acl.groups.flatMap((group, index) => groupLines(file, group, index, of)),
    })),
    ...[...files.users].map(([file, users]): CoveredFile => ({
      file,
      kind: 'users',
      lines: userLines(file, users, of),
    })),
    ...[...files.grpcUsers].map(([file, users]): CoveredFile => ({
      file,
      kind: 'grpc-users',
      lines: users.users.map(({ username, line }, index) => {
        const place = { file, user: username, line, index: null };
        return { ...userLine(place, index + 1, of(userKey(place))), id: `${index}/user` };
      }),
    })),
  ];
  const reachable = covered.flatMap(({ lines }) => lines.filter(({ unreachable }) => unreachable === null));
  return {
    files: covered,
    totals: {
      lines: reachable.length,
      touched: reachable.filter(({ tests }) => tests > 0).length,
      proven: reachable.filter(({ proven }) => proven > 0).length,
    },
  };
}

/** Entries of a file overlap nowhere, so that each leads to one group. */
const entryIndex = ({ groups }: TableAcl): ReadonlyMap<string, number> =>
  new Map(groups.flatMap(({ entries }, index) => entries.map(({ text }) => [text, index] as const)));

const lists: readonly AclListName[] = ['readers', 'writers', 'admins'];

function groupLines(file: string, group: TableGroup, at: number, of: (key: string) => Count): CoveredLine[] {
  const common = { group: group.name, list: null, unreachable: null };
  const lines: CoveredLine[] = [
    {
      ...common,
      id: `${at}/group`,
      kind: 'group',
      line: group.line,
      column: group.column,
      text: group.name,
      ...of(keyOf(file, at, 'group')),
    },
    ...group.entries.map(({ text, line, column }, index): CoveredLine => ({
      ...common,
      id: `${at}/entry/${index}`,
      kind: 'entry',
      line,
      column,
      text,
      ...of(keyOf(file, at, 'entry', text)),
    })),
  ];
  for (const name of lists) {
    const list = group[name];
    // A list that is not written stands for itself only where somebody asks it; it has no line to colour.
    if (list.principals.length > 0 || list.line !== group.line)
      lines.push({
        ...common,
        id: `${at}/${name}`,
        kind: 'list',
        line: list.line,
        column: list.column,
        list: name,
        text: name,
        ...of(keyOf(file, at, name)),
      });
    list.principals.forEach((principal, index) => {
      const repeated = list.members.get(principal.text) !== principal;
      lines.push({
        ...common,
        id: `${at}/${name}/${index}`,
        kind: 'member',
        line: principal.line,
        column: principal.column,
        list: name,
        text: principal.text,
        ...(repeated ? { tests: 0, proven: 0 } : of(keyOf(file, at, name, principal.text))),
        unreachable: repeated ? 'repeated' : null,
      });
    });
  }
  return lines;
}

const userLine = (place: UserEntryPlace, number: number, count: Count): CoveredLine => ({
  id: '',
  kind: 'user',
  line: place.line,
  column: 0,
  group: place.user,
  list: null,
  text: String(number),
  ...count,
  unreachable: null,
});

function userLines(file: string, { users }: UsersFile, of: (key: string) => Count): CoveredLine[] {
  let at = 0;
  return [...users].flatMap(([user, entries]) =>
    entries.map(({ index, line, isNull, sourceHost }): CoveredLine => {
      const place = { file, user, line, index };
      const never = isNull || (sourceHost !== '' && sourceHost !== 'localhost');
      return {
        ...userLine(place, index + 1, of(userKey(place))),
        id: `${at++}/user`,
        unreachable: never ? 'null-entry' : null,
      };
    }),
  );
}

/** The lines that a test could reach and none does, in the order of the files. */
export const untouched = ({ files }: Coverage): { readonly file: string; readonly line: CoveredLine }[] =>
  files.flatMap(({ file, lines }) =>
    lines.filter(({ tests, unreachable }) => tests === 0 && unreachable === null).map((line) => ({ file, line })),
  );
