import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fidelityRules, type Fidelity, type FidelityMode } from '../../../../src-main/domain/fidelity';
import {
  authenticate,
  authorizeMtls,
  authorizeStatic,
  cachingSha2Hash,
  methodsFor,
  nativeHash,
  nativeReply,
  parseGrpcCredentialsFile,
  parseGrpcUsersFile,
  parseUsersFile,
  sha2Reply,
  type UserAuthMethod,
  type UserLoginOutcome,
  type UsersFile,
} from '../../../../src-main/domain/users';

const salt = createHash('sha1').update('salt').digest();
const modes = ['vitess', 'hardened'] as const;
const fidelity = (mode: FidelityMode): Fidelity => ({ mode, version: '24.0.4' });

const load = (mode: FidelityMode, users: unknown): UsersFile => {
  const reading = parseUsersFile(Buffer.from(JSON.stringify(users)), { file: 'users.json', fidelity: fidelity(mode) });
  if (reading.users === null) throw new Error(String(reading.vitess.message));
  return reading.users;
};
const login = (
  mode: FidelityMode,
  entries: unknown,
  reply: Buffer,
  method: UserAuthMethod = 'mysql_native_password',
  unixSocket = false,
  user = 'u',
): UserLoginOutcome =>
  authenticate(load(mode, { u: entries }), { user, method, salt, reply, unixSocket }, fidelity(mode));

const none = Buffer.alloc(0);
const right = { mysql_native_password: nativeReply, caching_sha2_password: sha2Reply } as const;

describe('every rule of this area', () => {
  it('names a test that exists', () => {
    const rules = fidelityRules.filter(({ id }) => /^(users|grpc)-/.test(id));
    expect(rules).toHaveLength(9);
    for (const rule of rules)
      expect(existsSync(new URL(`../../../../${rule.test}`, import.meta.url)), rule.id).toBe(true);
    expect(new Set(fidelityRules.map(({ id }) => id)).size).toBe(fidelityRules.length);
  });
});

describe('users-no-secret-refused', () => {
  const bare: { readonly entry: object }[] = [
    { entry: {} },
    { entry: { UserData: 'd' } },
    { entry: { Password: '' } },
    { entry: { MysqlNativePassword: '' } },
    { entry: { CachingSha2Password: cachingSha2Hash('p') } },
  ];
  it.each(bare)('vitess lets the empty password in, hardened does not: $entry', ({ entry }) => {
    expect(login('vitess', [entry], none).kind).toBe('accepted');
    expect(login('hardened', [entry], none).kind).toBe('denied');
  });
  it('hardened never accepts an empty reply, whatever the entry and the method', () => {
    const entries = [
      {},
      { Password: '' },
      { Password: 'p' },
      { MysqlNativePassword: nativeHash('') },
      { MysqlNativePassword: '*' },
      { CachingSha2Password: cachingSha2Hash('') },
      { CachingSha2Password: '*' },
    ];
    for (const method of ['mysql_native_password', 'caching_sha2_password', 'mysql_clear_password', 'dialog'] as const)
      for (const entry of entries)
        expect(login('hardened', [entry], none, method).kind, JSON.stringify(entry)).toBe('denied');
  });
  it('hardened goes on to the next entry', () => {
    const outcome = login('hardened', [{}, { Password: 'p', UserData: 'd' }], nativeReply('p', salt));
    expect(outcome).toMatchObject({ kind: 'accepted', entryIndex: 1, immediate: { username: 'd' } });
    expect(outcome.tried.map(({ verdict }) => verdict)).toEqual(['no-usable-secret', 'matched']);
  });
});

describe('users-caching-sha2-offered', () => {
  it.each([
    [{ CachingSha2Password: cachingSha2Hash('p') }, 'CachingSha2Password'],
    [{ Password: 'p' }, 'Password'],
    [{ CachingSha2Password: cachingSha2Hash('p').toLowerCase().slice(1), Password: 'other' }, 'CachingSha2Password'],
  ])('hardened checks %j', (entry, key) => {
    expect(login('hardened', [entry], sha2Reply('p', salt), 'caching_sha2_password')).toMatchObject({
      kind: 'accepted',
      tried: [{ key, verdict: 'matched' }],
    });
    expect(login('hardened', [entry], sha2Reply('q', salt), 'caching_sha2_password').kind).toBe('denied');
    expect(login('hardened', [entry], nativeReply('p', salt), 'caching_sha2_password').kind).toBe('denied');
  });
  it('hardened has nothing to check for an entry with a native hash only', () => {
    const entry = { MysqlNativePassword: nativeHash('p') };
    expect(login('hardened', [entry], sha2Reply('p', salt), 'caching_sha2_password').kind).toBe('denied');
  });
  const both = ['caching_sha2_password', 'mysql_native_password'];
  const native = ['mysql_native_password'];
  it.each([
    ['nobody', undefined, both],
    ['no entries', [], both],
    ['null', [null], both],
    ['a text', [{ Password: 'p' }], both],
    ['a text and a native hash', [{ Password: 'p', MysqlNativePassword: nativeHash('p') }], both],
    ['both hashes', [{ MysqlNativePassword: nativeHash('p'), CachingSha2Password: cachingSha2Hash('p') }], both],
    ['a sha2 hash', [{ CachingSha2Password: cachingSha2Hash('p') }], ['caching_sha2_password']],
    [
      'a text, then a sha2 hash',
      [{ Password: 'p' }, { CachingSha2Password: cachingSha2Hash('q') }],
      ['caching_sha2_password'],
    ],
    [
      'a sha2 hash, then a native one',
      [{ CachingSha2Password: cachingSha2Hash('p') }, { MysqlNativePassword: nativeHash('q') }],
      native,
    ],
    ['a native hash', [{ MysqlNativePassword: nativeHash('p') }], native],
    ['a text, then a native hash', [{ Password: 'p' }, { MysqlNativePassword: nativeHash('q') }], native],
    ['a native hash beside a broken one', [{ MysqlNativePassword: nativeHash('p'), CachingSha2Password: '*' }], native],
    ['a native hash that is none', [{ MysqlNativePassword: 'zz' }], both],
  ])('hardened offers over TLS and the Unix socket, for %s', (_what, entries, offered) => {
    for (const mode of modes) {
      const file = parseUsersFile(Buffer.from(JSON.stringify(entries === undefined ? {} : { u: entries })), {
        file: 'users.json',
        fidelity: fidelity('vitess'),
      }).users ?? { format: 'list', users: new Map() };
      expect(methodsFor(file, 'u', { fidelity: fidelity(mode), secured: true })).toEqual(
        mode === 'hardened' ? offered : native,
      );
      expect(methodsFor(file, 'u', { fidelity: fidelity(mode), secured: false })).toEqual(native);
    }
  });
  it('names users whom the MySQL 9 client cannot log in as', () => {
    const codes = (entry: object): string[] =>
      parseUsersFile(Buffer.from(JSON.stringify({ u: [entry] })), {
        file: 'users.json',
        fidelity: fidelity('hardened'),
      }).findings.map(({ code, level }) => `${code} ${level}`);
    const hash = nativeHash('p');
    expect(codes({ MysqlNativePassword: hash })).toContain('users.native-only info');
    for (const more of [{ CachingSha2Password: cachingSha2Hash('p') }, { Password: 'p' }])
      expect(codes({ MysqlNativePassword: hash, ...more })).not.toContain('users.native-only info');
  });
  it('vitess ignores CachingSha2Password under the one method it offers', () => {
    const entry = { CachingSha2Password: cachingSha2Hash('p') };
    expect(login('vitess', [entry], nativeReply('p', salt)).kind).toBe('denied');
  });
});

describe('users-reply-length-exact', () => {
  const entry = { MysqlNativePassword: nativeHash('p') };
  it.each([1, 8, 19])('vitess drops a reply of %i bytes, hardened denies it', (length) => {
    const reply = nativeReply('p', salt).subarray(0, length);
    expect(login('vitess', [entry], reply).kind).toBe('dropped');
    expect(login('hardened', [entry], reply)).toMatchObject({ kind: 'denied', tried: [{ verdict: 'wrong-length' }] });
  });
  it('vitess ignores surplus bytes for hashes, hardened denies them', () => {
    const reply = Buffer.concat([nativeReply('p', salt), Buffer.of(1)]);
    expect(login('vitess', [entry], reply).kind).toBe('accepted');
    expect(login('hardened', [entry], reply).kind).toBe('denied');
    expect(login('vitess', [{ Password: 'p' }], reply).kind).toBe('denied');
  });
});

describe('users-unknown-user-equal-work', () => {
  const users = {
    many: [{ Password: 'a' }, { Password: 'b' }, { Password: 'c' }],
    one: [{ Password: 'a' }],
    bad: [{ MysqlNativePassword: 'zz' }, {}],
    none: [],
  };
  it.each(['many', 'one', 'none', 'bad', 'nobody'])('hardened verifies three times for %s', (user) => {
    let saltReads = 0;
    const attempt = {
      user,
      method: 'mysql_native_password',
      reply: nativeReply('x', salt),
      unixSocket: false,
      // Every verification hashes the salt once.
      get salt() {
        saltReads += 1;
        return salt;
      },
    } as const;
    const outcome = authenticate(load('hardened', users), attempt, fidelity('hardened'));
    expect(outcome).toMatchObject({ kind: 'denied', verifications: 3 });
    expect(saltReads).toBe(3);
  });
  it('vitess stops where it stops', () => {
    const attempt = { user: 'nobody', method: 'mysql_native_password', salt, reply: none, unixSocket: false } as const;
    expect(authenticate(load('vitess', users), attempt, fidelity('vitess'))).toMatchObject({ verifications: 0 });
  });
});

describe('users-null-entry-refused', () => {
  const legacy = Buffer.from('{"u": {"Password": "p"}, "v": null}');
  it('vitess loads the legacy form and drops logins as that user', () => {
    const { users } = parseUsersFile(legacy, { file: 'f', fidelity: fidelity('vitess') });
    if (users === null) throw new Error('refused');
    const attempt = { method: 'mysql_native_password', salt, reply: none, unixSocket: false } as const;
    expect(authenticate(users, { user: 'v', ...attempt }, fidelity('vitess')).kind).toBe('dropped');
    expect(authenticate(users, { user: 'v', ...attempt }, fidelity('hardened')).kind).toBe('denied');
  });
  it('hardened refuses the file', () => {
    expect(parseUsersFile(legacy, { file: 'f', fidelity: fidelity('hardened') }).users).toBeNull();
  });
});

describe('what both modes share', () => {
  it.each(modes)('%s: first match wins, entries in order', (mode) => {
    const entries = [
      { Password: 'old', UserData: 'u_old' },
      { MysqlNativePassword: nativeHash('new'), UserData: 'u_new', Groups: ['g'] },
      { Password: 'new', UserData: 'never' },
    ];
    expect(login(mode, entries, nativeReply('old', salt))).toMatchObject({
      entryIndex: 0,
      immediate: { username: 'u_old' },
    });
    expect(login(mode, entries, nativeReply('new', salt))).toMatchObject({
      entryIndex: 1,
      immediate: { username: 'u_new', groups: ['g'] },
    });
  });
  it.each(modes)('%s: localhost means the Unix socket', (mode) => {
    const entries = [{ Password: 'p', SourceHost: 'localhost' }];
    const reply = nativeReply('p', salt);
    expect(login(mode, entries, reply, 'mysql_native_password', true).kind).toBe('accepted');
    expect(login(mode, entries, reply)).toMatchObject({ kind: 'denied', tried: [{ verdict: 'source-host' }] });
  });
  it.each(modes)('%s: a hash that is not hex hides later entries', (mode) => {
    const entries = [{ MysqlNativePassword: 'xyz' }, { Password: 'p' }];
    expect(login(mode, entries, nativeReply('p', salt))).toMatchObject({ kind: 'denied', cause: 'bad-hash' });
  });
  it.each(modes)('%s: a hash of the wrong length does not', (mode) => {
    const entries = [{ MysqlNativePassword: '*abcd' }, { Password: 'p' }];
    const outcome = login(mode, entries, nativeReply('p', salt));
    expect(outcome).toMatchObject({ kind: 'accepted', entryIndex: 1 });
    expect(outcome.tried[0]?.verdict).toBe(mode === 'vitess' ? 'wrong-password' : 'no-usable-secret');
  });
  it.each(modes)('%s: unknown, empty and other users are denied with the same words', (mode) => {
    for (const user of ['nobody', '', 'U', "o'b"])
      expect(
        login(mode, [{ Password: 'p' }], nativeReply('p', salt), 'mysql_native_password', false, user),
      ).toMatchObject({
        kind: 'denied',
        errno: 1045,
        sqlState: '28000',
        message: `Access denied for user '${user}'`,
      });
  });
  it.each(modes)('%s: a reply to another salt is denied', (mode) => {
    for (const method of ['mysql_native_password', 'caching_sha2_password'] as const) {
      const reply = right[method]('p', Buffer.alloc(20, 'x'));
      expect(login(mode, [{ Password: 'p' }], reply, method).kind).toBe('denied');
    }
  });
  it.each(modes)('%s: clear text is compared with Password only', (mode) => {
    const entries = [{ MysqlNativePassword: nativeHash('p') }, { Password: 'p', UserData: 'd' }];
    expect(login(mode, entries, Buffer.from('p'), 'mysql_clear_password')).toMatchObject({ entryIndex: 1 });
    expect(login(mode, entries, Buffer.from('q'), 'dialog').kind).toBe('denied');
  });
  it.each(modes)('%s: no outcome holds a secret', (mode) => {
    const secret = 'Tr0ub4dor&3 Tr0ub4dor';
    const entries = [
      { MysqlNativePassword: nativeHash(secret) },
      { Password: secret },
      { CachingSha2Password: cachingSha2Hash(secret) },
    ];
    for (const reply of [nativeReply(secret, salt), nativeReply('x', salt), none]) {
      const text = JSON.stringify(login(mode, entries, reply));
      for (const hidden of [secret, nativeHash(secret).slice(1), cachingSha2Hash(secret).slice(1)])
        expect(text.toLowerCase()).not.toContain(hidden.toLowerCase());
    }
  });
});

describe('grpc-users-unknown-key-refused', () => {
  const users = Buffer.from('[{"Username": "a", "Pasword": "p"}]');
  const credentials = Buffer.from('{"Username": "a", "Password": "p", "Role": 1}');
  it('vitess ignores the key, hardened refuses the file', () => {
    for (const mode of modes) {
      const options = { file: 'f', fidelity: fidelity(mode) };
      expect(parseGrpcUsersFile(users, options).users === null).toBe(mode === 'hardened');
      expect(parseGrpcCredentialsFile(credentials, options).credentials === null).toBe(mode === 'hardened');
      expect(parseGrpcUsersFile(users, options).vitess.accepted).toBe(true);
      expect(parseGrpcUsersFile(users, options).findings.map(({ code }) => code)).toContain('grpc-users.unknown-key');
    }
  });
});

describe('grpc-users-no-password-refused', () => {
  it('vitess lets the empty password in, hardened does not', () => {
    const text = Buffer.from('[{"Username": "a"}, null]');
    for (const mode of modes) {
      const { users } = parseGrpcUsersFile(text, { file: 'f', fidelity: fidelity(mode) });
      if (users === null) throw new Error('refused');
      for (const username of ['a', ''])
        expect(authorizeStatic(users, { username, password: '' }, fidelity(mode)).kind).toBe(
          mode === 'vitess' ? 'accepted' : 'refused',
        );
    }
  });
});

describe('grpc-mtls-empty-substring-refused', () => {
  it.each(['', 'CN=nobody:', ':', '::'])('vitess lets every certificate in with %j, hardened nobody', (flag) => {
    expect(authorizeMtls(flag, ['CN=stranger'], fidelity('vitess'))).toMatchObject({ kind: 'accepted', substring: '' });
    expect(authorizeMtls(flag, ['CN=stranger'], fidelity('hardened'))).toMatchObject({
      kind: 'refused',
      code: 'UNAUTHENTICATED',
      message: 'client certificate not authorized',
    });
  });
  it.each(modes)('%s: needs TLS and a certificate', (mode) => {
    expect(authorizeMtls('CN=a', null, fidelity(mode))).toMatchObject({ message: 'not connected via TLS' });
    expect(authorizeMtls('CN=a', [], fidelity(mode))).toMatchObject({ message: 'client certificate not authorized' });
    expect(authorizeMtls('CN=b:CN=a', ['O=x', 'CN=a'], fidelity(mode))).toMatchObject({ subject: 'CN=a' });
  });
});
