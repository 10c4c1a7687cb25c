import { tokenize } from './lexer';
import { continueQuery, query } from './queries';
import { Reader, SyntaxFailure } from './reader';
import { C, T } from './token-kinds';

/** A vindex as ALTER VSCHEMA describes it; `type` is '' where none is given. */
export interface VindexSpec {
  readonly name: string;
  readonly type: string;
  readonly owner: string;
  /** `key=value` in the order of their names. */
  readonly params: readonly string[];
}

/** One change of a keyspace's VSchema (sql.y, `alter_statement` with VSCHEMA). */
export type VschemaChange = { readonly keyspace: string | null } & (
  | { readonly kind: 'create-vindex'; readonly vindex: VindexSpec }
  | { readonly kind: 'drop-vindex'; readonly name: string }
  | { readonly kind: 'add-table' | 'drop-table' | 'add-sequence' | 'drop-sequence'; readonly table: string }
  | { readonly kind: 'add-column-vindex'; readonly table: string; readonly vindex: VindexSpec }
  | { readonly kind: 'drop-column-vindex'; readonly table: string; readonly name: string }
  | { readonly kind: 'add-auto-increment'; readonly table: string; readonly using: string }
  | { readonly kind: 'drop-auto-increment'; readonly table: string }
);

const word = (reader: Reader): string => (reader.kind === T.end ? '' : reader.text().toLowerCase());

/** Takes one of `words` and says which. */
function oneOf<Word extends string>(reader: Reader, ...words: readonly Word[]): Word {
  const found = words.find((one) => one === word(reader));
  if (found === undefined) return reader.fail();
  reader.advance();
  return found;
}

const takes = (reader: Reader, expected: string): boolean => {
  if (word(reader) !== expected) return false;
  reader.advance();
  return true;
};

function vindexSpec(reader: Reader, name: string): VindexSpec {
  const type = takes(reader, 'using') ? reader.name() : '';
  let owner = '';
  const params: string[] = [];
  if (takes(reader, 'with')) {
    do {
      const key = reader.nameAfterDot();
      reader.expect(C.equal);
      const value = reader.text().replace(/^(['"`])(.*)\1$/s, '$2');
      reader.advance();
      if (key.toLowerCase() === 'owner') owner = value;
      else params.push(`${key}=${value}`);
    } while (reader.accept(C.comma));
  }
  return { name, type, owner, params: params.sort() };
}

function columns(reader: Reader): void {
  reader.expect(C.open);
  do reader.name();
  while (reader.accept(C.comma));
  reader.expect(C.close);
}

/** Reads what follows the word VSCHEMA. Throws SyntaxFailure. */
export function vschemaChange(reader: Reader): VschemaChange {
  const verb = oneOf(reader, 'create', 'drop', 'add', 'on');
  if (verb === 'on') return tableChange(reader);
  if (verb === 'create') {
    oneOf(reader, 'vindex');
    const { name, qualifier: keyspace } = reader.tableName();
    return { kind: 'create-vindex', keyspace, vindex: vindexSpec(reader, name) };
  }
  const what = verb === 'drop' ? oneOf(reader, 'vindex', 'table', 'sequence') : oneOf(reader, 'table', 'sequence');
  const { name, qualifier: keyspace } = reader.tableName();
  return what === 'vindex'
    ? { kind: 'drop-vindex', keyspace, name }
    : { kind: `${verb}-${what}`, keyspace, table: name };
}

function tableChange(reader: Reader): VschemaChange {
  const { name: table, qualifier: keyspace } = reader.tableName();
  const verb = oneOf(reader, 'add', 'drop');
  const what = oneOf(reader, 'vindex', 'auto_increment');
  if (what === 'vindex') {
    const name = reader.name();
    if (verb === 'drop') return { kind: 'drop-column-vindex', keyspace, table, name };
    columns(reader);
    return { kind: 'add-column-vindex', keyspace, table, vindex: vindexSpec(reader, name) };
  }
  if (verb === 'drop') return { kind: 'drop-auto-increment', keyspace, table };
  reader.name();
  oneOf(reader, 'using');
  return { kind: 'add-auto-increment', keyspace, table, using: reader.tableName().name };
}

/** The change that `ALTER VSCHEMA …` asks for, or null for another statement and one that is none. */
export function alterVschema(sql: string): VschemaChange | null {
  if (!/\bvschema\b/i.test(sql)) return null;
  const reader = new Reader(tokenize(sql), query, continueQuery);
  try {
    oneOf(reader, 'alter');
    oneOf(reader, 'vschema');
    return vschemaChange(reader);
  } catch (failure) {
    if (failure instanceof SyntaxFailure) return null;
    throw failure;
  }
}
