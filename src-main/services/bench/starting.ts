import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatehouseError, systemClock } from '../../domain/kernel';
import { findAllMysqld, type MysqlProgram } from '../../servers/backend';
import { startCluster, type ClusterStep } from '../cluster/cluster';
import type { ServicePorts } from '../ports';
import { initWorkspace } from '../workspace/init-workspace';
import { loadWorkspace } from '../workspace/load-workspace';
import { median, type Measurement } from './figure';

interface StartTimes {
  /** From an empty folder to a cluster that answers. */
  readonly whole: number;
  /** From MySQL's readiness (seeding apart) to the last gateway. */
  readonly servers: number;
}

async function startOnce(program: MysqlProgram, ports: ServicePorts, samples: string): Promise<StartTimes> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-start-'));
  try {
    const begun = performance.now();
    const dir = join(folder, 'shop');
    const made = await initWorkspace({
      dir,
      sample: 'shop',
      samples,
      clock: systemClock,
      unlocker: { kind: 'key-file' },
    });
    if (!made.ok) throw new GatehouseError(made.failure);
    const workspace = await loadWorkspace(dir);
    if (!workspace.ok) throw new GatehouseError(workspace.failure);
    const at = new Map<ClusterStep['what'], number>();
    const cluster = await startCluster({
      workspace: workspace.value,
      ports,
      program: 'gatehouse bench',
      unlocker: { kind: 'key-file' },
      mysqld: program.path,
      onStep: (step) => at.set(step.what, performance.now()),
    });
    const ready = performance.now();
    await cluster.stop(0);
    const database = at.get('seeded') ?? at.get('mysql-ready') ?? begun;
    return { whole: ready - begun, servers: (at.get('ready') ?? ready) - database };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Start times with every MySQL and MariaDB found, with and without a template of an initialised data directory. */
export async function measureStarting(
  ports: ServicePorts,
  samples: string,
  mysqld: string | undefined,
): Promise<Measurement[]> {
  const programs = await findAllMysqld({ os: ports.os, extra: [mysqld, process.env['GATEHOUSE_MYSQLD']] });
  const results: Measurement[] = [];
  const servers: number[] = [];
  for (const vendor of ['MariaDB', 'MySQL'] as const) {
    const program = programs.find((candidate) => candidate.vendor === vendor);
    if (program === undefined) {
      results.push({ name: `from an empty folder, ${vendor}`, reason: `no ${vendor} here` });
      continue;
    }
    const templates = await mkdtemp(join(tmpdir(), 'gatehouse-templates-'));
    try {
      const without = await startOnce(program, { ...ports, templateDir: templates }, samples);
      const withTemplate: StartTimes[] = [];
      for (let round = 0; round < 3; round += 1)
        withTemplate.push(await startOnce(program, { ...ports, templateDir: templates }, samples));
      servers.push(without.servers, ...withTemplate.map((times) => times.servers));
      results.push(
        {
          name: `from an empty folder, ${vendor}, first initialisation`,
          value: without.whole,
          unit: 'ms',
          bar: vendor === 'MariaDB' ? 1_500 : 3_500,
          better: 'less',
          peer: null,
          detail: program.version,
        },
        {
          name: `from an empty folder, ${vendor}, with the template`,
          value: median(withTemplate.map((times) => times.whole)),
          unit: 'ms',
          bar: 1_200,
          better: 'less',
          peer: null,
          detail: program.version,
        },
      );
    } finally {
      await rm(templates, { recursive: true, force: true });
    }
  }
  if (servers.length > 0)
    results.unshift({
      name: 'gateways and tablet ready, MySQL running',
      value: median(servers),
      unit: 'ms',
      bar: 300,
      better: 'less',
      peer: null,
      detail: 'two gateways, one tablet',
    });
  return results;
}
