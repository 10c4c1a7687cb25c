import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { Measurement } from './figure';

/** Resident memory of `gatehouse up` on a workspace after it was left alone for `idleMs`; MySQL is not counted. */
export async function measureMemory(program: readonly string[], dir: string, idleMs: number): Promise<Measurement> {
  const name = `resident memory of gatehouse up after ${Math.round(idleMs / 1000)} s idle, without MySQL`;
  if (process.platform !== 'linux') return { name, reason: 'read from /proc, which only Linux has' };
  const [command = process.execPath, ...parameters] = program;
  const child = spawn(command, [...parameters, 'up', dir, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('exit', (code) => reject(new Error(`gatehouse up ended with ${code}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        if ((JSON.parse(line) as { event: string }).event === 'ready') resolve();
      });
    });
    await wait(idleMs);
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
    const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN);
    return { name, value: Math.round(kib / 102.4) / 10, unit: 'MiB', bar: 120, better: 'less', peer: null };
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    if (child.exitCode === null) await gone;
  }
}
