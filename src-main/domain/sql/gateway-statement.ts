import { assignmentsOf } from './gateway-assignments';
import { startsQuery } from './bracketed-query';
import type { GatewayStatement } from './gateway-statement-types';
import { keyword } from './keywords';
import { tokenize } from './lexer';
import { continueQuery, query } from './queries';
import { Reader } from './reader';
import { C, T } from './token-kinds';
import type { Query } from './tree';
import { vexplainHead } from './vexplain';

const K = {
  and: keyword('and'),
  chain: keyword('chain'),
  for: keyword('for'),
  from: keyword('from'),
  in: keyword('in'),
  like: keyword('like'),
  no: keyword('no'),
  prepare: keyword('prepare'),
  query: keyword('query'),
  release: keyword('release'),
  savepoint: keyword('savepoint'),
  to: keyword('to'),
  where: keyword('where'),
  work: keyword('work'),
} as const;

type Classify = (reader: Reader) => GatewayStatement;

/** Kinds that the first word settles. */
const settled: Readonly<Record<string, GatewayStatement>> = {
  alter: { kind: 'ddl', verb: 'alter' },
  call: { kind: 'call' },
  create: { kind: 'ddl', verb: 'create' },
  deallocate: { kind: 'deallocate' },
  delete: { kind: 'dml', verb: 'delete' },
  desc: { kind: 'explain' },
  describe: { kind: 'explain' },
  execute: { kind: 'execute' },
  explain: { kind: 'explain' },
  insert: { kind: 'dml', verb: 'insert' },
  prepare: { kind: 'prepare' },
  rename: { kind: 'ddl', verb: 'rename' },
  replace: { kind: 'dml', verb: 'replace' },
  truncate: { kind: 'ddl', verb: 'truncate' },
  update: { kind: 'dml', verb: 'update' },
};

const classified: Readonly<Record<string, Classify>> = {
  begin: (reader) => begin(reader),
  commit: (reader) => completion(reader, 'commit'),
  drop: (reader) => (reader.peek(1) === K.prepare ? { kind: 'deallocate' } : { kind: 'ddl', verb: 'drop' }),
  kill,
  lock: (reader) => tables(reader, 'lock-tables'),
  release: (reader) => savepoint(reader, 2, 'release-savepoint'),
  rollback,
  savepoint: (reader) => savepoint(reader, 1, 'savepoint'),
  select: (reader) => selection(reader),
  set: (reader) => ({ kind: 'set', assignments: assignmentsOf(reader) }),
  show,
  start: (reader) => (word(reader, 1) === 'transaction' ? begin(reader) : { kind: 'other' }),
  unlock: (reader) => tables(reader, 'unlock-tables'),
  use: (reader) => ({ kind: 'use', target: target(reader) }),
  values: (reader) => selection(reader),
  vexplain: (reader) => ({ kind: 'vexplain', ...vexplainHead(reader) }),
  with: (reader) => commonTable(reader),
};

const settledByKind = new Map(Object.entries(settled).map(([name, found]) => [keyword(name), found]));
const classifiedByKind = new Map(Object.entries(classified).map(([name, classify]) => [keyword(name), classify]));

/** Classifies one statement for the gateway's session handling. Never throws; reads no further than it must. */
export function gatewayStatement(sql: string): GatewayStatement {
  const first = tokenize(sql, 1).kinds[0] as number;
  if (first === T.end || first === C.semicolon) return { kind: 'empty' };
  const found = settledByKind.get(first);
  if (found !== undefined) return found;
  const classify = first === C.open ? selection : classifiedByKind.get(first);
  if (classify === undefined) return { kind: 'other' };
  try {
    return classify(new Reader(tokenize(sql), query, continueQuery));
  } catch {
    return { kind: 'other' };
  }
}

const word = (reader: Reader, ahead: number): string =>
  reader.peek(ahead) === T.end ? '' : reader.text(reader.at + ahead).toLowerCase();

function begin(reader: Reader): GatewayStatement {
  const words: string[] = [];
  for (let ahead = 1; reader.peek(ahead) !== T.end; ahead++) words.push(word(reader, ahead));
  const text = words.join(' ');
  return {
    kind: 'begin',
    readOnly: text.includes('read only'),
    readWrite: text.includes('read write'),
    consistentSnapshot: text.includes('with consistent snapshot'),
  };
}

function completion(reader: Reader, kind: 'commit' | 'rollback'): GatewayStatement {
  let chain = false;
  let release = false;
  for (let ahead = 1; reader.peek(ahead) !== T.end; ahead++) {
    if (reader.peek(ahead - 1) === K.no) continue;
    if (reader.peek(ahead) === K.chain) chain = true;
    if (reader.peek(ahead) === K.release) release = true;
  }
  return { kind, chain, release };
}

function rollback(reader: Reader): GatewayStatement {
  const at = reader.peek(1) === K.work ? 2 : 1;
  if (reader.peek(at) !== K.to) return completion(reader, 'rollback');
  return savepoint(reader, reader.peek(at + 1) === K.savepoint ? at + 2 : at + 1, 'rollback-to');
}

function savepoint(
  reader: Reader,
  ahead: number,
  kind: 'savepoint' | 'release-savepoint' | 'rollback-to',
): GatewayStatement {
  reader.goTo(reader.at + ahead);
  return { kind, name: reader.name() };
}

function tables(reader: Reader, kind: 'lock-tables' | 'unlock-tables'): GatewayStatement {
  const what = word(reader, 1);
  return what === 'tables' || what === 'table' ? { kind } : { kind: 'other' };
}

function kill(reader: Reader): GatewayStatement {
  const what = word(reader, 1);
  const named = what === 'connection' || what === 'query';
  const id = named ? 2 : 1;
  return { kind: 'kill', what: reader.peek(1) === K.query ? 'query' : 'connection', id: reader.text(reader.at + id) };
}

/** `ks`, `` `ks:0@replica` ``, `ks@replica`. */
function target(reader: Reader): string {
  reader.advance();
  if (reader.kind === T.end || reader.kind === C.semicolon) return '';
  if (reader.kind === T.quotedName) return reader.nameOf(reader.at);
  const start = reader.start();
  let end = start;
  while (reader.kind !== T.end && reader.kind !== C.semicolon) {
    end = reader.end();
    reader.advance();
  }
  return reader.tokens.sql.slice(start, end);
}

/** The words between SHOW and the first FROM, IN, LIKE, WHERE, FOR or value. */
function show(reader: Reader): GatewayStatement {
  const words: string[] = [];
  for (let ahead = 1; words.length < 4; ahead++) {
    const kind = reader.peek(ahead);
    if (kind !== T.name && kind < 200) break;
    if (kind === K.from || kind === K.in || kind === K.like || kind === K.where || kind === K.for) break;
    words.push(word(reader, ahead));
  }
  return { kind: 'show', subject: words.join(' ') };
}

function selection(reader: Reader): GatewayStatement {
  try {
    return { kind: readsNothing(query(reader)) ? 'select-no-table' : 'select' };
  } catch {
    return { kind: 'select' };
  }
}

/** WITH before a query or before UPDATE and DELETE: what follows its last closing bracket tells. */
function commonTable(reader: Reader): GatewayStatement {
  let depth = 0;
  for (let ahead = 1; reader.peek(ahead) !== T.end; ahead++) {
    const kind = reader.peek(ahead);
    if (kind === C.open) depth++;
    else if (kind === C.close) depth--;
    else if (depth === 0) {
      if (startsQuery(kind)) return selection(reader);
      const verb = word(reader, ahead);
      if (verb === 'update' || verb === 'delete') return { kind: 'dml', verb };
    }
  }
  return { kind: 'select' };
}

const readsNothing = (found: Query): boolean =>
  found.from.tables.every(({ name, qualifier }) => qualifier === null && name === 'dual') &&
  (found.with?.tables ?? []).every((table) => readsNothing(table.query)) &&
  [found.arms, found.from.nested, found.list, found.tail].every((queries) => queries.every(readsNothing));
