import type { FidelityRule } from '../rule';

const test = 'tests/unit/domain/sql/fidelity-rules.test.ts';

/** Where the tables and roles that a statement needs part between versions and modes (vitess-behaviour §§5.5-5.7). */
export const sqlRules: readonly FidelityRule[] = [
  {
    id: 'sql-explained-statement-asked',
    title: 'EXPLAIN and DESCRIBE of a statement',
    behaviour: {
      '24.0-recorded': 'Nothing is asked, EXPLAIN ANALYZE included, which runs the statement.',
      '24.0.4': 'The roles of the explained statement are asked for.',
    },
    source: 'release notes',
    test,
  },
  {
    id: 'sql-definition-sources-asked',
    title: 'Sources of CREATE TABLE … AS and of views',
    behaviour: {
      '24.0-recorded': 'ADMIN on the new table or view only.',
      '24.0.4': 'READER on what the query reads, too.',
    },
    source: 'release notes',
    test,
  },
  {
    id: 'sql-partial-create-table-undetermined',
    title: 'CREATE TABLE that Vitess does not parse to its end',
    behaviour: {
      '24.0-recorded': 'ADMIN on the table settles it, whatever the rest reads.',
      '24.0.4': 'Its tables cannot be determined.',
    },
    source: 'release notes',
    test,
  },
  {
    id: 'sql-set-and-show-subqueries-asked',
    title: 'Subqueries in SET and in the filter of SHOW',
    behaviour: {
      '24.0-recorded': 'They are not looked at.',
      '24.0.4': 'READER on the tables they read.',
    },
    source: 'release notes',
    test,
  },
  {
    id: 'sql-show-filter-undetermined',
    title: 'Queries in the filter of SHOW',
    behaviour: {
      vitess: 'They run; one that holds a WITH clause crashes MariaDB 10.11.',
      hardened: 'The statement is not determined.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'sql-with-names-scoped',
    title: 'Names of WITH clauses',
    behaviour: {
      '24.0-recorded':
        'A name hides a table in its own body and behind a schema; in subqueries and UNION arms it is asked for as if it were a table.',
      '24.0.4':
        'A name is resolved as MySQL does: not in its own body, not behind a schema, and everywhere inside the statement.',
    },
    source: 'release notes',
    test,
  },
  {
    id: 'sql-opaque-statements-undetermined',
    title: 'DO, CALL, LOAD DATA, REPAIR and OPTIMIZE',
    behaviour: {
      '24.0-recorded': 'Nothing is asked.',
      '24.0.4': 'Their tables cannot be determined.',
    },
    source: 'release notes',
    test,
  },
  {
    id: 'sql-subjects-asked',
    title: 'Tables that a statement only describes or refers to',
    behaviour: {
      vitess:
        'SHOW CREATE TABLE, SHOW COLUMNS, DESCRIBE, LIKE, REFERENCES and EXCHANGE PARTITION leave the other table unasked.',
      hardened: 'READER on it, ADMIN on the partner of EXCHANGE PARTITION.',
    },
    source: 'source',
    test,
  },
  {
    id: 'sql-with-shadowing-asked',
    title: 'Names of WITH clauses that may be tables too',
    behaviour: {
      vitess: 'A name in scope hides the table of that name.',
      hardened:
        'The table is asked for unless the case is simple: one WITH, no name twice, no such table known or read.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'sql-versioned-comments-undetermined',
    title: 'Versioned comments',
    behaviour: {
      vitess: 'Read or left out by the emulated server version, 8.4.6; the text that goes on says the same.',
      hardened:
        'What they say depends on the server, so the tables cannot be determined; except up to version 50699, which every ' +
        'server runs.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'sql-files-undetermined',
    title: 'Files of the server',
    behaviour: {
      vitess: 'INTO OUTFILE, INTO DUMPFILE and LOAD_FILE() need READER on the tables and nothing else.',
      hardened: 'Such statements are not determined.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'sql-stored-functions-undetermined',
    title: 'Functions that are not built in',
    behaviour: {
      vitess: 'They run with the rights of vttablet; nothing is asked for what they read.',
      hardened: 'A call of any function that does not come with the server makes the statement undetermined.',
    },
    source: 'source',
    test,
  },
  {
    id: 'sql-stored-programs-undetermined',
    title: 'Bodies of stored procedures',
    behaviour: {
      vitess: 'CREATE PROCEDURE needs ADMIN on the procedure’s name.',
      hardened: 'The body could read any table later on, so the statement is not determined.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'sql-definition-query-undetermined',
    title: 'What looks like a query inside a definition',
    behaviour: {
      vitess: 'Parts of CREATE TABLE, CREATE INDEX and ALTER TABLE that name no table are passed over.',
      hardened: 'Where the words of a query stand in them, as VALUES LESS THAN does, the statement is not determined.',
    },
    source: 'source',
    test,
  },
  {
    id: 'sql-reading-settings-undetermined',
    title: 'Settings that change how MySQL reads statements',
    behaviour: {
      vitess: 'Any sql_mode and character set may be set.',
      hardened:
        'A sql_mode like ANSI_QUOTES or NO_BACKSLASH_ESCAPES, a character set that hides backslashes and SET_VAR hints are not determined.',
    },
    source: 'source',
    test,
  },
  {
    id: 'sql-semicolons-behind-refused',
    title: 'More than one semicolon behind a statement',
    behaviour: {
      vitess: 'Any number of them is cut off, with the comments around.',
      hardened: 'One may follow; what stands behind it, if only another semicolon, is a second statement and refused.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'sql-nesting-limited',
    title: 'Deeply nested statements',
    behaviour: {
      vitess:
        'Up to 500 levels are read, where real programs read about 1500; what is deeper is not determined, and the refusal of a strict ACL says so.',
      hardened: 'As in vitess mode.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'sql-panics-refused',
    title: 'Statements on which the real program panics',
    behaviour: {
      vitess: 'A stream ends without a message, an Execute answers without a result.',
      hardened: 'They are refused with the text of statements that have no plan, or planned like their harmless form.',
    },
    source: 'measured',
    test,
  },
];
