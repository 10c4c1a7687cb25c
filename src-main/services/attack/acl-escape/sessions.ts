import { leak, say, type Escape } from './escape';

const rows = 'rows' as const;
const COM_FIELD_LIST = 0x04;
const COM_BINLOG_DUMP = 0x12;
const COM_TABLE_DUMP = 0x13;

/** Ways that need a session, a prepared statement, several statements or another command of the protocol. */
export const sessions: readonly Escape[] = [
  {
    ...{ kind: 'prepare-text', title: 'PREPARE and EXECUTE', wanted: rows },
    about: 'The statement is a text when it is sent, and is carried out by its name.',
    turns: ({ read }) => say(`prepare lab from '${read}'`, 'execute lab'),
  },
  {
    ...{ kind: 'prepare-variable', title: 'PREPARE from a variable', wanted: rows },
    about: 'The text to be prepared comes out of a variable.',
    turns: ({ read }) => say(`set @lab = '${read}'`, 'prepare lab from @lab', 'execute lab'),
  },
  {
    ...{ kind: 'prepare-split', title: 'PREPARE from a joined text', wanted: rows },
    about: 'The table’s name is put together when the statement is prepared.',
    turns: ({ f, rawF }) =>
      say(
        `set @lab = concat('select max(${f}) from ', '${rawF.slice(0, 2)}', '${rawF.slice(2)}')`,
        'prepare lab from @lab',
        'execute lab',
      ),
  },
  {
    ...{ kind: 'binary', title: 'A prepared statement of the binary protocol', wanted: rows },
    about: 'The statement is prepared and carried out by the protocol’s own commands, over gRPC with bind variables.',
    turns: ({ read }) => [{ kind: 'bound', sql: `${read} where 1 = ?`, values: [1] }],
  },
  {
    ...{ kind: 'binary-union', title: 'A UNION in a prepared statement', wanted: rows },
    about: 'The same, with the table in the second arm of a UNION.',
    turns: ({ A, a, read }) => [
      { kind: 'bound', sql: `select cast(${a} as char) from ${A} where 1 = ? union ${read}`, values: [0] },
    ],
  },
  {
    ...{ kind: 'binary-name', title: 'The table’s name as a bound value', wanted: rows },
    about: 'A place for a value stands where the table’s name belongs.',
    turns: ({ f, rawF }) => [{ kind: 'bound', sql: `select max(${f}) from ?`, values: [rawF] }],
  },
  {
    ...{ kind: 'several', title: 'Several statements in one text', wanted: rows },
    about: 'With the protocol’s leave for several statements the forbidden one follows an allowed one.',
    turns: ({ A, a, read }) => [{ kind: 'several', sql: `select ${a} from ${A} limit 1; ${read}` }],
  },
  {
    ...{ kind: 'several-unasked', title: 'A second statement without leave', wanted: rows },
    about: 'The same without having asked for it.',
    turns: ({ A, a, read }) => say(`select ${a} from ${A} limit 1; ${read}`),
  },
  {
    ...{ kind: 'several-comment', title: 'A second statement in a comment', wanted: rows },
    about: 'The semicolon stands in a comment that only MySQL reads.',
    turns: ({ A, a, read }) => [{ kind: 'several', sql: `select ${a} from ${A} limit 1 /*!50000 ; ${read} */` }],
  },
  {
    ...{ kind: 'set-variable', title: 'SET of a user variable', wanted: rows },
    about: 'A subquery fills a variable, which is then read.',
    turns: ({ read }) => say(`set @lab = (${read})`, 'select @lab'),
  },
  {
    ...{ kind: 'assign', title: 'An assignment in SELECT', wanted: rows },
    about: 'A variable is filled with := on the way.',
    turns: ({ F, f }) => say(`select @lab := max(${f}) from ${F}`, 'select @lab'),
  },
  {
    ...{ kind: 'into-variable', title: 'SELECT INTO a variable', wanted: rows, endsSilently: 'always' },
    about: 'The result goes into a variable instead of to the client.',
    turns: ({ F, f }) => say(`select max(${f}) into @lab from ${F}`, 'select @lab'),
  },
  {
    ...{ kind: 'set-system', title: 'SET of a system variable', wanted: rows },
    about: 'A subquery is to be a system variable’s value; the error would name the value.',
    turns: ({ read }) => say(`set session sql_mode = (${read})`, 'select @@sql_mode'),
  },
  {
    ...{ kind: 'strict-off', title: 'Switching the check off in the session', wanted: rows },
    about: 'Session variables are set that sound as if they would switch the table ACL off.',
    turns: ({ read }) =>
      say(
        'set session strict_table_acl = 0',
        'set @@session.enable_table_acl_dry_run = 1',
        'set sql_safe_updates = 0',
        read,
      ),
  },
  {
    ...{ kind: 'olap', title: 'The workload OLAP', wanted: rows },
    about: 'Results are streamed, on another way through the tablet.',
    turns: ({ read }) => say(`set workload = 'olap'`, read),
  },
  {
    ...{ kind: 'olap-union', title: 'A UNION with the workload OLAP', wanted: rows },
    about: 'The same with the table in the second arm of a UNION.',
    turns: ({ A, a, read }) =>
      say(`set workload = 'olap'`, `select cast(${a} as char) from ${A} where 1 = 0 union ${read}`),
  },
  {
    ...{ kind: 'dba', title: 'The workload DBA', wanted: rows },
    about: 'The workload of administrators, without limits.',
    turns: ({ read }) => say(`set workload = 'dba'`, read),
  },
  {
    ...{ kind: 'transaction', title: 'In a transaction', wanted: rows },
    about:
      'An allowed statement opens a transaction at the tablet; the forbidden one comes on the same connection of MySQL.',
    turns: ({ A, a, read }) => say('begin', `select ${a} from ${A} limit 1 for update`, read, 'rollback'),
  },
  {
    ...{ kind: 'savepoint', title: 'Behind a savepoint', wanted: rows },
    about: 'The same behind a savepoint with the allowed table’s name.',
    turns: ({ A, a, read }) =>
      say('begin', `select ${a} from ${A} limit 1`, `savepoint ${A}`, read, `rollback to ${A}`, 'rollback'),
  },
  {
    ...{ kind: 'reserved', title: 'On a reserved connection', wanted: rows },
    about: 'A lock of MySQL reserves a connection; the forbidden statement comes on it.',
    turns: ({ read }) => say(`select get_lock('lab', 0)`, read, `select release_lock('lab')`),
  },
  {
    ...{ kind: 'shard', title: 'A shard as the database', wanted: rows },
    about: 'USE names the shard, so that the text goes to the tablet as it is.',
    turns: ({ keyspace, read }) => say(`use \`${keyspace}:0@primary\``, read),
  },
  {
    ...{ kind: 'shard-qualified', title: 'A CTE name and a shard as the database', wanted: rows },
    about: 'USE names the shard; a WITH takes the table’s name, and the statement reads the table with its database.',
    turns: ({ keyspace, database, F, f }) =>
      say(
        `use \`${keyspace}:0@primary\``,
        `with ${F} as (select 'none' as ${f}) select max(${f}) from \`${database}\`.${F}`,
        `with ${F} as (select max(${f}) as v from ${F}) select v from ${F}`,
      ),
  },
  {
    ...{ kind: 'use-mysql', title: 'MySQL’s own database', wanted: rows },
    about: 'USE names MySQL’s own database, then the table is read with its keyspace.',
    turns: ({ keyspace, F, f }) => say('use mysql', `select max(${f}) from \`${keyspace}\`.${F}`),
  },
  {
    ...{ kind: 'lock-tables', title: 'LOCK TABLES', wanted: rows },
    about: 'The table is locked for reading, then read.',
    turns: ({ F, read }) => say(`lock tables ${F} read`, read, 'unlock tables'),
  },
  {
    ...{ kind: 'last-error', title: 'The errors of the session', wanted: rows },
    about: 'A statement that fails leaves its text in the warnings; they are read.',
    turns: ({ A, read }) => say(`select ${leak(read)} from ${A} limit 1`, 'show warnings'),
  },
  {
    ...{ kind: 'field-list', title: 'The command COM_FIELD_LIST', wanted: 'structure' },
    about: 'An old command of the protocol that lists the columns of a table.',
    turns: ({ rawF }) => [{ kind: 'command', command: COM_FIELD_LIST, payload: Buffer.from(`${rawF}\0`) }],
  },
  {
    ...{ kind: 'table-dump', title: 'The command COM_TABLE_DUMP', wanted: 'structure' },
    about: 'An old command of the protocol that sends a whole table.',
    turns: ({ rawF, database }) => [
      {
        kind: 'command',
        command: COM_TABLE_DUMP,
        payload: Buffer.from(
          `${String.fromCharCode(database.length)}${database}${String.fromCharCode(rawF.length)}${rawF}`,
        ),
      },
    ],
  },
  {
    ...{ kind: 'binlog-dump', title: 'The command COM_BINLOG_DUMP', wanted: rows },
    about: 'The command of replicas, which would see every change of every table.',
    turns: () => [{ kind: 'command', command: COM_BINLOG_DUMP, payload: Buffer.from([4, 0, 0, 0, 0, 0, 9, 0, 0, 0]) }],
  },
];

/** The same caller over gRPC: bind variables, streams and several statements of one call. */
export const overGrpc: readonly Escape[] = [
  {
    ...{ kind: 'grpc-plain', title: 'The table over gRPC', wanted: rows, by: 'grpc' },
    about: 'Reads the table over gRPC, to see that it is forbidden.',
    turns: ({ read }) => say(read),
  },
  {
    ...{ kind: 'grpc-binds', title: 'Bind variables over gRPC', wanted: rows, by: 'grpc' },
    about: 'The second arm of a UNION reads the table, behind a bind variable.',
    turns: ({ A, a, read }) => [
      { kind: 'bound', sql: `select cast(${a} as char) from ${A} where 1 = ? union ${read}`, values: [0] },
    ],
  },
  {
    ...{ kind: 'grpc-multi', title: 'Several statements in one gRPC call', wanted: rows, by: 'grpc' },
    about: 'ExecuteMulti takes an allowed statement and the forbidden one.',
    turns: ({ A, a, read }) => [{ kind: 'several', sql: `select ${a} from ${A} limit 1; ${read}` }],
  },
  {
    ...{ kind: 'grpc-batch', title: 'A batch over gRPC', wanted: rows, by: 'grpc' },
    about: 'ExecuteBatch takes an allowed statement and the forbidden one.',
    turns: ({ A, a, read }) => [{ kind: 'batch', sql: [`select ${a} from ${A} limit 1`, read] }],
  },
  {
    ...{ kind: 'grpc-stream', title: 'A stream over gRPC', wanted: rows, by: 'grpc' },
    about: 'StreamExecute streams the result, on another way through the tablet.',
    turns: ({ read }) => [{ kind: 'stream', sql: read }],
  },
  {
    ...{ kind: 'grpc-stream-cte', title: 'A CTE in a stream', wanted: rows, by: 'grpc' },
    about: 'The stream’s WITH takes the name of the allowed table.',
    turns: ({ A, F, f }) => [
      { kind: 'stream', sql: `with ${A} as (select max(${f}) as v from ${F}) select v from ${A}` },
    ],
  },
];
