import { C, T } from '../token-kinds';
import type { Cursor } from './cursor';
import { printedName, printedString, stringValue } from './names';
import { listed, node, plain, unprintable, type Node, type Part, type SelectShape } from './node';
import type { CommonTable } from './inline-common-tables';
import { listedNames, tableReferences } from './table-tree';
import { windowDefinitions } from './window-tree';
import { expression, expressions } from './recursion';
import { tupleOf } from './expression-parts';
import { aliasOf, bracketedQuery, columnList, limitClause, orderBy } from './query-parts';

const shapeOf = (of: Node): SelectShape => {
  if (of.select === undefined) throw unprintable;
  return of.select;
};

/** A query with WITH, UNION, ORDER BY, LIMIT, locking and INTO. */
export function query(cursor: Cursor): Node {
  const common = cursor.word() === 'with' ? withClause(cursor) : null;
  const body = unions(cursor);
  const shape = shapeOf(body);
  const order = orderBy(cursor);
  const limit = limitClause(cursor);
  const early = intoClause(cursor);
  const lock = locking(cursor);
  const into = early === '' ? intoClause(cursor) : early;
  // Vitess would put the new clause in the place of the one inside the brackets.
  if ((order !== null || limit !== null) && (shape.ordered || shape.limited || shape.locked)) throw unprintable;
  if (lock !== '' && shape.locked) throw unprintable;
  if (lock !== '' && body.kind === 'plain') throw unprintable;
  if (order !== null) shape.ordered = append(body, order);
  if (limit !== null) shape.limited = append(body, limit);
  if (lock !== '') {
    body.parts.push(lock);
    shape.locked = true;
  }
  if (into !== '' && shape.into !== '') throw unprintable;
  if (into !== '') shape.into = into;
  if (body.kind === 'select' && shape.into !== '') body.parts.push(shape.into);
  if (common !== null) {
    if (shape.withClause) throw unprintable;
    shape.withClause = true;
    body.parts.unshift(common);
    body.visits = [common, ...(body.visits ?? [])];
  }
  return body;
}

function append(to: Node, clause: Node): true {
  to.parts.push(clause);
  to.visits = [...(to.visits ?? []), clause];
  return true;
}

function unions(cursor: Cursor): Node {
  let left = arm(cursor);
  while (cursor.take('union')) {
    const text = cursor.take('all') ? ' union all ' : ' union ';
    cursor.take('distinct');
    const right = arm(cursor);
    // Brackets around a union to the right count, and Vitess drops them.
    if (right.kind === 'union' && !needsBrackets(right)) throw unprintable;
    if (shapeOf(left).withClause || shapeOf(left).into !== '' || shapeOf(right).into !== '') throw unprintable;
    left = node('union', [...armParts(left), text, ...armParts(right)], { visits: [left, right], select: newShape() });
  }
  return left;
}

const needsBrackets = (of: Node): boolean => {
  const { ordered, limited, locked } = shapeOf(of);
  return ordered || limited || locked;
};

const armParts = (of: Node): Part[] => (needsBrackets(of) ? ['(', of, ')'] : [of]);

const newShape = (rest: Partial<SelectShape> = {}): SelectShape => ({
  expressions: [],
  listAt: -1,
  groupAt: -1,
  onlyDual: false,
  hasWhere: false,
  hasGroup: false,
  hasHaving: false,
  ordered: false,
  limited: false,
  locked: false,
  into: '',
  withClause: false,
  ...rest,
});

function arm(cursor: Cursor): Node {
  if (cursor.kind === C.open) return bracketedQuery(cursor);
  if (cursor.take('values')) return valuesQuery(cursor);
  cursor.expect('select');
  return select(cursor);
}

function valuesQuery(cursor: Cursor): Node {
  const comments = cursor.comments();
  const rows: Part[] = [];
  do {
    cursor.expect('row');
    cursor.expectCode(C.open);
    if (rows.length > 0) rows.push(', ');
    rows.push('row', tupleOf(expressions(cursor)));
    cursor.expectCode(C.close);
  } while (cursor.takeCode(C.comma));
  return node('plain', [`values ${comments}`, plain(...rows)], { select: newShape() });
}

const options = [
  'distinct',
  'sql_cache',
  'sql_no_cache',
  'high_priority',
  'straight_join',
  'sql_small_result',
  'sql_big_result',
  'sql_buffer_result',
  'sql_calc_found_rows',
] as const;

/** A SELECT after its first word. Options come in Vitess's order. */
function select(cursor: Cursor): Node {
  const comments = cursor.comments();
  const found = new Set<string>();
  for (;;) {
    const word = cursor.word();
    if (word === 'distinctrow') found.add('distinct');
    else if ((options as readonly string[]).includes(word)) found.add(word);
    else if (word !== 'all') break;
    cursor.at += 1;
  }
  if (cursor.word() === 'next' && cursor.peek(1) !== C.comma && cursor.word(1) !== 'from') throw unprintable;
  const chosen = options.filter((option) => found.has(option)).map((option) => `${option} `);
  const list = selectList(cursor);
  const into = intoClause(cursor);
  const from = cursor.take('from') ? tableReferences(cursor) : [plain('dual')];
  const onlyDual = from.length === 1 && from[0]?.parts.length === 1 && from[0].parts[0] === 'dual';
  const where = cursor.take('where') ? plain(' where ', expression(cursor)) : null;
  const group = groupBy(cursor);
  const having = cursor.take('having') ? plain(' having ', expression(cursor)) : null;
  const windows = cursor.take('window') ? windowDefinitions(cursor) : null;
  const listNode = plain(...listed(list));
  const fromNode = plain(...listed(from));
  const clauses = [where, group, having, windows].filter((clause) => clause !== null);
  const made = node('select', [`select ${comments}${chosen.join('')}`, listNode, ' from ', fromNode, ...clauses], {
    visits: [fromNode, listNode, ...clauses],
  });
  made.select = newShape({
    expressions: list,
    listAt: 1,
    groupAt: group === null ? -1 : made.parts.indexOf(group),
    onlyDual,
    hasWhere: where !== null,
    hasGroup: group !== null,
    hasHaving: having !== null,
    into,
  });
  return made;
}

function selectList(cursor: Cursor): Node[] {
  const list = [cursor.takeCode(C.star) ? plain('*') : selectExpression(cursor)];
  while (cursor.takeCode(C.comma)) list.push(selectExpression(cursor));
  return list;
}

function selectExpression(cursor: Cursor): Node {
  if (cursor.named && cursor.peek(1) === C.dot) {
    if (cursor.peek(2) === C.star) return tableStar(cursor, 1);
    if (cursor.peek(3) === C.dot && cursor.peek(4) === C.star) return tableStar(cursor, 2);
  }
  const value = expression(cursor);
  const alias = aliasOf(cursor);
  const parts = alias === null ? [value] : [value, ` as ${printedName(alias)}`];
  return { kind: 'aliased', level: 0, binding: 0, parts, flag: alias === null };
}

function tableStar(cursor: Cursor, names: 1 | 2): Node {
  const first = cursor.name();
  cursor.at += 1;
  if (names === 1) {
    cursor.at += 1;
    return plain(`${printedName(first)}.*`);
  }
  const schema = cursor.schema(first);
  const second = cursor.name(true);
  cursor.at += 2;
  return plain(`${schema}${printedName(second)}.*`);
}

function groupBy(cursor: Cursor): Node | null {
  if (!cursor.takeAll('group', 'by')) return null;
  const nodes = expressions(cursor);
  const rollup = cursor.takeAll('with', 'rollup') ? ' with rollup' : '';
  return node('group', [' group by ', ...listed(nodes), rollup]);
}

/** ` into @a, @b`, ` into outfile 'x'` or ''; options of the file stop the printing. */
function intoClause(cursor: Cursor): string {
  if (!cursor.take('into')) return '';
  const kind = cursor.take('outfile') ? 'outfile' : cursor.take('dumpfile') ? 'dumpfile' : null;
  if (kind !== null) {
    if (cursor.kind !== T.string) throw unprintable;
    const file = stringValue(cursor.text());
    cursor.at += 1;
    if (/^(?:character|charset|fields|columns|lines)$/.test(cursor.word())) throw unprintable;
    return ` into ${kind} ${printedString(file)}`;
  }
  const names: string[] = [];
  do {
    if (cursor.kind !== T.userVariable) throw unprintable;
    names.push(cursor.text());
    cursor.at += 1;
  } while (cursor.takeCode(C.comma));
  return ` into ${names.join(', ')}`;
}

function locking(cursor: Cursor): string {
  if (cursor.takeAll('lock', 'in', 'share', 'mode')) return ' lock in share mode';
  const kind = cursor.takeAll('for', 'update') ? ' for update' : cursor.takeAll('for', 'share') ? ' for share' : '';
  if (kind === '') return '';
  if (cursor.take('nowait')) return `${kind} nowait`;
  return cursor.takeAll('skip', 'locked') ? `${kind} skip locked` : kind;
}

/** `with a (x) as (query), … `, with the space after it. */
export function withClause(cursor: Cursor): Node {
  cursor.at += 1;
  const recursive = cursor.take('recursive');
  const parts: Part[] = [recursive ? 'with recursive ' : 'with '];
  const tables: CommonTable[] = [];
  do {
    if (parts.length > 1) parts.push(', ');
    const name = cursor.name();
    const columns = columnList(cursor);
    cursor.expect('as');
    const inner = bracketedQuery(cursor);
    parts.push(`${printedName(name)}${columns} as (`, inner, ') ');
    tables.push({ name, columns: listedNames(columns), query: inner });
    cursor.common.push(recursive ? null : name);
  } while (cursor.takeCode(C.comma));
  const made = plain(...parts);
  if (!recursive) made.common = tables;
  return made;
}
