import type { Name, NamedBy } from './names';

/** Recordings of what clients of the gateway and the tablet are answered, and what the gateway asks and logs. */
const files = ['mysql-protocol', 'healthstream', 'errors', 'query-log', 'decisions'];

/** The part of a case on which a difference stands: `steps[2]`, `rpcs[0]`, `gate.reads`, else the first name. */
const partOf = (at: string): string => /^\w+(\[\d+\]|\.\w+)?/.exec(at)?.[0] ?? '';

/** Whether these words stand in anything that was seen in the same part of the case. */
const saidBeside = ({ all, difference }: NamedBy, words: RegExp): boolean =>
  all.some(({ at, seen }) => partOf(at) === partOf(difference.at) && words.test(JSON.stringify(seen) ?? ''));

const saidAnywhere = ({ all }: NamedBy, words: RegExp): boolean =>
  all.some(({ seen }) => words.test(JSON.stringify(seen) ?? ''));

const statusOf = (flags: unknown): string =>
  Array.isArray(flags) ? flags.filter((flag) => flag !== 'IN_TRANS').join() : String(flags);

interface RecordedStep {
  readonly do?: readonly unknown[];
  readonly query?: string;
  readonly call?: string;
}
interface RecordedCase {
  readonly steps?: readonly RecordedStep[];
  readonly sql?: string;
  readonly statements?: readonly string[];
  readonly action?: string;
  readonly client?: { readonly statements?: readonly unknown[] };
}

/** The statements that a difference may be due to: of its step where the case has steps, else all of the case. */
function statementsOf({ recorded, difference }: NamedBy): string[] {
  const { steps, sql, statements, action, client } = recorded as RecordedCase;
  const step = /^steps\[(\d+)\]/.exec(difference.at)?.[1];
  const one = step === undefined ? undefined : steps?.[Number(step)];
  const texts = one === undefined ? [sql, ...(statements ?? []), action, ...(client?.statements ?? [])] : [];
  return [...texts, one?.query, one?.call, one?.do?.[1]].filter((text) => typeof text === 'string');
}
const asks = (of: NamedBy, words: RegExp): boolean => statementsOf(of).some((sql) => words.test(sql));

/** A step of the case before or at the difference did this. */
const didBefore = ({ recorded, difference }: NamedBy, operation: string): boolean => {
  const steps = (recorded as RecordedCase).steps ?? [];
  const at = /^steps\[(\d+)\]/.exec(difference.at)?.[1];
  return steps.slice(0, at === undefined ? steps.length : Number(at) + 1).some((step) => step.do?.[0] === operation);
};

/** A denial that the recording does not have, of a statement in which these words stand. */
const denied =
  (statement: RegExp): Name['covers'] =>
  (of) =>
    saidAnywhere(of, /command denied to user/) && asks(of, statement);

/** A refusal because of tables that are not determined. */
const undetermined =
  (statement: RegExp): Name['covers'] =>
  (of) =>
    saidAnywhere(of, /table set that cannot be determined/) && asks(of, statement);

const inHardened =
  (covers: Name['covers']): Name['covers'] =>
  (of) =>
    of.mode === 'hardened' && covers(of);

const isStatus = (at: string): boolean => /(^|\.)(ok\.|end\.)?status(\[\d+\])?$/.test(at);

/** The more special first. */
export const sessionNames: readonly Name[] = [
  {
    rule: 'users-caching-sha2-offered',
    files,
    covers: inHardened(({ difference }) => difference.at === 'handshake.plugin'),
  },
  {
    // The replay waits in vain for the packet that Vitess sends, and its connection ends with the waiting.
    rule: 'mysql-wire-long-data-silent',
    files,
    covers: inHardened(
      (of) =>
        didBefore(of, 'longdata') &&
        of.all.some(({ at, expected, seen }) => /extraPackets\[0\]\.err$/.test(at) && expected !== seen),
    ),
  },
  {
    rule: 'sql-reading-settings-undetermined',
    files,
    covers: inHardened((of) => saidBeside(of, /changes how statements are read/)),
  },
  {
    rule: 'mysql-settings-checked',
    files,
    covers: (of) => saidAnywhere(of, /(failed to parse )?connection setting/),
  },
  {
    rule: 'mysql-commit-after-loss',
    files,
    // What comes after depends on it.
    covers: inHardened((of) => saidAnywhere(of, /VT09032: previous transaction failed/)),
  },
  {
    rule: 'sql-panics-refused',
    files,
    covers: inHardened(
      (of) =>
        saidBeside(of, /desc = invalid SQL|^"?invalid SQL|"invalid SQL/) ||
        of.all.some(({ at, expected }) => expected === 'empty response' || (/\.closed$/.test(at) && expected === true)),
    ),
  },
  { rule: 'sql-semicolons-behind-refused', files, covers: inHardened((of) => asks(of, /;\s*(\/\*.*?\*\/|\s)*;\s*/)) },
  {
    rule: 'acl-undetermined-denied',
    files,
    covers: undetermined(/^\W*(call|do|load|repair|optimize|handler|lock|flush|checksum|check|analyze)\b/i),
  },
  {
    rule: 'sql-partial-create-table-undetermined',
    files,
    covers: (of) => of.mode === 'vitess' && undetermined(/^\W*create\s+table\b/i)(of),
  },
  { rule: 'acl-undetermined-denied', files, covers: (of) => of.mode === 'vitess' && undetermined(/./)(of) },
  { rule: 'sql-versioned-comments-undetermined', files, covers: inHardened(undetermined(/\/\*M?!/)) },
  {
    rule: 'sql-files-undetermined',
    files,
    covers: inHardened(undetermined(/\binto\s+(outfile|dumpfile)\b|\bload_file\s*\(/i)),
  },
  {
    rule: 'sql-reading-settings-undetermined',
    files,
    covers: inHardened(undetermined(/sql_mode|SET_VAR|character_set|set\s+(names|charset)/i)),
  },
  {
    rule: 'sql-stored-programs-undetermined',
    files,
    covers: inHardened(undetermined(/^\W*(create|alter)\b.*\b(procedure|function|trigger|event)\b/is)),
  },
  { rule: 'sql-show-filter-undetermined', files, covers: inHardened(undetermined(/^\W*show\b.*\bselect\b/is)) },
  { rule: 'sql-definition-query-undetermined', files, covers: inHardened(undetermined(/^\W*(create|alter)\b/i)) },
  { rule: 'sql-stored-functions-undetermined', files, covers: inHardened(undetermined(/\w\s*\(/)) },
  { rule: 'acl-undetermined-refused', files, covers: inHardened(undetermined(/./)) },
  {
    rule: 'sql-explained-statement-asked',
    files,
    covers: denied(/^\W*(vexplain|explain|describe|desc)\b.*\b(select|insert|replace|update|delete)\b/is),
  },
  {
    rule: 'sql-definition-sources-asked',
    files,
    covers: denied(/^\W*(create|alter)\b.*\b(select|values|as\s+table)\b/is),
  },
  {
    rule: 'sql-set-and-show-subqueries-asked',
    files,
    covers: denied(/^\W*(set\b.*\(\s*select|show\b.*\bselect)\b/is),
  },
  {
    rule: 'sql-subjects-asked',
    files,
    covers: inHardened(denied(/^\W*(show|explain|describe|desc)\b|\b(like|references|exchange\s+partition)\b/is)),
  },
  { rule: 'sql-with-shadowing-asked', files, covers: inHardened(denied(/\bwith\b/is)) },
  { rule: 'sql-with-names-scoped', files, covers: denied(/\bwith\b/is) },
  // Where a name was taken for a table, somebody was refused who is let in.
  { rule: 'sql-with-names-scoped', files: ['decisions'], covers: (of) => asks(of, /^\W*with\b/i) },
  { rule: 'acl-dual-reads-nothing-else', files, covers: (of) => of.mode === 'vitess' && denied(/^\W*select\b/i)(of) },
  { rule: 'acl-dual-checked', files, covers: inHardened(denied(/\bdual\b/i)) },
  {
    // Query logs name the tables that were asked about.
    rule: 'sql-subjects-asked',
    files: ['query-log'],
    covers: inHardened(({ difference }) => /^vtgate\[\d+\]\.20$/.test(difference.at)),
  },
  {
    rule: 'mysql-settings-not-as-hints',
    files,
    covers: inHardened(
      (of) =>
        saidBeside(of, /can't be set to the value of/) ||
        of.all.some(({ expected }) => /SET_VAR\(/.test(JSON.stringify(expected) ?? '')),
    ),
  },
  {
    rule: 'mysql-flags-of-streams',
    files,
    covers: inHardened(
      ({ difference: { at, expected, seen } }) => isStatus(at) && statusOf(expected) === statusOf(seen),
    ),
  },
  {
    rule: 'mysql-constants-asked',
    files,
    covers: inHardened(
      (of) =>
        of.difference.at === 'vttablet.length' ||
        (/^steps\[\d+\]\.got\.(columns|columnDefs)\[/.test(of.difference.at) &&
          asks(of, /^\W*select\b(?!.*\bfrom\b)/is)),
    ),
  },
];
