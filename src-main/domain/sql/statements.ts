import * as admin from './admin-statements';
import { alterStatement, createStatement, dropStatement, renameStatement, truncateStatement } from './ddl';
import { insertStatement, withBeforeWriting, writingStatement } from './dml';
import { explainStatement, queryStatement, vexplainStatement } from './explain';
import { keyword } from './keywords';
import type { Reader } from './reader';
import { setStatement } from './set';
import { showStatement } from './show';
import { C } from './token-kinds';
import type { Statement } from './tree';
import { revertMigration, streamStatement } from './vitess-statements';

const query = (reader: Reader): Statement => queryStatement(reader.readQuery(reader));

const byFirstWord: Readonly<Record<string, (reader: Reader) => Statement>> = {
  alter: alterStatement,
  analyze: admin.analyzeStatement,
  begin: (reader) => admin.beginStatement(reader, false),
  call: admin.callStatement,
  commit: admin.commitStatement,
  create: createStatement,
  deallocate: admin.deallocateStatement,
  delete: writingStatement,
  desc: explainStatement,
  describe: explainStatement,
  do: admin.doStatement,
  drop: dropStatement,
  execute: admin.executeStatement,
  explain: explainStatement,
  flush: admin.flushStatement,
  insert: insertStatement,
  kill: admin.killStatement,
  load: admin.loadStatement,
  lock: admin.lockStatement,
  optimize: admin.maintenanceStatement,
  prepare: admin.prepareStatement,
  purge: admin.purgeStatement,
  release: admin.releaseStatement,
  rename: renameStatement,
  repair: admin.maintenanceStatement,
  replace: insertStatement,
  revert: revertMigration,
  rollback: admin.rollbackStatement,
  savepoint: admin.savepointStatement,
  select: query,
  set: setStatement,
  show: showStatement,
  start: (reader) => admin.beginStatement(reader, true),
  stream: (reader) => streamStatement(reader, 'STREAM'),
  truncate: truncateStatement,
  unlock: admin.unlockStatement,
  update: writingStatement,
  use: admin.useStatement,
  values: query,
  vexplain: vexplainStatement,
  vstream: (reader) => streamStatement(reader, 'VSTREAM'),
  with: (reader) => (withBeforeWriting(reader) ? writingStatement(reader) : query(reader)),
};

const byKind = new Map(Object.entries(byFirstWord).map(([word, read]) => [keyword(word), read]));

/** Reads the statement at the first token (sql.y `command`). */
export function readTree(reader: Reader): Statement {
  if (reader.kind === C.open) return query(reader);
  const read = byKind.get(reader.kind);
  if (read === undefined) reader.fail();
  return read(reader);
}
