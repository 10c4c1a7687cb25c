import { parsePem } from '../../domain/certs';
import {
  exportDifferences,
  exportEntries,
  exportedCluster,
  isReservedPath,
  type ExportDifference,
  type ExportedProgram,
  type ExportEntry,
} from '../../domain/exports';
import { checkFlags, type FlagFinding, type VitessMajor } from '../../domain/flags';
import { GatehouseError, type Finding } from '../../domain/kernel';
import type { Topology } from '../../domain/topology';
import type { Workspace } from '../workspace/load-workspace';

/** What an export would hold; nothing is written. */
export interface ExportPlan {
  readonly version: VitessMajor;
  readonly programs: readonly ExportedProgram[];
  /** The workspace's, with the ports that the flags name. */
  readonly topology: Topology;
  /** Files of the workspace, private keys among them. */
  readonly entries: readonly ExportEntry[];
  readonly differences: readonly ExportDifference[];
  /** What the flags themselves leave open, by program. */
  readonly flagFindings: readonly (FlagFinding & { readonly program: string })[];
  /** Warnings of the files as Vitess reads them. */
  readonly fileFindings: readonly Finding[];
}

export interface PlanOptions {
  readonly version: VitessMajor;
  /** Folder that the flags name; `.` keeps paths inside the export. */
  readonly place: string;
  /** Address of the topology server. */
  readonly topo: string;
  /** Asked for every port; undefined: those that the workspace names, and Vitess's usual ones. */
  readonly nextPort?: () => number;
}

/** Address that Vitess's examples have for etcd. */
export const DEFAULT_TOPO = 'localhost:2379';

const refuse = (code: string, summary: string): never => {
  throw new GatehouseError({ code, summary });
};

/**
 * Plans the export of a workspace that was loaded in vitess mode. Throws GatehouseError `export.empty` (no gateway and no
 * tablet), `export.name-taken` (a file has a name of the export's own) and `export.line-break` (a value that would be two
 * flags in the file).
 */
export function planExport(workspace: Workspace, options: PlanOptions): ExportPlan {
  const { topology } = workspace;
  if (topology.gateways.length === 0 && topology.tablets.length === 0)
    refuse('export.empty', 'The workspace has no gateway and no tablet, so there is nothing to export.');
  const entries = exportEntries(topology);
  for (const { path } of entries)
    if (isReservedPath(path))
      refuse('export.name-taken', `${path} has a name that the export uses itself. Give the file another name.`);
  const place = options.place.replace(/[\\/]+$/, '') || '/';
  const at = (path: string): string => (place === '.' ? path : place === '/' ? `/${path}` : `${place}/${path}`);
  const { version, topo, nextPort } = options;
  const exported = exportedCluster(topology, { version, at, topo, ...(nextPort === undefined ? {} : { nextPort }) });
  const { programs } = exported;
  for (const { program, name, flags } of programs)
    for (const flag of flags)
      if (/[\u0000-\u001f\u007f]/.test(flag))
        refuse(
          'export.line-break',
          `A value of ${flag.replace(/=.*/s, '')} for ${program} ${name} has a line break or another control character in it. Remove it in gatehouse.json.`,
        );
  return {
    version: options.version,
    programs,
    topology: exported.topology,
    entries,
    differences: exportDifferences(topology, options.version),
    flagFindings: programs.flatMap((program) => findingsOf(program, options.version)),
    fileFindings: workspace.findings.filter(({ level }) => level !== 'info'),
  };
}

/** What the check of flags says of the ones that are exported. */
function findingsOf({ program, name, flags }: ExportedProgram, version: VitessMajor): ExportPlan['flagFindings'] {
  const checked = checkFlags([program, ...flags].join('\0'), { component: program, versions: [version] });
  if (!checked.ok) return [];
  return checked.value.commands.flatMap(({ findings }) =>
    findings
      .filter(({ level }) => level !== 'info')
      .map((finding) => ({ ...finding, line: 0, program: `${program} ${name}` })),
  );
}

/** Files of the export that hold one of the certificates `faulty` (by fingerprint). */
export const faultyEntries = (
  workspace: Workspace,
  entries: readonly ExportEntry[],
  faulty: { has(fingerprint: string): boolean },
): string[] =>
  entries
    .filter(({ kind }) => kind === 'certificate')
    .filter(({ path }) =>
      parsePem(workspace.files.get(path)?.toString('utf8') ?? '', path).certificates.some(({ fingerprint }) =>
        faulty.has(fingerprint),
      ),
    )
    .map(({ path }) => path);
