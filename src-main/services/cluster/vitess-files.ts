import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { DisposableBag } from '../../domain/kernel';
import type { ExportedProgram } from '../../domain/exports';
import type { VitessMajor } from '../../domain/flags';
import type { Topology } from '../../domain/topology';
import type { SecretStore } from '../../servers/store';
import { writeExport } from '../export/write-export';
import type { Workspace } from '../workspace/load-workspace';
import { makeRunFolder } from './run-folder';

/** Files and flags of a workspace for real programs, in a folder of this run. */
export interface VitessFiles {
  /** A folder that only this user may enter; gone after the run. */
  readonly folder: string;
  /** The workspace's topology with the ports that the programs have. */
  readonly topology: Topology;
  readonly programs: readonly ExportedProgram[];
  /** Ports for the topology server: for clients, and for peers that it will not have. */
  readonly etcd: { readonly clientPort: number; readonly peerPort: number };
}

/** Ports on loopback that were free a moment ago, all different. */
async function freePorts(many: number): Promise<number[]> {
  const open = await Promise.all(
    Array.from(
      { length: many },
      () =>
        new Promise<Server>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = open.map((server) => (server.address() as { port: number }).port);
  await Promise.all(open.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/**
 * Exports a workspace as `gatehouse export` does, private keys included, into a folder of mode 0700 outside of it, with
 * ports from `basePort` on (undefined or 0: free ones). Rejects with GatehouseError `export.*` and `workspace.*`.
 */
export async function exportForRun(
  { paths, topology }: Workspace,
  version: VitessMajor,
  secrets: SecretStore,
  bag: DisposableBag,
  basePort?: number,
): Promise<VitessFiles> {
  const folder = await makeRunFolder(join(paths.data, 'vitess', 'folder'), bag);
  const { gateways, tablets } = topology;
  const ports = await freePorts(3 * gateways.length + 2 * tablets.length + 2);
  let next = basePort ?? 0;
  const nextPort = next === 0 ? (): number => ports.pop()! : (): number => next++;
  const etcd = { clientPort: nextPort(), peerPort: nextPort() };
  const { plan } = await writeExport({
    dir: paths.dir,
    version,
    out: join(folder, 'export'),
    includeKeys: true,
    secrets,
    force: false,
    withoutProof: true,
    acceptHardenedOnly: true,
    acceptFaulty: true,
    topo: `127.0.0.1:${etcd.clientPort}`,
    nextPort,
  });
  return { folder, topology: plan.topology, programs: plan.programs, etcd };
}

/** The flags of a program as they stand in its exported file. */
export const flagsIn = async (files: VitessFiles, program: ExportedProgram): Promise<string[]> =>
  (await readFile(join(files.folder, 'export', program.file), 'utf8')).split('\n').filter((line) => line !== '');
