import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operatingSystem } from '../../../src-main/platform/os';
import { findVitess, startProgram, type ProgramOptions } from '../../../src-main/servers/vitess';
import { temporaryFolder } from '../backend/backend-fixture';

const os = operatingSystem();
let folder: { path: string; cleanup: () => Promise<void> };
beforeEach(async () => (folder = await temporaryFolder()));
afterEach(() => folder.cleanup());

const script = async (text: string): Promise<string> => {
  const path = join(folder.path, 'program.mjs');
  await writeFile(path, text);
  return path;
};

/** A program of one file, run by Node. */
const options = (file: string, more: Partial<ProgramOptions> = {}): ProgramOptions => ({
  name: 'a program',
  path: process.execPath,
  args: [file],
  os,
  cwd: folder.path,
  logFile: join(folder.path, 'logs', 'program.log'),
  noteFile: join(folder.path, 'notes', 'program.process'),
  ready: async () => (await readFile(join(folder.path, 'logs', 'program.log'), 'utf8')).includes('ready'),
  ...more,
});

const idle = 'console.log("ready"); setInterval(() => {}, 1000);';
const runs = async (pid: number): Promise<boolean> => (await os.processStart(pid)) !== null;

describe('a supervised program', () => {
  it('is handed on when it is ready, writes to a private log, and ends in order', async () => {
    const file = await script(`${idle} process.on('SIGTERM', () => { console.log('in order'); process.exit(0); });`);
    const program = await startProgram(options(file));
    expect(await runs(program.pid)).toBe(true);
    expect((await stat(program.logFile)).mode & 0o777).toBe(0o600);
    await program.stop();
    expect(await runs(program.pid)).toBe(false);
    expect(await program.log()).toContain('in order');
    await expect(stat(join(folder.path, 'notes', 'program.process'))).rejects.toThrow('ENOENT');
  });

  it('is killed when it does not end in time', async () => {
    const file = await script(`process.on('SIGTERM', () => {}); ${idle}`);
    const program = await startProgram(options(file));
    await program.stop(50);
    expect(await runs(program.pid)).toBe(false);
  });

  it('sees nothing of this process’s environment but where programs and its own files are', async () => {
    process.env['GATEHOUSE_TEST_SECRET'] = 'hunter2';
    const file = await script(`console.log(JSON.stringify(Object.keys(process.env))); ${idle}`);
    const program = await startProgram(options(file, { env: { VTDATAROOT: '/d' } }));
    delete process.env['GATEHOUSE_TEST_SECRET'];
    const names = JSON.parse((await program.log()).split('\n')[0]!) as string[];
    await program.stop();
    expect(names.filter((name) => !['PATH', 'HOME', 'TMPDIR', 'VTDATAROOT'].includes(name))).toEqual([]);
  });

  it('that ends while it starts is a failure with what it said last', async () => {
    const file = await script('console.error("no such flag"); process.exit(3);');
    await expect(startProgram(options(file))).rejects.toMatchObject({
      failure: { code: 'vitess.program-ended', detail: expect.stringContaining('no such flag') as string },
    });
  });

  it('that is never ready is ended after its time', async () => {
    const file = await script('console.log(process.pid); setInterval(() => {}, 1000);');
    await expect(startProgram(options(file, { startTimeoutMs: 1_500 }))).rejects.toMatchObject({
      failure: { code: 'vitess.program-timeout' },
    });
    const said = await readFile(join(folder.path, 'logs', 'program.log'), 'utf8');
    expect(said).toMatch(/^\d+\n$/);
    const pid = Number(said);
    expect(await runs(pid)).toBe(false);
  });

  it('that an earlier, killed Gatehouse left behind is ended first', async () => {
    const file = await script(idle);
    const left = await startProgram(options(file));
    const next = await startProgram(options(file));
    expect(await runs(left.pid)).toBe(false);
    await next.stop();
  });

  it('is ended when the start is given up', async () => {
    const abort = new AbortController();
    const file = await script('setInterval(() => {}, 1000);');
    const starting = startProgram(
      options(file, {
        signal: abort.signal,
        ready: () => {
          abort.abort(new Error('given up'));
          return Promise.resolve(false);
        },
      }),
    );
    await expect(starting).rejects.toThrow('given up');
    await expect(stat(join(folder.path, 'notes', 'program.process'))).rejects.toThrow('ENOENT');
  });
});

describe('Vitess’s programs', () => {
  const put = async (name: string, text: string): Promise<void> => {
    await mkdir(join(folder.path, 'bin'), { recursive: true });
    await writeFile(join(folder.path, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };

  it('are found on the PATH, with their release', async () => {
    for (const name of ['vttablet', 'vtctldclient', 'etcd']) await put(name, 'exit 1');
    await put('vtgate', 'echo "vtgate version Version: 24.0.4 (Git revision abc branch) built on today"');
    const found = await findVitess(os, join(folder.path, 'bin'));
    expect(found).toMatchObject({
      ok: true,
      value: { version: '24.0.4', paths: { etcd: join(folder.path, 'bin', 'etcd') } },
    });
  });

  it('that are missing are named; folders relative to the current one do not count', async () => {
    await put('vtgate', 'exit 0');
    const found = await findVitess(os, ['bin', '.', '', join(folder.path, 'bin')].join(os.pathSeparator));
    expect(found).toMatchObject({
      ok: false,
      failure: { code: 'vitess.missing', missing: ['vttablet', 'vtctldclient', 'etcd'] },
    });
  });

  it('that do not say their release are refused', async () => {
    for (const name of ['vtgate', 'vttablet', 'vtctldclient', 'etcd']) await put(name, 'echo "something else 24.0.4"');
    expect(await findVitess(os, join(folder.path, 'bin'))).toMatchObject({ failure: { code: 'vitess.version' } });
  });
});
