import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskPair, type TrackedKind } from '../../../../src-main/domain/workspace';

const mask = (path: string, kind: TrackedKind, before: string | null, after: string | null) =>
  maskPair(
    path,
    kind,
    before === null ? undefined : Buffer.from(before),
    after === null ? undefined : Buffer.from(after),
  );

describe('what is shown of files', () => {
  it('hides passwords and hashes on both sides, and says which have changed', () => {
    const shown = mask(
      'users.json',
      'users',
      '{"a":[{"Password":"hidden-same","MysqlNativePassword":"*HIDDEN1","UserData":"x"}]}',
      '{"a":[{"password":"hidden-same","MysqlNativePassword":"*HIDDEN2","UserData":"x"}],"b":[{"Pass\\u0077ord":"hidden-new"}]}',
    );
    expect(shown.before).toBe(
      '{"a":[{"Password":"••••••••","MysqlNativePassword":"•••••••• (applied)","UserData":"x"}]}',
    );
    expect(shown.after).toBe(
      '{"a":[{"password":"••••••••","MysqlNativePassword":"•••••••• (draft)","UserData":"x"}],"b":[{"Pass\\u0077ord":"•••••••• (draft)"}]}',
    );
    expect(shown.masked).toBe(true);
  });

  it('hides typed passwords of tests, not the names of kept ones', () => {
    const shown = mask(
      'tests/a.json',
      'suite',
      '{"callers":[{"password":{"secret":"users/web"}},{"password":{"text":"hidden"}}]}',
      null,
    );
    expect(shown).toEqual({
      before: '{"callers":[{"password":{"secret":"users/web"}},{"password":{"text":"•••••••• (applied)"}}]}',
      after: null,
      masked: true,
    });
  });

  it('shows nothing of a users file that is no JSON any more, and no value of a misspelled key', () => {
    expect(mask('users.json', 'users', '{"a": [{"Password": "hidden\n"UserData": "x" ]}', null).before).toBe(
      '(not JSON, and not shown: it may hold passwords)\n',
    );
    expect(mask('users.json', 'users', '{"a":[{"Pasword":"hidden","Groups":["g"]},"hidden"]}', null).before).toBe(
      '{"a":[{"Pasword":"•••••••• (applied)","Groups":["g"]},"hidden"]}'.replace('"hidden"', '"•••••••• (applied)"'),
    );
    expect(mask('acl.json', 'acl', '{"table_groups": [', null).before).toBe('{"table_groups": [');
  });

  it('shows nothing of private keys but whether they are others', () => {
    const key = (text: string): string => `-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----\n`;
    expect(mask('pki/a/b-key.pem', 'pki', key('hidden1'), key('hidden2'))).toEqual({
      before: 'Private key: •••••••• (applied)\n',
      after: 'Private key: •••••••• (draft)\n',
      masked: true,
    });
    expect(mask('pki/a/b-key.pem', 'pki', key('x'), key('x')).after).toBe('Private key: ••••••••\n');
    expect(mask('acl.json', 'acl', key('hidden'), null).before).not.toContain('hidden');
    expect(mask('pki/a/odd.txt', 'pki', key('hidden'), null).before).not.toContain('hidden');
    expect(mask('pki/a/b.p12', 'pki', 'hidden', null).before).not.toContain('hidden');
  });

  it('hides passwords in SQL', () => {
    const sql =
      "create user 'a'@'%' identified with mysql_native_password by 'hid''den';\nset password = \"hidden\";\nselect 1;";
    const { before } = mask('schema.sql', 'other', sql, null);
    expect(before).not.toContain('"hidden"');
    expect(before).not.toContain("'hid'");
    expect(before).toContain('select 1');
  });

  it('shows no text that is too large or none at all', () => {
    expect(mask('acl.json', 'acl', 'x'.repeat(600_000), null).before).toMatch(/^\(600000 bytes/);
    expect(mask('acl.json', 'acl', 'a\0b', null).before).toBe('(not a text, 3 bytes)\n');
  });

  it('never shows a password of a users file, whatever became of its text', () => {
    const secret = 'S3CRETS3CRET';
    const text = JSON.stringify(
      { user: [{ Password: secret, UserData: 'x' }, { CachingSha2Password: `*${secret}` }] },
      null,
      1,
    );
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(8), fc.string({ maxLength: 4 }), (at, cut, put) => {
        const broken = text.slice(0, at) + put + text.slice(at + cut);
        fc.pre(broken.includes(secret));
        expect(mask('users.json', 'users', broken, null).before).not.toContain(secret);
      }),
      { numRuns: 2000 },
    );
  });
});
