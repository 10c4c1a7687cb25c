import { startsQuery } from './bracketed-query';
import { isBuiltinFunction, mustBeGlued } from './builtin-functions';
import { keyword } from './keywords';
import type { Reader } from './reader';
import { sessionCallName } from './session-calls';
import { C, T } from './token-kinds';
import { overClause } from './windows';

const K = {
  all: keyword('all'),
  distinct: keyword('distinct'),
} as const;

/** Reads a call with a list of expressions in its brackets; notes what its name means for the tables that are read. */
export function call(reader: Reader, name: string, expressionList: (reader: Reader) => void): void {
  const start = reader.start();
  const lower = name.toLowerCase();
  const isStored = reader.kind === T.quotedName && mustBeGlued(lower);
  if (isStored || !isBuiltinFunction(lower)) {
    if (lower === 'load_file') reader.usesFiles ??= 'LOAD_FILE reads a file of the server';
    else reader.unknownFunction ??= name;
  } else if (lower === 'get_lock') reader.lockCalls++;
  reader.advance();
  if (reader.peek(1) === C.close) {
    const session = sessionCallName(lower);
    if (session !== null) {
      reader.calls.push({ name: session, start, end: reader.end(reader.at + 1), alias: null, expressionAlias: null });
    }
  }
  callArguments(reader, expressionList, lower === 'count');
  overClause(reader, expressionList);
}

/** Reads the brackets of a call. */
export function callArguments(reader: Reader, expressionList: (reader: Reader) => void, star = false): void {
  reader.expect(C.open);
  if (reader.accept(C.close)) return;
  if (star && reader.kind === C.star && reader.peek(1) === C.close) reader.advance();
  else {
    while (reader.kind === K.distinct || reader.kind === K.all) reader.advance();
    // A query alone in the brackets of a function is a syntax error to MySQL and Vitess.
    if (startsQuery(reader.kind)) reader.fail();
    expressionList(reader);
  }
  reader.expect(C.close);
}
