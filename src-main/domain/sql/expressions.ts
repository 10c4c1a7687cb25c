import { bracketedQuery, subquery } from './bracketed-query';
import { keyword } from './keywords';
import { primary, textLiteral } from './primaries';
import type { Reader } from './reader';
import { C, T } from './token-kinds';
import type { Query } from './tree';

const K = {
  all: keyword('all'),
  and: keyword('and'),
  any: keyword('any'),
  between: keyword('between'),
  binary: keyword('binary'),
  collate: keyword('collate'),
  div: keyword('div'),
  escape: keyword('escape'),
  false: keyword('false'),
  in: keyword('in'),
  is: keyword('is'),
  like: keyword('like'),
  member: keyword('member'),
  mod: keyword('mod'),
  not: keyword('not'),
  null: keyword('null'),
  of: keyword('of'),
  or: keyword('or'),
  regexp: keyword('regexp'),
  rlike: keyword('rlike'),
  some: keyword('some'),
  sounds: keyword('sounds'),
  true: keyword('true'),
  unknown: keyword('unknown'),
  xor: keyword('xor'),
} as const;

/** Reads `expression, …`. */
export function expressionList(reader: Reader): void {
  do expression(reader);
  while (reader.accept(C.comma));
}

/** Reads one expression (sql.y `expression`); its subqueries go to the sink. */
export function expression(reader: Reader): void {
  reader.enter();
  for (;;) {
    if (!reader.primed) while (reader.kind === K.not) reader.advance();
    predicate(reader);
    const { kind } = reader;
    if (kind !== K.and && kind !== K.or && kind !== K.xor && kind !== T.and && kind !== T.or) break;
    reader.advance();
  }
  reader.leave();
}

function predicate(reader: Reader): void {
  operand(reader);
  for (;;) {
    switch (reader.kind) {
      case C.equal:
      case C.less:
      case C.greater:
      case T.notEqual:
      case T.lessOrEqual:
      case T.greaterOrEqual:
      case T.nullSafeEqual:
        reader.advance();
        if ((reader.kind === K.all || reader.kind === K.any || reader.kind === K.some) && reader.peek(1) === C.open) {
          reader.advance();
          subquery(reader, expressionList);
        } else operand(reader);
        break;
      case K.is:
        reader.advance();
        reader.accept(K.not);
        if (reader.kind !== K.null && reader.kind !== K.true && reader.kind !== K.false && reader.kind !== K.unknown)
          reader.fail();
        reader.advance();
        break;
      case K.not: {
        const next = reader.peek(1);
        if (next !== K.in && next !== K.like && next !== K.between && next !== K.regexp && next !== K.rlike) {
          reader.advance();
          reader.fail();
        }
        reader.advance();
        break;
      }
      case K.in:
        reader.advance();
        if (reader.kind === T.listVariable) reader.advance();
        else {
          if (reader.kind !== C.open) reader.fail();
          const found = bracketedQuery(reader, expressionList);
          if (found !== null) reader.sink.push(found);
        }
        break;
      case K.like:
        reader.advance();
        operand(reader);
        if (reader.accept(K.escape)) operand(reader);
        break;
      case K.between:
        reader.advance();
        operand(reader);
        reader.expect(K.and);
        operand(reader);
        break;
      case K.regexp:
      case K.rlike:
        reader.advance();
        operand(reader);
        break;
      case K.member:
        if (reader.peek(1) !== K.of && reader.peek(1) !== C.open) return;
        reader.advance();
        reader.accept(K.of);
        reader.expect(C.open);
        expression(reader);
        reader.expect(C.close);
        break;
      case K.sounds:
        if (reader.peek(1) !== K.like) return;
        reader.advance();
        reader.advance();
        operand(reader);
        break;
      default:
        return;
    }
  }
}

/** Reads operands joined by arithmetic and bit operators; precedence does not matter for what is read. */
export function operand(reader: Reader): void {
  for (;;) {
    simple(reader);
    switch (reader.kind) {
      case C.plus:
      case C.minus:
      case C.star:
      case C.slash:
      case C.percent:
      case C.ampersand:
      case C.pipe:
      case C.caret:
      case T.shiftLeft:
      case T.shiftRight:
      case K.div:
      case K.mod:
        reader.advance();
        break;
      default:
        return;
    }
  }
}

const readers = { expression, expressionList, operand };

function simple(reader: Reader): void {
  if (reader.primed) reader.primed = false;
  else {
    for (;;) {
      const { kind } = reader;
      if (kind !== C.minus && kind !== C.plus && kind !== C.tilde && kind !== C.bang && kind !== K.binary) break;
      reader.advance();
    }
    primary(reader, readers);
  }
  for (;;) {
    if (reader.kind === K.collate) {
      reader.advance();
      if (reader.kind === T.string || reader.kind === K.binary) reader.advance();
      else reader.name();
    } else if (reader.kind === T.arrow || reader.kind === T.unquotingArrow) {
      reader.advance();
      if (reader.kind === T.string) textLiteral(reader);
      else reader.expect(T.bindVariable);
    } else return;
  }
}

/** Reads an expression whose subqueries go to a list of their own. */
export function expressionInto(reader: Reader, sink: Query[]): void {
  const outer = reader.sink;
  reader.sink = sink;
  expression(reader);
  reader.sink = outer;
}
