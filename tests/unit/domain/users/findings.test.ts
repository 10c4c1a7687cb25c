import { describe, expect, it } from 'vitest';
import type { FidelityMode } from '../../../../src-main/domain/fidelity';
import { generatePassword, nativeHash, parseUsersFile, type UsersReading } from '../../../../src-main/domain/users';

const read = (text: string | Buffer, mode: FidelityMode = 'vitess', bits?: number): UsersReading =>
  parseUsersFile(typeof text === 'string' ? Buffer.from(text, 'utf8') : text, {
    file: 'users.json',
    fidelity: { mode, version: '24.0.4' },
    ...(bits === undefined ? {} : { estimateEntropy: () => bits }),
  });
const hash = nativeHash('a password that nobody types');
const entry = (more: object = {}): object => ({ MysqlNativePassword: hash, UserData: 'd', ...more });
const file = (...entries: unknown[]): string => JSON.stringify({ u: entries });

/**
 * Text, then the findings expected: level, code without `users.`, and behind `@` how the text goes on at the place of the
 * finding. Nothing else may be found.
 */
const table: readonly (readonly [string, string | Buffer, readonly string[]])[] = [
  ['a good file', file(entry()), []],
  ['a good file with groups', file(entry({ Groups: ['a', 'b'] })), []],
  ['an empty file', '', ['error empty-file@']],
  ['white space only', ' \n\t', ['error empty-file@']],
  ['no users', '{}', ['error no-users@{}']],
  ['null', ' null', ['error no-users@null']],
  ['a list', '[]', ['error type@[]']],
  ['cut off', '{"u": [', ['error syntax@']],
  ['a comment', '// x\n{}', ['error syntax@// x']],
  ['a trailing comma', '{"u": [],\n}', ['error syntax@}']],
  ['a byte order mark', `\uFEFF${file(entry())}`, ['error byte-order-mark@\uFEFF']],
  ['text behind', `${file(entry())}\n\n  {"v": []}`, ['warning trailing-text@{"v"']],
  [
    'bytes that are not UTF-8',
    Buffer.concat([
      Buffer.from(`{\n"u": [{"MysqlNativePassword": "${hash}", "UserData": "é`),
      Buffer.of(0xff),
      Buffer.from('"}]}'),
    ]),
    ['warning not-utf8@\uFFFD"}'],
  ],
  ['half a surrogate pair', file(entry()).replace('"d"', '"\\ud800"'), ['warning not-utf8@"\\ud800"']],
  ['a user as text', '{"u": "p"}', ['error type@"p"']],
  ['an entry as text', '{"u": ["p"]}', ['error type@"p"']],
  ['a null user', '{"u": null}', ['warning no-entries@null']],
  ['an empty list', '{"u": []}', ['warning no-entries@[]']],
  ['a null entry', '{"u": [null]}', ['error null-entry@null']],
  ['an empty entry', '{"u": [{}]}', ['error no-secret@{}', 'warning no-user-data@{}']],
  ['the empty password', '{"u": [{"Password": "", "UserData": "d"}]}', ['error no-secret@{"Pass']],
  ['an unknown key', file(entry({ Pasword: 'x' })), ['error unknown-key@"Pasword"']],
  ['a number as password', '{"u": [{"Password": 7, "UserData": "d"}]}', ['error type@7']],
  ['a text as groups', file(entry({ Groups: 'g' })), ['error type@"g"']],
  ['a number among groups', file(entry({ Groups: ['g', 1] })), ['error type@1]']],
  ['null among groups', file(entry({ Groups: ['g', null] })), ['warning null-group@null']],
  ['an empty group', file(entry({ Groups: ['', 'g'] })), ['warning empty-group@"","g"']],
  ['lower-case keys', file(entry()).replace('UserData', 'userdata'), ['info key-spelling@"userdata"']],
  ['a key twice', file(entry()).replace('{"M', '{"UserData":"e","M'), ['warning duplicate-key@"UserData":"d"']],
  ['null as value', file(entry({ Password: null })), ['warning null-value@null']],
  ['no UserData', file({ MysqlNativePassword: hash }), ['warning no-user-data@{"Mysql']],
  ['empty UserData', file(entry({ UserData: '' })), ['warning no-user-data@""']],
  ['a hash that is not hex', file(entry({ MysqlNativePassword: 'xyz' })), ['error bad-native-hash@"xyz"']],
  ['a short hash', file(entry({ MysqlNativePassword: '*abcd' })), ['error hash-length@"*abcd"']],
  ['a bad sha2 hash', file(entry({ CachingSha2Password: 'zz' })), ['warning bad-sha2-hash@"zz"']],
  ['only sha2', file({ CachingSha2Password: 'ab'.repeat(32), UserData: 'd' }), ['error sha2-only@"abab']],
  ['a plain password', file({ Password: 'secret!', UserData: 'd' }), ['warning plaintext-password@"secret!"']],
  [
    'a plain password beside a hash',
    file(entry({ Password: 'secret!' })),
    ['warning password-not-used@"secret!"', 'warning plaintext-password@"secret!"'],
  ],
  [
    'a hash as password',
    file({ Password: hash, UserData: 'd' }),
    ['warning password-looks-like-hash@"*', 'warning plaintext-password@"*'],
  ],
  ['SourceHost localhost', file(entry({ SourceHost: 'localhost' })), ['info source-localhost@"localhost"']],
  ['SourceHost 127.0.0.1', file(entry({ SourceHost: '127.0.0.1' })), ['error source-host@"127.0.0.1"']],
  [
    'a user twice',
    `{"u" : [${JSON.stringify(entry())}], "u": [${JSON.stringify(entry())}]}`,
    ['warning duplicate-user@"u" :'],
  ],
  ['the empty name', `{"": [${JSON.stringify(entry())}]}`, ['warning empty-name@"": [']],
  ['an entry twice', file(entry(), entry()), ['warning duplicate-entry@{"MysqlNativePassword']],
  [
    'a second caller with one password',
    file(entry(), { UserData: 'e', MysqlNativePassword: hash.toLowerCase() }),
    ['warning unreachable-entry@{"UserData":"e"'],
  ],
  [
    'the same password over the socket first',
    file(entry({ SourceHost: 'localhost' }), entry()),
    ['info source-localhost@"localhost"'],
  ],
  [
    'an entry behind a bad hash',
    file(entry({ MysqlNativePassword: 'xyz' }), { UserData: 'e', MysqlNativePassword: hash }),
    ['error bad-native-hash@"xyz"', 'warning hidden-entry@{"UserData":"e"'],
  ],
  ['the old format', `{"u": ${JSON.stringify(entry())}}`, ['warning legacy-format@{"u"']],
  [
    'the old format with null and an address',
    `{"u": ${JSON.stringify(entry({ SourceHost: '::1' }))},\n"v": null}`,
    ['warning legacy-format@{"u"', 'error source-host@"::1"', 'error null-entry@null}'],
  ],
  [
    'both formats',
    `{"u": [${JSON.stringify(entry())}],\n"v": ${JSON.stringify(entry())}}`,
    ['error mixed-format@{"MysqlNativePassword'],
  ],
  [
    'many faults at once',
    '{\n"a": 1,\n"b": [{"Password": 2, "X": 3},\n null, {"UserData": 4}],\n"c": []}',
    [
      'error type@1,',
      'error type@2,',
      'warning no-user-data@{"Password"',
      'error unknown-key@"X"',
      'error null-entry@null',
      'error no-secret@{"UserData"',
      'error type@4}',
      'warning no-entries@[]',
    ],
  ],
];

/** The text from a place on; columns count UTF-16 units from 1. */
function textAt(text: string | Buffer, line: number, column: number): string {
  const lines = text.toString().split('\n');
  return [lines[line - 1]?.slice(column - 1), ...lines.slice(line)].join('\n');
}

describe('findings of a users file', () => {
  it.each(table)('%s', (_, text, expected) => {
    const open = [...expected];
    for (const { level, code, line, column } of read(text).findings) {
      const rest = textAt(text, line, column);
      const at = open.findIndex((wanted) => {
        const [what, needle = ''] = wanted.split('@');
        return what === `${level} ${code.replace('users.', '')}` && rest.startsWith(needle);
      });
      expect(at, `${level} ${code} ${line}:${column} ${rest}`).toBeGreaterThanOrEqual(0);
      open.splice(at, 1);
    }
    expect(open).toEqual([]);
  });

  it('stand in file order', () => {
    const { findings } = read(table.at(-1)?.[1] ?? '');
    const lines = findings.map(({ line, column }) => line * 1000 + column);
    expect(lines).toEqual(lines.toSorted((left, right) => left - right));
  });

  it('all have file, message and remedy', () => {
    for (const [, text] of table)
      for (const mode of ['vitess', 'hardened'] as const)
        for (const finding of read(text, mode).findings) {
          expect(finding.file).toBe('users.json');
          expect(finding.message).toMatch(/\S.*\S/);
          expect(finding.remedy).toMatch(/[.)!…}]$/);
        }
  });

  it('guess the key that was meant', () => {
    const remedy = (key: string): string | undefined => read(file(entry({ [key]: 'x' }))).findings[0]?.remedy;
    expect(remedy('Pasword')).toContain('Password');
    expect(remedy('User_Data')).toContain('UserData');
    expect(remedy('mysql_native_password')).toContain('MysqlNativePassword');
    expect(remedy('Group')).toContain('Groups');
    expect(remedy('Frobnicate')).toContain('Known keys');
  });

  it.each(['127.0.0.1', '::1', 'LOCALHOST', ' localhost'])('send SourceHost %j to the Unix socket', (SourceHost) => {
    expect(read(file(entry({ SourceHost }))).findings).toMatchObject([
      { code: 'users.source-host', remedy: expect.stringContaining('Unix socket') as string },
    ]);
    expect(read(file(entry({ SourceHost: '10.0.0.1' }))).findings[0]?.remedy).not.toContain('Unix socket');
  });

  it('are milder about sha2-only entries in hardened mode, where caching_sha2 works', () => {
    const text = file({ CachingSha2Password: 'ab'.repeat(32), UserData: 'd' });
    expect(read(text, 'hardened').findings).toMatchObject([{ code: 'users.sha2-only', level: 'warning' }]);
  });

  it('judge plain passwords by the hash of the mode, only when an estimator is given', () => {
    const text = file({ Password: generatePassword(), UserData: 'd' });
    const codes = (mode: FidelityMode, bits?: number): string[] =>
      read(text, mode, bits).findings.map(({ code }) => code);
    expect(codes('vitess')).toEqual(['users.plaintext-password']);
    expect(codes('vitess', 100)).toEqual(['users.plaintext-password', 'users.weak-password']);
    expect(codes('vitess', 160)).toEqual(['users.plaintext-password']);
    expect(codes('hardened', 160)).toEqual(['users.plaintext-password', 'users.weak-password']);
    expect(codes('hardened', 256)).toEqual(['users.plaintext-password']);
  });
});

describe('what vtgate does with validation faults', () => {
  it('crashes on null in a list, at a reload too', () => {
    expect(read('{"u": [null]}')).toMatchObject({
      users: null,
      vitess: { accepted: false, reloadAccepted: false, crash: true },
    });
  });
  it('takes {} over at a reload but does not start with it', () => {
    const { users, vitess } = read('{}');
    expect(vitess).toMatchObject({ accepted: false, reloadAccepted: true });
    expect(users?.users.size).toBe(0);
  });
  it('survives nesting that no tree can hold', () => {
    for (const deep of ['['.repeat(9_999) + ']'.repeat(9_999), '{"a":'.repeat(20_000), '['.repeat(1_000_000)])
      expect(read(deep)).toMatchObject({ users: null, vitess: { accepted: false } });
  });
});
