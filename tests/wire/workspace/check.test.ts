import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultFidelity } from '../../../src-main/domain/fidelity';
import { nativeHash } from '../../../src-main/domain/users';
import { checkAclFile } from '../../../src-main/services/check/check-files';
import { unmatchedAttacksOf } from '../../../src-main/services/attack/unmatched';
import { privateFileFindings } from '../../../src-main/services/check/private-files';
import { missingSecretFindings, weakPasswordFindings } from '../../../src-main/services/check/secret-findings';
import { makeWorkspace, type MadeWorkspace } from '../../support/workspace';

/** What `check DIR` says beyond what loading a workspace says. */
describe('a shop', () => {
  let made: MadeWorkspace;
  const at = (path: string): string => join(made.dir, path);
  beforeEach(async () => {
    made = await makeWorkspace('shop');
  });
  afterEach(() => made.remove());

  test('as it is made has no such finding', async () => {
    const workspace = await made.load();
    expect(await privateFileFindings(workspace)).toEqual([]);
    expect(await missingSecretFindings(workspace)).toEqual([]);
    expect(await weakPasswordFindings(workspace)).toEqual([]);
  });

  test('an accepted attack that there is not is named with its line', async () => {
    const real = 'rogue-component/plaintext/zone1-100';
    const text = JSON.stringify(
      { schema: 1, accepted: [real, 'rogue-component/slip'].map((id) => ({ id, reason: 'known' })) },
      null,
      2,
    );
    await writeFile(at('tests/attacks.json'), text);
    expect(unmatchedAttacksOf(await made.load())).toEqual([
      expect.objectContaining({ level: 'warning', file: 'tests/attacks.json', line: 8 }),
    ]);
    await writeFile(at('tests/attacks.json'), text.replace('rogue-component/slip', 'rogue-component/x'));
    expect(unmatchedAttacksOf(await made.load())[0]?.message).toContain('"rogue-component/x"');
    await rm(at('tests/attacks.json'));
    expect(unmatchedAttacksOf(await made.load())).toEqual([]);
  });

  test.each([
    ['pki/gateways/main-key.pem', 0o644],
    ['pki/callers/ca-key.pem', 0o640],
    ['pki/callers/olga-key.pem', 0o604],
    ['grpc-users.json', 0o644],
    ['.gatehouse/secrets/key', 0o644],
    ['.gatehouse/secrets/vault.json', 0o620],
  ])('%s with mode %i', async (file, mode) => {
    await chmod(at(file), mode);
    expect(await privateFileFindings(await made.load())).toEqual([
      expect.objectContaining({
        code: 'workspace.secret-readable',
        level: 'error',
        file,
        remedy: `Run "chmod 600 ${file}".`,
      }),
    ]);
  });

  test('a users file is a secret when a password stands in it in clear, and a weak one is named', async () => {
    const entries = { a: [{ UserData: 'a', MysqlNativePassword: nativeHash('hunter2') }] };
    await writeFile(at('users.json'), JSON.stringify(entries));
    await chmod(at('users.json'), 0o644);
    expect(await privateFileFindings(await made.load())).toEqual([]);
    expect(await weakPasswordFindings(await made.load())).toEqual([]);
    await writeFile(at('users.json'), JSON.stringify({ ...entries, b: [{ UserData: 'b', Password: 'hunter2' }] }));
    const [readable, ...more] = await privateFileFindings(await made.load());
    expect([readable?.file, more]).toEqual(['users.json', []]);
    const weak = await weakPasswordFindings(await made.load());
    expect(weak.map(({ code, file, line }) => [code, file, line])).toEqual([['users.weak-password', 'users.json', 1]]);
    expect(JSON.stringify(weak)).not.toContain('hunter2');
  });

  test('a secret that tests name and nobody has', async () => {
    const text = await readFile(at('tests/shop.json'), 'utf8');
    await writeFile(at('tests/shop.json'), text.replace('"secret": "users/ines"', '"secret": "users/inez"'));
    expect(await missingSecretFindings(await made.load())).toEqual([
      expect.objectContaining({
        code: 'suite.secret-missing',
        level: 'error',
        file: 'tests/shop.json',
        line: text.slice(0, text.indexOf('"ines"')).split('\n').length - 1,
        message: expect.stringContaining('"users/inez"'),
      }),
    ]);
    await rm(at('.gatehouse/secrets'), { recursive: true });
    expect((await missingSecretFindings(await made.load())).length).toBeGreaterThan(1);
  });

  test('a gateway and a certificate that tests name and that are not there', async () => {
    const text = await readFile(at('tests/shop.json'), 'utf8');
    await writeFile(at('tests/shop.json'), text.replace('"gateway": "main"', '"gateway": "mane"'));
    await rm(at('pki/callers/olga-key.pem'));
    const codes = (await made.load()).findings.filter(({ level }) => level === 'error').map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['suite.unknown-gateway', 'suite.file-missing']));
  });

  test.each([
    ['users.json', 'acl.is-users-file'],
    ['gatehouse.json', 'acl.is-topology'],
    ['grpc-users.json', 'acl.is-grpc-users-file'],
    ['acl.json', null],
  ])('%s given as a table ACL', async (file, code) => {
    const checked = await checkAclFile(at(file), defaultFidelity);
    if (!checked.ok) throw new Error(checked.failure.summary);
    const kinds = checked.value.findings.filter((finding) => finding.code.startsWith('acl.is-'));
    expect(kinds.map((finding) => [finding.code, finding.level])).toEqual(code === null ? [] : [[code, 'error']]);
  });
});
