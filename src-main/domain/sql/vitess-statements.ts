import { keyword } from './keywords';
import type { Reader } from './reader';
import { atEnd, skipToEnd } from './skipping';
import { C, T } from './token-kinds';
import { statement } from './tree';
import type { Statement } from './tree';

const K = {
  all: keyword('all'),
  from: keyword('from'),
  vitessMigration: keyword('vitess_migration'),
} as const;

/** Words that may follow a migration's id, with the number of words and values after them at most. */
const actions = new Map<string, readonly string[]>([
  ['cancel', []],
  ['retry', []],
  ['complete', []],
  ['cleanup', []],
  ['launch', ['vitess_shards']],
  ['postpone', ['complete']],
  ['throttle', ['expire', 'ratio']],
  ['unthrottle', []],
  ['force_cutover', []],
]);

/** Reads ALTER VITESS_MIGRATION, its first word read. */
export function alterMigration(reader: Reader): Statement {
  reader.expect(K.vitessMigration);
  reader.accept(T.string);
  const words = actions.get(reader.text().toLowerCase());
  if (words === undefined) reader.fail();
  reader.advance();
  if (!reader.accept(K.all)) {
    for (const word of words) {
      if (reader.text().toLowerCase() !== word) continue;
      reader.advance();
      if (word === 'complete') break;
      if (reader.kind !== T.string && reader.kind !== T.decimal && reader.kind !== T.integer) reader.fail();
      reader.advance();
    }
  }
  return statement('MIGRATION', 'AlterMigration', 'refused');
}

/** Reads REVERT VITESS_MIGRATION 'id'. */
export function revertMigration(reader: Reader): Statement {
  reader.advance();
  reader.expect(K.vitessMigration);
  reader.expect(T.string);
  return statement('MIGRATION', 'RevertMigration', 'refused');
}

/** Reads STREAM and VSTREAM, which no tablet plans. */
export function streamStatement(reader: Reader, type: 'STREAM' | 'VSTREAM'): Statement {
  reader.advance();
  if (reader.kind === C.star) reader.advance();
  else reader.name();
  reader.expect(K.from);
  reader.tableName();
  if (!atEnd(reader)) skipToEnd(reader);
  return statement(type, 'invalid', 'panic');
}
