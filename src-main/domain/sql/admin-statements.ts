import { expressionList } from './expressions';
import { isName, keyword, keywords } from './keywords';
import type { Reader } from './reader';
import type { TablePermission } from './reading';
import { atEnd, skipToEnd } from './skipping';
import { C, T } from './token-kinds';
import { statement } from './tree';
import type { Statement } from './tree';

const K = {
  as: keyword('as'),
  connection: keyword('connection'),
  consistent: keyword('consistent'),
  data: keyword('data'),
  export: keyword('export'),
  for: keyword('for'),
  from: keyword('from'),
  local: keyword('local'),
  lock: keyword('lock'),
  lowPriority: keyword('low_priority'),
  noWriteToBinlog: keyword('no_write_to_binlog'),
  only: keyword('only'),
  prepare: keyword('prepare'),
  query: keyword('query'),
  read: keyword('read'),
  release: keyword('release'),
  savepoint: keyword('savepoint'),
  table: keyword('table'),
  tables: keyword('tables'),
  to: keyword('to'),
  transaction: keyword('transaction'),
  using: keyword('using'),
  with: keyword('with'),
  work: keyword('work'),
  write: keyword('write'),
} as const;

const opaqueKinds = 'this kind of statement does not tell its tables';

/** ANALYZE [LOCAL] TABLE t: the plan is called Select, and OtherRead where it is streamed. */
export function analyzeStatement(reader: Reader): Statement {
  reader.advance();
  if (!reader.accept(K.local)) reader.accept(K.noWriteToBinlog);
  reader.expect(K.table);
  const table = reader.tableName();
  return statement('ANALYZE', 'Select', 'OtherRead', { asks: [{ table: table.name, role: 'WRITER' }] });
}

/** REPAIR and OPTIMIZE, whose text Vitess does not look at. */
export function maintenanceStatement(reader: Reader): Statement {
  reader.advance();
  skipToEnd(reader);
  return statement('OTHER', 'OtherAdmin', 'refused', { opaque: opaqueKinds });
}

/** DO expression, … */
export function doStatement(reader: Reader): Statement {
  reader.advance();
  reader.sink = [];
  expressionList(reader);
  return statement('OTHER', 'OtherAdmin', 'refused', { opaque: opaqueKinds });
}

/** CALL procedure(…): what the procedure reads is not in the text. */
export function callStatement(reader: Reader): Statement {
  reader.advance();
  reader.tableName();
  reader.sink = [];
  if (reader.accept(C.open) && !reader.accept(C.close)) {
    expressionList(reader);
    reader.expect(C.close);
  }
  return statement('CALL_PROC', 'CallProcedure', 'SelectStream', { opaque: 'what a procedure reads is not known' });
}

/** LOAD DATA, whose text Vitess does not look at. */
export function loadStatement(reader: Reader): Statement {
  reader.advance();
  reader.expect(K.data);
  if (atEnd(reader)) reader.fail();
  skipToEnd(reader);
  return statement('OTHER', 'Load', 'refused', { opaque: opaqueKinds });
}

const flushOptions = new Set([
  'binary',
  'engine',
  'error',
  'general',
  'relay',
  'slow',
  'logs',
  'hosts',
  'privileges',
  'status',
  'user_resources',
  'optimizer_costs',
]);

/** FLUSH [LOCAL] options or TABLES (ADMIN on each table that is named). */
export function flushStatement(reader: Reader): Statement {
  reader.advance();
  if (!reader.accept(K.local)) reader.accept(K.noWriteToBinlog);
  const asks: TablePermission[] = [];
  if (reader.accept(K.tables)) {
    if (isName(reader.kind)) {
      do asks.push({ table: reader.tableName().name, role: 'ADMIN' });
      while (reader.accept(C.comma));
    }
    if (reader.accept(K.with)) {
      reader.expect(K.read);
      reader.expect(K.lock);
    } else if (asks.length > 0 && reader.accept(K.for)) reader.expect(K.export);
    return statement('FLUSH', 'Flush', 'refused', { asks });
  }
  do {
    const word = reader.text().toLowerCase();
    if (!flushOptions.has(word)) reader.fail();
    reader.advance();
    if (reader.text().toLowerCase() === 'logs') reader.advance();
    if (word === 'relay' && reader.accept(K.for)) {
      reader.name();
      reader.expect(T.string);
    }
  } while (reader.accept(C.comma));
  return statement('FLUSH', 'Flush', 'refused', { asks });
}

/** LOCK TABLES, which no tablet plans. */
export function lockStatement(reader: Reader): Statement {
  reader.advance();
  reader.expect(K.tables);
  do {
    reader.tableName();
    if (reader.accept(K.as) || isName(reader.kind)) reader.name();
    if (reader.accept(K.read)) reader.accept(K.local);
    else {
      reader.accept(K.lowPriority);
      reader.expect(K.write);
    }
  } while (reader.accept(C.comma));
  return statement('LOCK_TABLES', 'invalid', 'panic');
}

/** UNLOCK TABLES. */
export function unlockStatement(reader: Reader): Statement {
  reader.advance();
  reader.expect(K.tables);
  return statement('UNLOCK_TABLES', 'UnlockTables', 'refused');
}

/** BEGIN and START TRANSACTION, which reach a tablet as RPCs and never as text. */
export function beginStatement(reader: Reader, start: boolean): Statement {
  reader.advance();
  if (start) {
    reader.expect(K.transaction);
    while (reader.kind === K.with || reader.kind === K.read) {
      if (reader.accept(K.with)) {
        reader.expect(K.consistent);
        if (reader.text().toLowerCase() !== 'snapshot') reader.fail();
        reader.advance();
      } else {
        reader.advance();
        if (!reader.accept(K.only)) reader.expect(K.write);
      }
      if (!reader.accept(C.comma)) break;
    }
  }
  return statement('BEGIN', 'invalid', 'refused');
}

/** COMMIT. */
export function commitStatement(reader: Reader): Statement {
  reader.advance();
  return statement('COMMIT', 'invalid', 'refused');
}

/** ROLLBACK [TO savepoint]. */
export function rollbackStatement(reader: Reader): Statement {
  reader.advance();
  if (reader.kind === K.work) {
    reader.advance();
    if (reader.kind !== K.to) reader.fail();
  }
  if (!reader.accept(K.to)) return statement('ROLLBACK', 'invalid', 'refused');
  reader.accept(K.savepoint);
  reader.name();
  return statement('SAVEPOINT_ROLLBACK', 'RollbackSavepoint', 'refused');
}

/** SAVEPOINT name. */
export function savepointStatement(reader: Reader): Statement {
  reader.advance();
  reader.name();
  return statement('SAVEPOINT', 'Savepoint', 'refused');
}

/** RELEASE SAVEPOINT name. */
export function releaseStatement(reader: Reader): Statement {
  reader.advance();
  reader.expect(K.savepoint);
  reader.name();
  return statement('RELEASE', 'Release', 'refused');
}

/** USE [schema]. */
export function useStatement(reader: Reader): Statement {
  reader.advance();
  if (!atEnd(reader)) {
    // `@primary`, `@@x` and a name with `@replica` behind it.
    if (reader.kind === T.userVariable || reader.kind === T.systemVariable) reader.advance();
    else {
      reader.name();
      if (reader.kind === T.userVariable) reader.advance();
    }
  }
  return statement('USE', 'invalid', 'panic');
}

/** PREPARE name FROM text. */
export function prepareStatement(reader: Reader): Statement {
  reader.advance();
  reader.name();
  reader.expect(K.from);
  if (reader.kind !== T.string && reader.kind !== T.userVariable) reader.fail();
  reader.advance();
  return statement('PREPARE', 'invalid', 'panic');
}

/** EXECUTE name [USING @a, …]. */
export function executeStatement(reader: Reader): Statement {
  reader.advance();
  reader.name();
  if (reader.accept(K.using)) {
    do reader.expect(T.userVariable);
    while (reader.accept(C.comma));
  }
  return statement('EXECUTE', 'invalid', 'panic');
}

/** DEALLOCATE PREPARE name. */
export function deallocateStatement(reader: Reader): Statement {
  reader.advance();
  reader.expect(K.prepare);
  reader.name();
  return statement('DEALLOCATE_PREPARE', 'invalid', 'panic');
}

/** KILL [CONNECTION | QUERY] id. */
export function killStatement(reader: Reader): Statement {
  reader.advance();
  if (!reader.accept(K.connection)) reader.accept(K.query);
  reader.expect(T.integer);
  return statement('KILL', 'invalid', 'panic');
}

const purgedLogs = keywords('binary');

/** PURGE BINARY LOGS. */
export function purgeStatement(reader: Reader): Statement {
  reader.advance();
  if (!purgedLogs.has(reader.kind)) reader.fail();
  reader.advance();
  if (atEnd(reader)) reader.fail();
  skipToEnd(reader);
  return statement('UNKNOWN', 'invalid', 'panic');
}
