import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cachingSha2Hash,
  importUsers,
  nativeHash,
  noUsers,
  parseUsersFile,
  writeUsersFile,
  type ImportOptions,
  type UsersFile,
} from '../../../../src-main/domain/users';

const HASH = nativeHash('one');
const fidelity = { mode: 'hardened', version: '24.0.4' } as const;
const options = (more: Partial<ImportOptions> = {}): ImportOptions => ({
  source: 'the pasted text',
  fidelity,
  existing: 'keep',
  hashClear: true,
  ...more,
});
const load = (text: string): UsersFile => {
  const { users } = parseUsersFile(Buffer.from(text), { file: 'users.json', fidelity });
  if (users === null) throw new Error('the test’s own file does not load');
  return users;
};
const asJson = (file: UsersFile): Record<string, unknown> =>
  JSON.parse(writeUsersFile(file)) as Record<string, unknown>;

describe('importing MySQL accounts', () => {
  it('takes native hashes over and says why the others cannot be', () => {
    const text = [
      `good\t${HASH.toLowerCase()}`,
      'caching\t$A$005$6Fabcdefghijklmnopqr$somethingstretched',
      'empty\t',
      'old\t1234567890abcdef',
      `cut\t${HASH.slice(0, 30)}`,
      'mysql.sys\t*THISISNOTAVALIDPASSWORDTHATCANBEUSEDHERE',
    ].join('\n');
    const { file, lines, kind } = importUsers(noUsers, `user\tauthentication_string\n${text}`, options());
    expect(kind).toBe('mysql-accounts');
    expect(asJson(file)).toEqual({ good: [{ MysqlNativePassword: HASH, UserData: 'good' }] });
    expect(lines.map(({ line, user, outcome }) => [line, user, outcome])).toEqual([
      [2, 'good', 'added'],
      [3, 'caching', 'refused'],
      [4, 'empty', 'refused'],
      [5, 'old', 'refused'],
      [6, 'cut', 'refused'],
      [7, 'mysql.sys', 'refused'],
    ]);
    expect(lines[1]?.notes[0]).toContain('cannot be turned');
    for (const line of lines.filter(({ outcome }) => outcome === 'refused'))
      expect(line.notes.length).toBeGreaterThan(1);
  });

  it('names a host that a users file cannot hold, and makes localhost the Unix socket', () => {
    const text = `CREATE USER 'a'@'10.%' IDENTIFIED WITH 'mysql_native_password' AS '${HASH}';\nCREATE USER 'b'@'localhost' IDENTIFIED WITH 'mysql_native_password' AS '${HASH}';`;
    const { file, lines } = importUsers(noUsers, text, options());
    expect(asJson(file)).toMatchObject({ a: [{ UserData: 'a' }], b: [{ SourceHost: 'localhost' }] });
    expect(lines[0]?.notes[0]).toContain('"10.%"');
  });

  it('makes several hosts of one user several entries, each password once', () => {
    const text = `u\t%\t${HASH}\nu\t10.%\t${HASH}\nu\t%\t${nativeHash('two')}`;
    const { file, lines } = importUsers(noUsers, text, options());
    expect(file.users.get('u')).toHaveLength(2);
    expect(lines.map(({ outcome }) => outcome)).toEqual(['added', 'kept', 'appended']);
  });
});

describe('importing a users file', () => {
  const present = load(JSON.stringify({ u: [{ MysqlNativePassword: HASH, UserData: 'u' }] }));

  it('reads the list form and the old form', () => {
    const list = importUsers(noUsers, JSON.stringify({ a: [{ MysqlNativePassword: HASH, UserData: 'x' }] }), options());
    expect(asJson(list.file)).toEqual({ a: [{ MysqlNativePassword: HASH, UserData: 'x' }] });
    const old = importUsers(noUsers, JSON.stringify({ a: { MysqlNativePassword: HASH, UserData: 'x' } }), options());
    expect(asJson(old.file)).toEqual({ a: [{ MysqlNativePassword: HASH, UserData: 'x' }] });
    expect(old.lines.some(({ notes }) => notes.some((note) => note.includes('old format')))).toBe(true);
  });

  it('leaves out an entry of the old form that lets nobody in, and opens nothing by it', () => {
    const text = JSON.stringify({ a: { Password: 'p', SourceHost: '10.0.0.1' }, b: { Password: 'q' } });
    const { file, lines } = importUsers(noUsers, text, options({ hashClear: false }));
    expect(asJson(file)).toEqual({ a: [], b: [{ Password: 'q' }] });
    expect(lines.find(({ user }) => user === 'a')?.notes[0]).toContain('never matches');
  });

  it('turns passwords in clear into both hashes, or keeps them', () => {
    const text = JSON.stringify({ a: [{ Password: 'secret one', UserData: 'a' }] });
    const hashed = importUsers(noUsers, text, options());
    expect(asJson(hashed.file)).toEqual({
      a: [
        {
          MysqlNativePassword: nativeHash('secret one'),
          CachingSha2Password: cachingSha2Hash('secret one'),
          UserData: 'a',
        },
      ],
    });
    expect(JSON.stringify(hashed.lines)).not.toContain('secret one');
    expect(asJson(importUsers(noUsers, text, options({ hashClear: false })).file)).toEqual({
      a: [{ Password: 'secret one', UserData: 'a' }],
    });
  });

  it.each([
    ['keep', [{ MysqlNativePassword: HASH, UserData: 'u' }], 'kept'],
    ['replace', [{ MysqlNativePassword: nativeHash('n'), UserData: 'v' }], 'replaced'],
    [
      'append',
      [
        { MysqlNativePassword: HASH, UserData: 'u' },
        { MysqlNativePassword: nativeHash('n'), UserData: 'v' },
      ],
      'appended',
    ],
  ] as const)('with users who are there already: %s', (existing, entries, outcome) => {
    const text = JSON.stringify({ u: [{ MysqlNativePassword: nativeHash('n'), UserData: 'v' }] });
    const result = importUsers(present, text, options({ existing }));
    expect(asJson(result.file)).toEqual({ u: entries });
    expect(result.lines.find(({ user }) => user === 'u')?.outcome).toBe(outcome);
  });

  it.each(['{"a": [', '{"a": 7}', '[]', '{"a": [{"Passwort": "geheimnis"}]}'])(
    'changes nothing for %s and names the place',
    (text) => {
      const { file, lines } = importUsers(present, text, options());
      expect(file).toBe(present);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        expect(line.outcome).toBe('refused');
        expect(line.line).toBeGreaterThan(0);
        expect(line.notes.join(' ')).not.toContain('geheimnis');
      }
    },
  );

  it('says so when there is nothing to import', () => {
    expect(importUsers(present, '  \n', options()).lines).toMatchObject([{ outcome: 'refused' }]);
  });
});

describe('any text', () => {
  const numRuns = Number(process.env['FUZZ_RUNS'] ?? 10_000);
  const piece = fc.oneof(
    fc.constantFrom(
      'user',
      'authentication_string',
      '|',
      '\t',
      '\n',
      ',',
      ' ',
      "'",
      '`',
      '"',
      '@',
      '*',
      '$A$005$',
      HASH,
      '{',
      '[',
      '"a":',
      'CREATE USER ',
      'IDENTIFIED WITH ',
      'IDENTIFIED BY PASSWORD ',
      ' AS ',
      '*** 1. row ***',
      '0x',
      '\u0000',
      '\ud800',
      ';',
      ':',
    ),
    fc.string({ maxLength: 6 }),
  );
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

  it('never throws, and what comes out always loads', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('keep', 'append', 'replace'), fc.boolean(), (pasted, existing, hashClear) => {
        const { file, lines } = importUsers(noUsers, pasted, options({ existing, hashClear }));
        expect(lines.length).toBeGreaterThan(0);
        const reading = parseUsersFile(Buffer.from(writeUsersFile(file)), { file: 'users.json', fidelity });
        expect(reading.users).not.toBeNull();
        expect(reading.users?.users.size).toBe(file.users.size);
      }),
      { numRuns },
    );
  });
});
