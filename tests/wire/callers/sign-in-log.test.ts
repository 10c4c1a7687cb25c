import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FixedClock } from '../../../src-main/domain/kernel';
import { makeEntry, withForms, type UserEntry } from '../../../src-main/domain/users';
import { SecretStore } from '../../../src-main/servers/store';
import { SignInLog } from '../../../src-main/services/callers/sign-in-log';
import { WorkspacePaths } from '../../../src-main/services/workspace/workspace-paths';

let folder: string;
let paths: WorkspacePaths;
let clock: FixedClock;
let secrets: SecretStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gh-'));
  paths = new WorkspacePaths(folder);
  clock = new FixedClock('2026-05-03T10:00:00Z');
  secrets = await SecretStore.create(paths.secrets, { kind: 'key-file' });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (): Promise<SignInLog> => SignInLog.open(paths, secrets, clock);
const entry = makeEntry({ password: 'a password', userData: 'reporting' });
const other = makeEntry({ password: 'another', userData: 'reporting' });
let connections = 0;
const signIn = (log: SignInLog, by: UserEntry = entry): { id: number; unixSocket: boolean } => {
  connections += 1;
  const connection = { id: connections, unixSocket: false };
  log.count('main', { file: 'users.json', user: 'myuser2', entry: by, connection });
  return connection;
};
const useOf = (log: SignInLog, by: UserEntry = entry) => log.useOf('users.json', 'myuser2', by);

describe('sign-ins by entry', () => {
  it('are counted for each entry, with the time of the last one and the number of that day', async () => {
    const log = await open();
    signIn(log);
    clock.advance(26 * 3_600_000);
    signIn(log);
    signIn(log);
    expect(useOf(log)).toEqual({ total: 3, onLastDay: 2, lastAt: '2026-05-04T12:00:00.000Z' });
    expect(useOf(log, other)).toEqual({ total: 0, onLastDay: 0, lastAt: null });
  });

  it('outlive a restart, another order, other rights and another form of the same password', async () => {
    const log = await open();
    signIn(log);
    signIn(log);
    await log.flush();
    const again = await open();
    signIn(again);
    expect(useOf(again).total).toBe(3);
    const changed = withForms({ ...entry, index: 4, userData: 'else', groups: ['x'] }, ['sha2'], null);
    expect(changed === null ? null : useOf(again, changed).total).toBe(3);
    expect(again.useOf('users.json', 'renamed', entry).total).toBe(0);
  });

  it('do not count tests of our own, and leave what others did meanwhile', async () => {
    const log = await open();
    const ours = signIn(log);
    clock.advance(1_000);
    signIn(log);
    clock.advance(1_000);
    const last = signIn(log);
    log.disown('main', ours);
    log.disown('main', last);
    log.disown('main', last);
    log.disown('elsewhere', { id: 1, unixSocket: true });
    expect(useOf(log)).toEqual({ total: 1, onLastDay: 1, lastAt: '2026-05-03T10:00:01.000Z' });
  });

  it('stay right when there are more than can be taken back', async () => {
    const log = await open();
    for (let count = 0; count < 2_500; count += 1) signIn(log);
    log.disown('main', signIn(log));
    expect(useOf(log).total).toBe(2_500);
    await log.flush();
    expect(useOf(await open()).total).toBe(2_500);
  });

  it('are kept where only their owner reads, without name and without anything of the password', async () => {
    const log = await open();
    signIn(log);
    await log.flush();
    const path = join(paths.state, 'sign-ins.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const text = await readFile(path, 'utf8');
    for (const hash of [entry.mysqlNativePassword, entry.cachingSha2Password])
      expect(text.toLowerCase()).not.toContain(hash?.reveal().slice(1, 20).toLowerCase());
    expect(text).not.toMatch(/myuser2|reporting|users\.json/);
  });

  it.each(['', '{', '{"schema":2}', '{"schema":1,"entries":{"a":{"total":"x"}},"runs":[]}'])(
    'begin anew when their file says %j',
    async (text) => {
      await writeFile(join(paths.state, 'sign-ins.json'), text);
      expect(useOf(await open()).total).toBe(0);
    },
  );

  it('know for how long somebody looked', async () => {
    const log = await open();
    const start = clock.now();
    const end = log.begin();
    clock.advance(3_600_000);
    expect(log.watchedMs(start)).toBe(3_600_000);
    await end();
    clock.advance(3_600_000);
    expect(log.watchedMs(start)).toBe(3_600_000);
    const again = await open();
    expect(again.watchedMs(start)).toBe(3_600_000);
    expect(again.watchedMs(new Date(start.getTime() + 1_800_000))).toBe(1_800_000);
  });
});
