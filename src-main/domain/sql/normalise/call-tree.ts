import { isName } from '../keywords';
import { C, T } from '../token-kinds';
import { dedicatedCalls, geometryMaker, otherSyntax, timeCalls } from './call-names';
import type { Cursor } from './cursor';
import { printedName, printedString, stringValue } from './names';
import { leftOf, listed, node, nodesOf, plain, unprintable, type Node, type Part } from './node';
import { vitessReserved } from './words';
import { overClause } from './window-tree';
import { convertType } from './type-text';
import { bits, expression, expressions } from './recursion';
import { intervalUnit } from './expression-parts';
import { limitClause, orderBy } from './query-parts';

const withoutBrackets = new Set(
  'current_date current_time current_timestamp current_user localtime localtimestamp utc_date utc_time utc_timestamp'.split(
    ' ',
  ),
);

/** Whether a function call begins here: a word before a bracket, or one of the words that need none. */
export function isCallAhead(cursor: Cursor): boolean {
  const { kind } = cursor;
  if (kind === T.quotedName || cursor.word() === '') return false;
  if (cursor.peek(1) === C.open) return true;
  return withoutBrackets.has(cursor.word()) && !isName(kind);
}

/** Functions of the session whose value vtgate puts in (go/vt/sqlparser/normalizer.go). */
const sessionCalls: { readonly [name: string]: string } = {
  last_insert_id: '__lastInsertId',
  database: '__vtdbname',
  schema: '__vtdbname',
  found_rows: '__vtfrows',
  row_count: '__vtrcount',
};

const aggregates = new Set(
  (
    'count max min sum avg bit_and bit_or bit_xor std stddev stddev_pop stddev_samp var_pop var_samp variance ' +
    'json_arrayagg json_objectagg'
  ).split(' '),
);
const windowOnly = new Set('row_number rank dense_rank cume_dist percent_rank'.split(' '));
const windowOfValues = new Set('first_value last_value lag lead nth_value ntile'.split(' '));

/** A function call. Calls whose printing has not been held against Vitess's stop the printing. */
export function call(cursor: Cursor): Node {
  const name = cursor.word();
  if (withoutBrackets.has(name) || timeCalls.has(name)) return timeCall(cursor, name);
  if (aggregates.has(name)) return aggregate(cursor, name);
  if (windowOnly.has(name) || windowOfValues.has(name)) return windowCall(cursor, name);
  const special = syntaxes[name];
  if (special !== undefined) {
    const written = cursor.text();
    cursor.at += 2;
    const made = special(cursor, written);
    cursor.expectCode(C.close);
    return made;
  }
  const maker = geometryMaker(name);
  if (maker !== null) return ordinaryCall(cursor, name, maker);
  if (otherSyntax.test(name) || (vitessReserved.has(name) && !dedicatedCalls.has(name))) throw unprintable;
  return ordinaryCall(cursor, name);
}

/** `maker`: the name to print for a function that makes a geometry from one to three arguments. */
function ordinaryCall(cursor: Cursor, name: string, maker: string | null = null): Node {
  const printed = maker ?? (dedicatedCalls.has(name) ? name : cursor.text());
  cursor.at += 2;
  const nodes = cursor.kind === C.close ? [] : expressions(cursor);
  cursor.expectCode(C.close);
  const arity = dedicatedCalls.get(name);
  if (maker !== null && (nodes.length < 1 || nodes.length > 3)) throw unprintable;
  if (arity !== undefined && !arity(nodes.length)) throw unprintable;
  const bind = sessionCalls[name];
  if (bind !== undefined) {
    cursor.rewrites = true;
    if (nodes.length > 0 && name !== 'last_insert_id') throw unprintable;
  }
  const replaced = bind !== undefined && nodes.length === 0;
  const made = node('call', [`${printed}(`, ...listed(nodes), ')'], replaced ? { name, value: bind } : { name });
  if (/^regexp_(?:replace|substr)$/.test(name)) made.visits = occurrenceFirst(nodes, name === 'regexp_replace' ? 3 : 2);
  return made;
}

/** vtgate visits the occurrence of a regular expression before its position. */
function occurrenceFirst(nodes: readonly Node[], position: number): readonly Node[] {
  const [at, occurrence] = [nodes[position], nodes[position + 1]];
  if (at === undefined || occurrence === undefined) return nodes;
  return [...nodes.slice(0, position), occurrence, at, ...nodes.slice(position + 2)];
}

function timeCall(cursor: Cursor, name: string): Node {
  const written = cursor.text();
  cursor.at += 1;
  let precision = '';
  if (cursor.takeCode(C.open)) {
    if (cursor.kind === T.integer) {
      precision = String(Number(cursor.text()));
      cursor.at += 1;
    }
    cursor.expectCode(C.close);
  }
  return node('call', [`${name === 'current_user' ? written : name}(${precision === '0' ? '' : precision})`], { name });
}

function aggregate(cursor: Cursor, name: string): Node {
  cursor.at += 2;
  if (name === 'count' && cursor.kind === C.star && cursor.peek(1) === C.close) {
    cursor.at += 2;
    return node('aggregate', ['count(*)', ...over(cursor)]);
  }
  const distinct = cursor.take('distinct');
  if (distinct && !/^(?:count|max|min|sum|avg)$/.test(name)) throw unprintable;
  const nodes = name === 'count' || name === 'json_objectagg' ? expressions(cursor) : [expression(cursor)];
  if (name === 'json_objectagg' && nodes.length !== 2) throw unprintable;
  cursor.expectCode(C.close);
  const simplified = distinct && (name === 'max' || name === 'min');
  if (simplified) cursor.rewrites = true;
  return node(
    simplified ? 'least-or-most' : 'aggregate',
    [`${name}(${distinct ? 'distinct ' : ''}`, ...listed(nodes), ')', ...over(cursor)],
    simplified ? { name } : {},
  );
}

function over(cursor: Cursor): Part[] {
  const clause = overClause(cursor);
  return clause === null ? [] : [clause];
}

function windowCall(cursor: Cursor, name: string): Node {
  cursor.at += 2;
  const nodes = cursor.kind === C.close ? [] : expressions(cursor);
  cursor.expectCode(C.close);
  if (!fitsWindow(name, nodes)) throw unprintable;
  if (windowOnly.has(name) !== (nodes.length === 0)) throw unprintable;
  const nulls = cursor.takeAll('respect', 'nulls') ? ' respect nulls' : '';
  const clause = overClause(cursor);
  if (clause === null) throw unprintable;
  return node('aggregate', [`${name}(`, ...listed(nodes), `)${nulls}`, clause]);
}

/** Counts of a window function must be plain ones. */
function fitsWindow(name: string, nodes: readonly Node[]): boolean {
  const isCount = (of: Node | undefined): boolean =>
    of !== undefined && (of.type === 'INT64' || of.parts[0] === 'null');
  switch (name) {
    case 'ntile':
      return nodes.length === 1 && isCount(nodes[0]);
    case 'nth_value':
      return nodes.length === 2 && isCount(nodes[1]);
    case 'lag':
    case 'lead':
      return nodes.length === 1 || (nodes.length <= 3 && isCount(nodes[1]));
    default:
      return nodes.length <= 1;
  }
}

type Syntax = (cursor: Cursor, written: string) => Node;

const comma = (cursor: Cursor): void => cursor.expectCode(C.comma);

function substring(cursor: Cursor): Node {
  const text = expression(cursor);
  const worded = cursor.take('from');
  if (!worded) comma(cursor);
  const nodes = [text, expression(cursor)];
  if (worded ? cursor.take('for') : cursor.takeCode(C.comma)) nodes.push(expression(cursor));
  return plain('substr(', ...listed(nodes), ')');
}

function trim(cursor: Cursor): Node {
  const side = /^(?:both|leading|trailing)$/.exec(cursor.word())?.[0];
  if (side !== undefined) {
    cursor.at += 1;
    if (cursor.take('from')) return plain(`trim(${side} from `, expression(cursor), ')');
  }
  const first = expression(cursor);
  if (side === undefined && cursor.kind === C.close) return plain('trim(', first, ')');
  cursor.expect('from');
  return plain(`trim(${side === undefined ? '' : `${side} `}`, first, ' from ', expression(cursor), ')');
}

/** `date_add(x, interval 1 day)` and its kin. */
function dateSum(name: string, daysToo: boolean): Syntax {
  return (cursor) => {
    const date = expression(cursor);
    comma(cursor);
    if (cursor.word() === 'interval') {
      cursor.at += 1;
      const interval = bits(cursor, 10);
      return plain(`${name}(`, date, ', interval ', leftOf(interval, 10), ` ${intervalUnit(cursor)})`);
    }
    if (!daysToo) throw unprintable;
    return plain(`${name}(`, date, ', ', expression(cursor), ')');
  };
}

function stampUnit(cursor: Cursor): string {
  const word = cursor.word().replace(/^sql_tsi_/, '');
  if (!/^(?:day|week|hour|minute|month|quarter|second|microsecond|year)$/.test(word)) throw unprintable;
  cursor.at += 1;
  comma(cursor);
  return word;
}

function charsetName(cursor: Cursor): string {
  const name = cursor.kind === T.string ? stringValue(cursor.text()) : cursor.text();
  if (!/^[A-Za-z0-9_]+$/.test(name)) throw unprintable;
  cursor.at += 1;
  return name;
}

function convert(cursor: Cursor): Node {
  const value = expression(cursor);
  if (cursor.take('using')) return plain('convert(', value, ` using ${charsetName(cursor)})`);
  comma(cursor);
  return plain('convert(', value, `, ${convertType(cursor)})`);
}

function groupConcat(cursor: Cursor): Node {
  const distinct = cursor.take('distinct') ? 'distinct ' : '';
  const nodes = expressions(cursor);
  const order = orderBy(cursor);
  let separator = '';
  if (cursor.take('separator')) {
    if (cursor.kind !== T.string) throw unprintable;
    separator = ` separator ${printedString(stringValue(cursor.text()))}`;
    cursor.at += 1;
  }
  const limit = limitClause(cursor);
  const clauses = [...(order === null ? [] : [order]), separator, ...(limit === null ? [] : [limit])];
  return node('aggregate', [`group_concat(${distinct}`, ...listed(nodes), ...clauses, ')']);
}

function match(cursor: Cursor): Node {
  // The bracket of MATCH has been stepped over; AGAINST follows it.
  const columns = expressions(cursor);
  if (columns.some(({ kind }) => kind !== 'column')) throw unprintable;
  cursor.expectCode(C.close);
  cursor.expect('against');
  cursor.expectCode(C.open);
  const text = bits(cursor, 10);
  let option = '';
  if (cursor.takeAll('in', 'boolean', 'mode')) option = ' in boolean mode';
  else {
    if (cursor.takeAll('in', 'natural', 'language', 'mode')) option = ' in natural language mode';
    if (cursor.takeAll('with', 'query', 'expansion')) option += ' with query expansion';
  }
  return plain('match(', ...listed(columns), ') against (', leftOf(text, 10), `${option})`);
}

function characters(cursor: Cursor): Node {
  const nodes = expressions(cursor);
  const charset = cursor.take('using') ? ` using ${charsetName(cursor)}` : '';
  return plain('char(', ...listed(nodes), `${charset})`);
}

const syntaxes: { readonly [name: string]: Syntax | undefined } = {
  substr: substring,
  substring,
  mid: (cursor) => {
    const made = substring(cursor);
    // Three arguments, and none of the words of SUBSTRING.
    if (nodesOf(made).length !== 3) throw unprintable;
    return made;
  },
  trim,
  ltrim: (cursor) => plain('ltrim(', expression(cursor), ')'),
  rtrim: (cursor) => plain('rtrim(', expression(cursor), ')'),
  adddate: dateSum('adddate', true),
  subdate: dateSum('subdate', true),
  date_add: dateSum('date_add', false),
  date_sub: dateSum('date_sub', false),
  timestampadd: (cursor) => {
    const unit = stampUnit(cursor);
    const interval = expression(cursor);
    comma(cursor);
    const date = expression(cursor);
    return node('plain', [`timestampadd(${unit}, `, interval, ', ', date, ')'], { visits: [date, interval] });
  },
  timestampdiff: (cursor) => {
    const unit = stampUnit(cursor);
    const from = expression(cursor);
    comma(cursor);
    return plain(`timestampdiff(${unit}, `, from, ', ', expression(cursor), ')');
  },
  extract: (cursor) => {
    const unit = intervalUnit(cursor);
    cursor.expect('from');
    return plain(`extract(${unit} from `, expression(cursor), ')');
  },
  position: (cursor) => {
    const part = bits(cursor, 10);
    cursor.expect('in');
    return plain('locate(', part, ', ', expression(cursor), ')');
  },
  cast: (cursor) => {
    const value = expression(cursor);
    cursor.expect('as');
    return plain('cast(', value, ` as ${convertType(cursor)})`);
  },
  convert,
  char: characters,
  group_concat: groupConcat,
  match,
  values: (cursor) => {
    const name = printedName(cursor.name());
    if (cursor.takeCode(C.dot)) return plain(`values(${name}.${printedName(cursor.name(true))})`);
    return plain(`values(${name})`);
  },
  any_value: (cursor) => node('aggregate', ['any_value(', expression(cursor), ')']),
};
