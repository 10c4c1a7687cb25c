import type { VtCode } from '../kernel';
import { isSystemSchemaName } from './system-schemas';
import type { Query, Statement, TableReference } from './tree';
import type { Reader } from './reader';

/** What vtgate's planner makes of a statement that it does not take. */
export type GatewayRefusal =
  | { readonly kind: 'refused'; readonly code: VtCode; readonly message: string }
  /** The real program panics: its client sees the connection close. */
  | { readonly kind: 'panic' };

/** Some of vtgate's errors carry no code of their own. */
const unsupported = (what: string, code: VtCode = 'UNIMPLEMENTED'): GatewayRefusal => ({
  kind: 'refused',
  code,
  message: `VT12001: unsupported: ${what}`,
});

const bug = (what: string): GatewayRefusal => ({
  kind: 'refused',
  code: 'INTERNAL',
  message: `VT13001: [BUG] ${what}`,
});

const panic: GatewayRefusal = { kind: 'panic' };

/** The names of WITH clauses that were met so far, and what kinds of tables stand anywhere. */
interface Seen {
  readonly names: Map<string, Query>;
  readonly clauses: { readonly recursive: boolean; readonly name: string; readonly query: Query }[];
  /** A table of a keyspace. */
  tables: boolean;
  /** A table of a system schema. */
  system: boolean;
}

function look(query: Query, seen: Seen): void {
  if (query.with !== null) {
    const { recursive, tables } = query.with;
    for (const table of tables) seen.names.set(table.name, table.query);
    for (const table of tables) {
      seen.clauses.push({ recursive, ...table });
      look(table.query, seen);
    }
  }
  // A name of a WITH clause counts as one wherever it stands behind it, in letters of the same case.
  for (const table of query.from.tables) {
    const { name, qualifier } = table;
    if (isDual(table) || (qualifier === null && seen.names.has(name))) continue;
    if (qualifier !== null && isSystemSchemaName(qualifier)) seen.system = true;
    else seen.tables = true;
  }
  for (const inner of parts(query)) look(inner, seen);
}

const isDual = ({ name, qualifier }: TableReference): boolean => qualifier === null && name.toLowerCase() === 'dual';

const parts = (query: Query): Query[] => [...query.arms, ...query.from.nested, ...query.list, ...query.tail];

/** Whether a query, or one inside it, reads a table by this name without a schema. */
const readsName = (query: Query, name: string): boolean =>
  query.from.tables.some((table) => table.qualifier === null && table.name === name) ||
  [...parts(query), ...(query.with?.tables ?? []).map((table) => table.query)].some((inner) => readsName(inner, name));

/** How Go prints a VALUES statement behind a pointer: rows of addresses, of which none is told. */
const shownValues = ({ rows }: Query): string =>
  `&{<nil> [${rows.map((size) => `[${Array.from({ length: size }, () => '0x0').join(' ')}]`).join(' ')}]  <nil> [] <nil>}`;

/**
 * What the planner says to the FROM lists of a query: VALUES where a table stands, and a name of a WITH clause outside of
 * the clause's reach, which it takes for the beginning of a recursion.
 */
function fromRefusal(query: Query, visible: ReadonlyMap<string, Query>, seen: Seen): GatewayRefusal | null {
  const inside = new Map(visible);
  const recursive = query.with?.recursive === true;
  for (const table of query.with?.tables ?? []) inside.set(table.name, table.query);
  for (const { name, qualifier } of query.from.tables) {
    if (qualifier !== null) continue;
    const body = inside.get(name);
    if (body?.kind === 'values') return derivedValues(body);
    const other = seen.names.get(name);
    if (body === undefined && other !== undefined && other.kind !== 'union')
      return bug('expected UNION in recursive CTE');
  }
  for (const nested of query.from.nested) if (nested.kind === 'values') return derivedValues(nested);
  const bodies = recursive ? [] : (query.with?.tables ?? []).map((table) => table.query);
  for (const inner of [...bodies, ...parts(query)]) {
    const found = fromRefusal(inner, inside, seen);
    if (found !== null) return found;
  }
  return null;
}

const derivedValues = (values: Query): GatewayRefusal =>
  bug(`[BUG] %T in a derived table%!(EXTRA *sqlparser.ValuesStatement=${shownValues(values)})`);

/** Changes of what is no table of a keyspace: `dual`, which the gateway itself refuses to route, and system schemas. */
function writeRefusal({ type, written, asks }: Statement, met: Reader['met']): GatewayRefusal | null {
  if (written === null) return null;
  const { with: clause, from } = written;
  const changes = type === 'UPDATE' || type === 'DELETE';
  if (clause !== null && changes) return unsupported(`WITH expression in ${type} statement`);
  const targets = from.tables.length > 0 ? from.tables : from.plain;
  if (targets.some(({ qualifier }) => qualifier !== null && isSystemSchemaName(qualifier))) return panic;
  if (!targets.every(isDual) || from.nested.length > 0) return null;
  if (changes) return { kind: 'refused', code: 'UNKNOWN', message: 'unsupported opcode: Reference' };
  if (asks.length === 0 || met.insertedColumns === true) return null;
  return {
    kind: 'refused',
    code: 'FAILED_PRECONDITION',
    message: 'VT09004: INSERT should contain column list or the table should have authoritative columns in vschema',
  };
}

/**
 * What vtgate's planner refuses about a statement, or null. It looks closely only where no table of an unsharded keyspace
 * settles where the statement goes, and where a system schema is read (go/vt/vtgate/semantics: canShortCut,
 * checkForInvalidConstructs; go/vt/vtgate/planbuilder; measured).
 */
export function gatewayRefusal(tree: Statement, met: Reader['met']): GatewayRefusal | null {
  const { type, reads } = tree;
  // The rewriting of user variables does not reckon with those behind INTO.
  if (met.intoVariables === true && type === 'SELECT') return panic;
  if (reads[0]?.kind === 'values' && tree.execute === 'invalid' && type === 'UNKNOWN')
    return bug('unexpected statement type: *sqlparser.ValuesStatement');
  if (met.assignment === true && type !== 'SET') return unsupported('Assignment expression');
  const write = writeRefusal(tree, met);
  if (write !== null || type !== 'SELECT') return write;
  const seen: Seen = { names: new Map(), clauses: [], tables: false, system: false };
  for (const query of reads) look(query, seen);
  if (seen.tables && !seen.system) return null;
  if (seen.clauses.some(({ recursive, name, query }) => !recursive && readsName(query, name)))
    return unsupported('do not support CTE that use the CTE alias inside the CTE query');
  if (met.lateral === true) return unsupported('lateral derived tables');
  if (met.jsonTable === true) return unsupported('json_table expressions', 'UNKNOWN');
  if (met.naturalJoin !== undefined) return unsupported(met.naturalJoin, 'UNKNOWN');
  for (const query of reads) {
    const found = fromRefusal(query, new Map(), seen);
    if (found !== null) return found;
  }
  return null;
}
