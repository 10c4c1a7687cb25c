import type { TableRole } from '../sql/reading';

/** Where something stands in the file; lines and columns from 1, both 0 in a binary file. */
export interface AclPlace {
  readonly line: number;
  readonly column: number;
}

/**
 * A principal or an entry with its place. In a binary file a name may hold bytes that are not UTF-8; they are U+DC80 to
 * U+DCFF here, which no caller's name contains.
 */
export interface AclName extends AclPlace {
  readonly text: string;
}

/** The name of a list as Vitess writes it. */
export type AclListName = 'readers' | 'writers' | 'admins';

/** One list of principals. */
export interface AclList extends AclPlace {
  readonly name: AclListName;
  readonly principals: readonly AclName[];
  /** The same names, each with its first occurrence. */
  readonly members: ReadonlyMap<string, AclName>;
}

/** One table group. A missing list is an empty one that stands where the group stands. */
export interface TableGroup extends AclPlace {
  /** A label for people and counters: may be empty or repeated. */
  readonly name: string;
  readonly entries: readonly AclName[];
  readonly readers: AclList;
  readonly writers: AclList;
  readonly admins: AclList;
}

/** What a table name leads to: the entry that covers it and the entry's group. */
export interface AclMatch {
  readonly group: TableGroup;
  readonly entry: AclName;
}

/** Entries ready for looking up: since none overlaps another, at most one covers a table. */
export interface AclIndex {
  readonly exact: ReadonlyMap<string, AclMatch>;
  /** Prefixes without their `%`, sorted by UTF-16 units; `prefixMatches` has the match of each at the same place. */
  readonly prefixes: readonly string[];
  readonly prefixMatches: readonly AclMatch[];
}

/** A table ACL that Vitess would load. */
export interface TableAcl {
  /** As the user knows it. */
  readonly file: string;
  /** How the bytes were read: Vitess tries binary protobuf first. */
  readonly format: 'binary' | 'json';
  readonly groups: readonly TableGroup[];
  readonly index: AclIndex;
}

/** A table ACL without places, to be written. */
export interface AclModel {
  readonly groups: readonly {
    readonly name: string;
    readonly entries: readonly string[];
    readonly readers: readonly string[];
    readonly writers: readonly string[];
    readonly admins: readonly string[];
  }[];
}

/** What the workspace knows beside the file; what is left out is not checked. */
export interface KnownNames {
  /** Every user name and group that a caller can have. */
  readonly knownPrincipals?: Iterable<string> | undefined;
  /** Tables (and views, sequences, procedures) as they are written in the database. */
  readonly knownTables?: Iterable<string> | undefined;
}

/** The three roles in Vitess's order. */
export const tableRoles: readonly TableRole[] = ['READER', 'WRITER', 'ADMIN'];

const listOfRole = { READER: 'readers', WRITER: 'writers', ADMIN: 'admins' } as const;

/** The list that answers a question for `role`. */
export const listNameOf = (role: TableRole): AclListName => listOfRole[role];
