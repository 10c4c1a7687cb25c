import { createConnection, type Socket } from 'node:net';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  acquireLock,
  connectControl,
  ensurePrivateFolder,
  readLock,
  serveControl,
} from '../../../src-main/servers/store';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gh-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the lock', () => {
  test('of many that find the same dead lock exactly one takes it, every time', async () => {
    const path = join(folder, 'lock');
    for (let round = 0; round < 80; round += 1) {
      await writeFile(path, JSON.stringify({ pid: 1, start: 'another life', program: 'dead', since: '' }));
      const answers = await Promise.all(Array.from({ length: 12 }, () => acquireLock(path, 'me')));
      const [winner, ...others] = answers.filter((answer) => answer.ok);
      expect(others).toHaveLength(0);
      expect((await readLock(path))?.program).toBe('me');
      if (winner?.ok) await winner.value.release();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  test('is given back by its holder only', async () => {
    const path = join(folder, 'lock');
    const first = await acquireLock(path, 'first');
    if (!first.ok) throw new Error('not taken');
    // Somebody removed it by hand, and another program took it.
    await rm(path);
    const second = await acquireLock(path, 'second');
    await first.value.release();
    expect((await readLock(path))?.program).toBe('second');
    expect(second.ok).toBe(true);
  });

  test.each(['', 'null', '{', '{"pid":"1"}', '{"pid":1}', '[]', `{"pid":${process.pid},"start":""}`])(
    'a lock file that says %j is nobody’s',
    async (text) => {
      await writeFile(join(folder, 'lock'), text);
      expect(await readLock(join(folder, 'lock'))).toBeNull();
      expect((await acquireLock(join(folder, 'lock'), 'me')).ok).toBe(true);
    },
  );

  test('a take-over that was cut short stops nobody', async () => {
    const dead = JSON.stringify({ pid: 1, start: 'another life', program: 'dead', since: '' });
    await writeFile(join(folder, 'lock'), dead);
    await writeFile(join(folder, 'lock.takeover'), dead);
    expect((await acquireLock(join(folder, 'lock'), 'me')).ok).toBe(true);
  });
});

describe('the control socket', () => {
  test('carries any text, however it is cut, and many calls at once', async () => {
    const path = join(folder, 'c.sock');
    const server = await serveControl(path, (_, parameters) => Promise.resolve(parameters));
    const client = await connectControl(path);
    const texts = ['\u2028\u2029\r\n', 'x'.repeat(300_000), '€😀'.repeat(50_000), ''];
    expect(await Promise.all(texts.map((text) => client.call('echo', [text])))).toEqual(texts.map((text) => [text]));
    client.close();
    await server.dispose();
  });

  test('nonsense ends nothing but its own connection', async () => {
    const path = join(folder, 'c.sock');
    const server = await serveControl(path, () => Promise.resolve('fine'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.uint8Array(),
            fc.json().map((text) => Buffer.from(`${text}\n`)),
          ),
        ),
        async (parts) => {
          const socket = createConnection(path);
          socket.on('error', () => undefined);
          socket.end(Buffer.concat(parts));
          socket.resume();
          await new Promise((resolve) => socket.once('close', resolve));
        },
      ),
      { numRuns: Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 10_000) / 20) },
    );
    const client = await connectControl(path);
    expect(await client.call('status')).toBe('fine');
    client.close();
    await server.dispose();
  });

  test('a line without end is not kept', async () => {
    const path = join(folder, 'c.sock');
    const server = await serveControl(path, () => Promise.resolve(null));
    const socket: Socket = createConnection(path);
    socket.on('error', () => undefined);
    const more = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(1 << 20, 0x61)));
    };
    socket.on('drain', more);
    socket.once('connect', more);
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    await server.dispose();
  });
});

describe('a private folder', () => {
  test('is made, and one of this user’s own is closed to others', async () => {
    await ensurePrivateFolder(join(folder, 'a', 'b'));
    await mkdir(join(folder, 'open'));
    await chmod(join(folder, 'open'), 0o777);
    await ensurePrivateFolder(join(folder, 'open'));
    for (const name of ['a/b', 'open']) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o700);
  });

  test('is never a link to somewhere else', async () => {
    await mkdir(join(folder, 'elsewhere'));
    await symlink(join(folder, 'elsewhere'), join(folder, 'link'));
    await expect(ensurePrivateFolder(join(folder, 'link'))).rejects.toMatchObject({
      failure: { code: 'environment.private-folder' },
    });
    await writeFile(join(folder, 'file'), 'mine');
    await expect(ensurePrivateFolder(join(folder, 'file'))).rejects.toThrow();
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('mine');
  });

  test.runIf(process.getuid?.() === 0)('is never another user’s', async () => {
    const { chown } = await import('node:fs/promises');
    await mkdir(join(folder, 'theirs'), { mode: 0o700 });
    await chown(join(folder, 'theirs'), 65_534, 65_534);
    await expect(ensurePrivateFolder(join(folder, 'theirs'))).rejects.toMatchObject({
      failure: { code: 'environment.private-folder' },
    });
  });
});
