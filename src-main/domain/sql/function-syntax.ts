import { keyword } from './keywords';
import type { Reader } from './reader';
import { C, T } from './token-kinds';
import { overClause } from './windows';

const K = {
  against: keyword('against'),
  array: keyword('array'),
  as: keyword('as'),
  asc: keyword('asc'),
  ascii: keyword('ascii'),
  binary: keyword('binary'),
  boolean: keyword('boolean'),
  both: keyword('both'),
  by: keyword('by'),
  charset: keyword('charset'),
  character: keyword('character'),
  default: keyword('default'),
  desc: keyword('desc'),
  distinct: keyword('distinct'),
  empty: keyword('empty'),
  error: keyword('error'),
  expansion: keyword('expansion'),
  for: keyword('for'),
  from: keyword('from'),
  in: keyword('in'),
  language: keyword('language'),
  leading: keyword('leading'),
  limit: keyword('limit'),
  mode: keyword('mode'),
  natural: keyword('natural'),
  null: keyword('null'),
  on: keyword('on'),
  order: keyword('order'),
  query: keyword('query'),
  returning: keyword('returning'),
  separator: keyword('separator'),
  set: keyword('set'),
  trailing: keyword('trailing'),
  using: keyword('using'),
  with: keyword('with'),
} as const;

/** What the expressions in a call are read with. */
export interface ExpressionReaders {
  expression(reader: Reader): void;
  expressionList(reader: Reader): void;
  /** An expression without AND, OR, NOT and comparisons. */
  operand(reader: Reader): void;
}

type Syntax = (reader: Reader, readers: ExpressionReaders) => void;

const syntaxes = new Map<number, Syntax>();
const define = (words: string[], syntax: Syntax): void => {
  for (const word of words) syntaxes.set(keyword(word), syntax);
};

/**
 * Reads a call whose brackets hold more than a list of expressions, when the next token names such a function
 * (MySQL manual 8.4, chapter 14). Returns false, having read nothing, for any other name.
 */
export function specialCall(reader: Reader, kind: number, readers: ExpressionReaders): boolean {
  const syntax = syntaxes.get(kind);
  if (syntax === undefined) return false;
  reader.advance();
  reader.advance();
  syntax(reader, readers);
  return true;
}

define(['cast'], (reader, { expression }) => {
  expression(reader);
  reader.expect(K.as);
  convertType(reader);
  reader.accept(K.array);
  reader.expect(C.close);
});

define(['convert'], (reader, { expression }) => {
  expression(reader);
  if (reader.accept(K.using)) {
    if (!reader.accept(K.binary) && !reader.accept(T.string)) reader.name();
  } else {
    reader.expect(C.comma);
    convertType(reader);
  }
  reader.expect(C.close);
});

define(['extract'], (reader, { expression }) => {
  word(reader);
  reader.expect(K.from);
  expression(reader);
  reader.expect(C.close);
});

define(['trim'], (reader, { expression }) => {
  if (reader.kind === K.both || reader.kind === K.leading || reader.kind === K.trailing) {
    reader.advance();
    if (reader.kind !== K.from) expression(reader);
    reader.expect(K.from);
    expression(reader);
  } else {
    expression(reader);
    if (reader.accept(K.from)) expression(reader);
  }
  reader.expect(C.close);
});

define(['substr', 'substring'], (reader, { expression }) => {
  expression(reader);
  if (reader.accept(K.from)) {
    expression(reader);
    if (reader.accept(K.for)) expression(reader);
  } else {
    reader.expect(C.comma);
    expression(reader);
    if (reader.accept(C.comma)) expression(reader);
  }
  reader.expect(C.close);
});

define(['char'], (reader, { expressionList }) => {
  expressionList(reader);
  if (reader.accept(K.using) && !reader.accept(K.binary)) reader.name();
  reader.expect(C.close);
});

define(['group_concat'], (reader, { expression, expressionList }) => {
  reader.accept(K.distinct);
  expressionList(reader);
  if (reader.accept(K.order)) {
    reader.expect(K.by);
    do {
      expression(reader);
      if (!reader.accept(K.asc)) reader.accept(K.desc);
    } while (reader.accept(C.comma));
  }
  if (reader.accept(K.separator)) reader.expect(T.string);
  if (reader.accept(K.limit)) expressionList(reader);
  reader.expect(C.close);
  overClause(reader, expressionList);
});

define(['match'], (reader, { operand, expressionList }) => {
  expressionList(reader);
  reader.expect(C.close);
  reader.expect(K.against);
  reader.expect(C.open);
  operand(reader);
  if (reader.accept(K.in)) {
    if (reader.accept(K.boolean)) reader.expect(K.mode);
    else {
      reader.expect(K.natural);
      reader.expect(K.language);
      reader.expect(K.mode);
      if (reader.accept(K.with)) queryExpansion(reader);
    }
  } else if (reader.accept(K.with)) queryExpansion(reader);
  reader.expect(C.close);
});

define(['timestampadd', 'timestampdiff'], (reader, { expression }) => {
  word(reader);
  reader.expect(C.comma);
  expression(reader);
  reader.expect(C.comma);
  expression(reader);
  reader.expect(C.close);
});

define(['weight_string'], (reader, { expression }) => {
  expression(reader);
  if (reader.accept(K.as)) castType(reader);
  reader.expect(C.close);
});

define(['json_value'], (reader, { expression }) => {
  expression(reader);
  reader.expect(C.comma);
  expression(reader);
  if (reader.accept(K.returning)) castType(reader);
  for (let i = 0; i < 2 && reader.kind !== C.close; i++) onEmptyOrError(reader);
  reader.expect(C.close);
});

define(['position'], (reader, { operand }) => {
  operand(reader);
  reader.expect(K.in);
  operand(reader);
  reader.expect(C.close);
});

function queryExpansion(reader: Reader): void {
  reader.expect(K.query);
  reader.expect(K.expansion);
}

function word(reader: Reader): void {
  if (reader.kind !== T.name && reader.kind < 200) reader.fail();
  reader.advance();
}

/** First words of what CAST and CONVERT make (sql.y `convert_type`). */
const convertWords = new Set(
  `binary char character date datetime decimal dec numeric fixed json nchar signed time unsigned float double real`.split(
    ' ',
  ),
);

function convertType(reader: Reader): void {
  if (!convertWords.has(reader.text().toLowerCase())) reader.fail();
  castType(reader);
}

/** Reads a type: words, then a length in brackets, then words of its character set. Nothing in it reads a table. */
export function castType(reader: Reader): void {
  word(reader);
  for (;;) {
    if (reader.kind === C.open) {
      reader.advance();
      reader.expect(T.integer);
      if (reader.accept(C.comma)) reader.expect(T.integer);
      reader.expect(C.close);
    } else if (reader.kind === K.character && reader.peek(1) === K.set) {
      reader.advance();
      reader.advance();
      if (!reader.accept(K.binary)) reader.name();
    } else if (reader.kind === K.charset) {
      reader.advance();
      if (!reader.accept(K.binary)) reader.name();
    } else if (reader.kind === K.binary || reader.kind === K.ascii || isTypeWord(reader)) reader.advance();
    else return;
  }
}

const typeWords = new Set(['integer', 'int', 'precision', 'unicode', 'varying', 'unsigned', 'signed', 'zerofill']);
const isTypeWord = (reader: Reader): boolean =>
  (reader.kind >= 200 || reader.kind === T.name) && typeWords.has(reader.text().toLowerCase());

/** Reads `NULL ON EMPTY`, `ERROR ON ERROR`, `DEFAULT 'x' ON EMPTY`. */
export function onEmptyOrError(reader: Reader): void {
  if (reader.accept(K.default)) {
    if (reader.kind < T.string || reader.kind > T.bindVariable) reader.fail();
    reader.advance();
  } else if (!reader.accept(K.null)) reader.expect(K.error);
  reader.expect(K.on);
  if (!reader.accept(K.empty)) reader.expect(K.error);
}
