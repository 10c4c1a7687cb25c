import { say, type Escape, type Names } from './escape';

type Question = readonly [kind: string, title: string, about: string, sql: (names: Names) => string];

/** Statements about the forbidden table that Vitess asks a role for. */
const asked: readonly Question[] = [
  ['explain', 'EXPLAIN', 'MySQL’s plan for reading the table.', ({ read }) => `explain ${read}`],
  ['describe', 'DESCRIBE of a statement', 'The same with the other verb.', ({ read }) => `describe ${read}`],
  ['explain-json', 'EXPLAIN FORMAT=JSON', 'The same as JSON.', ({ read }) => `explain format = json ${read}`],
  [
    'explain-analyze',
    'EXPLAIN ANALYZE',
    'MySQL carries the statement out and tells how.',
    ({ read }) => `explain analyze ${read}`,
  ],
  [
    'explain-update',
    'EXPLAIN of an UPDATE',
    'MySQL’s plan for changing the table.',
    ({ F, f }) => `explain update ${F} set ${f} = '9'`,
  ],
  [
    'vexplain-all',
    'VEXPLAIN ALL',
    'vtgate carries the statement out and tells MySQL’s plan.',
    ({ read }) => `vexplain all ${read}`,
  ],
  ['analyze', 'ANALYZE TABLE', 'MySQL counts the table’s keys anew.', ({ F }) => `analyze table ${F}`],
  ['check', 'CHECK TABLE', 'MySQL looks for faults in the table.', ({ F }) => `check table ${F}`],
  ['checksum', 'CHECKSUM TABLE', 'A number over all rows of the table.', ({ F }) => `checksum table ${F}`],
  ['optimize', 'OPTIMIZE TABLE', 'MySQL makes the table anew.', ({ F }) => `optimize table ${F}`],
  ['repair', 'REPAIR TABLE', 'MySQL mends the table.', ({ F }) => `repair table ${F}`],
  [
    'show-where',
    'A subquery in SHOW … WHERE',
    'The filter of SHOW reads the table.',
    ({ rawF, F, f }) => `show tables where tables_in_x = '${rawF}' or exists (select ${f} from ${F})`,
  ],
];

/** What Vitess answers without asking anybody; hardened mode asks for READER. */
const unasked: readonly Question[] = [
  ['describe-table', 'DESCRIBE of the table', 'The columns of the table.', ({ F }) => `describe ${F}`],
  ['explain-table', 'EXPLAIN of the table', 'The same with the other verb.', ({ F }) => `explain ${F}`],
  ['show-create', 'SHOW CREATE TABLE', 'How the table is made.', ({ F }) => `show create table ${F}`],
  ['show-columns', 'SHOW COLUMNS', 'The columns of the table.', ({ F }) => `show full columns from ${F}`],
  ['show-index', 'SHOW INDEX', 'The indexes of the table.', ({ F }) => `show index from ${F}`],
];

const questions = (list: readonly Question[], more: Partial<Escape>): readonly Escape[] =>
  list.map(([kind, title, about, sql]) => ({
    ...{ kind: `about-${kind}`, title, about, wanted: 'structure', ...more },
    turns: (names) => say(sql(names)),
  }));

export const structure: readonly Escape[] = [
  ...questions(asked, {}),
  ...questions(unasked, { byDesign: 'unchecked-in-vitess' }),
  {
    ...{ kind: 'create-like', title: 'CREATE TABLE … LIKE', wanted: 'structure', by: 'admin' },
    about: 'Somebody who may create tables makes an empty one of the forbidden form, and describes it.',
    byDesign: 'unchecked-in-vitess',
    turns: ({ free, F }) => say(`create table ${free} like ${F}`, `describe ${free}`),
    made: { before: () => [], after: ({ free }) => [`drop table if exists ${free}`] },
  },
];
