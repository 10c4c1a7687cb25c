import type { AttackSide, ResponsibleSetting } from '../../../domain/attacks';
import type { Backend, Gateway, ServerTls, Tablet, Topology } from '../../../domain/topology';
import type { HopId } from '../../../domain/trace';
import type { AttackGround } from '../ground';
import type { AttackWorld } from '../planned';
import { settingIn, type NamedSetting } from '../setting';

/** A port that a part of the workspace listens on. */
export interface Place {
  /** `main/mysql`, `main/grpc`, `zone1-100`, `mysql-local`: the end of an attack's id. */
  readonly id: string;
  /** For people: `gateway main, MySQL`. */
  readonly aim: string;
  readonly kind: 'mysql' | 'grpc' | 'tablet' | 'backend';
  /** Where the connection to it ends, and who ends it. */
  readonly hop: HopId;
  readonly side: AttackSide;
  /** `gateway main`. */
  readonly part: string;
  readonly tls: ServerTls | null;
  /** Its listener in gatehouse.json. */
  readonly path: readonly (string | number)[];
}

export interface GatewayPlace extends Place {
  readonly kind: 'mysql' | 'grpc';
  readonly gateway: Gateway;
}

export interface TabletPlace extends Place {
  readonly kind: 'tablet';
  readonly tablet: Tablet;
}

export interface BackendPlace extends Place {
  readonly kind: 'backend';
  readonly backend: Backend;
}

/** The listeners of every gateway, MySQL before gRPC. */
export function gatewayPlaces({ gateways }: Topology): GatewayPlace[] {
  return gateways.flatMap((gateway, index) =>
    (['mysql', 'grpc'] as const).flatMap((kind): GatewayPlace[] => {
      const listener = gateway[kind];
      if (listener === null) return [];
      return [
        {
          ...{ kind, gateway, tls: listener.tls },
          id: `${gateway.name}/${kind}`,
          aim: `gateway ${gateway.name}, ${kind === 'mysql' ? 'MySQL' : 'gRPC'}`,
          ...{ hop: 'A', side: 'gateway', part: `gateway ${gateway.name}` },
          path: ['gateways', index, kind],
        },
      ];
    }),
  );
}

export const tabletPlaces = ({ tablets }: Topology): TabletPlace[] =>
  tablets.map((tablet, index) => ({
    ...{ kind: 'tablet', tablet, tls: tablet.grpc.tls },
    id: tablet.alias,
    aim: `tablet ${tablet.alias}`,
    ...{ hop: 'C', side: 'tablet', part: `tablet ${tablet.alias}` },
    path: ['tablets', index, 'grpc'],
  }));

/** Each MySQL that the workspace runs itself; what others run is never attacked. */
export const backendPlaces = ({ backends }: Topology): BackendPlace[] =>
  backends.flatMap((backend, index) =>
    backend.kind === 'managed'
      ? [
          {
            ...{ kind: 'backend' as const, backend, tls: null },
            id: `mysql-${backend.name}`,
            aim: `MySQL ${backend.name}`,
            ...{ hop: 'E' as const, side: 'mysql' as const, part: `MySQL ${backend.name}` },
            path: ['backends', index],
          },
        ]
      : [],
  );

/** The same at the beginning of a sentence. */
export const atStart = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Where a place listens on the ground; null: it does not run. */
export function addressOf(ground: AttackGround, place: Place): { readonly host: string; readonly port: number } | null {
  const { gateways, tablets, backends } = ground.addresses;
  const named = place.path[1] as number;
  if (place.kind === 'tablet') return tablets[named]?.grpc ?? null;
  if (place.kind === 'backend') {
    const name = place.id.replace(/^mysql-/, '');
    return backends.find((candidate) => candidate.name === name) ?? null;
  }
  return gateways[named]?.[place.kind] ?? null;
}

/** `members` of the place's listener as they are in force: `mysql.tls.minVersion`. `written` is what an absent one amounts to. */
export function settingOf(
  { workspace }: Pick<AttackWorld, 'workspace'>,
  place: Place,
  members: readonly string[],
  written: string,
  more: Omit<NamedSetting, 'path' | 'name'> = {},
): ResponsibleSetting {
  const listener = place.path[2];
  const name = `${place.part}: ${[...(listener === undefined ? [] : [listener]), ...members].join('.')}`;
  const text = workspace.files.get('gatehouse.json')?.toString('utf8') ?? '';
  return settingIn(text, { ...more, path: [...place.path, ...members], name }, written);
}
