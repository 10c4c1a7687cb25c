import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src-main/domain/kernel';
import { operatingSystem } from '../../src-main/platform/os';
import type { MysqlProgram } from '../../src-main/servers/backend';
import { localTraces } from '../../src-main/services/cluster/attach';
import { startCluster, type Cluster, type StartOptions } from '../../src-main/services/cluster/cluster';
import type { ServicePorts } from '../../src-main/services/ports';
import { verify, type VerifyOptions, type VerifyReport } from '../../src-main/services/verify/verify-service';
import { initWorkspace, type SampleName } from '../../src-main/services/workspace/init-workspace';
import { loadWorkspace, type RunOverrides, type Workspace } from '../../src-main/services/workspace/load-workspace';

const root = join(import.meta.dirname, '..', '..');

/** As the programs compose them; one template of a data directory for each MySQL serves all test files. */
export const ports: ServicePorts = {
  clock: systemClock,
  os: operatingSystem(),
  templateDir: join(root, 'node_modules', '.cache', 'mysql-templates'),
};

/** A workspace made from a sample in a folder of its own. */
export interface MadeWorkspace {
  readonly dir: string;
  /** Reads it as it is on disk at this moment. */
  load(overrides?: RunOverrides): Promise<Workspace>;
  remove(): Promise<void>;
}

export async function makeWorkspace(sample: SampleName): Promise<MadeWorkspace> {
  const folder = await mkdtemp(join(tmpdir(), 'gh-'));
  const dir = join(folder, sample);
  const made = await initWorkspace({
    dir,
    sample,
    samples: join(root, 'resources', 'samples'),
    clock: systemClock,
    unlocker: { kind: 'key-file' },
  });
  if (!made.ok) throw new Error(made.failure.summary);
  return {
    dir,
    load: async (overrides = {}) => {
      const loaded = await loadWorkspace(dir, overrides);
      if (!loaded.ok) throw new Error(loaded.failure.summary);
      return loaded.value;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Clusters of one test file; `stop` ends all of them, those too that are only starting when a test has timed out. */
export interface Fleet {
  /** Runs a workspace's cluster with the MySQL given. */
  start(workspace: Workspace, program: MysqlProgram, more?: Partial<StartOptions>): Promise<Cluster>;
  stop(): Promise<void>;
}

export function createFleet(): Fleet {
  let started: Promise<Cluster>[] = [];
  let abort = new AbortController();
  return {
    start: (workspace, program, more = {}) => {
      const starting = startCluster({
        workspace,
        ports,
        program: 'test',
        unlocker: { kind: 'key-file' },
        mysqld: program.path,
        signal: abort.signal,
        ...more,
      });
      started.push(starting);
      return starting;
    },
    stop: async () => {
      abort.abort();
      abort = new AbortController();
      const ending = started;
      started = [];
      for (const outcome of await Promise.allSettled(ending))
        if (outcome.status === 'fulfilled') await outcome.value.stop(0);
    },
  };
}

/** Verifies a running cluster, with its own traces. */
export const verifyOf = (cluster: Cluster, more: Partial<VerifyOptions> = {}): Promise<VerifyReport> =>
  verify({
    workspace: cluster.workspace,
    addresses: cluster.addresses,
    secrets: cluster.secrets,
    traces: localTraces(cluster),
    ...more,
  });

/** What differs in a report, a line for each cell: id, what it differs from, what happened. */
export const differing = (report: VerifyReport): string[] =>
  report.results
    .filter(({ differences }) => differences.length > 0)
    .map(
      ({ cell, differences, actual }) =>
        `${cell.id} | ${differences.join(', ')} | ${actual.verdict}${actual.stoppedAt === null ? '' : ` at ${actual.stoppedAt}`}`,
    );
