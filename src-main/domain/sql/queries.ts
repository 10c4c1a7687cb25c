import { continuesQuery, startsQuery } from './bracketed-query';
import { expression } from './expressions';
import { isName, keyword, keywords } from './keywords';
import { Unread } from './reader';
import type { Reader } from './reader';
import { nameList, tableReferences } from './table-references';
import { C, T } from './token-kinds';
import { newQuery } from './tree';
import type { Query, WithClause } from './tree';
import { windowSpecification } from './windows';

const K = {
  all: keyword('all'),
  as: keyword('as'),
  asc: keyword('asc'),
  by: keyword('by'),
  character: keyword('character'),
  charset: keyword('charset'),
  desc: keyword('desc'),
  distinct: keyword('distinct'),
  dumpfile: keyword('dumpfile'),
  for: keyword('for'),
  from: keyword('from'),
  group: keyword('group'),
  having: keyword('having'),
  in: keyword('in'),
  into: keyword('into'),
  limit: keyword('limit'),
  lock: keyword('lock'),
  locked: keyword('locked'),
  mode: keyword('mode'),
  next: keyword('next'),
  nowait: keyword('nowait'),
  offset: keyword('offset'),
  order: keyword('order'),
  outfile: keyword('outfile'),
  recursive: keyword('recursive'),
  rollup: keyword('rollup'),
  row: keyword('row'),
  s3: keyword('s3'),
  select: keyword('select'),
  set: keyword('set'),
  share: keyword('share'),
  skip: keyword('skip'),
  union: keyword('union'),
  update: keyword('update'),
  value: keyword('value'),
  values: keyword('values'),
  where: keyword('where'),
  window: keyword('window'),
  with: keyword('with'),
} as const;

const selectOptions = keywords(
  `all distinct distinctrow high_priority straight_join sql_cache sql_no_cache sql_small_result sql_big_result
  sql_buffer_result sql_calc_found_rows`,
);

/** Reads a query: WITH, SELECT or VALUES or a bracket, UNION arms, ORDER BY, LIMIT, INTO, locks. */
export function query(reader: Reader): Query {
  reader.enter();
  const clause = reader.kind === K.with ? withClause(reader) : null;
  const result = continuation(reader, arm(reader), clause);
  reader.leave();
  return result;
}

/** Reads the rest of a query whose first operand, in brackets, has been read. */
export const continueQuery = (reader: Reader, first: Query): Query => continuation(reader, first, null);

/** Bounds the work of resolving names, which grows with the names in sight. */
const mostNames = 200;

/** Reads `WITH [RECURSIVE] name [(columns)] AS ( query ), …`. */
export function withClause(reader: Reader): WithClause {
  reader.expect(K.with);
  const recursive = reader.accept(K.recursive);
  const clause: WithClause = { recursive, tables: [] };
  do {
    const name = reader.name();
    if (reader.kind === C.open) nameList(reader);
    reader.expect(K.as);
    reader.expect(C.open);
    if (clause.tables.length === mostNames) throw new Unread(`more than ${mostNames} names in one WITH clause`);
    clause.tables.push({ name, query: nested(reader) });
    reader.expect(C.close);
  } while (reader.accept(C.comma));
  return clause;
}

/** Reads a query in brackets that are the caller's; brackets around it are its own. */
function nested(reader: Reader): Query {
  if (!startsQuery(reader.kind) && reader.kind !== K.values && reader.kind !== C.open) reader.fail();
  return query(reader);
}

function arm(reader: Reader): Query {
  reader.queryDepth++;
  let found: Query;
  if (reader.kind === K.select) found = select(reader);
  else if (reader.kind === K.values) found = values(reader);
  else if (reader.kind === C.open) {
    reader.queryDepth--;
    reader.advance();
    if (!startsQuery(reader.kind) && reader.kind !== C.open && reader.kind !== K.values) reader.fail();
    found = query(reader);
    reader.expect(C.close);
    return found;
  } else reader.fail();
  reader.queryDepth--;
  return found;
}

function continuation(reader: Reader, first: Query, clause: WithClause | null): Query {
  let result = first;
  if (reader.kind === K.union) {
    const arms = [first];
    while (reader.accept(K.union)) {
      if (!reader.accept(K.all)) reader.accept(K.distinct);
      arms.push(arm(reader));
    }
    result = newQuery('union', arms);
  }
  if (clause !== null) {
    // Vitess hangs a WITH on the query in the brackets; where that one has its own, a query around both keeps the two apart.
    if (result.with !== null) result = newQuery('union', [result]);
    result.with = clause;
  }
  const outer = reader.sink;
  reader.sink = result.tail;
  if (reader.kind === K.order) orderBy(reader);
  if (reader.kind === K.limit) limit(reader);
  if (reader.kind === K.into) into(reader);
  if (continuesQuery(reader.kind)) locking(reader);
  if (reader.kind === K.into) into(reader);
  reader.sink = outer;
  return result;
}

function select(reader: Reader): Query {
  const result = newQuery('select');
  reader.advance();
  while (selectOptions.has(reader.kind)) reader.advance();
  if (reader.kind === K.next && nextValue(reader, result)) return result;
  const outer = reader.sink;
  reader.sink = result.list;
  const lockCalls = reader.lockCalls;
  selectList(reader);
  result.locks = reader.lockCalls > lockCalls;
  reader.sink = result.tail;
  if (reader.kind === K.into) into(reader);
  if (reader.accept(K.from)) tableReferences(reader, result.from);
  else {
    const dual = { name: 'dual', qualifier: null };
    result.from.tables.push(dual);
    result.from.plain.push(dual);
  }
  if (reader.accept(K.where)) {
    const start = reader.at;
    expression(reader);
    result.impossible = isImpossible(reader, start);
  }
  if (reader.accept(K.group)) {
    reader.expect(K.by);
    do {
      expression(reader);
      if (!reader.accept(K.asc)) reader.accept(K.desc);
    } while (reader.accept(C.comma));
    if (reader.accept(K.with)) reader.expect(K.rollup);
  }
  if (reader.accept(K.having)) expression(reader);
  if (reader.accept(K.window)) {
    do {
      reader.name();
      reader.expect(K.as);
      windowSpecification(reader, listOfExpressions);
    } while (reader.accept(C.comma));
  }
  reader.sink = outer;
  return result;
}

function listOfExpressions(reader: Reader): void {
  do expression(reader);
  while (reader.accept(C.comma));
}

/** Reads `NEXT VALUE FROM sequence` or `NEXT 5 VALUES FROM sequence`, after NEXT has been seen. */
function nextValue(reader: Reader, result: Query): boolean {
  reader.advance();
  if (!reader.accept(K.value)) {
    if (reader.kind !== T.integer && reader.kind !== T.bindVariable) reader.fail();
    reader.advance();
    reader.expect(K.values);
  }
  if (!reader.accept(K.from)) reader.fail();
  const table = reader.tableName();
  result.from.tables.push(table);
  result.from.plain.push(table);
  result.sequence = table.qualifier === null ? table.name : `${table.qualifier}.${table.name}`;
  return true;
}

function selectList(reader: Reader): void {
  do selectItem(reader);
  while (reader.accept(C.comma));
}

function selectItem(reader: Reader): void {
  if (reader.kind === C.star) {
    reader.advance();
    return;
  }
  if (isName(reader.kind) && reader.peek(1) === C.dot) {
    if (reader.peek(2) === C.star) {
      reader.goTo(reader.at + 3);
      return;
    }
    if (reader.peek(3) === C.dot && reader.peek(4) === C.star) {
      reader.qualifiers.push({
        start: reader.start(),
        end: reader.start(reader.at + 2),
        name: reader.nameOf(reader.at),
      });
      reader.goTo(reader.at + 5);
      return;
    }
  }
  const start = reader.start();
  const calls = reader.calls.length;
  expression(reader);
  const end = reader.end(reader.at - 1);
  if (reader.accept(K.as)) {
    if (reader.kind === T.string) reader.advance();
    else reader.name();
  } else if (isName(reader.kind) || reader.kind === T.string) reader.advance();
  else if (reader.queryDepth === 1 && reader.calls.length > calls) keepColumnName(reader, calls, start, end);
}

/** Longest alias MySQL takes (MySQL manual 11.2). */
const longestAlias = 256;

function keepColumnName(reader: Reader, firstCall: number, start: number, end: number): void {
  const text = reader.tokens.sql.slice(start, end);
  if (text.length > longestAlias) return;
  const expressionAlias = { at: end, text: `\`${text.replaceAll('`', '``')}\`` };
  for (const call of reader.calls.slice(firstCall)) {
    call.expressionAlias = expressionAlias;
    if (call.start === start && call.end === end) call.alias = expressionAlias.text;
  }
}

/** `1 != 1` with equal literals, in brackets or not (ComparisonExpr.IsImpossible in go/vt/sqlparser/ast_funcs.go). */
function isImpossible(reader: Reader, first: number): boolean {
  let start = first;
  let end = reader.at - 1;
  while (end - start > 2 && reader.kinds[start] === C.open && reader.kinds[end] === C.close) {
    start++;
    end--;
  }
  const kind = reader.kinds[start] as number;
  return (
    end - start === 2 &&
    reader.kinds[start + 1] === T.notEqual &&
    kind >= T.string &&
    kind <= T.bits &&
    reader.kinds[end] === kind &&
    reader.text(start) === reader.text(end)
  );
}

function values(reader: Reader): Query {
  const result = newQuery('values');
  reader.advance();
  const outer = reader.sink;
  reader.sink = result.list;
  do {
    reader.expect(K.row);
    reader.expect(C.open);
    let size = 0;
    if (reader.kind !== C.close)
      do {
        expression(reader);
        size += 1;
      } while (reader.accept(C.comma));
    result.rows.push(size);
    reader.expect(C.close);
  } while (reader.accept(C.comma));
  reader.sink = outer;
  return result;
}

/** Reads `ORDER BY …` into the sink. */
export function orderBy(reader: Reader): void {
  reader.expect(K.order);
  reader.expect(K.by);
  do {
    expression(reader);
    if (!reader.accept(K.asc)) reader.accept(K.desc);
  } while (reader.accept(C.comma));
}

/** Reads `LIMIT …` into the sink. */
export function limit(reader: Reader): void {
  reader.expect(K.limit);
  expression(reader);
  if (reader.kind === C.comma || reader.kind === K.offset) {
    reader.advance();
    expression(reader);
  }
}

function locking(reader: Reader): void {
  if (reader.accept(K.for)) {
    if (!reader.accept(K.update)) reader.expect(K.share);
    if (reader.accept(K.skip)) reader.expect(K.locked);
    else reader.accept(K.nowait);
  } else if (reader.accept(K.lock)) {
    reader.expect(K.in);
    reader.expect(K.share);
    reader.expect(K.mode);
  }
}

const fileOptions = keywords('fields columns lines terminated enclosed escaped optionally starting by format on off');
const s3Options = new Set(['csv', 'header', 'manifest', 'overwrite', 'text', 'format', 'parquet']);

/** Reads `INTO @x, @y`, `INTO OUTFILE 'file' …`, `INTO DUMPFILE 'file'`. */
function into(reader: Reader): void {
  reader.expect(K.into);
  if (reader.kind === K.outfile || reader.kind === K.dumpfile) {
    const dump = reader.kind === K.dumpfile;
    reader.advance();
    if (!dump) reader.accept(K.s3);
    reader.expect(T.string);
    reader.usesFiles ??= 'the rows are written to a file of the server';
    if (dump) return;
    if (reader.kind === K.character || reader.kind === K.charset) {
      if (reader.accept(K.character)) reader.expect(K.set);
      else reader.advance();
      reader.name();
    }
    while (fileOptions.has(reader.kind) || reader.kind === T.string || s3Options.has(reader.text().toLowerCase()))
      reader.advance();
    return;
  }
  do {
    if (reader.kind !== T.userVariable) reader.fail();
    reader.met.intoVariables = true;
    reader.advance();
  } while (reader.accept(C.comma));
}
