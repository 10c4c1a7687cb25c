import type { Turn } from '../../../clients';
import type { Wanted } from '../talk/verdict';

/** The names in the statements of an attack; all but the raw ones are quoted. */
export interface Names {
  /** The table that the caller may read, and a column of it. */
  readonly A: string;
  readonly a: string;
  /** A column of it that holds texts; `a` where there is none. */
  readonly text: string;
  /** The forbidden table, its column with the canary. */
  readonly F: string;
  readonly f: string;
  /** The same without quotes. */
  readonly rawA: string;
  readonly rawF: string;
  /** Keyspace as Vitess knows it, database as MySQL does. */
  readonly keyspace: string;
  readonly database: string;
  /** A name that no table has, in a group of the caller's where there is one. */
  readonly free: string;
  /** Reads the canary: `select max(f) from F`. */
  readonly read: string;
}

/** One way around the table ACL. */
export interface Escape {
  readonly kind: string;
  readonly title: string;
  /** What is tried, a sentence. */
  readonly about: string;
  readonly wanted: Wanted;
  readonly turns: (names: Names) => readonly Turn[];
  /** Who tries: the usual insider, one that may create tables (ADMIN on a free name), or one over gRPC. */
  readonly by?: 'admin' | 'grpc';
  /** Statements of MySQL's root beforehand and afterwards: what only an administrator of MySQL can make. */
  readonly made?: {
    readonly before: (names: Names) => readonly string[];
    readonly after: (names: Names) => readonly string[];
  };
  /** It makes sense only with a free name in a group of the caller's. */
  readonly needsFree?: true;
  /** Vitess ends the connection at it without a word, so that nobody can show what stopped it. */
  readonly endsSilently?: 'always' | 'in-vitess';
  /** Why it tells nothing against a workspace when it gets through. */
  readonly byDesign?: 'mysql-administrator' | 'unchecked-in-vitess';
}

export const say = (...sql: readonly (string | Buffer)[]): readonly Turn[] =>
  sql.map((one) => ({ kind: 'query', sql: one }));

/** A clause that MySQL answers with an error that shows the value of `query`. */
export const leak = (query: string): string => `extractvalue(1, concat(0x7e, (${query})))`;
