import { leak, say, type Escape, type Names } from './escape';

type Read = readonly [kind: string, title: string, about: string, sql: (names: Names) => string];

/** Statements that read the forbidden table somewhere else than directly behind FROM. */
const statements: readonly Read[] = [
  [
    'plain',
    'The table as it is',
    'Reads the table without any trick, to see that it is forbidden.',
    ({ read }) => read,
  ],
  [
    'cte-allowed-name',
    'A CTE called like the allowed table',
    'A WITH names its query like the table that the caller may read.',
    ({ A, F, f }) => `with ${A} as (select max(${f}) as v from ${F}) select v from ${A}`,
  ],
  [
    'cte-own-name',
    'A CTE called like the table it reads',
    'A WITH names its query like the forbidden table, so that a check by names finds no table at all.',
    ({ F, f }) => `with ${F} as (select max(${f}) as v from ${F}) select v from ${F}`,
  ],
  [
    'cte-before-shadow',
    'A CTE that reads what a later one is called',
    'The first query of a WITH reads the table; a second one, which it cannot see, takes its name.',
    ({ F, f }) => `with x as (select max(${f}) as v from ${F}), ${F} as (select 1 as v) select v from x`,
  ],
  [
    'cte-shadow-outside',
    'A CTE name used outside of its WITH',
    'One arm of a UNION owns a WITH with the table’s name; the other arm reads the table itself.',
    ({ F, f, read }) => `(with ${F} as (select 'none' as ${f}) select ${f} from ${F}) union all (${read})`,
  ],
  [
    'cte-shadow-inner',
    'A CTE name of an inner query',
    'A derived table has a WITH with the table’s name; the query around it reads the table itself.',
    ({ F, f }) =>
      `select max(${F}.${f}) from ${F} join (with ${F} as (select 1 as n) select n from ${F}) as d on d.n = 1`,
  ],
  [
    'cte-recursive',
    'A recursive CTE',
    'The first arm of a recursion reads the table.',
    ({ F, f }) =>
      `with recursive r as (select max(${f}) as v, 1 as n from ${F} union all select v, n + 1 from r where n < 2) select v from r`,
  ],
  [
    'cte-qualified',
    'A CTE name and the qualified table',
    'A WITH takes the table’s name, and the statement reads the table with its keyspace.',
    ({ F, f, keyspace }) => `with ${F} as (select 'none' as ${f}) select max(${f}) from ${keyspace}.${F}`,
  ],
  [
    'derived',
    'A derived table',
    'The table is read in a derived table that has the allowed table’s name.',
    ({ A, F, f }) => `select v from (select max(${f}) as v from ${F}) as ${A}`,
  ],
  [
    'derived-deep',
    'A derived table three levels down',
    'The table is read in the innermost of three derived tables.',
    ({ read }) => `select * from (select * from (select * from (${read}) as x) as y) as z`,
  ],
  [
    'alias',
    'The allowed table’s name as an alias',
    'The forbidden table is called like the allowed one, and the other way round.',
    ({ A, F, f }) => `select max(${A}.${f}) from ${F} as ${A}`,
  ],
  [
    'join',
    'A join',
    'The table is joined to one that the caller may read.',
    ({ A, F, f }) => `select max(y.${f}) from (select 1 as n from ${A} limit 1) as x join ${F} as y on x.n = 1`,
  ],
  [
    'straight-join',
    'A STRAIGHT_JOIN',
    'The same with the join that only MySQL has.',
    ({ A, F, f }) => `select max(y.${f}) from (select 1 as n from ${A} limit 1) as x straight_join ${F} as y`,
  ],
  [
    'union',
    'A UNION',
    'The second arm of a UNION reads the table.',
    ({ A, a, read }) => `select cast(${a} as char) from ${A} where 1 = 0 union ${read}`,
  ],
  [
    'union-brackets',
    'A UNION in brackets',
    'The second arm stands in brackets with a LIMIT of its own.',
    ({ A, a, read }) => `(select cast(${a} as char) from ${A} limit 1) union all (${read} limit 1) order by 1`,
  ],
  [
    'subquery-list',
    'A subquery among the columns',
    'The table is read between SELECT and FROM.',
    ({ A, read }) => `select (${read}) as v from ${A} limit 1`,
  ],
  [
    'dual',
    'A subquery without a FROM',
    'The statement’s own FROM is dual, which nobody is asked for; up to 24.0.3 nothing else was asked for either.',
    ({ read }) => `select (${read}) as v`,
  ],
  ['dual-written', 'A subquery of dual', 'The same with dual written out.', ({ read }) => `select (${read}) from dual`],
  [
    'subquery-where',
    'A subquery in WHERE',
    'The table is read in WHERE; MySQL’s own error carries the value out.',
    ({ A, a, read }) => `select ${a} from ${A} where ${leak(read)} limit 1`,
  ],
  [
    'subquery-exists',
    'A subquery in EXISTS',
    'The table is read in EXISTS; MySQL’s own error carries the value out.',
    ({ A, a, F, f }) =>
      `select ${a} from ${A} where exists (select 1 from ${F} where ${leak(`select max(${f}) from ${F}`)})`,
  ],
  [
    'subquery-on',
    'A subquery in ON',
    'The table is read in the condition of a join.',
    ({ A, read }) =>
      `select x.v from (select 1 as v from ${A} limit 1) as x join (select 1 as w) as y on ${leak(read)}`,
  ],
  [
    'subquery-group',
    'A subquery in GROUP BY',
    'The table is read in GROUP BY.',
    ({ A, read }) => `select count(*) from ${A} group by ${leak(read)}`,
  ],
  [
    'subquery-having',
    'A subquery in HAVING',
    'The table is read in HAVING.',
    ({ A, read }) => `select count(*) from ${A} having ${leak(read)}`,
  ],
  [
    'subquery-order',
    'A subquery in ORDER BY',
    'The table is read in ORDER BY.',
    ({ A, a, read }) => `select ${a} from ${A} order by ${leak(read)} limit 1`,
  ],
  [
    'subquery-case',
    'A subquery in CASE',
    'The table is read in an arm of CASE, inside a function.',
    ({ A, read }) => `select case when 1 = 1 then lower((${read})) end as v from ${A} limit 1`,
  ],
  [
    'json-table',
    'JSON_TABLE',
    'The table is read in the document that JSON_TABLE takes apart.',
    ({ F, f }) =>
      `select t.v from json_table((select json_array(max(${f})) from ${F}), '$[*]' columns (v varchar(100) path '$')) as t`,
  ],
  [
    'window',
    'A window function',
    'The table is read with a window.',
    ({ F, f }) => `select max(${f}) over () from ${F} limit 1`,
  ],
  ['for-update', 'FOR UPDATE', 'The table is read with locks.', ({ read }) => `${read} for update`],
  [
    'share-mode',
    'LOCK IN SHARE MODE',
    'The table is read with shared locks.',
    ({ read }) => `${read} lock in share mode`,
  ],
  [
    'version-comment',
    'A version comment',
    'The statement stands in a comment that MySQL carries out.',
    ({ read }) => `/*!50000 ${read} */`,
  ],
  [
    'version-comment-union',
    'A UNION in a version comment',
    'Behind an allowed statement a comment that MySQL 8 carries out adds the forbidden one.',
    ({ A, a, read }) => `select cast(${a} as char) from ${A} where 1 = 0 /*!80000 union ${read} */`,
  ],
  [
    'version-comment-split',
    'A version comment in the table’s place',
    'What stands behind FROM depends on the version of the server.',
    ({ A, F, f }) => `select max(${f}) from /*!99999 ${A} as */ ${F}`,
  ],
  [
    'mariadb-comment',
    'A comment that MariaDB carries out',
    'The same with the comment of MariaDB.',
    ({ A, a, read }) => `select cast(${a} as char) from ${A} where 1 = 0 /*M! union ${read} */`,
  ],
  [
    'nested-comment',
    'A comment in a comment',
    'One parser’s comment ends where another’s goes on.',
    ({ A, a, read }) => `select cast(${a} as char) from ${A} where 1 = 0 /* /*! */ union ${read} -- */`,
  ],
  [
    'margin-comment',
    'Comments around the statement',
    'Leading and trailing comments are taken off before parsing and put on again; they name the allowed table.',
    ({ A, read }) => `/* select 1 from ${A} */ ${read} /* from ${A} */`,
  ],
  [
    'hint',
    'Optimizer hints',
    'A hint names the allowed table and sets a variable.',
    ({ A, F, f }) => `select /*+ SET_VAR(sql_safe_updates=OFF) BKA(${A}) */ max(${f}) from ${F}`,
  ],
  [
    'index-hint',
    'An index hint',
    'The table is followed by a list of indexes.',
    ({ F, f }) => `select max(${f}) from ${F} use index ()`,
  ],
  [
    'directive',
    'Directives of vtgate',
    'A comment for vtgate asks for another planner and for all shards.',
    ({ F, f }) =>
      `select /*vt+ PLANNER=gen4 ALLOW_SCATTER SKIP_QUERY_PLAN_CACHE=1 WORKLOAD_NAME=admin PRIORITY=0 */ max(${f}) from ${F}`,
  ],
  [
    'table',
    'TABLE',
    'The short form of SELECT that MySQL 8 has.',
    ({ F, f }) => `table ${F} order by ${f} desc limit 1`,
  ],
  ['values', 'VALUES', 'The table is read in a row of VALUES.', ({ read }) => `values row((${read}))`],
  ['handler', 'HANDLER', 'The statement that reads a table past SELECT.', ({ F }) => `handler ${F} open`],
  [
    'sequence',
    'A sequence',
    'The table is asked for the next value of a sequence.',
    ({ F }) => `select next 1 values from ${F}`,
  ],
  [
    'outfile',
    'INTO OUTFILE',
    'MySQL is to write the table into a file, then to read the file back.',
    ({ F, f }) => `select max(${f}) from ${F} into outfile '/nowhere/lab.txt'`,
  ],
  [
    'do',
    'DO',
    'DO works an expression out and says nothing; MySQL’s own error carries the value out.',
    ({ read }) => `do ${leak(read)}`,
  ],
  [
    'empty-comment',
    'An empty comment behind the verb',
    'Two parsers may not agree on where the verb ends.',
    ({ F, f }) => `select /**/ max(${f}) from ${F}`,
  ],
];

export const reads: readonly Escape[] = statements.map(([kind, title, about, sql]) => ({
  ...(kind === 'empty-comment' ? { endsSilently: 'in-vitess' as const } : {}),
  ...{ kind, title, about, wanted: 'rows' as const },
  turns: (names) => say(sql(names)),
}));
