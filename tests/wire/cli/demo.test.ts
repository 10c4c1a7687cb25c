import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram, gatehouse, program, start } from '../../support/cli/gatehouse';
import { processesMentioning, socketsMentioning } from '../../support/cli/processes';

let folder: string;
const temporary = (): NodeJS.ProcessEnv => ({ TMPDIR: folder });
const expectNothingLeft = async (): Promise<void> => {
  expect(await processesMentioning(folder)).toEqual([]);
  expect(await socketsMentioning(folder)).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
};

beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-demo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the demo', () => {
  test('in a pipe: plain lines, a verdict table, a total, and nothing is left', async () => {
    const end = await gatehouse(['demo', '--sample', 'reference', '--yes'], { env: temporary(), timeoutMs: 100_000 });
    expect([end.code, end.stderr]).toEqual([0, '']);
    expect(end.stdout).not.toMatch(/\u001b|\r/);
    for (const words of ['Set-up', 'Cluster', 'who may do what', 'call the demo with --keep', ' 0 differ ', 'Stopped'])
      expect(end.stdout).toContain(words);
    expect(end.stdout).not.toContain('--defaults-extra-file');
    expect(end.stdout).toMatch(/✓ gateway override-groups .*· \d+(\.\d+)? m?s/);
    await expectNothingLeft();
  }, 120_000);

  test('into a reader that goes away: everything is stopped', async () => {
    const piped = spawnSync('sh', ['-c', `"${process.execPath}" "${program}" demo --yes | head -3`], {
      encoding: 'utf8',
      env: { ...process.env, ...temporary() },
      timeout: 60_000,
    });
    expect(piped.stdout).toContain('Set-up');
    expect(piped.stderr).not.toMatch(/EPIPE|error of Gatehouse/);
    await expectNothingLeft();
  }, 80_000);

  test.each<[string, NodeJS.Signals]>([
    ['Cluster', 'SIGINT'],
    ['gateway main', 'SIGTERM'],
    ['Proof', 'SIGINT'],
  ])(
    'interrupted after "%s": exit 130, nothing is left',
    async (words, signal) => {
      const demo = start(['demo', '--yes'], { env: temporary() });
      await demo.until((text) => text.includes(words));
      demo.child.kill(signal);
      const end = await demo.ended;
      expect([end.code, end.signal]).toEqual([130, null]);
      expect(end.stderr).not.toContain('error of Gatehouse');
      await expectNothingLeft();
    },
    80_000,
  );
});
