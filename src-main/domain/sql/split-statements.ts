import { keyword, keywords } from './keywords';
import { tokenize } from './lexer';
import { continueQuery, query } from './queries';
import { Reader } from './reader';
import { countBlock } from './stored-program';
import { C, T } from './token-kinds';

const create = keyword('create');
const programs = keywords('procedure function trigger event');

/**
 * Splits a multi-statement text at `;` outside strings, comments and the blocks of stored programs. Pieces are trimmed and hold
 * their comments; pieces without a token are left out. What follows a token that does not end stays in one piece, and so does
 * a text with more tokens than are read.
 */
export function splitStatements(sql: string): string[] {
  const tokens = tokenize(sql);
  if (tokens.tooMany) return [sql];
  const reader = new Reader(tokens, query, continueQuery);
  const pieces: string[] = [];
  const depth = { blocks: 0 };
  let start = 0;
  let firstToken = 0;
  let inProgram = false;
  while (reader.kind !== T.end) {
    if (reader.kind === C.semicolon && depth.blocks === 0) {
      if (reader.at > firstToken) pieces.push(sql.slice(start, reader.start()).trim());
      start = reader.end();
      firstToken = reader.at + 1;
      inProgram = false;
    } else if (reader.kinds[firstToken] === create) {
      if (programs.has(reader.kind) && reader.at - firstToken < farthestWord) inProgram = true;
      else if (inProgram) countBlock(reader, depth);
    }
    reader.advance();
  }
  if (reader.at > firstToken) pieces.push(sql.slice(start).trim());
  return pieces;
}

/** The kind of a stored program stands after at most `CREATE OR REPLACE DEFINER = user @host AGGREGATE`. */
const farthestWord = 10;
