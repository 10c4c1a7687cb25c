import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src-main/domain/kernel';
import {
  acquireLock,
  connectControl,
  processStart,
  readLock,
  SecretStore,
  serveControl,
  writeFileAtomic,
} from '../../../src-main/servers/store';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('writeFileAtomic', () => {
  it('gives a private key 0600 whatever stood there and whatever the umask is', async () => {
    const before = process.umask(0o077);
    try {
      await writeFile(join(folder, 'k'), 'old', { mode: 0o666 });
      await writeFileAtomic(join(folder, 'k'), 'new', 0o600);
      await writeFileAtomic(join(folder, 'c'), 'new', 0o644);
    } finally {
      process.umask(before);
    }
    expect((await stat(join(folder, 'k'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'c'))).mode & 0o777).toBe(0o644);
    expect(await readdir(folder)).toEqual(['c', 'k']);
  });

  it('leaves the old file and no rest behind when writing fails', async () => {
    await writeFileAtomic(join(folder, 'a'), 'old', 0o644);
    await expect(writeFileAtomic(join(folder, 'a', 'below'), 'x', 0o644)).rejects.toThrow();
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('old');
  });
});

describe('the lock', () => {
  it('is held by one program and names it', async () => {
    const first = await acquireLock(join(folder, 'lock'), 'gatehouse up');
    const second = await acquireLock(join(folder, 'lock'), 'gatehouse verify');
    expect(first.ok).toBe(true);
    expect(!second.ok && second.failure.summary).toContain('gatehouse up');
    if (first.ok) await first.value.release();
    expect((await acquireLock(join(folder, 'lock'), 'gatehouse verify')).ok).toBe(true);
  });

  it('is taken over from a process that was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    await writeFile(join(folder, 'lock'), JSON.stringify({ pid, start: processStart(pid), program: 'x', since: '' }));
    expect((await readLock(join(folder, 'lock')))?.pid).toBe(pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readLock(join(folder, 'lock'))).toBeNull();
    expect((await acquireLock(join(folder, 'lock'), 'y')).ok).toBe(true);
  });

  it('goes to exactly one of many that ask at once', async () => {
    await writeFile(join(folder, 'lock'), JSON.stringify({ pid: 999_999_999, start: 'x', program: 'dead', since: '' }));
    const answers = await Promise.all(Array.from({ length: 20 }, () => acquireLock(join(folder, 'lock'), 'me')));
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['lock']);
  });
});

describe('secrets', () => {
  it('open with the key file and with the passphrase, and with nothing else', async () => {
    const store = await SecretStore.create(folder, { kind: 'key-file' });
    await store.put(new Map([['users/web', new Secret('correct horse')]]));
    await store.addUnlocker({ kind: 'passphrase', passphrase: new Secret('open sesame') });

    const byKey = await SecretStore.open(folder, { kind: 'key-file' });
    expect(byKey.ok && byKey.value.get('users/web')?.reveal()).toBe('correct horse');
    const byWord = await SecretStore.open(folder, { kind: 'passphrase', passphrase: new Secret('open sesame') });
    expect(byWord.ok && byWord.value.get('users/web')?.reveal()).toBe('correct horse');
    const wrong = await SecretStore.open(folder, { kind: 'passphrase', passphrase: new Secret('open barley') });
    expect(!wrong.ok && wrong.failure.code).toBe('secrets.locked');
    await rm(join(folder, 'key'));
    const noKey = await SecretStore.open(folder, { kind: 'key-file' });
    expect(!noKey.ok && noKey.failure.code).toBe('secrets.locked');
  });

  it('of one folder lose nothing of each other, and find at once what the other has stored', async () => {
    const first = await SecretStore.create(folder, { kind: 'key-file' });
    const opened = await SecretStore.open(folder, { kind: 'key-file' });
    if (!opened.ok) throw new Error(opened.failure.summary);
    const second = opened.value;
    await Promise.all([
      ...[1, 2, 3].map((number) => first.put(new Map([[`first/${number}`, new Secret('one')]]))),
      ...[1, 2, 3].map((number) => second.put(new Map([[`second/${number}`, new Secret('two')]]))),
      second.addUnlocker({ kind: 'passphrase', passphrase: new Secret('open sesame') }),
    ]);
    expect(first.get('second/3')?.reveal()).toBe('two');
    const again = await SecretStore.open(folder, { kind: 'passphrase', passphrase: new Secret('open sesame') });
    expect(again.ok && [...again.value.names()].sort()).toEqual(
      ['first', 'second'].flatMap((who) => [1, 2, 3].map((number) => `${who}/${number}`)),
    );
  });

  it('take over what another process has stored before they write', async () => {
    const store = await SecretStore.create(folder, { kind: 'key-file' });
    const before = await readFile(join(folder, 'vault.json'));
    await store.put(new Map([['theirs', new Secret('x')]]));
    const after = await readFile(join(folder, 'vault.json'));
    const key = await readFile(join(folder, 'key'));
    const other = await mkdtemp(join(tmpdir(), 'gatehouse-store-'));
    await writeFile(join(other, 'vault.json'), before);
    await writeFile(join(other, 'key'), key);
    const mine = await SecretStore.open(other, { kind: 'key-file' });
    if (!mine.ok) throw new Error(mine.failure.summary);
    await writeFile(join(other, 'vault.json'), after);
    await mine.value.put(new Map([['mine', new Secret('y')]]));
    expect([...mine.value.names()].sort()).toEqual(['mine', 'theirs']);
    await rm(other, { recursive: true });
  });

  it('write nothing in clear, files of mode 0600, and notice damage', async () => {
    const store = await SecretStore.create(folder, { kind: 'key-file' });
    await store.put(new Map([['users/web', new Secret('correct horse')]]));
    for (const name of await readdir(folder)) {
      expect(await readFile(join(folder, name), 'utf8')).not.toMatch(/correct horse|users\/web/);
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    }
    const vault = JSON.parse(await readFile(join(folder, 'vault.json'), 'utf8')) as { entries: { data: string } };
    vault.entries.data = Buffer.from(Buffer.from(vault.entries.data, 'base64').map((byte) => byte ^ 1)).toString(
      'base64',
    );
    await writeFile(join(folder, 'vault.json'), JSON.stringify(vault));
    const damaged = await SecretStore.open(folder, { kind: 'key-file' });
    expect(damaged.ok).toBe(false);
  });
});

describe('the control socket', () => {
  it('answers calls, carries failures, is 0600 and survives nonsense', async () => {
    const path = join(folder, 'control');
    const server = await serveControl(path, (method, parameters) =>
      method === 'echo' ? Promise.resolve(parameters) : Promise.reject(new Error(`no ${method}`)),
    );
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const client = await connectControl(path);
    expect(await client.call('echo', { a: [1] })).toEqual({ a: [1] });
    await expect(client.call('sing')).rejects.toThrow('no sing');
    await server.dispose();
    await expect(client.call('echo')).rejects.toThrow();
    await expect(connectControl(path)).rejects.toThrow();
  });
});
