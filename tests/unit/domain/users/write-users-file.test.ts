import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fidelity } from '../../../../src-main/domain/fidelity';
import {
  addEntry,
  cachingSha2Hash,
  makeEntry,
  nativeHash,
  noUsers,
  parseUsersFile,
  removeEntry,
  removeUser,
  writeUsersFile,
  type UsersFile,
} from '../../../../src-main/domain/users';

const fidelity: Fidelity = { mode: 'vitess', version: '24.0.4' };
const parse = (text: string): UsersFile => {
  const { users, vitess } = parseUsersFile(Buffer.from(text, 'utf8'), { file: 'users.json', fidelity });
  if (users === null) throw new Error(String(vitess.message));
  return users;
};

describe('writeUsersFile', () => {
  it('writes the list format two spaces deep', () => {
    let users = addEntry(noUsers, 'shop', makeEntry({ password: 'a', userData: 'shop_old', hashes: ['native'] }));
    users = addEntry(
      users,
      'shop',
      makeEntry({ password: 'b', userData: 'shop_new', groups: ['app'], sourceHost: 'localhost' }),
    );
    users = addEntry(users, 'o"b', makeEntry({ password: 'c', userData: '' }));
    expect(writeUsersFile(users)).toBe(`{
  "shop": [
    {
      "MysqlNativePassword": "${nativeHash('a')}",
      "UserData": "shop_old"
    },
    {
      "MysqlNativePassword": "${nativeHash('b')}",
      "CachingSha2Password": "${cachingSha2Hash('b')}",
      "UserData": "shop_new",
      "SourceHost": "localhost",
      "Groups": [
        "app"
      ]
    }
  ],
  "o\\"b": [
    {
      "MysqlNativePassword": "${nativeHash('c')}",
      "CachingSha2Password": "${cachingSha2Hash('c')}",
      "UserData": ""
    }
  ]
}
`);
  });

  it('writes no users as an empty object and users without entries as an empty list', () => {
    expect(writeUsersFile(noUsers)).toBe('{}\n');
    expect(writeUsersFile(parse('{"u": []}'))).toBe('{\n  "u": []\n}\n');
  });

  it('turns the legacy format into lists and leaves null entries out', () => {
    const text = writeUsersFile(parse('{"u": {"Password": "p"}, "v": null}'));
    expect(JSON.parse(text)).toEqual({ u: [{ Password: 'p' }], v: [] });
  });

  it('is read back as it was', () => {
    const entry = fc.record(
      {
        MysqlNativePassword: fc.constantFrom(nativeHash('p'), 'zz'),
        CachingSha2Password: fc.constant(cachingSha2Hash('p')),
        Password: fc.string({ minLength: 1, unit: 'binary' }),
        UserData: fc.string({ unit: 'binary' }),
        SourceHost: fc.constant('localhost'),
        Groups: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    const names = fc.string({ maxLength: 5 }).filter((name) => !/^\d+$/.test(name) && name !== '__proto__');
    fc.assert(
      fc.property(
        fc.dictionary(names, fc.array(entry, { maxLength: 3 }), { maxKeys: 4, noNullPrototype: true }),
        (found) => {
          expect(writeUsersFile(parse(JSON.stringify(found)))).toBe(
            Object.keys(found).length === 0 ? '{}\n' : `${JSON.stringify(found, null, 2)}\n`,
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('edits', () => {
  it('number entries anew', () => {
    const users = parse('{"u": [{"Password": "a"}, {"Password": "b"}, {"Password": "c"}], "v": []}');
    const edited = removeEntry(users, 'u', 1);
    expect(edited.users.get('u')?.map(({ index, password }) => [index, password?.reveal()])).toEqual([
      [0, 'a'],
      [1, 'c'],
    ]);
    expect([...removeUser(edited, 'u').users.keys()]).toEqual(['v']);
    expect(users.users.get('u')).toHaveLength(3);
  });
});
