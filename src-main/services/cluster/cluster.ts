import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DisposableBag, type Failure } from '../../domain/kernel';
import type { Gateway as GatewaySpec, Tablet as TabletSpec } from '../../domain/topology';
import { readWish } from '../../domain/watch';
import type { ManagedMysql } from '../../servers/backend';
import type { HostedGateway, HostedTablet } from '../../servers/engine';
import { createRecorder, type TraceRecorder } from '../../servers/recorder';
import { serveControl, type SecretStore, type Unlocker } from '../../servers/store';
import { ownCluster } from '../callers/own-sign-ins';
import { SignInLog } from '../callers/sign-in-log';
import type { ServicePorts } from '../ports';
import { fidelityOf, requireSound, type Workspace } from '../workspace/load-workspace';
import { auditRun } from './audit-run';
import { downBackends, type BackendNotice } from './backend-notices';
import { seed, startBackend, type RunningBackend } from './backends';
import { clusterParts, type GatewaySlot, type TabletSlot } from './cluster-parts';
import { engineHosts, type EngineThreads } from './engine-hosts';
import { gatewayConfig, planPorts, type PortPlan } from './gateway-config';
import { fileHashes, reload, type ReloadOutcome } from './reload';
import { hangUp, type FinishedHangUp, type ReloadCause } from './hang-up';
import { holdWorkspace } from './hold-workspace';
import { listenerFault } from './listener-fault';
import { countersOf, watchParts } from './watch-parts';
import { rereadByTime } from './reread-by-time';
import { rereadOnChange } from './reread-on-change';
import { tabletConfig } from './tablet-config';

/** What `gatehouse up --json` prints as its ready event (design.md §7), and what others attach with. */
export interface ClusterAddresses {
  readonly gateways: readonly {
    readonly name: string;
    readonly auth: 'static' | 'clientcert' | 'none' | null;
    readonly fidelity: 'vitess' | 'hardened';
    readonly mysql: { readonly host: string; readonly port: number; readonly socket: string | null } | null;
    readonly grpc: { readonly host: string; readonly port: number } | null;
  }[];
  readonly tablets: readonly {
    readonly alias: string;
    readonly keyspace: string;
    readonly shard: string;
    readonly type: string;
    readonly grpc: { readonly host: string; readonly port: number };
  }[];
  readonly backends: readonly {
    readonly name: string;
    readonly vendor: string;
    readonly version: string;
    readonly host: string;
    readonly port: number;
    readonly socket: string | null;
  }[];
}

/** What the control socket answers to `status`. */
export interface ClusterStatus extends ClusterAddresses {
  readonly program: string;
  readonly pid: number;
  /** SHA-256 of every file that the cluster runs with, by workspace path. */
  readonly files: Readonly<Record<string, string>>;
  /** A sentence for each MySQL of this cluster that does not run. */
  readonly backendsDown: readonly string[];
}

/** Something that a start has just finished. */
export interface ClusterStep {
  readonly what: 'lock' | 'mysql-found' | 'mysql-ready' | 'seeded' | 'tablet' | 'gateway' | 'ready';
  readonly text: string;
  readonly detail: string;
}

/** Where a tablet listens. */
export interface TabletPlace {
  readonly alias: string;
  readonly host: string;
  readonly port: number;
}

export interface StartOptions {
  readonly workspace: Workspace;
  readonly ports: ServicePorts;
  /** Name of the program that holds the workspace, for others to read. */
  readonly program: string;
  readonly unlocker: Unlocker;
  /** The user's mysqld; undefined: the first one found. */
  readonly mysqld?: string;
  /** First port to use; 0: any free ones; undefined: as the topology says. */
  readonly basePort?: number;
  readonly recorder?: TraceRecorder;
  /** Where sign-ins are counted; undefined: in the workspace's own log. */
  readonly signIns?: SignInLog;
  readonly signal?: AbortSignal;
  /** An existing folder where gateways and tablets write query logs, in Vitess's text form; undefined: they write none. */
  readonly queryLogs?: string;
  /** Where gateways and tablets run; default `none`: in this thread. */
  readonly threads?: EngineThreads;
  /** Where a gateway dials for a tablet instead of the tablet itself: somebody who stands between the two. */
  readonly between?: (
    gateway: string,
    tablet: TabletPlace,
  ) => Promise<{ readonly host: string; readonly port: number }>;
  readonly onStep?: (step: ClusterStep) => void;
  /** A users file or an ACL was read again by time, and was changed or at fault. */
  readonly onReread?: (outcome: HangUpOutcome) => void;
  /** A managed MySQL died, came back or was given up for now. */
  readonly onBackend?: (notice: BackendNotice) => void;
}

/** What a reload of each file for itself has done. */
export type HangUpOutcome = Omit<FinishedHangUp, 'workspace'>;

/** A running cluster. */
export interface Cluster {
  /** What is in force: the topology of the start with the files of the last reload. */
  readonly workspace: Workspace;
  readonly addresses: ClusterAddresses;
  readonly recorder: TraceRecorder;
  readonly secrets: SecretStore;
  /** Who signed in by which entry of the users files. */
  readonly signIns: SignInLog;
  readonly gateways: readonly HostedGateway[];
  readonly tablets: readonly HostedTablet[];
  readonly backends: readonly { readonly name: string; readonly managed: ManagedMysql | null }[];
  /** A sentence for each managed MySQL that does not run. */
  backendsDown(): readonly string[];
  /** Whether `gateway:NAME`, `tablet:ALIAS` or `backend:NAME` runs; an external backend always does. */
  partRuns(id: string): boolean;
  /** Hears when a gateway or tablet has died with its thread; `startPart` begins it anew. The result ends that. */
  onPartDied(listener: (id: string, failure: Failure) => void): () => void;
  /** When it resolves, every step and sign-in that came about before is in `recorder` and `signIns`. */
  settle(): Promise<void>;
  /** Ends one part, the others go on; nothing happens when it does not run. */
  stopPart(id: string, graceMs?: number): Promise<void>;
  /** Starts a stopped part again, at the addresses it had, with the files in force. */
  startPart(id: string): Promise<void>;
  /** Takes over changed users, ACLs, certificates and CRLs; rejects with GatehouseError, and changes nothing, on a fault. */
  reload(): Promise<ReloadOutcome>;
  /**
   * As at SIGHUP: takes over each changed file for itself; what is at fault keeps what was in force. A MySQL that was given
   * up is tried again.
   */
  hangUp(): Promise<HangUpOutcome>;
  /** Finishes what runs for at most `graceMs`, then ends everything. May be called again. */
  stop(graceMs?: number): Promise<void>;
}

/** Starts everything a workspace describes, in order; whatever was started is stopped again when a later step fails. */
export async function startCluster(options: StartOptions): Promise<Cluster> {
  const { workspace, signal } = options;
  requireSound(workspace);
  const { topology, paths } = workspace;
  const step = (what: ClusterStep['what'], text: string, detail = ''): void => options.onStep?.({ what, text, detail });
  const bag = new DisposableBag();
  let grace = 2_000;
  const audit = auditRun(options, 'embedded', bag);
  try {
    const secrets = await holdWorkspace(options, bag);
    const signIns = options.signIns ?? (await SignInLog.open(paths, secrets, options.ports.clock));
    bag.add({ dispose: signIns.begin() });
    // The callers' option files hold passwords and lead to ports that are gone afterwards.
    bag.add({ dispose: () => rm(paths.clients, { recursive: true, force: true }) });
    step('lock', 'workspace taken', paths.dir);

    const recorder = options.recorder ?? createRecorder();
    const hosts = await engineHosts(options.threads ?? 'none', options.ports.engineThread, recorder);
    bag.add({ dispose: () => hosts.close() });
    const deathListeners = new Set<(id: string, failure: Failure) => void>();
    const died = (id: string, failure: Failure): void => deathListeners.forEach((listener) => listener(id, failure));
    const running = new Map<string, RunningBackend>();
    for (const backend of topology.backends) {
      signal?.throwIfAborted();
      running.set(backend.name, await startBackend(options, backend, secrets, bag, step));
    }
    for (const keyspace of topology.keyspaces) await seed(options, keyspace, running, step);

    const portPlan = planPorts(options.basePort);
    let inForce = workspace;
    const launchTablet = async (spec: TabletSpec, plan: PortPlan): Promise<HostedTablet> => {
      const config = {
        ...tabletConfig(inForce, spec, running, plan),
        ...(options.queryLogs === undefined
          ? {}
          : { queryLog: { file: join(options.queryLogs, `tablet-${spec.alias}.log`) } }),
      };
      const tablet = await hosts.tablets.startTablet(config).catch((error: unknown) => {
        throw listenerFault(error, `tablet ${spec.alias}`, { gRPC: config });
      });
      tablet.onDied((failure) => {
        const slot = tablets.find((candidate) => candidate.tablet === tablet);
        if (slot === undefined) return;
        slot.tablet = undefined;
        died(`tablet:${spec.alias}`, failure);
      });
      return tablet;
    };
    const tablets: TabletSlot[] = [];
    for (const spec of topology.tablets) {
      signal?.throwIfAborted();
      const tablet = await launchTablet(spec, portPlan);
      const slot: TabletSlot = { spec, address: tablet.address, tablet };
      bag.add({ dispose: () => slot.tablet?.stop({ graceMs: grace }) });
      tablets.push(slot);
      step('tablet', `tablet ${spec.alias}`, `gRPC ${tablet.address.host}:${tablet.address.port}`);
    }

    const launchGateway = async (spec: GatewaySpec, plan: PortPlan): Promise<HostedGateway> => {
      const reachable = await Promise.all(
        tablets.map(async ({ spec: tablet, address: { host, port } }) => ({
          ...tablet,
          ...((await options.between?.(spec.name, { alias: tablet.alias, host, port })) ?? { host, port }),
        })),
      );
      const config = {
        ...gatewayConfig(inForce, spec, reachable, plan),
        ...(options.queryLogs === undefined
          ? {}
          : { queryLog: { format: 'text' as const, file: join(options.queryLogs, `gateway-${spec.name}.log`) } }),
      };
      const starting = hosts.gateways.startGateway(config, (signIn) => signIns.count(spec.name, signIn));
      const gateway = await starting.catch((error: unknown) => {
        throw listenerFault(error, `gateway ${spec.name}`, { MySQL: config.mysql, gRPC: config.grpc });
      });
      gateway.onDied((failure) => {
        const slot = gateways.find((candidate) => candidate.gateway === gateway);
        if (slot === undefined) return;
        slot.gateway = undefined;
        died(`gateway:${spec.name}`, failure);
      });
      return gateway;
    };
    const gateways: GatewaySlot[] = [];
    for (const spec of topology.gateways) {
      signal?.throwIfAborted();
      const gateway = await launchGateway(spec, portPlan);
      const slot: GatewaySlot = { spec, first: gateway, gateway };
      bag.add({ dispose: () => slot.gateway?.stop({ graceMs: grace }) });
      gateways.push(slot);
      step(
        'gateway',
        `gateway ${spec.name}`,
        [
          gateway.mysql && `MySQL ${gateway.mysql.host}:${gateway.mysql.port}`,
          gateway.grpc && `gRPC ${gateway.grpc.host}:${gateway.grpc.port}`,
        ]
          .filter(Boolean)
          .join(', '),
      );
    }

    const addresses: ClusterAddresses = {
      gateways: topology.gateways.map((spec, index) => {
        const gateway = gateways[index]?.first;
        return {
          name: spec.name,
          auth: spec.mysql?.auth ?? null,
          fidelity: fidelityOf(workspace, spec).mode,
          mysql: gateway?.mysql == null ? null : { ...gateway.mysql, socket: gateway.mysqlSocket ?? null },
          grpc: gateway?.grpc ?? null,
        };
      }),
      tablets: tablets.map(({ spec, address }) => ({
        alias: spec.alias,
        keyspace: spec.keyspace,
        shard: spec.shard,
        type: spec.type,
        grpc: address,
      })),
      backends: [...running.values()].map(({ name, vendor, version, host, port, socket }) => ({
        name,
        vendor,
        version,
        host,
        port,
        socket,
      })),
    };
    ownCluster(addresses, signIns, hosts.settle);
    let reloading: Promise<unknown> = Promise.resolve();
    const control = await serveControl(paths.socket('control'), (method, parameters) =>
      answerControl(method, parameters, {
        addresses,
        recorder,
        settle: hosts.settle,
        program: options.program,
        parts: () => ({
          gateways: gateways.flatMap(({ gateway }) => gateway ?? []),
          tablets: tablets.flatMap(({ tablet }) => tablet ?? []),
        }),
        files: () => fileHashes(inForce),
        backendsDown: () => downBackends(running.values()),
      }),
    );
    bag.add(control);
    await audit.started();
    step('ready', 'cluster ready', hosts.fault === null ? '' : `in the program’s own thread: ${hosts.fault}`);

    const target = () => ({
      workspace: inForce,
      gateways: gateways.map(({ gateway }) => gateway),
      tablets: tablets.map(({ tablet }) => tablet),
    });
    const inTurn = <T extends ReloadOutcome & { readonly workspace: Workspace }>(
      work: () => Promise<T>,
    ): Promise<T> => {
      // One after the other: each starts from what the one before has put into force.
      const done = reloading.then(async () => {
        const outcome = await work();
        inForce = outcome.workspace;
        await audit.reloaded(outcome);
        return outcome;
      });
      reloading = done.catch(() => undefined);
      return done;
    };
    const reread = async (cause: ReloadCause): Promise<HangUpOutcome> => {
      const { reloaded, restart, kept } = await inTurn(() => hangUp(target(), cause));
      return { reloaded, restart, kept };
    };
    bag.add({ dispose: rereadByTime(topology, reread, (outcome) => options.onReread?.(outcome)) });
    bag.add({ dispose: rereadOnChange(inForce.paths.dir, topology, reread, (outcome) => options.onReread?.(outcome)) });

    let stopping: Promise<void> | null = null;
    const parts = clusterParts({
      ...{ gateways, tablets, running, launchGateway, launchTablet, backends: topology.backends },
      launchBackend: (backend, port) => startBackend(options, backend, secrets, bag, step, port),
    });
    return {
      get workspace() {
        return inForce;
      },
      addresses,
      recorder,
      secrets,
      signIns,
      get gateways() {
        return gateways.flatMap(({ gateway }) => gateway ?? []);
      },
      get tablets() {
        return tablets.flatMap(({ tablet }) => tablet ?? []);
      },
      partRuns: parts.runs,
      onPartDied: (listener) => {
        deathListeners.add(listener);
        return () => void deathListeners.delete(listener);
      },
      settle: hosts.settle,
      stopPart: parts.stop,
      startPart: parts.start,
      reload: async () => {
        const { reloaded, restart } = await inTurn(() => reload(target()));
        return { reloaded, restart };
      },
      hangUp: () => {
        for (const { managed } of running.values()) managed?.retry();
        return reread('hang-up');
      },
      backendsDown: () => downBackends(running.values()),
      get backends() {
        return [...running.values()].map(({ name, managed }) => ({ name, managed }));
      },
      stop: (graceMs = 2_000) => {
        grace = graceMs;
        stopping ??= bag.dispose();
        return stopping;
      },
    };
  } catch (error) {
    grace = 0;
    await bag.dispose().catch(() => undefined);
    throw error;
  }
}

/** What the control socket answers: `status`, `trace {id}`, `trace {gateway, peer}`, `watch {…}` (WatchWish) or `counters`. */
async function answerControl(
  method: string,
  parameters: unknown,
  state: {
    readonly addresses: ClusterAddresses;
    readonly recorder: TraceRecorder;
    readonly settle: () => Promise<void>;
    readonly program: string;
    parts(): Pick<Cluster, 'gateways' | 'tablets'>;
    files(): ClusterStatus['files'];
    backendsDown(): ClusterStatus['backendsDown'];
  },
): Promise<unknown> {
  switch (method) {
    case 'status':
      return {
        program: state.program,
        pid: process.pid,
        ...state.addresses,
        files: state.files(),
        backendsDown: state.backendsDown(),
      } satisfies ClusterStatus;
    case 'trace': {
      await state.settle();
      const { listener, peer, id } = (parameters ?? {}) as { listener?: string; peer?: string; id?: string };
      const traceId =
        id ?? (listener !== undefined && peer !== undefined ? state.recorder.findByPeer(listener, peer) : null);
      return traceId === null ? null : { traceId, steps: state.recorder.steps(traceId) };
    }
    case 'watch':
      return watchParts(state.parts(), readWish(parameters));
    case 'counters':
      return countersOf(state.parts());
    default:
      throw new Error(`unknown call "${method}"`);
  }
}
