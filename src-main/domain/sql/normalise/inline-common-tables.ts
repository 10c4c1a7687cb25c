import { printedName } from './names';
import { become, node, plain, print, type Node, type Part } from './node';

/** One name of a WITH clause: its columns' names, none where they were not written, and its query. */
export interface CommonTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly query: Node;
}

/** What a FROM list names, as far as its columns can be known. */
export interface Source {
  /** The name of a table without a schema, which may be one of a WITH clause; null for a query in brackets. */
  readonly table: string | null;
  /** The name under which columns are found. */
  readonly alias: string;
  readonly columns: readonly string[];
  readonly query: Node | null;
}

type Scope = ReadonlyMap<string, CommonTable>;

const nodeOf = (part: Part): Node | null => {
  if (typeof part === 'string' || 'argument' in part) return null;
  return 'parts' in part ? part : part.node;
};

/**
 * Puts the queries of WITH clauses in the place of their names and lists the columns behind `*`, as vtgate does where no
 * table of a keyspace is read (go/vt/vtgate/semantics/early_rewriter.go). Literals must have become bind variables.
 */
export function inlineCommonTables(tree: Node): void {
  inline(tree, new Map());
}

function inline(of: Node, scope: Scope): void {
  const inside = new Map(scope);
  const [first] = of.parts;
  const clause = first === undefined ? null : nodeOf(first);
  if (clause?.common !== undefined) {
    of.parts = of.parts.slice(1);
    for (const table of clause.common) {
      inline(table.query, inside);
      inside.set(table.name, table);
    }
  }
  const { source } = of;
  const common = source?.table === undefined || source.table === null ? undefined : inside.get(source.table);
  if (source !== undefined && common !== undefined) {
    const columns = common.columns.length === 0 ? '' : `(${common.columns.map(printedName).join(', ')})`;
    const made = node('plain', ['(', common.query, `) as ${printedName(source.alias)}${columns}`]);
    become(of, made);
    of.source = { table: null, alias: source.alias, columns: common.columns, query: common.query };
    return;
  }
  for (const part of of.parts) {
    const inner = nodeOf(part);
    if (inner !== null) inline(inner, inside);
  }
  if (of.kind === 'select') expandStars(of);
}

/** The sources of a FROM list in the order of the text, those inside brackets' queries not among them. */
function sourcesOf(of: Node): Source[] {
  if (of.source !== undefined) return [of.source];
  return of.parts.flatMap((part) => {
    const inner = nodeOf(part);
    return inner === null || inner.kind === 'select' || inner.kind === 'union' ? [] : sourcesOf(inner);
  });
}

/** The names of a query's columns, or null where they are not known. */
function columnsOf(query: Node): readonly string[] | null {
  if (query.kind === 'union') {
    const first = query.parts.map(nodeOf).find((inner) => inner !== null);
    return first === undefined || first === null ? null : columnsOf(first);
  }
  const expressions = query.select?.expressions ?? [];
  if (query.kind !== 'select' || expressions.length === 0) return null;
  const names = expressions.map((expression) => {
    if (expression.kind !== 'aliased') return null;
    const [value, alias] = expression.parts;
    if (typeof alias === 'string') return unquoted(alias.slice(' as '.length));
    const inner = value === undefined ? null : nodeOf(value);
    if (inner === null) return null;
    const text = print(inner);
    return inner.kind === 'column' ? unquoted(text.replace(/^(?:`(?:[^`]|``)*`|\w+)\.(?=[`\w])/, '')) : text;
  });
  return names.includes(null) ? null : (names as string[]);
}

const unquoted = (name: string): string => (name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name);

function expandStars(of: Node): void {
  const { select } = of;
  const list = select === undefined ? null : nodeOf(of.parts[select.listAt] ?? '');
  const from = select === undefined ? null : nodeOf(of.parts[select.listAt + 2] ?? '');
  if (select === undefined || list === null || from === null) return;
  const sources = sourcesOf(from);
  const expanded = select.expressions.map((expression) => {
    const text = expression.kind === 'plain' ? expression.parts[0] : null;
    if (typeof text !== 'string' || !text.endsWith('*')) return [expression];
    const wanted = text === '*' ? sources : sources.filter(({ alias }) => `${printedName(alias)}.*` === text);
    const columns = wanted.map((source) => known(source));
    if (wanted.length === 0 || columns.includes(null)) return null;
    return wanted.flatMap(({ alias }, at) =>
      (columns[at] as readonly string[]).map((name) => {
        const qualified = sources.length > 1 ? `${printedName(alias)}.` : '';
        return node('aliased', [node('column', [`${qualified}${printedName(name)}`])], { flag: true });
      }),
    );
  });
  if (expanded.includes(null)) return;
  const all = (expanded as Node[][]).flat();
  select.expressions.splice(0, select.expressions.length, ...all);
  become(list, plain(...all.flatMap((one, at): Part[] => (at === 0 ? [one] : [', ', one]))));
}

const known = ({ columns, query }: Source): readonly string[] | null =>
  columns.length > 0 ? columns : query === null ? null : columnsOf(query);
