import { quoted } from '../talk/bait';
import { say, type Escape, type Names } from './escape';

/** Full-width forms of ASCII letters (Unicode block Halfwidth and Fullwidth Forms). */
const fullWidth = (name: string): string =>
  name.replaceAll(/[a-z]/gi, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0));

/** Cyrillic letters that look like Latin ones; a name without any gets a full-width first letter. */
const alike: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'с',
  e: 'е',
  o: 'о',
  p: 'р',
  x: 'х',
  y: 'у',
  i: 'і',
  s: 'ѕ',
};
function cyrillic(name: string): string {
  const changed = name.replaceAll(/[aceopxyis]/g, (letter) => alike[letter] ?? letter);
  return changed === name ? fullWidth(name.slice(0, 1)) + name.slice(1) : changed;
}

/** Letters that MySQL's collations take for the plain ones: á = a, ſ = s. */
const accents: Readonly<Record<string, string>> = { a: 'á', e: 'é', i: 'í', o: 'ó', u: 'ú', s: 'ſ', n: 'ñ', c: 'ç' };
const collated = (name: string): string => name.replace(/[aeiousnc]/, (letter) => accents[letter] ?? letter);

type Spelling = readonly [kind: string, title: string, about: string, table: (names: Names) => string];

/** The forbidden table under names that one part may take for it and another may not. */
const spellings: readonly Spelling[] = [
  [
    'upper-case',
    'Capital letters',
    'MySQL may not tell them apart; the table ACL does.',
    ({ rawF }) => rawF.toUpperCase(),
  ],
  [
    'mixed-case',
    'A capital at the beginning',
    'The same with one letter.',
    ({ rawF }) => rawF.slice(0, 1).toUpperCase() + rawF.slice(1),
  ],
  ['backquotes', 'Backquotes', 'The name stands in backquotes.', ({ F }) => F],
  [
    'trailing-space',
    'A space behind the name',
    'The name ends in a space inside backquotes.',
    ({ rawF }) => quoted(`${rawF} `),
  ],
  [
    'leading-space',
    'A space before the name',
    'The name begins with a space inside backquotes.',
    ({ rawF }) => quoted(` ${rawF}`),
  ],
  [
    'both-names',
    'Both names in one pair of backquotes',
    'The allowed name, a doubled backquote, and the forbidden one.',
    ({ rawA, rawF }) => quoted(`${rawA}\` union select * from \`${rawF}`),
  ],
  ['nul', 'A NUL byte in the name', 'A name cut at the NUL would be the table’s.', ({ rawF }) => quoted(`${rawF}\0x`)],
  [
    'percent',
    'A name with a percent sign',
    'The ACL knows prefixes with a percent sign.',
    ({ rawF }) => quoted(`${rawF.slice(0, 3)}%`),
  ],
  [
    'full-width',
    'Full-width letters',
    'The name in the full-width forms of its letters.',
    ({ rawF }) => quoted(fullWidth(rawF)),
  ],
  [
    'cyrillic',
    'Cyrillic letters',
    'The name with Cyrillic letters that look the same.',
    ({ rawF }) => quoted(cyrillic(rawF)),
  ],
  [
    'zero-width',
    'A character without width',
    'The name with a zero-width space in it.',
    ({ rawF }) => quoted(`${rawF.slice(0, 2)}\u200b${rawF.slice(2)}`),
  ],
  [
    'collation',
    'A name that sorts the same',
    'A letter that MySQL’s collations take for the plain one.',
    ({ rawF }) => quoted(collated(rawF)),
  ],
  [
    'qualified-keyspace',
    'The keyspace before the name',
    'The table with the keyspace that it lies in.',
    ({ F, keyspace }) => `${quoted(keyspace)}.${F}`,
  ],
  [
    'qualified-database',
    'The database before the name',
    'The table with the name of MySQL’s database.',
    ({ F, database }) => `${quoted(database)}.${F}`,
  ],
  [
    'qualified-allowed',
    'The allowed table as a qualifier',
    'The qualifier is called like the table that the caller may read.',
    ({ A, F }) => `${A}.${F}`,
  ],
  [
    'qualified-other',
    'Another keyspace',
    'The table with a keyspace that does not exist.',
    ({ F }) => `\`elsewhere\`.${F}`,
  ],
  ['partition', 'A partition of the table', 'The name is followed by a partition.', ({ F }) => `${F} partition (p0)`],
];

export const spelledOtherwise: readonly Escape[] = [
  ...spellings.map(([kind, title, about, table]): Escape => ({
    ...{ kind: `name-${kind}`, title, about, wanted: 'rows' },
    turns: (names) => say(`select max(${names.f}) from ${table(names)}`),
  })),
  {
    ...{ kind: 'name-ansi-quotes', title: 'Double quotes as backquotes', wanted: 'rows' },
    about: 'With ANSI_QUOTES the name in double quotes is a name for MySQL, and a text for others.',
    turns: ({ f, rawF }) => say(`set session sql_mode = 'ANSI_QUOTES'`, `select max(${f}) from "${rawF}"`),
  },
];

/** Tables of MySQL itself; any row of them tells something that no table group opens. */
export const systemTables: readonly Escape[] = (
  [
    [
      'mysql-user',
      'mysql.user',
      'MySQL’s own accounts.',
      () => 'select max(user) as v from mysql.user having v is not null',
    ],
    [
      'information-schema',
      'information_schema.columns',
      'MySQL’s list of columns, asked for the forbidden table.',
      ({ rawF }) =>
        `select column_name from information_schema.columns where table_schema = database() and table_name = '${rawF}'`,
    ],
    [
      'table-statistics',
      'information_schema.tables',
      'The number of rows of the forbidden table in MySQL’s statistics.',
      ({ rawF }) =>
        `select table_rows from information_schema.tables where table_schema = database() and table_name = '${rawF}'`,
    ],
    [
      'performance-schema',
      'performance_schema',
      'The statements that others have sent, in MySQL’s own statistics.',
      () => 'select digest_text from performance_schema.events_statements_summary_by_digest limit 1',
    ],
    [
      'sys-schema',
      'sys',
      'Statistics of the tables in the schema sys.',
      ({ rawF }) => `select rows_fetched from sys.schema_table_statistics where table_name = '${rawF}'`,
    ],
  ] satisfies readonly Spelling[]
).map(([kind, title, about, sql]) => ({
  ...{ kind: `system-${kind}`, title, about, wanted: 'structure' },
  turns: (names) => say(sql(names)),
}));
