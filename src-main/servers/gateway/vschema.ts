import type { VindexSpec, VschemaChange } from '../../domain/sql';
import { VitessError } from './vitess-error';

interface VschemaTable {
  readonly vindexes: Set<string>;
  autoIncrement: string | null;
}

interface KeyspaceVschema {
  sharded: boolean;
  readonly vindexes: Map<string, VindexSpec>;
  readonly tables: Map<string, VschemaTable>;
}

const refused = (message: string): VitessError => new VitessError('INTERNAL', message);

/**
 * What ALTER VSCHEMA has written, by keyspace (go/vt/topotools/vschema_ddl.go). It is answered and shown; nothing is
 * routed by it, for every keyspace here has one shard. It lasts as long as the gateway.
 */
export class Vschema {
  readonly #keyspaces = new Map<string, KeyspaceVschema>();
  readonly #metadata = new Map<string, string>();

  /** `@@vitess_metadata.NAME` and their values, by name. */
  get metadata(): readonly (readonly [name: string, value: string])[] {
    return [...this.#metadata].sort(([one], [other]) => (one < other ? -1 : 1));
  }

  /** Sets metadata; an empty value takes it away. */
  setMetadata(name: string, value: string): void {
    if (value === '') this.#metadata.delete(name);
    else this.#metadata.set(name, value);
  }

  /** Names of the tables that were added to a keyspace. */
  tablesOf(keyspace: string): readonly string[] {
    return [...(this.#keyspaces.get(keyspace)?.tables.keys() ?? [])];
  }

  /** Makes a change of `keyspace`. Throws VitessError with vtgate's text. */
  apply(change: VschemaChange, keyspace: string): void {
    let known = this.#keyspaces.get(keyspace);
    if (known === undefined) {
      known = { sharded: false, vindexes: new Map(), tables: new Map() };
      this.#keyspaces.set(keyspace, known);
    }
    applyTo(known, change, keyspace);
  }
}

function create({ vindexes }: KeyspaceVschema, vindex: VindexSpec): boolean {
  vindexes.set(vindex.name, vindex);
  return vindexes.size === 1;
}

/** Sequences and plain tables differ in vtgate's words only. */
function applyToTable(of: KeyspaceVschema, change: VschemaChange & { readonly table: string }, keyspace: string): void {
  const { tables } = of;
  const [verb, what] = change.kind.split('-') as ['add' | 'drop', 'table' | 'sequence'];
  const title = what === 'table' ? 'vschema table' : 'sequence table';
  if (of.sharded && change.kind !== 'drop-table')
    throw refused(`${verb} ${title}: unsupported on sharded keyspace ${keyspace}`);
  const { table } = change;
  if (verb === 'add') {
    if (tables.has(table)) throw refused(`vschema already contains ${what} ${table} in keyspace ${keyspace}`);
    tables.set(table, { vindexes: new Set(), autoIncrement: null });
  } else if (!tables.delete(table)) throw refused(`vschema does not contain ${what} ${table} in keyspace ${keyspace}`);
}

function addColumnVindex(of: KeyspaceVschema, table: string, vindex: VindexSpec, keyspace: string): void {
  const { name, type, owner, params } = vindex;
  const known = of.vindexes.get(name);
  if (type === '') {
    if (known === undefined) throw refused(`vindex ${name} does not exist in keyspace ${keyspace}`);
  } else if (known === undefined) {
    if (create(of, vindex)) of.sharded = true;
  } else {
    if (known.type !== type) throw refused(`vindex ${name} defined with type ${known.type} not ${type}`);
    if (known.owner !== owner) throw refused(`vindex ${name} defined with owner ${known.owner} not ${owner}`);
    if (known.params.join() !== params.join()) throw refused(`vindex ${name} defined with different parameters`);
  }
  const entry = of.tables.get(table) ?? { vindexes: new Set(), autoIncrement: null };
  if (entry.vindexes.has(name)) throw refused(`vindex ${name} already defined on table ${table}`);
  entry.vindexes.add(name);
  of.tables.set(table, entry);
}

function applyTo(of: KeyspaceVschema, change: VschemaChange, keyspace: string): void {
  const { vindexes, tables } = of;
  switch (change.kind) {
    case 'create-vindex': {
      const { name } = change.vindex;
      if (vindexes.has(name)) throw refused(`vindex ${name} already exists in keyspace ${keyspace}`);
      if (create(of, change.vindex)) of.sharded = true;
      return;
    }
    case 'drop-vindex': {
      const { name } = change;
      if (!vindexes.has(name)) throw refused(`vindex ${name} does not exists in keyspace ${keyspace}`);
      for (const [table, entry] of tables)
        if (entry.vindexes.has(name))
          throw refused(`can not drop vindex cause ${name} still defined on table ${table}`);
      vindexes.delete(name);
      return;
    }
    case 'add-column-vindex':
      return addColumnVindex(of, change.table, change.vindex, keyspace);
    case 'drop-column-vindex': {
      const { table, name } = change;
      const entry = tables.get(table);
      if (entry === undefined) throw refused(`table ${keyspace}.${table} not defined in vschema`);
      if (!entry.vindexes.delete(name)) throw refused(`vindex ${name} not defined in table ${keyspace}.${table}`);
      if (entry.vindexes.size === 0) tables.delete(table);
      return;
    }
    case 'add-auto-increment':
    case 'drop-auto-increment': {
      const { table } = change;
      const entry = tables.get(table);
      if (entry === undefined) throw refused(`vschema does not contain table ${table} in keyspace ${keyspace}`);
      const adds = change.kind === 'add-auto-increment';
      if (!adds && entry.autoIncrement === null)
        throw refused(`vschema does not contain auto increment <nil> on table ${table} in keyspace ${keyspace}`);
      if (adds && entry.autoIncrement !== null)
        throw refused(
          `vschema already contains auto inc ${entry.autoIncrement} on table ${table} in keyspace ${keyspace}`,
        );
      entry.autoIncrement = adds ? change.using : null;
      return;
    }
    default:
      return applyToTable(of, change, keyspace);
  }
}
