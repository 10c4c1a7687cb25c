import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GatehouseError } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';
import type { Cluster } from '../cluster/cluster';
import { BENCH_ROWS } from './bench-workspace';
import type { Measurement } from './figure';

const run = promisify(execFile);

/** Bars of design.md §9, to direct TLS in the same run. */
const BARS: Record<number, number> = { 1: 0.1, 8: 0.12, 32: 0.15 };

interface Target {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** sysbench's own words for what it measured: queries a second and the average latency in milliseconds. */
function readReport(text: string): { readonly rate: number; readonly latency: number } {
  return {
    rate: Number(/queries:\s+\d+\s+\(([\d.]+) per sec/.exec(text)?.[1] ?? Number.NaN),
    latency: Number(/avg:\s+([\d.]+)/.exec(text)?.[1] ?? Number.NaN),
  };
}

async function pointSelects(
  folder: string,
  target: Target,
  threads: number,
  seconds: number,
): Promise<{ readonly rate: number; readonly latency: number }> {
  const config = join(folder, 'sysbench.cnf');
  await writeFileAtomic(
    config,
    [
      `mysql-host=${target.host}`,
      `mysql-port=${target.port}`,
      `mysql-user=${target.user}`,
      `mysql-password=${target.password}`,
      `mysql-db=${target.database}`,
      'mysql-ssl=on',
      'tables=1',
      `table-size=${BENCH_ROWS}`,
      'db-ps-mode=disable',
      `threads=${threads}`,
      `time=${seconds}`,
      '',
    ].join('\n'),
    0o600,
  );
  // sysbench reads cacert.pem, client-cert.pem and client-key.pem from its folder.
  const { stdout } = await run('sysbench', [`--config-file=${config}`, 'oltp_point_select', 'run'], {
    cwd: folder,
    timeout: (seconds + 60) * 1000,
    maxBuffer: 4 * 1024 * 1024,
  }).catch((error: { readonly stdout?: string }) => {
    const words = (error.stdout ?? '').split('\n').filter((line) => line.startsWith('FATAL'));
    throw new GatehouseError({
      code: 'bench.sysbench',
      summary: `sysbench failed: ${words.join(' ') || 'without a word'}`,
    });
  });
  return readReport(stdout);
}

/** Point selects through the gateway beside direct TLS, text protocol, in turns; access check and query log as configured. */
export async function measureThroughput(cluster: Cluster, seconds: number, rounds: number): Promise<Measurement[]> {
  const present = await run('sysbench', ['--version']).then(
    () => true,
    () => false,
  );
  if (!present) return [{ name: 'point selects', reason: 'sysbench is not here (Debian package sysbench)' }];
  const { workspace, addresses, secrets } = cluster;
  const gateway = addresses.gateways.find((candidate) => candidate.name === 'main')?.mysql;
  const [backend] = addresses.backends;
  const appPassword = secrets.get('backend/local/vt_app');
  const webPassword = secrets.get('users/web');
  if (gateway == null || backend === undefined || appPassword === undefined || webPassword === undefined)
    return [{ name: 'point selects', reason: 'the cluster is not the one of the sample shop' }];
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-sysbench-'));
  try {
    const keyspace = workspace.topology.keyspaces[0];
    const direct: Target = {
      host: backend.host,
      port: backend.port,
      user: 'vt_app',
      password: appPassword.reveal(),
      database: keyspace?.database ?? '',
    };
    const through: Target = {
      host: gateway.host,
      port: gateway.port,
      user: 'web',
      password: webPassword.reveal(),
      database: keyspace?.name ?? '',
    };
    const at = (path: string): string => join(workspace.paths.dir, path);
    await copyFile(at('pki/callers/olga-cert.pem'), join(folder, 'client-cert.pem'));
    await copyFile(at('pki/callers/olga-key.pem'), join(folder, 'client-key.pem'));
    await copyFile(at('pki/root/ca-cert.pem'), join(folder, 'cacert.pem'));
    const results: Measurement[] = [];
    for (const threads of [1, 8, 32]) {
      const ratios: { ratio: number; direct: number; through: number; latency: number }[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const plain = await pointSelects(folder, direct, threads, seconds);
        const gated = await pointSelects(folder, through, threads, seconds);
        ratios.push({
          ratio: gated.rate / plain.rate,
          direct: plain.rate,
          through: gated.rate,
          latency: gated.latency,
        });
      }
      const middle = ratios.sort((a, b) => a.ratio - b.ratio)[ratios.length >> 1];
      if (middle === undefined) continue;
      results.push({
        name: `point selects, ${threads} connection${threads === 1 ? '' : 's'}, to direct TLS`,
        value: middle.ratio,
        unit: 'ratio',
        bar: BARS[threads] ?? null,
        better: 'more',
        peer: {
          name: `${backend.vendor} ${backend.version} over TLS, queries a second`,
          value: Math.round(middle.direct),
        },
        detail: `${Math.round(middle.through)} queries a second, ${middle.latency} ms`,
      });
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
