import { say, type Escape, type Names } from './escape';

type Change = readonly [kind: string, title: string, about: string, sql: (names: Names) => readonly string[]];

/** Statements that would change the forbidden table. */
const changing: readonly Change[] = [
  [
    'insert',
    'INSERT',
    'Adds a row.',
    ({ F, f }) => [`insert ignore into ${F} (${f}) values ('9') on duplicate key update ${f} = '9'`],
  ],
  [
    'replace',
    'REPLACE',
    'Adds or replaces a row.',
    ({ F, f }) => [`set session sql_mode = ''`, `replace into ${F} (${f}) values ('9')`],
  ],
  [
    'insert-select',
    'INSERT … SELECT into the table',
    'Fills the table from an allowed one.',
    ({ F, f, A }) => [`insert ignore into ${F} (${f}) select '9' from ${A} limit 1 on duplicate key update ${f} = '9'`],
  ],
  ['update', 'UPDATE', 'Changes the rows.', ({ F, f }) => [`update ${F} set ${f} = '9'`]],
  [
    'update-join',
    'UPDATE of a join',
    'Changes the forbidden table in one statement with the allowed one.',
    ({ F, f, A }) => [`update ${F} as x join (select 1 as n from ${A} limit 1) as y on y.n = 1 set x.${f} = '9'`],
  ],
  [
    'update-cte',
    'UPDATE behind a WITH',
    'A WITH takes the name of the table that is changed.',
    ({ F, f }) => [`with ${F} as (select 1 as n) update ${F} set ${f} = '9'`],
  ],
  ['delete', 'DELETE', 'Deletes the rows.', ({ F }) => [`delete from ${F}`]],
  [
    'delete-multi',
    'DELETE from several tables',
    'Deletes from the forbidden table by an alias that is called like the allowed one.',
    ({ F, A }) => [`delete ${A} from ${F} as ${A}`],
  ],
  [
    'load-data',
    'LOAD DATA',
    'MySQL is to fill the table from a file.',
    ({ F }) => [`load data infile '/etc/hostname' into table ${F}`],
  ],
  [
    'load-local',
    'LOAD DATA LOCAL',
    'The same with a file of the client.',
    ({ F }) => [`load data local infile 'lab.txt' into table ${F}`],
  ],
  ['truncate', 'TRUNCATE', 'Empties the table.', ({ F }) => [`truncate table ${F}`]],
  [
    'drop',
    'DROP TABLE',
    'Drops it together with a table that does not exist.',
    ({ F }) => [`drop table if exists lab_none, ${F}`],
  ],
  [
    'rename',
    'RENAME TABLE',
    'Gives it a name of the caller’s group.',
    ({ F, free }) => [`rename table ${F} to ${free}`],
  ],
  ['alter', 'ALTER TABLE', 'Changes its comment.', ({ F }) => [`alter table ${F} comment = 'lab'`]],
  [
    'alter-rename',
    'ALTER TABLE … RENAME',
    'The same with the other statement.',
    ({ F, free }) => [`alter table ${F} rename to ${free}`],
  ],
  ['index', 'CREATE INDEX', 'Gives it an index.', ({ F, f }) => [`create index lab on ${F} (${f})`]],
  [
    'version-comment',
    'UPDATE in a version comment',
    'The statement stands in a comment that MySQL carries out.',
    ({ F, f }) => [`/*!50000 update ${F} set ${f} = '9' */`],
  ],
  [
    'shard',
    'UPDATE with a shard as the database',
    'USE names the shard, so that the text goes to the tablet as it is.',
    ({ F, f, keyspace }) => [`use \`${keyspace}:0@primary\``, `update ${F} set ${f} = '9'`],
  ],
];

/** Statements that write the forbidden table’s content where the caller may read. */
const copying: readonly Change[] = [
  [
    'insert-select',
    'INSERT … SELECT',
    'Copies the canary into the allowed table and reads it there.',
    ({ A, F, f, text }) => [
      `insert ignore into ${A} (${text}) select max(${f}) from ${F}`,
      `select max(${text}) from ${A}`,
    ],
  ],
  [
    'insert-values',
    'A subquery in VALUES',
    'The same with a subquery among the values.',
    ({ A, read, text }) => [`insert ignore into ${A} (${text}) values ((${read}))`, `select max(${text}) from ${A}`],
  ],
  [
    'duplicate-key',
    'ON DUPLICATE KEY UPDATE',
    'The subquery stands behind ON DUPLICATE KEY UPDATE.',
    ({ A, read, text }) => [
      `insert ignore into ${A} select * from ${A} as y limit 1 on duplicate key update ${text} = (${read})`,
      `select max(${text}) from ${A}`,
    ],
  ],
  [
    'update-set',
    'A subquery in UPDATE',
    'Sets a column of the allowed table from the forbidden one.',
    ({ A, read, text }) => [`update ignore ${A} set ${text} = (${read}) limit 1`, `select max(${text}) from ${A}`],
  ],
];

export const changes: readonly Escape[] = [
  ...changing.map(([kind, title, about, sql]): Escape => ({
    ...{ kind: `change-${kind}`, title, about, wanted: 'change' },
    turns: (names) => say(...sql(names)),
  })),
  ...copying.map(([kind, title, about, sql]): Escape => ({
    ...{ kind: `copy-${kind}`, title, about, wanted: 'rows' },
    turns: (names) => say(...sql(names)),
  })),
];

/** Somebody who may create tables, and not read the forbidden one. */
const creating: readonly Change[] = [
  [
    'create-select',
    'CREATE TABLE … SELECT',
    'Creates a table of its own from the forbidden one.',
    ({ free, F }) => [`create table ${free} as select * from ${F}`],
  ],
  [
    'create-brackets',
    'CREATE TABLE (SELECT …)',
    'The same in a form that Vitess reads only in part.',
    ({ free, F }) => [`create table ${free} (select * from ${F})`],
  ],
  [
    'create-view',
    'CREATE VIEW',
    'Creates a view of its own on the forbidden table.',
    ({ free, F }) => [`create view ${free} as select * from ${F}`],
  ],
  [
    'create-table-source',
    'CREATE TABLE … TABLE',
    'Creates a table from the short form of SELECT.',
    ({ free, F }) => [`create table ${free} as table ${F}`],
  ],
];

export const creations: readonly Escape[] = creating.map(([kind, title, about, sql]) => ({
  ...{ kind, title, about, wanted: 'rows', by: 'admin' },
  turns: (names) => say(...sql(names), `select max(${names.f}) from ${names.free}`),
  made: {
    before: () => [],
    after: ({ free }) => [`drop view if exists ${free}`, `drop table if exists ${free}`],
  },
}));
