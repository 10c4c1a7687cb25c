import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProgram, gatehouse, start, type Running } from '../../support/cli/gatehouse';
import { processesMentioning } from '../../support/cli/processes';

/** `gatehouse up` and `verify` say that the workspace's MySQL died, was started again or was given up. */
let folder: string;
let dir: string;
let cluster: Running;

interface Event {
  readonly event: string;
  readonly what?: string;
  readonly text?: string;
}
const notices = (stdout: string): Event[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Event)
    .filter(({ event }) => event === 'backend');
const until = async (what: string, count: number): Promise<Event> => {
  const of = (text: string): Event[] => notices(text).filter((notice) => notice.what === what);
  return of(await cluster.until((text) => of(text).length >= count))[count - 1]!;
};
const killMysql = async (): Promise<void> => {
  const servers = (await processesMentioning(folder)).filter((line) => /^\d+ \S*(mariadbd|mysqld) /.test(line));
  expect(servers).toHaveLength(1);
  process.kill(Number.parseInt(servers[0]!, 10), 'SIGKILL');
};

beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-died-'));
  dir = join(folder, 'shop');
  expect((await gatehouse(['init', dir, '--from', 'shop'])).code).toBe(0);
  cluster = start(['up', dir, '--json'], { timeoutMs: 180_000 });
  await cluster.until((text) => text.includes('"event":"ready"'));
}, 120_000);
afterAll(async () => {
  cluster.child.kill('SIGTERM');
  await cluster.ended;
  await rm(folder, { recursive: true, force: true });
});

test('each death and each new start is told; what is given up is said, and SIGHUP tries it again', async () => {
  for (const time of [1, 2, 3]) {
    await killMysql();
    await until('died', time);
    await until('restarted', time);
  }
  await killMysql();
  const given = await until('given-up', 1);
  expect(given.text).toMatch(/of backend \S+ died too often and is down: see \S+mysqld\.log\. It is tried again/);

  const down = await gatehouse(['verify', dir, '--only', 'web']);
  expect(down.code).not.toBe(0);
  expect(down.stdout).toMatch(/of backend \S+ is down: see \S+mysqld\.log\./);
  expect(down.stdout).not.toContain('error of Gatehouse');
  const { warnings } = JSON.parse((await gatehouse(['verify', dir, '--json', '--only', 'web'])).stdout) as {
    warnings: string[];
  };
  expect(warnings).toEqual([expect.stringContaining('is down: see')]);

  cluster.child.kill('SIGHUP');
  await until('restarted', 4);
  expect((await gatehouse(['verify', dir])).code).toBe(0);
}, 180_000);
