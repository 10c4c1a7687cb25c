import { isDeepStrictEqual } from 'node:util';
import type { Topology } from '../../domain/topology';
import { restartOnly, withoutPlaces } from '../cluster/reload';
import type { Workspace } from '../workspace/load-workspace';

/** A part of the cluster that a change is about; `all`: every one of them. */
export interface AffectedPart {
  readonly kind: 'gateway' | 'tablet' | 'backend' | 'all';
  readonly name: string;
}

/** What applying does to a cluster that runs. */
export interface Effect {
  /** `none`: nothing that runs reads these files. `at-once`: taken over while it runs. `restart`: read at the start alone. */
  readonly kind: 'none' | 'at-once' | 'restart';
  /** With `restart`: whose settings need it. */
  readonly parts: readonly AffectedPart[];
  /** A schema file is among the changes: it is run when a database is made, and never again. */
  readonly schema: boolean;
}

const same = (left: unknown, right: unknown): boolean =>
  isDeepStrictEqual(withoutPlaces(left as Topology), withoutPlaces(right as Topology));

/** The parts whose own settings differ; everything when something differs that all of them share. */
function changedParts(before: Topology, after: Topology): AffectedPart[] {
  const shared = ({ name: _name, gateways: _g, tablets: _t, backends: _b, ...rest }: Topology): unknown => rest;
  if (!same(shared(before), shared(after))) return [{ kind: 'all', name: '' }];
  const lists = [
    { kind: 'gateway', of: ({ gateways }: Topology) => gateways.map((part) => [part.name, part] as const) },
    { kind: 'tablet', of: ({ tablets }: Topology) => tablets.map((part) => [part.alias, part] as const) },
    { kind: 'backend', of: ({ backends }: Topology) => backends.map((part) => [part.name, part] as const) },
  ] as const;
  const parts = lists.flatMap(({ kind, of }): AffectedPart[] => {
    const [old, fresh] = [new Map<string, unknown>(of(before)), new Map<string, unknown>(of(after))];
    return [...new Set([...old.keys(), ...fresh.keys()])]
      .filter((name) => !same(old.get(name) ?? null, fresh.get(name) ?? null))
      .map((name) => ({ kind, name }));
  });
  return parts.length > 0 ? parts : [{ kind: 'all', name: '' }];
}

/** Whose file it is that is read at the start alone. */
function ownersOf({ backends, gateways }: Topology, path: string): AffectedPart[] {
  return [
    ...backends
      .filter(({ tls }) => tls !== null && [tls.ca, tls.cert, tls.key].includes(path))
      .map(({ name }): AffectedPart => ({ kind: 'backend', name })),
    ...gateways
      .filter(({ tabletCredentialsFile }) => tabletCredentialsFile === path)
      .map(({ name }): AffectedPart => ({ kind: 'gateway', name })),
  ];
}

/** What applying `files` (paths that differ) does, by the same rules by which a running cluster reloads. */
export function effectOf(applied: Workspace, draft: Workspace, files: readonly string[]): Effect {
  const { topology } = applied;
  const schema = topology.keyspaces.some(({ schemaFile }) => schemaFile !== null && files.includes(schemaFile));
  if (files.includes('gatehouse.json') && !same(topology, draft.topology))
    return { kind: 'restart', parts: changedParts(topology, draft.topology), schema };
  const fixed = restartOnly(topology);
  fixed.delete('gatehouse.json');
  const owned = files.filter((path) => fixed.has(path));
  if (owned.length > 0) {
    const parts = new Map(
      owned.flatMap((path) => ownersOf(topology, path)).map((part) => [JSON.stringify(part), part]),
    );
    return { kind: 'restart', parts: [...parts.values()], schema };
  }
  const schemas = new Set(topology.keyspaces.map(({ schemaFile }) => schemaFile));
  const read = files.some((path) => path !== 'gatehouse.json' && applied.files.has(path) && !schemas.has(path));
  return { kind: read ? 'at-once' : 'none', parts: [], schema };
}
