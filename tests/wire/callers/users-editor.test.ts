import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cachingSha2Hash, nativeHash } from '../../../src-main/domain/users';
import type { NewEntryInput } from '../../../src-main/services/callers/users-editor';
import { openCallers, type CallersGround } from '../../support/callers-ground';

let ground: CallersGround;
beforeEach(async () => {
  ground = await openCallers({ sample: 'shop' });
});
afterEach(() => ground.close());

const typed = (password: string, keep = true) => ({ kind: 'typed', password, keep }) as const;
const entry = (more: Partial<NewEntryInput> = {}): NewEntryInput => ({
  ...{ userData: 'reporting', groups: [], sourceHost: '', forms: ['native', 'sha2'] },
  password: typed('a typed password'),
  ...more,
});
const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { failure?: { code: string } }) => error.failure?.code ?? String(error),
  );

describe('users of the draft', () => {
  it('are added with hashes of a generated password, which can be revealed, and undone in one step', async () => {
    const { callers, document } = ground;
    await callers.editor.addUser('users.json', 'report', entry({ password: { kind: 'generate', bits: 256 } }));
    const user = await ground.user('report');
    expect(user).toMatchObject({
      id: 'user:users.json:report',
      entries: [{ userData: 'reporting', forms: ['native', 'sha2'], password: { origin: 'generated', bits: 256 } }],
    });
    const { password, seconds } = await callers.reveal(await ground.ref('report'));
    expect(password).toHaveLength(43);
    expect(seconds).toBe(30);
    expect((await ground.users())['report']).toEqual([
      {
        MysqlNativePassword: nativeHash(password),
        CachingSha2Password: cachingSha2Hash(password),
        UserData: 'reporting',
      },
    ]);
    expect((await stat(join(document.draftDir, 'users.json'))).mode & 0o777).toBe(0o600);
    expect(document.undoLabel).toBe('Add report');
    await document.undo();
    expect(Object.keys(await ground.users())).not.toContain('report');
    // The applied file was not touched.
    expect(await readFile(join(ground.dir, 'users.json'), 'utf8')).not.toContain('report');
  });

  it('never show a password or a hash in what the page gets', async () => {
    const { callers, document } = ground;
    await callers.editor.addUser('users.json', 'clear', entry({ forms: ['plain'], password: typed('Xyzzy-in-clear') }));
    const text = JSON.stringify(await callers.view());
    const users = await ground.users();
    for (const entries of Object.values(users))
      for (const { MysqlNativePassword, CachingSha2Password, Password } of entries)
        for (const secret of [MysqlNativePassword, CachingSha2Password, Password])
          if (typeof secret === 'string') expect(text).not.toContain(secret.slice(1, 20));
    for (const name of document.secrets.names()) expect(text).not.toContain(document.secrets.get(name)?.reveal());
    expect(text).toContain('"forms":["plain"]');
  });

  it('are renamed, with the tests that log in as them', async () => {
    await ground.callers.editor.renameUser('users.json', 'web', 'shopfront');
    expect(Object.keys(await ground.users())[0]).toBe('shopfront');
    const suite = JSON.parse(await ground.draft('tests/shop.json')) as { callers: { name: string; user?: string }[] };
    expect(suite.callers.find(({ name }) => name === 'web')?.user).toBe('shopfront');
    expect(suite.callers.find(({ name }) => name === 'ines')?.user).toBe('ines');
    expect(ground.document.undoLabel).toBe('Rename web to shopfront');
  });

  it('are deleted', async () => {
    await ground.callers.editor.deleteUser('users.json', 'maria');
    expect(Object.keys(await ground.users())).toEqual(['web', 'ines', 'nobody']);
  });

  it.each([
    ['', 'callers.bad-name'],
    ['a\nb', 'callers.bad-name'],
    ['x'.repeat(300), 'callers.bad-name'],
    ['web', 'callers.name-taken'],
  ])('refuse the name %j and change nothing', async (name, wanted) => {
    const before = await ground.draft('users.json');
    const secrets = ground.document.secrets.names().length;
    expect(await code(ground.callers.editor.addUser('users.json', name, entry()))).toBe(wanted);
    expect(await code(ground.callers.editor.renameUser('users.json', 'ines', name))).toBe(wanted);
    expect(await ground.draft('users.json')).toBe(before);
    expect(ground.document.secrets.names()).toHaveLength(secrets);
    expect(ground.document.undoLabel).toBeNull();
  });

  it.each([
    ['no-form', { forms: [] }],
    ['bad-group', { groups: [''] }],
    ['bad-group', { groups: ['a', 'a'] }],
    ['bad-user-data', { userData: 'a\u0000' }],
    ['empty-password', { password: typed('') }],
  ] as const)('refuse an entry: %s', async (wanted, more) => {
    expect(await code(ground.callers.editor.addUser('users.json', 'new', entry(more)))).toBe(`callers.${wanted}`);
    expect(await code(ground.callers.editor.addEntry('users.json', 'web', entry(more)))).toBe(`callers.${wanted}`);
  });

  it('say which users files there are when another one is named', async () => {
    await expect(ground.callers.editor.addUser('other.json', 'x', entry())).rejects.toMatchObject({
      failure: { code: 'callers.no-users-file', summary: expect.stringContaining('users.json') as string },
    });
  });

  it('are left alone in a file that cannot be read, with its place', async () => {
    await ground.document.edit('Break', (dir) => writeFile(join(dir, 'users.json'), '{"web": [\n  7]}'));
    await expect(ground.callers.editor.addUser('users.json', 'x', entry())).rejects.toMatchObject({
      failure: { code: 'callers.file-broken', summary: expect.stringContaining('users.json, line 2') as string },
    });
    expect(await ground.draft('users.json')).toBe('{"web": [\n  7]}');
    const view = await ground.callers.view();
    expect(view.users).toEqual([]);
    expect(view.usersFiles[0]?.fault).toContain('users.json, line 2');
  });
});

describe('entries', () => {
  it('are added, moved, changed and removed', async () => {
    const { editor } = ground.callers;
    await editor.addEntry('users.json', 'web', entry({ groups: ['analysts'], sourceHost: 'localhost' }));
    expect((await ground.users())['web']?.[1]).toMatchObject({
      UserData: 'reporting',
      Groups: ['analysts'],
      SourceHost: 'localhost',
    });
    await editor.moveEntry(await ground.ref('web', 1), 0);
    expect((await ground.user('web')).entries.map(({ userData }) => userData)).toEqual(['reporting', 'shop_web']);
    await editor.changeEntry(await ground.ref('web', 0), { userData: null, groups: [], sourceHost: '' });
    expect((await ground.users())['web']?.[0]).not.toHaveProperty('UserData');
    await editor.removeEntry(await ground.ref('web', 1));
    expect((await ground.user('web')).entries).toHaveLength(1);
    expect(ground.document.undoLabel).toBe('Remove entry 2 of web');
  });

  it('refuse a change that was meant for another entry', async () => {
    const { editor } = ground.callers;
    const [first, second] = [await ground.ref('maria', 0), await ground.ref('maria', 1)];
    await editor.moveEntry(second, 0);
    expect(await code(editor.removeEntry(second))).toBe('callers.stale');
    expect(await code(editor.changeEntry(first, { userData: 'x' }))).toBe('callers.stale');
    expect(await code(editor.removeEntry({ ...first, index: 7 }))).toBe('callers.no-such-entry');
    expect(await code(editor.removeEntry({ ...first, user: 'nobody here' }))).toBe('callers.no-such-user');
    expect(await code(editor.moveEntry({ ...second, index: 0 }, 5))).toBe('callers.no-such-position');
    expect((await ground.user('maria')).entries).toHaveLength(2);
  });

  it('get a new password, and tests that typed the old one type it', async () => {
    const before = await ground.callers.reveal(await ground.ref('web'));
    await ground.callers.editor.changeEntry(await ground.ref('web'), { password: { kind: 'generate', bits: 192 } });
    const after = await ground.callers.reveal(await ground.ref('web'));
    expect(after.password).not.toBe(before.password);
    expect(after.password).toHaveLength(33);
    const suite = JSON.parse(await ground.draft('tests/shop.json')) as {
      callers: { name: string; password?: { secret: string } }[];
    };
    const secret = suite.callers.find(({ name }) => name === 'web')?.password?.secret ?? '';
    expect(ground.document.secrets.get(secret)?.reveal()).toBe(after.password);
    await ground.document.undo();
    expect((await ground.callers.reveal(await ground.ref('web'))).password).toBe(before.password);
  });

  it('change how they store a password, as far as the password is known', async () => {
    const { editor } = ground.callers;
    await editor.changeEntry(await ground.ref('web'), { forms: ['native'] });
    await editor.changeEntry(await ground.ref('web'), { forms: ['native', 'sha2'] });
    expect((await ground.user('web')).entries[0]?.forms).toEqual(['native', 'sha2']);

    await editor.addUser(
      'users.json',
      'foreign',
      entry({ forms: ['native'], password: typed('not kept here', false) }),
    );
    const foreign = await ground.ref('foreign');
    expect((await ground.user('foreign')).entries[0]?.password).toEqual({ origin: 'unknown', bits: null });
    expect(await code(ground.callers.reveal(foreign))).toBe('callers.password-unknown');
    expect(await code(editor.changeEntry(foreign, { forms: ['sha2'] }))).toBe('callers.password-needed');
    expect(await code(editor.changeEntry(foreign, { forms: ['sha2'], presentPassword: 'wrong' }))).toBe(
      'callers.wrong-password',
    );
    await editor.changeEntry(foreign, { forms: ['sha2'], presentPassword: 'not kept here' });
    expect((await ground.users())['foreign']).toEqual([
      { CachingSha2Password: cachingSha2Hash('not kept here'), UserData: 'reporting' },
    ]);
    expect(
      ground.document.secrets.names().some((name) => ground.document.secrets.get(name)?.reveal() === 'not kept here'),
    ).toBe(false);
  });
});

describe('imports', () => {
  it('are previewed without a change and undone as one step', async () => {
    const before = await ground.draft('users.json');
    const text = `user\tauthentication_string\nimported\t${nativeHash('x')}\nsalted\t$A$005$abc`;
    const preview = await ground.callers.previewImport('users.json', text, 'keep', true);
    expect(preview).toMatchObject({ kind: 'mysql-accounts', users: 1 });
    expect(await ground.draft('users.json')).toBe(before);
    expect(await ground.callers.import('users.json', text, 'keep', true)).toEqual(preview);
    expect((await ground.user('imported')).entries[0]?.password).toEqual({ origin: 'unknown', bits: null });
    await ground.document.undo();
    expect(await ground.draft('users.json')).toBe(before);
  });

  it('of nothing usable are refused, with the first reason, and change nothing', async () => {
    const before = await ground.draft('users.json');
    await expect(ground.callers.import('users.json', '{"a": [', 'keep', true)).rejects.toMatchObject({
      failure: { code: 'callers.nothing-imported', summary: expect.stringContaining('line 1') as string },
    });
    expect(await ground.draft('users.json')).toBe(before);
    expect(ground.document.undoLabel).toBeNull();
  });
});

describe('claimed names', () => {
  it('are kept as callers of tests, with their mark, and removed again', async () => {
    const { callers } = ground;
    const before = (await callers.view()).claimed.map(({ name }) => name);
    await callers.addClaimed({
      principal: 'support',
      groups: ['desk'],
      gateway: 'main',
      user: 'batch',
      certificate: null,
    });
    const claimed = (await callers.view()).claimed.find(({ name }) => name === 'support');
    expect(claimed).toMatchObject({ tests: ['support'], ways: [{ gateway: 'main', over: 'grpc' }] });
    expect(ground.document.draftFindings.filter(({ file }) => file === 'tests/shop.json')).toEqual([]);
    await callers.removeClaimed(claimed?.id ?? '');
    expect((await callers.view()).claimed.map(({ name }) => name)).toEqual(before);
    expect(JSON.parse(await ground.draft('tests/shop.json'))).toEqual(
      JSON.parse(await readFile(join(ground.dir, 'tests', 'shop.json'), 'utf8')),
    );
  });

  it('are removed with what was expected of them', async () => {
    const { callers } = ground;
    const claimed = (await callers.view()).claimed.find(({ name }) => name === 'catalogue-sync');
    await callers.removeClaimed(claimed?.id ?? '');
    expect(await ground.draft('tests/shop.json')).not.toMatch(/catalogue-sync|"batch"/);
    expect(ground.document.draftFindings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each([
    ['claims-not-taken', { gateway: 'nowhere' }],
    ['claim-needs-user', { user: null }],
    ['no-such-user', { user: 'stranger' }],
    ['claim-needs-certificate', { gateway: 'certs', user: null }],
    ['test-name-taken', { principal: 'web' }],
    ['bad-name', { principal: '' }],
  ] as const)('are refused: %s', async (wanted, more) => {
    const claim = { principal: 'support', groups: [], gateway: 'main', user: 'batch', certificate: null, ...more };
    expect(await code(Promise.resolve().then(() => ground.callers.addClaimed(claim)))).toBe(`callers.${wanted}`);
    expect(ground.document.undoLabel).toBeNull();
  });
});
