import { printedName } from './names';
import {
  argumentNode,
  become,
  node,
  nodesOf,
  plain,
  print,
  replaceLiteral,
  unprintable,
  type BindValue,
  type LiteralType,
  type Node,
} from './node';

/** What the statement's bind variables hold; an array for `::list`. */
export type BindValues = ReadonlyMap<string, BindValue | readonly BindValue[]>;

/** Longest literal that shares its bind variable with an equal one, in bytes. */
const longestShared = 256;

const inverse = new Map([
  ['=', '!='],
  ['!=', '='],
  ['<', '>='],
  ['>=', '<'],
  ['>', '<='],
  ['<=', '>'],
]);
for (const word of ['in', 'like', 'regexp']) inverse.set(word, `not ${word}`).set(`not ${word}`, word);

/**
 * Puts bind variables in place of literals and rewrites what vtgate rewrites before it plans (go/vt/sqlparser/normalizer.go).
 * The order of the walk and the names follow from there. Throws `unprintable` where vtgate's rewriting could change what
 * the statement means.
 */
export class Binder {
  readonly values = new Map<string, BindValue | readonly BindValue[]>();
  /** Bind variables whose value only the session knows: `__lastInsertId`, `__vtversion`. */
  readonly needs = new Set<string>();
  readonly #shared = new Map<string, string>();
  readonly #lists = new Map<string, string>();
  readonly #reserved: Set<string>;
  /** No bind variable of the text begins as the numbered ones do. */
  readonly #fast: boolean;
  #parameterize: boolean;
  #counter = 0;
  #selects = 0;
  #derived = 0;
  #unaliased = 0;
  #rewrites = 0;
  #rewritesDatabase = false;

  constructor(
    known: ReadonlySet<string>,
    parameterize: boolean,
    /** The statement has something whose replacement gives a select expression an alias. */
    private readonly keepsNames: boolean,
  ) {
    this.#parameterize = parameterize;
    this.#reserved = new Set(known);
    this.#fast = ![...known].some((name) => name.startsWith('vtg'));
  }

  run(statement: Node): void {
    // Values without a SELECT stay as they are.
    if (statement.kind === 'plain' && statement.select !== undefined) this.#parameterize = false;
    this.#rewritesDatabase = statement.kind === 'select' && statement.select?.onlyDual === true;
    this.#walk(statement, null);
  }

  get #binds(): boolean {
    return this.#parameterize && (this.#derived <= 0 || this.#unaliased <= 0);
  }

  #walk(of: Node, parent: Node | null): void {
    const { kind } = of;
    let alias: string | null = null;
    const before = this.#rewrites;
    switch (kind) {
      case 'column':
      case 'frame':
        return;
      case 'derived':
        this.#derived += 1;
        break;
      case 'select':
        this.#selects += 1;
        break;
      case 'aliased':
        if (of.flag !== true) break;
        this.#unaliased += 1;
        alias = this.keepsNames ? print(of) : '';
        break;
      case 'comparison':
        this.#comparison(of);
        break;
      case 'assignment':
        this.#named(of);
        break;
      case 'literal':
        this.#literal(of, parent);
        return;
      default:
    }
    for (const below of nodesOf(of)) this.#walk(below, of);
    switch (kind) {
      case 'derived':
        this.#derived -= 1;
        break;
      case 'select':
        this.#selects -= 1;
        break;
      case 'aliased':
        if (alias === null) break;
        if (this.#rewrites > before) of.parts = [...of.parts, ` as ${printedName(alias)}`];
        this.#unaliased -= 1;
        break;
      default:
        this.#rewrite(of, parent);
    }
  }

  #rewrite(of: Node, parent: Node | null): void {
    switch (of.kind) {
      case 'call':
        if (of.value === undefined || (of.value === '__vtdbname' && !this.#rewritesDatabase)) return;
        return this.#replace(of, of.value);
      case 'variable':
        return this.#replace(of, of.name as string);
      case 'subquery':
        return this.#unnest(of, parent);
      case 'not':
        return this.#not(of);
      case 'exists':
        return this.#exists(of);
      case 'least-or-most':
        of.parts = [`${of.name as string}(`, ...of.parts.slice(1)];
        this.#rewrites += 1;
        return;
      default:
    }
  }

  #replace(of: Node, name: string): void {
    become(of, argumentNode(`:${name}`));
    this.needs.add(name);
    this.#rewrites += 1;
  }

  #literal(of: Node, parent: Node | null): void {
    if (!this.#binds || !convertible(of)) return;
    if (this.#selects === 0 || parent?.kind === 'limit') {
      this.#bind(of, this.#next(), of);
      return;
    }
    if (parent?.kind === 'order' || parent?.kind === 'group') return;
    const key = keyOf(of);
    const long = isLong(of);
    let name = long ? undefined : this.#shared.get(key);
    if (name === undefined) {
      name = this.#next();
      if (!long) this.#shared.set(key, name);
      this.values.set(name, valueOf(of));
    }
    replaceLiteral(of, argumentOf(name, of));
  }

  #bind(target: Node, name: string, literal: Node): void {
    this.values.set(name, valueOf(literal));
    replaceLiteral(target, argumentOf(name, literal));
  }

  #comparison(of: Node): void {
    const { operator, right } = of;
    if (operator !== 'in' && operator !== 'not in') return this.#named(of);
    if (!this.#binds || right?.kind !== 'tuple') return;
    const values = right.literals ?? valuesOf(nodesOf(right));
    if (values === null) return;
    const key = keyOfList(values);
    let name = this.#lists.get(key);
    if (name === undefined) {
      name = this.#next();
      this.#lists.set(key, name);
    }
    this.values.set(name, values);
    become(right, argumentNode(`::${name}`));
  }

  /** A literal that is compared with a column or assigned to it takes its name from the column. */
  #named({ left, right }: Node): void {
    if (!this.#binds || left?.kind !== 'column' || right?.kind !== 'literal' || !convertible(right)) return;
    const key = keyOf(right);
    const known = isLong(right) ? undefined : this.#shared.get(key);
    if (known !== undefined) return replaceLiteral(right, argumentOf(known, right));
    const name = this.#reserve(left.name as string);
    this.#shared.set(key, name);
    this.#bind(right, name, right);
  }

  #reserve(column: string): string {
    const base = this.#fast && column.startsWith('vtg') ? `_${column}` : column;
    let name = base;
    for (let number = 1; this.#reserved.has(name); number++) name = `${base}${number}`;
    this.#reserved.add(name);
    return name;
  }

  #next(): string {
    for (;;) {
      const name = `vtg${++this.#counter}`;
      if (this.#fast || !this.#reserved.has(name)) return name;
    }
  }

  /** NOT before a comparison becomes the opposite comparison. */
  #not(of: Node): void {
    const inner = of.left as Node;
    if (inner.kind === 'comparison') {
      const opposite = inverse.get(inner.operator as string);
      if (opposite === undefined) return;
      // NOT (a = ANY (…)) is not a != ANY (…).
      if (inner.modified === true) throw unprintable;
      const text = inner.parts[1] as string;
      inner.parts[1] = text.replace(inner.operator as string, opposite);
      inner.operator = opposite;
      become(of, inner);
    } else if (inner.kind === 'not') {
      // The inner expression's value is not always 0 or 1.
      if (!isTruth(inner.left as Node)) throw unprintable;
      become(of, inner.left as Node);
    } else if (inner.parts[0] === 'true' || inner.parts[0] === 'false') {
      become(of, plain(inner.parts[0] === 'true' ? 'false' : 'true'));
    }
  }

  #exists(of: Node): void {
    const query = of.left as Node;
    const { select } = query;
    if (query.kind !== 'select' || select === undefined || select.hasHaving) return;
    if (select.expressions.some(hasAggregate)) {
      // Without groups there is always a row, but what the query reads would no longer be asked for.
      throw unprintable;
    }
    (query.parts[select.withClause ? select.listAt + 1 : select.listAt] as Node).parts = ['1'];
    if (select.groupAt >= 0) (query.parts[select.withClause ? select.groupAt + 1 : select.groupAt] as Node).parts = [];
  }

  /** `(select 1)` is 1. */
  #unnest(of: Node, parent: Node | null): void {
    const query = of.left as Node;
    const { select } = query;
    if (query.kind !== 'select' || select === undefined || parent?.kind === 'exists') return;
    const { expressions, onlyDual, hasGroup, hasWhere, hasHaving, ordered, limited, locked } = select;
    if (expressions.length !== 1 || !onlyDual || ordered || hasGroup || hasWhere || hasHaving || limited || locked)
      return;
    const [only] = expressions;
    if (only?.kind !== 'aliased') return;
    const value = only.parts[0] as Node;
    if (value.kind === 'column') return;
    // Outside its brackets a column may be another one, and an aggregate is of other rows.
    if (hasAggregate(value) || hasColumn(value) || select.withClause) throw unprintable;
    // There a bare number is the number of a column.
    if (parent?.kind === 'group' || parent?.kind === 'order') throw unprintable;
    this.#rewrites += 1;
    if (of.flag === true && value.kind !== 'tuple' && value.kind !== 'subquery')
      become(of, node('tuple', ['(', value, ')']));
    else become(of, value);
  }
}

const isTruth = ({ kind }: Node): boolean =>
  kind === 'comparison' || kind === 'boolean' || kind === 'not' || kind === 'exists';

function hasAggregate(of: Node): boolean {
  return of.kind === 'aggregate' || of.kind === 'least-or-most' || nodesOf(of).some(hasAggregate);
}

function hasColumn(of: Node): boolean {
  return of.kind === 'column' || nodesOf(of).some(hasColumn);
}

/** Literals are the same when type and text are. */
const keyOf = ({ type, parts }: Node): string => `${type as string} ${parts[0] as string}`;

const isLong = ({ value = '' }: Node): boolean =>
  value.length > longestShared / 4 && Buffer.byteLength(value) > longestShared;

/** The values of a list of nothing but literals that can be taken out, or null. */
const valuesOf = (nodes: readonly Node[]): BindValue[] | null =>
  nodes.length > 0 && nodes.every((one) => one.kind === 'literal' && convertible(one)) ? nodes.map(valueOf) : null;

/** One text for each list: lengths stand before values, so that no value can pass for two. */
function keyOfList(values: readonly BindValue[]): string {
  const parts: string[] = [];
  for (const { type, value } of values) parts.push(type, String(value.length), value);
  return parts.join();
}

const valueOf = ({ type, value }: Node): BindValue => ({ type: type as LiteralType, value: value as string });

const greatest = 2n ** 63n - 1n;

/** Whether vtgate can take a literal out: whole numbers only as far as INT64 goes. */
function convertible({ type, value = '' }: Node): boolean {
  return type !== 'INT64' || value.length < 19 || BigInt(value) <= greatest;
}

/** `:name` with the type that vtgate adds, or the cast that keeps it. */
function argumentOf(name: string, { type, value = '' }: Node): string {
  const point = value.lastIndexOf('.');
  const fraction = point < 0 ? 0 : value.length - point - 1;
  switch (type) {
    case 'FLOAT64':
      return `CAST(:${name} AS DOUBLE)`;
    case 'DATE':
      return `CAST(:${name} AS DATE)`;
    case 'TIME':
    case 'DATETIME':
      return `CAST(:${name} AS ${type}${fraction === 0 ? '' : `(${fraction})`})`;
    case 'DECIMAL': {
      const size = value.length - (point < 0 ? 0 : 1);
      if (fraction === 0) return `CAST(:${name} AS DECIMAL(${size}, 0))`;
      return `:${name} /* DECIMAL(${size},${fraction}) */`;
    }
    default:
      return `:${name} /* ${type as string} */`;
  }
}
