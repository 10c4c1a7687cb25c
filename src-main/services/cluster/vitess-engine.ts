import { connect } from 'node:net';
import { join } from 'node:path';
import { emulationOf, type ExportedProgram } from '../../domain/exports';
import { DisposableBag, GatehouseError } from '../../domain/kernel';
import type { Topology } from '../../domain/topology';
import { serveControl, type SecretStore } from '../../servers/store';
import {
  findVitess,
  startEtcd,
  startProgram,
  topologyRecords,
  type RunningProgram,
  type TopologyTablet,
  type VitessInstallation,
} from '../../servers/vitess';
import { requireSound } from '../workspace/load-workspace';
import { auditRun } from './audit-run';
import { seed, startBackend, unwrap, type RunningBackend } from './backends';
import type { ClusterAddresses, ClusterStatus, StartOptions } from './cluster';
import { holdWorkspace } from './hold-workspace';
import { fileHashes } from './reload';
import { offerToVttablet } from './vitess-database';
import { exportForRun, flagsIn, type VitessFiles } from './vitess-files';

export interface VitessStartOptions extends StartOptions {
  /** Undefined: what is found on the PATH. */
  readonly installation?: VitessInstallation;
  /** What to run of it; default all. Tests put our own gateway before a real tablet. */
  readonly only?: (program: ExportedProgram) => boolean;
  /** Tablets that run already, instead of real ones: by alias. */
  readonly tablets?: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
}

/** A workspace on Vitess's own programs. */
export interface VitessCluster {
  readonly addresses: ClusterAddresses;
  readonly secrets: SecretStore;
  /** Of vtgate. */
  readonly release: string;
  /** Address of the topology server. */
  readonly topologyServer: string;
  /** Topology server, tablets and gateways, in the order of their start. */
  readonly programs: readonly RunningProgram[];
  /** Stops gateways, tablets, topology server and MySQL, each after at most `graceMs`. May be called again. */
  stop(graceMs?: number): Promise<void>;
}

/** Whether a page answers 200. */
const answers = async (port: number, path: string): Promise<boolean> =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).ok;

/** Whether somebody listens. */
const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

const uidOf = (alias: string): number => Number(alias.slice(alias.lastIndexOf('-') + 1));

/**
 * Runs a workspace on vtgate, vttablet and etcd, with the files and flags that `gatehouse export` writes. Managed MySQL
 * is started as for the embedded engine, with data of its own: Vitess writes its own database and users there. Rejects
 * with GatehouseError `vitess.*`, `export.*` and those of a start, and leaves nothing running.
 */
export async function startVitess(options: VitessStartOptions): Promise<VitessCluster> {
  const { workspace, signal, ports } = options;
  requireSound(workspace);
  const { paths } = workspace;
  if (process.getuid?.() === 0)
    throw new GatehouseError({
      code: 'vitess.root',
      summary: 'vtgate refuses to run as root, so the engine "vitess" does too. Run Gatehouse as another user.',
    });
  const installation = options.installation ?? unwrap(await findVitess(ports.os));
  const emulation = emulationOf(installation.version);
  if (emulation === null)
    throw new GatehouseError({
      code: 'vitess.version',
      summary: `Vitess ${installation.version} is older than every release that Gatehouse exports for.`,
    });
  const bag = new DisposableBag();
  let grace = 10_000;
  const audit = auditRun(options, 'vitess', bag);
  try {
    const secrets = await holdWorkspace(options, bag);
    options.onStep?.({ what: 'lock', text: 'workspace taken', detail: paths.dir });
    const backends = new Map<string, RunningBackend>();
    const own = { ...options, dataDir: join(paths.data, 'vitess') };
    const step: Parameters<typeof startBackend>[4] = (what, text, detail = '') =>
      options.onStep?.({ what, text, detail });
    if (options.tablets === undefined) {
      for (const backend of workspace.topology.backends)
        backends.set(backend.name, await startBackend(own, backend, secrets, bag, step));
      for (const keyspace of workspace.topology.keyspaces) await seed(own, keyspace, backends, step);
    }
    const files = await exportForRun(workspace, emulation.version, secrets, bag, options.basePort);
    const programs: RunningProgram[] = [];
    const supervise = <P extends RunningProgram>(program: P): P => {
      bag.add({ dispose: () => program.stop(grace) });
      programs.push(program);
      return program;
    };
    const common = (name: string) => ({
      os: ports.os,
      logFile: join(paths.logs, `${name}.log`),
      noteFile: join(paths.data, 'vitess', `${name}.process`),
      ...(signal === undefined ? {} : { signal }),
    });
    const etcd = supervise(
      await startEtcd({
        ...common('etcd'),
        path: installation.paths.etcd,
        dataDir: join(files.folder, 'etcd'),
        ...files.etcd,
      }),
    );
    await etcd.put(
      topologyRecords({
        cell: files.topology.cell,
        server: etcd.address,
        keyspaces: files.topology.keyspaces,
        primaries: primariesOf(files.topology, options.tablets),
        withTablets: options.tablets !== undefined,
        since: ports.clock.now(),
      }),
    );
    for (const program of files.programs) {
      if (options.only?.(program) === false) continue;
      if (program.program === 'vttablet' && options.tablets !== undefined) continue;
      signal?.throwIfAborted();
      const name = `${program.program} ${program.name}`;
      const offered = await databaseFor(program, files, backends);
      supervise(
        await startProgram({
          ...common(`${program.program}-${program.name}`),
          name,
          path: installation.paths[program.program],
          args: [...(await flagsIn(files, program)), ...offered.flags],
          env: offered.env,
          cwd: join(files.folder, 'export'),
          ready: readyWhen(program, files.topology),
        }),
      );
      const what = program.program === 'vtgate' ? 'gateway' : 'tablet';
      options.onStep?.({ what, text: name, detail: `Vitess ${installation.version}` });
    }
    const addresses = addressesOf(files, backends, options.tablets);
    const status: ClusterStatus = {
      program: options.program,
      pid: process.pid,
      ...addresses,
      files: fileHashes(workspace),
      backendsDown: [],
    };
    // Real programs tell no steps: their traces are the client's side alone.
    bag.add(
      await serveControl(paths.socket('control'), (method) =>
        method === 'status' ? Promise.resolve(status) : Promise.resolve(null),
      ),
    );
    await audit.started();
    options.onStep?.({ what: 'ready', text: 'cluster ready', detail: '' });
    let stopping: Promise<void> | null = null;
    return {
      addresses,
      secrets,
      release: installation.version,
      topologyServer: etcd.address,
      programs,
      stop: (graceMs = 10_000) => {
        grace = graceMs;
        stopping ??= bag.dispose();
        return stopping;
      },
    };
  } catch (error) {
    grace = 1_000;
    await bag.dispose().catch(() => undefined);
    throw error;
  }
}

/** Of vttablet: its MySQL, when that is a managed one. */
async function databaseFor(
  { program, name }: ExportedProgram,
  { topology, folder }: VitessFiles,
  backends: ReadonlyMap<string, RunningBackend>,
): ReturnType<typeof offerToVttablet> {
  const tablet = program === 'vttablet' ? topology.tablets.find(({ alias }) => alias === name) : undefined;
  const backend = tablet === undefined ? undefined : backends.get(tablet.backend);
  if (backend?.managed == null) return { env: {}, flags: [] };
  return offerToVttablet(backend, uidOf(name), folder);
}

/** vttablet: it serves. vtgate: its pages answer, which is when it has its tablets, and its ports are open. */
function readyWhen({ program, name, pagePort }: ExportedProgram, topology: Topology): () => Promise<boolean> {
  if (program === 'vttablet') return () => answers(pagePort, '/healthz');
  const gateway = topology.gateways.find((one) => one.name === name);
  const open = [gateway?.mysql?.listen.port, gateway?.grpc?.listen.port].filter((port) => port !== undefined);
  return async () => {
    if (!(await answers(pagePort, '/debug/health'))) return false;
    return (await Promise.all(open.map(listens))).every(Boolean);
  };
}

const primariesOf = (topology: Topology, running: VitessStartOptions['tablets']): TopologyTablet[] =>
  topology.tablets.map((tablet) => ({
    cell: tablet.alias.slice(0, tablet.alias.lastIndexOf('-')),
    uid: uidOf(tablet.alias),
    keyspace: tablet.keyspace,
    shard: tablet.shard,
    host: running?.get(tablet.alias)?.host ?? tablet.grpc.listen.host,
    grpcPort: running?.get(tablet.alias)?.port ?? tablet.grpc.listen.port,
  }));

function addressesOf(
  { topology, folder }: VitessFiles,
  backends: ReadonlyMap<string, RunningBackend>,
  running: VitessStartOptions['tablets'],
): ClusterAddresses {
  return {
    gateways: topology.gateways.map(({ name, mysql, grpc }) => ({
      name,
      auth: mysql?.auth ?? null,
      fidelity: 'vitess',
      mysql:
        mysql === null
          ? null
          : { ...mysql.listen, socket: mysql.unixSocket ? join(folder, 'export', `${name}.sock`) : null },
      grpc: grpc === null ? null : { ...grpc.listen },
    })),
    tablets: topology.tablets.map(({ alias, keyspace, shard, type, grpc }) => ({
      alias,
      keyspace,
      shard,
      type,
      grpc: running?.get(alias) ?? { ...grpc.listen },
    })),
    backends: [...backends.values()].map(({ name, vendor, version, host, port, socket }) => ({
      name,
      vendor,
      version,
      host,
      port,
      socket,
    })),
  };
}
