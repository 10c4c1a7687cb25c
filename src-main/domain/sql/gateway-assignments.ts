import type { SetAssignment, SetScope } from './gateway-statement-types';
import { isName, keyword } from './keywords';
import type { Reader } from './reader';
import { SyntaxFailure } from './reader';
import { assignmentList } from './set';
import type { Assignment } from './set';
import { atEnd } from './skipping';
import { literalValue } from './string-values';
import { C, T } from './token-kinds';

const K = {
  binary: keyword('binary'),
  collate: keyword('collate'),
  default: keyword('default'),
  false: keyword('false'),
  null: keyword('null'),
  on: keyword('on'),
  true: keyword('true'),
} as const;

/** The assignments of SET at the reader's first token, or null when the list does not read to its end. */
export function assignmentsOf(reader: Reader): SetAssignment[] | null {
  try {
    reader.advance();
    const found = assignmentList(reader);
    return atEnd(reader) ? found.map((assignment) => described(reader, assignment)) : null;
  } catch (failure) {
    if (failure instanceof SyntaxFailure) return null;
    throw failure;
  }
}

function described(reader: Reader, assignment: Assignment): SetAssignment {
  const { kind, valueStart: start, valueEnd: end } = assignment;
  if (kind === 'isolation' || kind === 'access') {
    const valueText = words(reader, assignment);
    const transactionScope = assignment.scope ?? 'next';
    return { scope: 'transaction', name: kind, valueText, valueKind: 'literal', start, end, transactionScope };
  }
  if (kind === 'names' || kind === 'charset') {
    const valueText = plainValue(reader, assignment.first) ?? '';
    const collateAt = reader.kinds[assignment.first + 1] === K.collate ? assignment.first + 2 : -1;
    const rest = collateAt < 0 ? {} : { collation: plainValue(reader, collateAt) ?? '' };
    return { scope: kind, name: kind, valueText, valueKind: 'literal', start, end, ...rest };
  }
  const { scope, name } = variable(assignment);
  const value = literal(reader, assignment);
  if (value !== null) return { scope, name, valueText: value, valueKind: 'literal', start, end };
  return { scope, name, valueText: reader.tokens.sql.slice(start, end), valueKind: 'expression', start, end };
}

const words = (reader: Reader, { first, after }: Assignment): string =>
  Array.from({ length: after - first }, (_, i) => reader.text(first + i).toUpperCase()).join(' ');

/** `@x`, `@@x`, `@@global.x`, `@@vitess_metadata.x`, `global x`, `x`. */
function variable({ target, scope }: Assignment): { scope: SetScope; name: string } {
  if (target.startsWith('@') && !target.startsWith('@@')) return { scope: 'user', name: unquoted(target.slice(1)) };
  const parts = target.replace(/^@@/, '').split('.').map(unquoted);
  const prefix = parts.length > 1 ? (parts[0] as string).toLowerCase() : '';
  const name = parts.slice(prefix === '' ? 0 : 1).join('.');
  if (prefix === 'vitess_metadata') return { scope: 'vitess', name };
  if (prefix === 'global') return { scope: 'global', name: name.toLowerCase() };
  if (prefix === 'session' || prefix === 'local' || prefix === '')
    return { scope: scope ?? 'session', name: name.toLowerCase() };
  return { scope: scope ?? 'session', name: parts.join('.').toLowerCase() };
}

const unquoted = (name: string): string => (/^[`'"]/.test(name) ? name.slice(1, -1) : name);

/** The value of a literal, a signed number or a bare word; null for any other expression. */
function literal(reader: Reader, { first, after }: Assignment): string | null {
  const count = after - first;
  if (count === 1) return plainValue(reader, first);
  const tokens = Array.from({ length: count }, (_, at) => first + at);
  if (tokens.every((token) => reader.kinds[token] === T.string))
    return tokens.map((token) => literalValue(reader.text(token))).join('');
  const sign = reader.kinds[first];
  const number = reader.kinds[first + 1];
  const isNumber = number === T.integer || number === T.decimal;
  if (count !== 2 || !isNumber || (sign !== C.minus && sign !== C.plus)) return null;
  return `${reader.text(first)}${reader.text(first + 1)}`;
}

function plainValue(reader: Reader, token: number): string | null {
  const kind = reader.kinds[token] as number;
  if (kind === T.string) return literalValue(reader.text(token));
  if (kind === T.quotedName) return reader.nameOf(token);
  const isWord =
    isName(kind) ||
    kind === K.on ||
    kind === K.default ||
    kind === K.true ||
    kind === K.false ||
    kind === K.null ||
    kind === K.binary;
  return isWord || kind === T.integer || kind === T.decimal ? reader.text(token) : null;
}
