import { describe, expect, it } from 'vitest';
import {
  addEntry,
  formsOf,
  insertEntry,
  leftOutByConversion,
  makeEntry,
  moveEntry,
  nativeHash,
  noUsers,
  parseUsersFile,
  passwordDigests,
  removeEntry,
  renameUser,
  replaceEntry,
  withForms,
  writeUsersFile,
  type UsersFile,
} from '../../../../src-main/domain/users';

const entry = (userData: string) => makeEntry({ password: `p ${userData}`, userData });
const file = ['a', 'b', 'c'].reduce<UsersFile>(
  (made, name) => addEntry(made, 'u', entry(name)),
  addEntry(noUsers, 'first', entry('x')),
);
const order = (edited: UsersFile, user = 'u'): (string | null)[] =>
  (edited.users.get(user) ?? []).map(({ userData }) => userData);

describe('editing a users file', () => {
  it('moves, inserts, replaces and removes entries, and counts them anew', () => {
    expect(order(moveEntry(file, 'u', 2, 0))).toEqual(['c', 'a', 'b']);
    expect(order(moveEntry(file, 'u', 0, 1))).toEqual(['b', 'a', 'c']);
    expect(moveEntry(file, 'u', 9, 0)).toBe(file);
    expect(order(insertEntry(file, 'u', 1, entry('new')))).toEqual(['a', 'new', 'b', 'c']);
    expect(order(replaceEntry(file, 'u', 1, entry('new')))).toEqual(['a', 'new', 'c']);
    expect(order(removeEntry(moveEntry(file, 'u', 2, 0), 'u', 0))).toEqual(['a', 'b']);
    expect((moveEntry(file, 'u', 2, 0).users.get('u') ?? []).map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  it('renames in place', () => {
    const renamed = renameUser(file, 'first', 'renamed');
    expect([...renamed.users.keys()]).toEqual(['renamed', 'u']);
    expect(order(renamed, 'renamed')).toEqual(['x']);
  });

  it('turns the old form into lists that vtgate loads, without letting anybody in whom it kept out', () => {
    const text = JSON.stringify({ a: { Password: 'p', SourceHost: '10.0.0.1' }, b: { Password: 'q' }, c: null });
    const reading = parseUsersFile(Buffer.from(text), {
      file: 'users.json',
      fidelity: { mode: 'vitess', version: '24.0-recorded' },
    });
    const legacy = reading.users;
    if (legacy === null) throw new Error('the old form loads');
    expect(leftOutByConversion(legacy)).toEqual([
      { user: 'a', line: 1 },
      { user: 'c', line: 1 },
    ]);
    const edited = addEntry(legacy, 'b', entry('more'));
    expect(JSON.parse(writeUsersFile(edited))).toMatchObject({
      a: [],
      b: [{ Password: 'q' }, { UserData: 'more' }],
      c: [],
    });
    const again = parseUsersFile(Buffer.from(writeUsersFile(edited)), {
      file: 'users.json',
      fidelity: { mode: 'vitess', version: '24.0-recorded' },
    });
    expect(again.users?.format).toBe('list');
  });
});

describe('the forms in which a password is stored', () => {
  const both = makeEntry({ password: 'right', userData: 'u' });

  it('drops forms without the password, and makes new ones with it alone', () => {
    const native = withForms(both, ['native'], null);
    expect(native === null ? [] : formsOf(native)).toEqual(['native']);
    if (native === null) return;
    expect(withForms(native, ['native', 'sha2'], null)).toBeNull();
    expect(withForms(native, ['plain'], null)).toBeNull();
    const again = withForms(native, ['native', 'sha2'], 'right');
    expect(again?.cachingSha2Password?.reveal()).toBe(both.cachingSha2Password?.reveal());
  });

  it('makes hashes of a password in clear', () => {
    const clear = withForms(both, ['plain'], 'right', true);
    if (clear === null) throw new Error('the password is given');
    expect(formsOf(clear)).toEqual(['plain']);
    expect(withForms(clear, ['native'], null)?.mysqlNativePassword?.reveal()).toBe(nativeHash('right'));
  });

  it('replaces every form with a fresh password', () => {
    const fresh = withForms(both, ['native', 'sha2'], 'other', true);
    expect(fresh?.mysqlNativePassword?.reveal()).toBe(nativeHash('other'));
  });

  it('knows the same password again, however it is stored', () => {
    const clear = withForms(both, ['plain'], 'right', true);
    if (clear === null) throw new Error('the password is given');
    expect(passwordDigests(clear)).toEqual(passwordDigests(both));
    expect(passwordDigests(makeEntry({ password: 'wrong', userData: 'u' })).native).not.toBe(
      passwordDigests(both).native,
    );
  });
});
