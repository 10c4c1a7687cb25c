import { expression } from './expressions';
import { isName, keyword } from './keywords';
import type { Reader } from './reader';
import { vitessWords } from './normalise/words';
import { C, T } from './token-kinds';
import { statement } from './tree';
import type { Query, Statement } from './tree';

const K = {
  binary: keyword('binary'),
  character: keyword('character'),
  charset: keyword('charset'),
  collate: keyword('collate'),
  committed: keyword('committed'),
  default: keyword('default'),
  global: keyword('global'),
  isolation: keyword('isolation'),
  level: keyword('level'),
  local: keyword('local'),
  names: keyword('names'),
  on: keyword('on'),
  off: keyword('off'),
  only: keyword('only'),
  read: keyword('read'),
  repeatable: keyword('repeatable'),
  serializable: keyword('serializable'),
  session: keyword('session'),
  set: keyword('set'),
  transaction: keyword('transaction'),
  uncommitted: keyword('uncommitted'),
  write: keyword('write'),
} as const;

/** One assignment as it stands in the text. */
export interface Assignment {
  readonly kind: 'variable' | 'names' | 'charset' | 'isolation' | 'access';
  /** The variable as written, `@` and scope words included; `''` for the short forms. */
  readonly target: string;
  /** A scope word before the variable or before TRANSACTION. */
  readonly scope: 'session' | 'global' | null;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Index of the value's first token and of the token after it. */
  readonly first: number;
  readonly after: number;
}

/** Reads SET (sql.y `set_statement`). */
export function setStatement(reader: Reader): Statement {
  const reads: Query[] = [];
  reader.sink = reads;
  reader.advance();
  const assigned = assignmentList(reader);
  return statement('SET', 'Set', 'refused', { laterReads: reads, strictOpaque: unsafeSetting(reader, assigned) });
}

/** Reads what follows the word SET. */
export function assignmentList(reader: Reader): Assignment[] {
  const assigned: Assignment[] = [];
  const scoped = reader.kind === K.session || reader.kind === K.global || reader.kind === K.local;
  if (reader.kind === K.transaction || (scoped && reader.peek(1) === K.transaction)) {
    const scope = scoped ? scopeWord(reader) : null;
    if (scoped) reader.advance();
    reader.advance();
    do assigned.push(characteristic(reader, scope));
    while (reader.accept(C.comma));
    return assigned;
  }
  do assigned.push(assignment(reader));
  while (reader.accept(C.comma));
  return assigned;
}

const scopeWord = (reader: Reader): 'session' | 'global' => (reader.kind === K.global ? 'global' : 'session');

function characteristic(reader: Reader, scope: Assignment['scope']): Assignment {
  if (reader.accept(K.isolation)) {
    reader.expect(K.level);
    const first = reader.at;
    if (reader.accept(K.repeatable)) reader.expect(K.read);
    else if (reader.accept(K.read)) {
      if (!reader.accept(K.committed)) reader.expect(K.uncommitted);
    } else reader.expect(K.serializable);
    return found(reader, 'isolation', '', scope, first);
  }
  const first = reader.at;
  reader.expect(K.read);
  if (!reader.accept(K.only)) reader.expect(K.write);
  return found(reader, 'access', '', scope, first);
}

function assignment(reader: Reader): Assignment {
  if (reader.kind === K.names) {
    reader.advance();
    const first = reader.at;
    charset(reader);
    if (reader.accept(K.collate)) charset(reader);
    return found(reader, 'names', '', null, first);
  }
  if (reader.kind === K.charset || (reader.kind === K.character && reader.peek(1) === K.set)) {
    if (reader.accept(K.character)) reader.advance();
    else reader.advance();
    const first = reader.at;
    charset(reader);
    return found(reader, 'charset', '', null, first);
  }
  let scope: Assignment['scope'] = null;
  if (
    (reader.kind === K.session || reader.kind === K.global || reader.kind === K.local) &&
    reader.peek(1) !== C.equal &&
    reader.peek(1) !== T.assign
  ) {
    scope = scopeWord(reader);
    reader.advance();
  }
  const start = reader.at;
  if (reader.kind === T.userVariable || reader.kind === T.systemVariable) reader.advance();
  else {
    // No word of the grammar can be set by its bare name, which refuses SET PASSWORD too (sql.y `set_variable`).
    const isWord = reader.kind !== T.name && reader.kind !== T.quotedName;
    if (isWord || (reader.kind === T.name && vitessWords.has(reader.text().toLowerCase()))) reader.fail();
    reader.advance();
  }
  const target = reader.tokens.sql.slice(reader.start(start), reader.end(reader.at - 1));
  reader.expect(C.equal);
  const first = reader.at;
  if (reader.kind === K.on || reader.kind === K.off || (reader.kind === K.default && reader.peek(1) !== C.open))
    reader.advance();
  else expression(reader);
  return found(reader, 'variable', target, scope, first);
}

function charset(reader: Reader): void {
  if (reader.kind === T.string || reader.kind === K.default || reader.kind === K.binary || isName(reader.kind))
    reader.advance();
  else reader.fail();
}

const found = (
  reader: Reader,
  kind: Assignment['kind'],
  target: string,
  scope: Assignment['scope'],
  first: number,
): Assignment => ({
  kind,
  target,
  scope,
  first,
  after: reader.at,
  valueStart: reader.start(first),
  valueEnd: reader.end(reader.at - 1),
});

/** Modes under which MySQL cuts a text into other tokens than this reader. */
const cuttingModes =
  /ansi|no_backslash_escapes|pipes_as_concat|db2|maxdb|mssql|oracle|postgresql|ignore_space|high_not_precedence/i;

/** Character sets in which a backslash or a quote can be half of another character. */
const backslashSets = /^['"]?(big5|cp932|gb18030|gbk|gb2312|sjis|utf16|utf16le|utf32|ucs2)/i;

/** Why later statements of the session might be read by MySQL otherwise than by this reader, or null. */
function unsafeSetting(reader: Reader, assigned: readonly Assignment[]): string | null {
  for (const { kind, target, first, after, valueStart, valueEnd } of assigned) {
    const value = reader.tokens.sql.slice(valueStart, valueEnd);
    const name = target.toLowerCase();
    if (
      kind === 'names' ||
      kind === 'charset' ||
      /character_set_(client|connection|results)|collation_connection/.test(name)
    ) {
      if (backslashSets.test(value)) return 'the character set hides quotes and backslashes from the reader';
      if (kind === 'variable' && !isPlain(reader, first, after)) return 'the character set to come is not known';
    }
    if (/(^|[.@])sql_mode$|sql_mode`$/.test(name)) {
      if (!isPlain(reader, first, after)) return 'the sql_mode to come is not known';
      if (cuttingModes.test(value)) return 'the sql_mode changes how statements are read';
    }
  }
  return null;
}

function isPlain(reader: Reader, first: number, after: number): boolean {
  const kind = reader.kinds[first] as number;
  return after - first === 1 && (kind === T.string || kind === T.integer || kind === K.default || isName(kind));
}
