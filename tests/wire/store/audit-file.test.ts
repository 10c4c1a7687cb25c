import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat, symlink, writeFile, chmod, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyAudit } from '../../../src-main/domain/audit';
import { appendAudit, auditPath } from '../../../src-main/servers/store';
import { bundled } from '../../support/bundled';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gh-audit-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const by = { who: 'alice', program: 'test', now: () => new Date('2026-11-22T10:00:00Z') };
const add = (summary: string) => appendAudit(dir, { what: 'settings.changed', summary, facts: {} }, by);
const verdict = async () => verifyAudit(await readFile(auditPath(dir)));

test('records follow each other in a file that only its owner may read', async () => {
  const first = await add('one');
  const second = await add('two');
  expect(second).toMatchObject({ seq: 2, previous: first.hash });
  expect((await stat(auditPath(dir))).mode & 0o777).toBe(0o600);
  expect(await verdict()).toMatchObject({ intact: true, head: second.hash });
  await chmod(auditPath(dir), 0o644);
  await add('three');
  expect((await stat(auditPath(dir))).mode & 0o777).toBe(0o600);
});

test('two processes and this one append at the same time: one chain, nothing lost', async () => {
  const program = bundled(
    'audit-appender',
    `import { appendAudit } from './src-main/servers/store/index.ts';
     const [dir, name] = process.argv.slice(2);
     const by = { who: name, program: 'appender', now: () => new Date() };
     process.stdout.write('ready\\n');
     await new Promise((resolve) => process.stdin.once('data', resolve));
     await Promise.all(Array.from({ length: 40 }, (_, n) =>
       appendAudit(dir, { what: 'settings.changed', summary: name + ' ' + n, facts: {} }, by)));
     process.stdin.destroy();`,
  );
  const started = ['a', 'b'].map((name) =>
    spawn(process.execPath, [program, dir, name], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  await Promise.all(started.map(({ stdout }) => once(stdout, 'data')));
  const ended = started.map((child) => once(child, 'close'));
  for (const { stdin } of started) stdin.write('go\n');
  await Promise.all(Array.from({ length: 20 }, (_, n) => add(`here ${n}`)));
  expect(await Promise.all(ended)).toEqual([
    [0, null],
    [0, null],
  ]);
  const { intact, records, faults } = await verdict();
  expect(faults).toEqual([]);
  expect(intact).toBe(true);
  expect(new Set(records.map(({ record }) => record.summary)).size).toBe(100);
}, 60_000);

test('part of a record that a crash has left is kept, told of, and vouched for', async () => {
  await add('one');
  await appendFile(auditPath(dir), '{"at":"2026-11-22T10:0');
  expect(await verdict()).toMatchObject({ intact: false, faults: [{ kind: 'truncated', line: 2 }] });
  await add('two');
  const after = await verdict();
  expect(after).toMatchObject({ intact: true, notes: [{ line: 2 }] });
  expect(after.records.map(({ record }) => record.what)).toEqual([
    'settings.changed',
    'log.fragment',
    'settings.changed',
  ]);
  expect(after.records[1]?.record.facts).toMatchObject({ line: 2, bytes: 22 });
});

test('a record whose line feed is missing is followed, not lost', async () => {
  const { hash } = await add('one');
  await writeFile(auditPath(dir), (await readFile(auditPath(dir))).subarray(0, -1));
  expect(await add('two')).toMatchObject({ seq: 2, previous: hash });
  expect(await verdict()).toMatchObject({ intact: true });
});

test('what was tampered with stays a fault however much is appended', async () => {
  await add('one');
  await add('two');
  await writeFile(auditPath(dir), (await readFile(auditPath(dir), 'utf8')).replace('"two"', '"TWO"'));
  await add('three');
  expect((await verdict()).faults[0]).toMatchObject({ kind: 'changed', line: 2 });
  await appendFile(auditPath(dir), 'a line of somebody else\n');
  await add('four');
  expect((await verdict()).faults.map(({ line }) => line)).toContain(4);
});

test('a long last record is found', async () => {
  await add('x'.repeat(600_000));
  expect(await add('two')).toMatchObject({ seq: 2 });
  expect((await verdict()).intact).toBe(true);
});

test('a link in the place of the log is not followed', async () => {
  const other = join(dir, 'other');
  await writeFile(other, '');
  await mkdir(join(dir, '.gatehouse'));
  await symlink(other, auditPath(dir));
  await expect(add('one')).rejects.toMatchObject({ failure: { code: 'audit.unwritable' } });
  expect(await readFile(other, 'utf8')).toBe('');
});
