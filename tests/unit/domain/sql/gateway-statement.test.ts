import { describe, expect, it } from 'vitest';
import { gatewayStatement, splitStatements } from '../../../../src-main/domain/sql';

describe('gatewayStatement', () => {
  it.each([
    ['begin', { kind: 'begin', readOnly: false, readWrite: false, consistentSnapshot: false }],
    ['/* c */ BEGIN WORK;', { kind: 'begin', readOnly: false, readWrite: false, consistentSnapshot: false }],
    ['start transaction read only', { kind: 'begin', readOnly: true, readWrite: false, consistentSnapshot: false }],
    [
      'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ WRITE',
      { kind: 'begin', readOnly: false, readWrite: true, consistentSnapshot: true },
    ],
    ['start replica', { kind: 'other' }],
    ['commit', { kind: 'commit', chain: false, release: false }],
    ['commit and chain', { kind: 'commit', chain: true, release: false }],
    ['rollback and no chain release', { kind: 'rollback', chain: false, release: true }],
    ['rollback no release', { kind: 'rollback', chain: false, release: false }],
    ['rollback to a', { kind: 'rollback-to', name: 'a' }],
    ['rollback work to savepoint `a b`', { kind: 'rollback-to', name: 'a b' }],
    ['savepoint a', { kind: 'savepoint', name: 'a' }],
    ['release savepoint a', { kind: 'release-savepoint', name: 'a' }],
    ['use commerce', { kind: 'use', target: 'commerce' }],
    ['use `commerce:0@replica`', { kind: 'use', target: 'commerce:0@replica' }],
    ['use commerce@replica;', { kind: 'use', target: 'commerce@replica' }],
    ['use', { kind: 'use', target: '' }],
    ['show full tables from commerce', { kind: 'show', subject: 'full tables' }],
    ["SHOW VARIABLES LIKE 'x'", { kind: 'show', subject: 'variables' }],
    ['show create table t', { kind: 'show', subject: 'create table t' }],
    ['show vitess_shards', { kind: 'show', subject: 'vitess_shards' }],
    ['select 1', { kind: 'select-no-table' }],
    ['select @@version, user() from dual', { kind: 'select-no-table' }],
    ['select (select 1)', { kind: 'select-no-table' }],
    ['(select 1) union select 2', { kind: 'select-no-table' }],
    ['with c as (select 1) select 1', { kind: 'select-no-table' }],
    ['select 1 from t', { kind: 'select' }],
    ['select (select 1 from t)', { kind: 'select' }],
    ['select 1 where exists (select 1 from t)', { kind: 'select' }],
    ['with c as (select 1 from t) select 1', { kind: 'select' }],
    ['select 1 from db.dual', { kind: 'select' }],
    ['select nonsense from', { kind: 'select' }],
    ['insert into t values (1)', { kind: 'dml', verb: 'insert' }],
    ['replace t values (1)', { kind: 'dml', verb: 'replace' }],
    ['update t set a = 1', { kind: 'dml', verb: 'update' }],
    ['with c as (select 1) delete from t', { kind: 'dml', verb: 'delete' }],
    ['create table t (id int)', { kind: 'ddl', verb: 'create' }],
    ['truncate t', { kind: 'ddl', verb: 'truncate' }],
    ['drop table t', { kind: 'ddl', verb: 'drop' }],
    ['drop prepare p', { kind: 'deallocate' }],
    ['lock tables t read', { kind: 'lock-tables' }],
    ['unlock tables', { kind: 'unlock-tables' }],
    ['unlock instance', { kind: 'other' }],
    ['kill 7', { kind: 'kill', what: 'connection', id: '7' }],
    ['kill query 7', { kind: 'kill', what: 'query', id: '7' }],
    ['explain select 1', { kind: 'explain' }],
    ['desc t', { kind: 'explain' }],
    ['call p()', { kind: 'call' }],
    ["prepare p from 'select 1'", { kind: 'prepare' }],
    ['execute p', { kind: 'execute' }],
    ['deallocate prepare p', { kind: 'deallocate' }],
    ['', { kind: 'empty' }],
    [' -- c\n /* d */ ;', { kind: 'empty' }],
    ['grant select on t to u', { kind: 'other' }],
    ["'a'", { kind: 'other' }],
    ['/*!40101 set names utf8mb4 */', { kind: 'set', assignments: [expect.objectContaining({ scope: 'names' })] }],
  ])('%s', (sql, expected) => {
    expect(gatewayStatement(sql)).toEqual(expected);
  });

  const assigned = (sql: string): unknown => {
    const found = gatewayStatement(sql);
    return found.kind !== 'set' || found.assignments === null
      ? null
      : found.assignments.map(({ scope, name, valueText, valueKind, collation, transactionScope }) =>
          [scope, name, valueText, valueKind, collation, transactionScope]
            .filter((part) => part !== undefined)
            .join('|'),
        );
  };

  it.each([
    ['set autocommit = 0', ['session|autocommit|0|literal']],
    ['set @@autocommit = ON, AUTOCOMMIT=off', ['session|autocommit|ON|literal', 'session|autocommit|off|literal']],
    ["set @x = 'it''s', @`a b` = -1", ["user|x|it's|literal", 'user|a b|-1|literal']],
    ['set session sql_mode = default', ['session|sql_mode|default|literal']],
    ['set @@session.SQL_MODE = "ANSI"', ['session|sql_mode|ANSI|literal']],
    ['set local x = 1', ['session|x|1|literal']],
    ['set global x = 1, @@global.y = 2', ['global|x|1|literal', 'global|y|2|literal']],
    ['set @@persist.x = 1', ['session|persist.x|1|literal']],
    ["set @@vitess_metadata.K = 'v'", ['vitess|K|v|literal']],
    ["set names 'utf8mb4' collate utf8mb4_bin", ['names|names|utf8mb4|literal|utf8mb4_bin']],
    ['set names default', ['names|names|default|literal']],
    ['set character set latin1', ['charset|charset|latin1|literal']],
    [
      'set transaction isolation level read committed, read only',
      ['transaction|isolation|READ COMMITTED|literal|next', 'transaction|access|READ ONLY|literal|next'],
    ],
    ['set session transaction read write', ['transaction|access|READ WRITE|literal|session']],
    ['set global transaction isolation level serializable', ['transaction|isolation|SERIALIZABLE|literal|global']],
    ["set workload = 'olap'", ['session|workload|olap|literal']],
    ['set @x = (select max(id) from t)', ['user|x|(select max(id) from t)|expression']],
    ['set persist x = 1', null],
    ["set password = 'x'", null],
    ['set x', null],
    ['set x = 1 2', null],
  ])('%s', (sql, expected) => {
    expect(assigned(sql)).toEqual(expected);
  });

  it('gives the place of a value', () => {
    const sql = 'set @a = 1, time_zone = concat(1)';
    const found = gatewayStatement(sql);
    if (found.kind !== 'set') throw new Error('no set');
    expect(found.assignments?.map(({ start, end }) => sql.slice(start, end))).toEqual(['1', 'concat(1)']);
  });
});

describe('splitStatements', () => {
  it.each([
    ['select 1', ['select 1']],
    ['select 1;', ['select 1']],
    ['select 1; select 2 ;', ['select 1', 'select 2']],
    [';;select 1;;', ['select 1']],
    ['', []],
    ['-- only', []],
    ['select 1; -- done', ['select 1']],
    [
      'select \';\'; select `;`, ";" /* ; */; # ;\n select 3',
      ["select ';'", 'select `;`, ";" /* ; */', '# ;\n select 3'],
    ],
    ["select 'a\\';' ; select 2", ["select 'a\\';'", 'select 2']],
    [
      'create procedure p() begin select 1; if (1) then select 2; end if; end; select 3',
      ['create procedure p() begin select 1; if (1) then select 2; end if; end', 'select 3'],
    ],
    ['create procedure p() select if(1,2,3); select 3', ['create procedure p() select if(1,2,3)', 'select 3']],
    ['create table t (id int); begin; select 1', ['create table t (id int)', 'begin', 'select 1']],
    ["select 1; select 'open; select 2", ['select 1', "select 'open; select 2"]],
  ])('%s', (sql, expected) => {
    expect(splitStatements(sql)).toEqual(expected);
  });
});
