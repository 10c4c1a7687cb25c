import { flagMeant, spellingIn, type VitessMajor } from '../flags';
import type { Topology } from '../topology';
import { withFixedPorts } from './fixed-ports';
import { vtgateFlags, vttabletFlags, type Flag } from './flags';

/** Where the exported programs find each other. */
export interface ExportPlace {
  readonly version: VitessMajor;
  /** Turns a path of the export into the one that a flag carries. */
  readonly at: (path: string) => string;
  /** Address of the topology server, as etcd2 takes it. */
  readonly topo: string;
  /** Asked for every port, also those that the workspace names; undefined: as `withFixedPorts` says. */
  readonly nextPort?: () => number;
}

/** One program to start: its flags are complete. */
export interface ExportedProgram {
  readonly program: 'vtgate' | 'vttablet';
  /** The gateway's name, or the tablet's alias. */
  readonly name: string;
  /** Port of its HTTP pages. */
  readonly pagePort: number;
  /** Path of its file in the export. */
  readonly file: string;
  readonly flags: readonly Flag[];
}

/** A flag with its name as the version spells it; a name that is not known is a fault of this program. */
function spell(flag: Flag, version: VitessMajor): Flag {
  const [, name = '', rest = ''] = /^--([^=]+)(=.*)?$/s.exec(flag) ?? [];
  const known = flagMeant(name);
  if (known === undefined) throw new Error(`${name} is no flag of Vitess`);
  return `--${spellingIn(known, version)}${rest}`;
}

/** The HTTP port, which has neither TLS nor login: bound as the other ports are, and without the pages that change things. */
const pageFlags = (port: number | undefined, host = '127.0.0.1'): Flag[] => [
  `--port=${port ?? 0}`,
  `--bind-address=${host}`,
  '--security-policy=read-only',
];

/** Users that vttablet has on a MySQL of somebody else; each logs in with the one that the workspace names. */
const databaseUsers = ['dba', 'allprivs', 'filtered', 'repl', 'appdebug'] as const;

/** The programs of a topology, and the topology with the ports that they have. */
export interface ExportedCluster {
  readonly topology: Topology;
  readonly programs: readonly ExportedProgram[];
}

/**
 * The flags of every program of a topology for one release of Vitess, with what only a real program needs: cell, topology
 * server, HTTP port, and fixed ports where the workspace leaves them free.
 */
export function exportedCluster(given: Topology, place: ExportPlace): ExportedCluster {
  const { topology, pages } = withFixedPorts(given, place.nextPort);
  const { at } = place;
  const shared = [
    '--topo-implementation=etcd2',
    `--topo-global-server-address=${place.topo}`,
    '--topo-global-root=/vitess/global',
  ];
  const gateways: ExportedProgram[] = topology.gateways.map((gateway) => ({
    program: 'vtgate',
    name: gateway.name,
    pagePort: pages.gateways.get(gateway.name) ?? 0,
    file: `flags/vtgate-${gateway.name}.flags`,
    flags: [
      ...shared,
      `--cell=${topology.cell}`,
      `--cells-to-watch=${topology.cell}`,
      // A workspace has primaries only; vtgate would wait for others.
      '--tablet-types-to-wait=PRIMARY',
      ...pageFlags(pages.gateways.get(gateway.name), (gateway.mysql ?? gateway.grpc)?.listen.host),
      ...vtgateFlags(gateway, at),
    ],
  }));
  // In the order of their start: vtgate waits for its tablets.
  const programs: ExportedProgram[] = [];
  for (const tablet of topology.tablets) {
    const keyspace = topology.keyspaces.find(({ name }) => name === tablet.keyspace);
    if (keyspace === undefined) continue;
    const backend = topology.backends.find(({ name }) => name === tablet.backend);
    programs.push({
      program: 'vttablet',
      name: tablet.alias,
      pagePort: pages.tablets.get(tablet.alias) ?? 0,
      file: `flags/vttablet-${tablet.alias}.flags`,
      flags: [
        ...shared,
        // The name that vtgate dials, and compares where it is given no other.
        `--tablet-hostname=${tablet.grpc.listen.host}`,
        ...pageFlags(pages.tablets.get(tablet.alias), tablet.grpc.listen.host),
        ...vttabletFlags(tablet, keyspace, at, backend),
        ...(backend?.kind === 'external'
          ? [
              ...databaseUsers.map((user) => `--db-${user}-user=${backend.user}`),
              `--db-credentials-file=${at(credentialsFile(backend.name))}`,
            ]
          : []),
      ],
    });
  }
  return {
    topology,
    programs: [...programs, ...gateways].map((program) => ({
      ...program,
      flags: program.flags.map((flag) => spell(flag, place.version)),
    })),
  };
}

/** File of the export with the password of an external MySQL, in vttablet's format; written only with the keys. */
export const credentialsFile = (backend: string): string => `db-credentials-${backend}.json`;
