import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GatehouseError } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';
import { BENCH_ROWS, type BenchCluster } from './bench-workspace';
import type { Measurement } from './figure';

const run = promisify(execFile);

/** What real vtgate and vttablet were seen to reach with their ACL off, to direct TLS (design.md §9). */
const BARS: Record<number, number> = { 1: 0.12, 8: 0.15, 32: 0.21 };

export interface Target {
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

/** One run of sysbench's point selects: queries a second, and the average latency in milliseconds. */
export async function pointSelects(
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

/** The middle round of one number of connections. */
interface Round {
  readonly threads: number;
  /** To direct TLS in the same round. */
  readonly ratio: number;
  readonly direct: number;
  readonly through: number;
  /** Milliseconds, on average. */
  readonly latency: number;
}

/** Where sysbench runs, and against what; `end` removes its folder. */
export interface SysbenchGround {
  readonly folder: string;
  readonly direct: Target;
  readonly through: Target;
  end(): Promise<void>;
}

/** Prepares sysbench for the bench's workspace, or says why it cannot be had. */
export async function sysbenchGround(cluster: BenchCluster): Promise<SysbenchGround | string> {
  const present = await run('sysbench', ['--version']).then(
    () => true,
    () => false,
  );
  if (!present) return 'sysbench is not here (Debian package sysbench)';
  const { workspace, addresses, secrets } = cluster;
  const gateway = addresses.gateways.find((candidate) => candidate.name === 'main')?.mysql;
  const [backend] = addresses.backends;
  const appPassword = secrets.get('backend/local/vt_app');
  const webPassword = secrets.get('users/web');
  if (gateway == null || backend === undefined || appPassword === undefined || webPassword === undefined)
    return 'the cluster is not the one of the sample shop';
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-sysbench-'));
  const end = (): Promise<void> => rm(folder, { recursive: true, force: true });
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
    return { folder, direct, through, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Point selects through the gateway beside direct TLS, in turns. */
async function measureRounds(cluster: BenchCluster, seconds: number, rounds: number): Promise<Round[] | string> {
  const ground = await sysbenchGround(cluster);
  if (typeof ground === 'string') return ground;
  const { folder, direct, through, end } = ground;
  try {
    const results: Round[] = [];
    for (const threads of [1, 8, 32]) {
      // The first seconds of a program are not its speed.
      await pointSelects(folder, through, threads, 1);
      const seen: Round[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const plain = await pointSelects(folder, direct, threads, seconds);
        const gated = await pointSelects(folder, through, threads, seconds);
        const ratio = gated.rate / plain.rate;
        seen.push({ threads, ratio, direct: plain.rate, through: gated.rate, latency: gated.latency });
      }
      const middle = seen.sort((a, b) => a.ratio - b.ratio)[seen.length >> 1];
      if (middle !== undefined) results.push(middle);
    }
    return results;
  } finally {
    await end();
  }
}

const nameOf = (threads: number, peer: string): string =>
  `point selects, ${threads} connection${threads === 1 ? '' : 's'}, to ${peer}`;

/**
 * Point selects through the gateway beside direct TLS, text protocol, in turns; the table ACL is enforced, and query logs
 * are written when the cluster was started so. With `vitess`, a start of the same workspace on Vitess's own programs, those
 * are measured in the same way afterwards, and their ratio is the second peer.
 */
export async function measureThroughput(
  cluster: BenchCluster & { stop(): Promise<void> },
  seconds: number,
  rounds: number,
  vitess: (() => Promise<(BenchCluster & { readonly release: string; stop(): Promise<void> }) | string>) | null,
): Promise<Measurement[]> {
  const ours = await measureRounds(cluster, seconds, rounds);
  if (typeof ours === 'string') return [{ name: 'point selects', reason: ours }];
  const [backend] = cluster.addresses.backends;
  const figures: Measurement[] = ours.map(({ threads, ratio, direct, through, latency }) => ({
    name: nameOf(threads, 'direct TLS'),
    value: ratio,
    unit: 'ratio',
    bar: BARS[threads] ?? null,
    better: 'more',
    peer: { name: `${backend?.vendor} ${backend?.version} over TLS, queries a second`, value: Math.round(direct) },
    detail: `${Math.round(through)} queries a second, ${latency} ms; access check on, query logs written`,
  }));
  if (vitess === null) return figures;
  await cluster.stop();
  const real = await vitess();
  if (typeof real === 'string') return [...figures, { name: 'point selects, to real Vitess', reason: real }];
  try {
    const theirs = await measureRounds(real, seconds, rounds);
    if (typeof theirs === 'string') return [...figures, { name: 'point selects, to real Vitess', reason: theirs }];
    for (const { threads, ratio, through, latency } of theirs) {
      const own = ours.find((round) => round.threads === threads);
      if (own === undefined) continue;
      figures.push({
        name: nameOf(threads, 'real Vitess'),
        value: own.ratio / ratio,
        unit: 'ratio',
        bar: 1,
        better: 'more',
        peer: { name: `vtgate and vttablet ${real.release}, to direct TLS`, value: ratio },
        detail: `${Math.round(through)} queries a second, ${latency} ms`,
      });
    }
    return figures;
  } finally {
    await real.stop();
  }
}
