import type { Difference } from '../replay/outcome';
import { loginNames } from './login-names';
import { sessionNames } from './session-names';

/** One difference between what was recorded and what another version or mode does, with what is known of its case. */
export interface NamedBy {
  /** As recorded. */
  readonly recorded: unknown;
  readonly difference: Difference;
  /** All that differs in the case. */
  readonly all: readonly Difference[];
  readonly mode: 'vitess' | 'hardened';
}

/** A rule and what shows that it is the reason. */
export interface Name {
  /** Id in domain/fidelity. */
  readonly rule: string;
  /** Recordings in which it may be the reason. */
  readonly files: readonly string[];
  readonly covers: (of: NamedBy) => boolean;
}

const statementFiles = ['permissions'];
const loginFiles = ['users-files'];

const sqlOf = ({ recorded }: NamedBy): string => (recorded as { readonly sql?: string }).sql ?? '';

/** The tables are not determined, for a reason that these words are in. */
const undetermined =
  (reason: RegExp) =>
  ({ difference: { at, seen } }: NamedBy): boolean =>
    at.endsWith('.undetermined') && typeof seen === 'string' && reason.test(seen);

/** The lists of permissions differ in statements that these words are in. */
const asked =
  (statement: RegExp) =>
  (of: NamedBy): boolean =>
    of.difference.at.includes('.permissions') && statement.test(sqlOf(of));

const hardened =
  (covers: Name['covers']): Name['covers'] =>
  (of) =>
    of.mode === 'hardened' && covers(of);

/** The RPC (`execute`, `stream`) on which a difference stands. */
const rpcOf = ({ at }: Difference): string => at.split('.')[0] ?? '';

/** The login of a users file on which a difference stands: `logins[2]`. */
const loginOf = ({ at }: Difference): string => /^\w+\[\d+\]/.exec(at)?.[0] ?? '';
const resultOf = ({ all, difference }: NamedBy): Difference | undefined =>
  all.find(({ at }) => at === `${loginOf(difference)}.result`);

/** Whether a recorded file is a JSON object. */
function isJsonObject(recorded: unknown): boolean {
  try {
    const value: unknown = JSON.parse((recorded as { readonly content?: string }).content ?? '');
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

/** Rules by what shows them, the more special first. */
const names: readonly Name[] = [
  {
    rule: 'sql-panics-refused',
    files: statementFiles,
    covers: hardened(({ all, difference }) =>
      all.some((one) => rpcOf(one) === rpcOf(difference) && one.at.endsWith('.panic') && one.expected === true),
    ),
  },
  { rule: 'sql-stored-functions-undetermined', files: statementFiles, covers: undetermined(/stored function/) },
  { rule: 'sql-files-undetermined', files: statementFiles, covers: undetermined(/file of the server/) },
  { rule: 'sql-stored-programs-undetermined', files: statementFiles, covers: undetermined(/stored program/) },
  { rule: 'sql-versioned-comments-undetermined', files: statementFiles, covers: undetermined(/versioned comment/) },
  {
    rule: 'sql-reading-settings-undetermined',
    files: statementFiles,
    covers: undetermined(/sql_mode|SET_VAR|character set/),
  },
  { rule: 'sql-show-filter-undetermined', files: statementFiles, covers: undetermined(/filter of SHOW/) },
  { rule: 'sql-definition-query-undetermined', files: statementFiles, covers: undetermined(/^a query inside/) },
  { rule: 'sql-partial-create-table-undetermined', files: statementFiles, covers: undetermined(/not read to its end/) },
  {
    rule: 'sql-opaque-statements-undetermined',
    files: statementFiles,
    covers: undetermined(/does not tell its tables|what a procedure reads/),
  },
  {
    rule: 'sql-explained-statement-asked',
    files: statementFiles,
    covers: asked(/^\s*(explain|describe|desc)\b.*\b(select|insert|replace|update|delete)\b/is),
  },
  {
    rule: 'sql-definition-sources-asked',
    files: statementFiles,
    covers: asked(/^\s*(create|alter)\b.*\b(select|values|as\s+table)\b/is),
  },
  {
    rule: 'sql-set-and-show-subqueries-asked',
    files: statementFiles,
    covers: asked(/^\s*(set\b.*\(\s*select|show\b.*\bselect)\b/is),
  },
  {
    rule: 'sql-subjects-asked',
    files: statementFiles,
    covers: hardened(asked(/^\s*(show|explain|describe|desc)\b|\b(like|references|exchange partition)\b/is)),
  },
  { rule: 'sql-with-shadowing-asked', files: statementFiles, covers: hardened(asked(/\bwith\b/is)) },
  { rule: 'sql-with-names-scoped', files: statementFiles, covers: asked(/\bwith\b/is) },
  {
    rule: 'acl-misspelt-key-is-error',
    files: ['acl-files'],
    covers: hardened(({ difference, recorded }) => difference.at === 'faults' && isJsonObject(recorded)),
  },
  {
    rule: 'acl-text-as-binary-is-error',
    files: ['acl-files'],
    covers: hardened(({ difference, recorded }) => difference.at === 'faults' && !isJsonObject(recorded)),
  },
  {
    rule: 'users-null-entry-refused',
    files: loginFiles,
    covers: hardened(({ recorded }) => /[:[,]\s*null\s*[\],}]/.test(JSON.stringify(recorded).replaceAll('\\', ''))),
  },
  {
    rule: 'users-caching-sha2-offered',
    files: loginFiles,
    covers: hardened((of) => resultOf(of)?.expected === 'error' && resultOf(of)?.seen === 'ok'),
  },
  {
    rule: 'users-no-secret-refused',
    files: loginFiles,
    covers: hardened((of) => resultOf(of)?.expected === 'ok' && resultOf(of)?.seen === 'error'),
  },
  ...loginNames,
  ...sessionNames,
];

/** The rule of domain/fidelity that explains a difference, or null when none does. */
export const ruleOf = (file: string, of: NamedBy): string | null =>
  names.find((name) => name.files.includes(file) && name.covers(of))?.rule ?? null;

/** Every rule that a difference can be named by. */
export const namedRules: readonly string[] = names.map(({ rule }) => rule);
