import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProgram, expectMistake, gatehouse, program, start } from '../../support/cli/gatehouse';
import { processesMentioning, socketsMentioning } from '../../support/cli/processes';

let folder: string;
let dir: string;
const run = async (): Promise<string[]> =>
  (await readdir(join(dir, '.gatehouse', 'run'), { recursive: true }).catch(() => [])).filter((name) =>
    /lock|\.sock$|\.cnf$/.test(name),
  );

/** Freezes the servers below `folder`, so that an orderly stop cannot come to its end. */
const freezeServers = async (): Promise<number> => {
  const pids = (await processesMentioning(folder))
    .filter((line) => /^\d+ \S*(mysqld|mariadbd)\b/.test(line))
    .map((line) => Number(line.split(' ')[0]));
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return pids.length;
};

beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-ending-'));
  dir = join(folder, 'shop');
  expect((await gatehouse(['init', dir, '--from', 'shop'])).code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each<[string, string[], string, NodeJS.Signals]>([
  ['up', ['up', 'DIR'], 'Ready.', 'SIGTERM'],
  ['demo', ['demo', '--yes', '--keep'], 'Ctrl-C stops it', 'SIGINT'],
])(
  'a second signal ends %s at once, and nothing is left',
  async (_name, args, ready, signal) => {
    const temporary = await mkdtemp(join(folder, 'tmp-'));
    const started = start(
      args.map((word) => (word === 'DIR' ? dir : word)),
      { env: { TMPDIR: temporary } },
    );
    await started.until((text) => text.includes(ready));
    expect(await freezeServers()).toBe(1);
    // Signals that come together are one wish; the one after them is the second.
    const again = setInterval(() => started.child.kill(signal), 60);
    const end = await started.ended;
    clearInterval(again);
    expect([end.code, end.signal]).toEqual([130, null]);
    expect(end.stderr).toMatch(/^Stopping; once more ends MySQL at once\.\nEnded at once: /);
    await expect.poll(() => processesMentioning(folder)).toEqual([]);
    // A killed process has no command line any more while the kernel still closes its sockets.
    await expect.poll(() => socketsMentioning(folder)).toEqual([]);
    expect(await readdir(temporary)).toEqual([]);
    expect(await run()).toEqual([]);
  },
  60_000,
);

test('a reader that goes away ends verify without a word, after a clean stop', async () => {
  const piped = spawnSync(
    'bash',
    ['-c', `"${process.execPath}" "${program}" verify "${dir}" | head -1; exit "\${PIPESTATUS[0]}"`],
    { encoding: 'utf8' },
  );
  expect([piped.status, piped.stderr]).toEqual([141, '']);
  expect(await processesMentioning(folder)).toEqual([]);
  expect(await run()).toEqual([]);
}, 60_000);

test('an attached verify names the owner that has ended', async () => {
  const owner = start(['up', dir, '--json'], { timeoutMs: 90_000 });
  await owner.until((text) => text.includes('"event":"ready"'));
  const attached = start(['verify', dir, '--concurrency', '1']);
  await attached.until((text) => text.includes('attached'));
  owner.child.kill('SIGTERM');
  expectMistake(
    await attached.ended,
    3,
    new RegExp(`gatehouse up \\(process ${owner.child.pid}\\), which ran the cluster, has ended; run again`),
  );
  expect((await owner.ended).code).toBe(0);
}, 90_000);
