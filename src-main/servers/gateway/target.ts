import { isSystemSchemaName } from '../../domain/sql';
import { states, VitessError } from './vitess-error';

/** Tablet types by lower-case name (topodata.TabletType). */
export const tabletTypes = {
  unknown: 0,
  primary: 1,
  master: 1,
  replica: 2,
  rdonly: 3,
  batch: 3,
  spare: 4,
  experimental: 5,
  backup: 6,
  restore: 7,
  drained: 8,
} as const;

export type TabletTypeName =
  'unknown' | 'primary' | 'replica' | 'rdonly' | 'spare' | 'experimental' | 'backup' | 'restore' | 'drained';

const typesByNumber: readonly TabletTypeName[] = [
  'unknown',
  'primary',
  'replica',
  'rdonly',
  'spare',
  'experimental',
  'backup',
  'restore',
  'drained',
];

/** The name of a topodata.TabletType. */
export const tabletTypeName = (type: number): TabletTypeName => typesByNumber[type] ?? 'unknown';

/** A session's target string taken apart (go/vt/topo/topoproto/destination.go). */
export interface SessionTarget {
  readonly keyspace: string;
  /** Null: no shard was named. */
  readonly shard: string | null;
  readonly type: TabletTypeName;
  /** `zone1-100` behind the bar, or null. */
  readonly alias: { readonly cell: string; readonly uid: number } | null;
}

/** Schemas that every MySQL has; vtgate takes them as databases without looking into its schema. */
export const isSystemSchema = isSystemSchemaName;

const canonical: { readonly [name: string]: TabletTypeName } = { master: 'primary', batch: 'rdonly' };

function parseType(text: string): TabletTypeName {
  const name = text.toLowerCase();
  if (!Object.hasOwn(tabletTypes, name)) return 'unknown';
  return canonical[name] ?? (name as TabletTypeName);
}

function parseAlias(text: string): { cell: string; uid: number } {
  const found = /^(.+)-(\d{1,10})$/.exec(text);
  if (found === null) throw new VitessError('INVALID_ARGUMENT', `invalid tablet alias in target: ${text}`);
  return { cell: found[1] as string, uid: Number(found[2]) };
}

/**
 * Reads `ks`, `ks:0`, `ks/0`, `ks@primary`, `ks:0@primary|zone1-100`, `@replica`, `:0`, or ''. Throws VitessError with
 * vtgate's text.
 */
export function parseTarget(text: string, defaultType: TabletTypeName = 'primary'): SessionTarget {
  let rest = text;
  let type = defaultType;
  let alias: SessionTarget['alias'] = null;
  const at = rest.lastIndexOf('@');
  if (at >= 0) {
    const [typeText = '', ...aliasParts] = rest.slice(at + 1).split('|');
    if (typeText === '') throw new VitessError('INVALID_ARGUMENT', 'empty tablet type after @');
    type = parseType(typeText);
    if (aliasParts.length > 0) alias = parseAlias(aliasParts.join('|'));
    rest = rest.slice(0, at);
  }
  const separator = rest.search(/[:/]/);
  const keyspace = separator < 0 ? rest : rest.slice(0, separator);
  const shard = separator < 0 ? null : rest.slice(separator + 1);
  if (alias !== null && shard === null)
    throw new VitessError('INVALID_ARGUMENT', 'tablet alias must be used with a shard');
  return { keyspace, shard, type, alias };
}

/** vtgate's refusal of a database that no keyspace has (VT05003). */
export const unknownDatabase = (name: string): VitessError =>
  new VitessError('NOT_FOUND', `VT05003: unknown database '${name}' in vschema`, states.badDb);
