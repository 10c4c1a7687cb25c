import type { GatewayConfig } from './config';
import { isSystemSchema, parseTarget, unknownDatabase, type SessionTarget, type TabletTypeName } from './target';
import type { TabletLink } from './tablet-link';
import { targetPrefix, VitessError } from './vitess-error';

/** The text form of a query.Target inside vtgate's messages. */
const targetText = (keyspace: string, shard: string, type: TabletTypeName): string =>
  `keyspace:"${keyspace}" shard:"${shard}" tablet_type:${type.toUpperCase()}`;

/** vtgate's answer when nobody serves a target (go/vt/vtgate/tabletgateway.go). */
export const noHealthyTablet = (keyspace: string, shard: string, type: TabletTypeName): VitessError =>
  new VitessError(
    'UNAVAILABLE',
    `${targetPrefix(keyspace, shard, type)}no healthy tablet available for '${targetText(keyspace, shard, type)}'`,
  );

/** vtgate's answer when nothing says which keyspace is meant (VT09005). */
export const noDatabase = (): VitessError =>
  new VitessError(
    'FAILED_PRECONDITION',
    'VT09005: no database selected: use keyspace<:shard><@type> or keyspace<[range]><@type> (<> are optional)',
    { errno: 1046, sqlState: '3D000' },
  );

/** Who serves is asked before who does not; of two primaries the one whose term began later. */
const better = ({ health }: TabletLink, { health: other }: TabletLink): boolean =>
  health.serving === other.serving ? health.primaryTermStart > other.primaryTermStart : health.serving;

/** Finds the tablet that a session's statement goes to. */
export class Router {
  /** Of targets that name none. */
  readonly defaultType: TabletTypeName;
  readonly #keyspaces: ReadonlyMap<string, readonly string[]>;

  constructor(
    config: Pick<GatewayConfig, 'keyspaces' | 'behaviour'>,
    private readonly links: readonly TabletLink[],
  ) {
    this.defaultType = config.behaviour?.defaultTabletType ?? 'primary';
    this.#keyspaces = new Map(config.keyspaces.map(({ name, shards }) => [name, shards]));
  }

  get keyspaces(): readonly string[] {
    return [...this.#keyspaces.keys()];
  }

  get shards(): readonly string[] {
    return [...this.#keyspaces].flatMap(([keyspace, shards]) => shards.map((shard) => `${keyspace}/${shard}`));
  }

  get tablets(): readonly TabletLink[] {
    return this.links;
  }

  hasKeyspace(name: string): boolean {
    return this.#keyspaces.has(name);
  }

  /**
   * The keyspace that a schema in front of a table's name means, which may be a whole target (`ks:0`, `ks@replica`): where
   * a keyspace has one shard, the rest of it changes nothing. Null for what is no keyspace; throws VitessError for no target.
   */
  keyspaceNamed(name: string): string | null {
    if (this.#keyspaces.has(name)) return name;
    if (!/[:/@]/.test(name)) return null;
    const { keyspace } = parseTarget(name, this.defaultType);
    if (keyspace === '' && this.#keyspaces.size === 1) return this.keyspaces[0] ?? null;
    return this.#keyspaces.has(keyspace) ? keyspace : null;
  }

  /** Whether a keyspace's primary has a table by this name, as vtgate follows its tables. */
  async hasTable(name: string): Promise<boolean> {
    for (const { schema } of this.links) if ((await schema.followed()).has(name)) return true;
    return false;
  }

  /** Takes a `USE` apart and checks its keyspace; throws VitessError VT05003 for one that does not exist. */
  target(text: string): SessionTarget {
    const target = parseTarget(text, this.defaultType);
    const { keyspace } = target;
    if (keyspace !== '' && !this.#keyspaces.has(keyspace) && !isSystemSchema(keyspace)) throw unknownDatabase(keyspace);
    return target;
  }

  /** The keyspace a target means; with none named the only one there is. Throws VT09005 when that is not clear. */
  keyspaceOf(target: SessionTarget): string {
    if (target.keyspace !== '' && this.#keyspaces.has(target.keyspace)) return target.keyspace;
    const [only, ...others] = this.#keyspaces.keys();
    if (only === undefined || (others.length > 0 && target.keyspace === '')) throw noDatabase();
    return only;
  }

  /**
   * The link for a statement. `keyspace` overrides the session's own, as a qualified name does. The tablet may be one
   * that does not serve at this moment. Throws VitessError when none of that kind exists.
   */
  route(target: SessionTarget, keyspace: string = this.keyspaceOf(target)): TabletLink {
    const { type, alias } = target;
    if (type === 'unknown') {
      throw new VitessError('INVALID_ARGUMENT', `No partition found for tabletType unknown in keyspace ${keyspace}`);
    }
    const shard = target.shard ?? this.#keyspaces.get(keyspace)?.[0] ?? '0';
    let found: TabletLink | null = null;
    for (const link of this.links) {
      if (link.keyspace !== keyspace || link.shard !== shard || link.type !== type || link.health.gone) continue;
      if (alias !== null && (link.alias.cell !== alias.cell || link.alias.uid !== alias.uid)) continue;
      if (found === null || better(link, found)) found = link;
    }
    if (found !== null) return found;
    if (alias !== null) {
      const named = `cell:"${alias.cell}" uid:${alias.uid}`;
      const prefix = targetPrefix(keyspace, shard, type);
      throw new VitessError('UNAVAILABLE', `${prefix}tablet: ${named} is either down or nonexistent`);
    }
    throw noHealthyTablet(keyspace, shard, type);
  }
}
