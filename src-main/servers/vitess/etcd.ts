import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GatehouseError } from '../../domain/kernel';
import { startProgram, type ProgramOptions, type RunningProgram } from './program-process';
import type { TopologyRecord } from './topology-records';

export interface EtcdOptions extends Pick<ProgramOptions, 'path' | 'os' | 'logFile' | 'noteFile' | 'signal'> {
  /** Its data, a folder of its own; made with mode 0700. */
  readonly dataDir: string;
  readonly clientPort: number;
  readonly peerPort: number;
}

/** A topology server on loopback. */
export interface Etcd extends RunningProgram {
  /** As Vitess's `--topo-global-server-address` takes it. */
  readonly address: string;
  /** Writes records; rejects with GatehouseError `vitess.topology`. */
  put(records: readonly TopologyRecord[]): Promise<void>;
}

/**
 * Starts a topology server with one member. It listens on loopback alone, without login, as Vitess's examples do: what it
 * holds is who serves what, no secret; who may talk to whom is decided by the certificates of the links.
 */
export async function startEtcd(options: EtcdOptions): Promise<Etcd> {
  const { dataDir, clientPort, peerPort } = options;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await chmod(dataDir, 0o700);
  const address = `127.0.0.1:${clientPort}`;
  const client = `http://${address}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const program = await startProgram({
    ...options,
    name: 'etcd',
    cwd: dataDir,
    args: [
      `--data-dir=${join(dataDir, 'data')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--log-level=warn',
    ],
    ready: async () => (await fetch(`${client}/health`)).ok,
  });
  return Object.assign(program, {
    address,
    put: async (records: readonly TopologyRecord[]) => {
      for (const { key, value } of records) {
        const answer = await fetch(`${client}/v3/kv/put`, {
          method: 'POST',
          body: JSON.stringify({
            key: Buffer.from(key).toString('base64'),
            value: Buffer.from(value).toString('base64'),
          }),
        });
        const text = await answer.text();
        if (!answer.ok)
          throw new GatehouseError({
            code: 'vitess.topology',
            summary: `etcd did not take the record ${key} (HTTP ${answer.status}).`,
            detail: text.slice(0, 1_000),
          });
      }
    },
  });
}
