import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPrivateKey } from '../../../src-main/domain/certs';
import { Secret, systemClock } from '../../../src-main/domain/kernel';
import { setJson } from '../../../src-main/domain/workspace';
import { CertsService } from '../../../src-main/services/certs/certs-service';
import { useCrl } from '../../../src-main/services/certs/crl-wiring';
import { decryptKeys, encryptKeys, keyCounts } from '../../../src-main/services/certs/encrypt-keys';
import { deletionConsequences, removeCertificate } from '../../../src-main/services/certs/remove-certificate';
import { topologyOf, useOf } from '../../../src-main/services/certs/usual-set';
import { loadWorkspace } from '../../../src-main/services/workspace/load-workspace';
import { codeOf, rowOf, shopCopies, snapshot, viewOf, type ShopCopies } from './shop-copy';

let copies: ShopCopies;
let dir: string;
beforeAll(async () => {
  copies = await shopCopies();
});
afterAll(() => copies.remove());
beforeEach(async () => {
  dir = await copies.fresh();
});
const service = (): CertsService => new CertsService(dir, systemClock);
const edit = async (path: (string | number)[], value: Parameters<typeof setJson>[2]): Promise<void> => {
  const file = join(dir, 'gatehouse.json');
  await writeFile(file, setJson(await readFile(file, 'utf8'), path, value));
};

describe('encrypting the private keys', () => {
  const passphrase = new Secret('a long passphrase');
  const key = 'pki/callers/olga-key.pem';

  test('every key, mode 0600, opened by the passphrase and nothing else', async () => {
    const files = await encryptKeys(dir, passphrase);
    const { keys, encrypted } = await keyCounts(dir);
    expect([files.length, encrypted]).toEqual([keys, keys]);
    const text = await readFile(join(dir, key), 'utf8');
    expect(text).toContain('ENCRYPTED PRIVATE KEY');
    expect(((await stat(join(dir, key))).mode & 0o777).toString(8)).toBe('600');
    expect(openPrivateKey(text, passphrase).ok).toBe(true);
    expect(openPrivateKey(text, new Secret('another one')).ok).toBe(false);
  });

  test('a second time changes nothing; another passphrase is refused and changes nothing', async () => {
    await encryptKeys(dir, passphrase);
    const before = await snapshot(dir);
    expect(await encryptKeys(dir, passphrase)).toEqual([]);
    expect(await codeOf(encryptKeys(dir, new Secret('another one')))).toBe('certs.passphrase-wrong');
    expect(await snapshot(dir)).toEqual(before);
  });

  test.each([
    ['an empty passphrase', new Secret(''), 'certs.passphrase-empty', undefined],
    [
      'a damaged key',
      passphrase,
      'certs.key-unreadable',
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
    ],
  ])('%s: nothing is half done', async (_, secret, code, damaged) => {
    if (damaged !== undefined) await writeFile(join(dir, 'pki/root/ca-key.pem'), damaged);
    const before = await snapshot(dir);
    expect(await codeOf(encryptKeys(dir, secret))).toBe(code);
    expect(await snapshot(dir)).toEqual(before);
  });

  test('and back', async () => {
    await encryptKeys(dir, passphrase);
    expect(await codeOf(decryptKeys(dir, new Secret('another one')))).toBe('certs.passphrase-wrong');
    await decryptKeys(dir, passphrase);
    expect((await keyCounts(dir)).encrypted).toBe(0);
    expect(await rowOf(dir, 'pki/callers/olga-cert.pem')).toMatchObject({ key: 'clear' });
  });
});

describe('where the authorities’ keys are encrypted', () => {
  const passphrase = new Secret('a long passphrase');
  const sealed = (): CertsService => new CertsService(dir, systemClock, passphrase);
  const authority = { id: 'robots', commonName: 'Robots CA', issuer: 'root', days: 30, key: 'ecdsa-p256' } as const;
  const key = (id: string): Promise<string> => readFile(join(dir, `pki/${id}-key.pem`), 'utf8');
  beforeEach(() => encryptKeys(dir, passphrase, (path) => path.endsWith('/ca-key.pem')));

  test('a new authority’s key is encrypted too, with the same passphrase', async () => {
    await sealed().issueAuthority(authority);
    expect(openPrivateKey(await key('robots/ca'), passphrase).ok).toBe(true);
    expect(openPrivateKey(await key('robots/ca')).ok).toBe(false);
    await sealed().issueAuthority({ ...authority, id: 'other', issuer: null });
    expect(await key('other/ca')).toContain('ENCRYPTED');
  });

  test('without the passphrase no authority is made and nothing revoked', async () => {
    const before = await snapshot(dir);
    expect(await codeOf(service().issueAuthority(authority))).toBe('certs.passphrase-missing');
    expect(await codeOf(service().issueAuthority({ ...authority, issuer: null }))).toBe('certs.passphrase-missing');
    expect(await codeOf(service().revoke('pki/callers/olga-cert.pem', 'superseded'))).toBe('certs.passphrase-missing');
    expect(await snapshot(dir)).toEqual(before);
  });

  test('the certificates themselves stay as the programs need them', async () => {
    expect(await rowOf(dir, 'pki/callers/olga-cert.pem')).toMatchObject({ key: 'clear', renewable: true });
    expect(await rowOf(dir, 'pki/callers/ca-cert.pem')).toMatchObject({ key: 'encrypted', canSign: true });
  });
});

describe('putting a CRL to use', () => {
  const error = async (): Promise<string[]> => {
    const loaded = await loadWorkspace(dir);
    return loaded.ok
      ? loaded.value.findings.filter(({ level }) => level === 'error').map(({ message }) => message)
      : ['?'];
  };

  test('every part that trusts the authority looks at it, and no other', async () => {
    await service().revoke('pki/tablet-clients/gateways-cert.pem', 'keyCompromise');
    expect(await useCrl(dir, 'tablet-clients')).toEqual({ parts: ['tablet zone1-100'], left: [] });
    const { topology } = await topologyOf(dir);
    expect(topology.tablets[0]?.grpc.tls?.crl).toBe('pki/tablet-clients/crl.pem');
    expect((await rowOf(dir, 'pki/tablet-clients/gateways-cert.pem')).findings.map(({ code }) => code)).not.toContain(
      'certificates.revocation-not-checked',
    );
    expect(await error()).toEqual([]);
  });

  test('a part that looks at another list keeps it', async () => {
    await edit(['tablets', 0, 'grpc', 'tls', 'crl'], 'pki/callers/crl.pem');
    await service().writeCrl('tablet-clients');
    const { parts, left } = await useCrl(dir, 'tablet-clients');
    expect(parts).toEqual([]);
    expect(left[0]).toMatch(/tablet zone1-100 looks at pki\/callers\/crl.pem already/);
  });

  test('a part that trusts several authorities is left alone', async () => {
    const both = await Promise.all(
      ['tablet-clients', 'callers'].map((id) => readFile(join(dir, `pki/${id}/ca-cert.pem`), 'utf8')),
    );
    await writeFile(join(dir, 'pki/both.pem'), both.join(''));
    await edit(['tablets', 0, 'grpc', 'tls', 'clientCa'], 'pki/both.pem');
    await service().writeCrl('tablet-clients');
    const before = await readFile(join(dir, 'gatehouse.json'), 'utf8');
    expect((await useCrl(dir, 'tablet-clients')).left[0]).toMatch(/trusts 2 authorities/);
    expect(await readFile(join(dir, 'gatehouse.json'), 'utf8')).toBe(before);
  });

  test.each([
    ['tablet-clients', 'certs.no-crl'],
    ['nobody', 'certs.authority'],
  ])('%s: %s', async (authority, code) => expect(await codeOf(useCrl(dir, authority))).toBe(code));
});

describe('deleting', () => {
  const consequences = async (id: string): Promise<string> => {
    const { topology } = await topologyOf(dir);
    const loaded = await loadWorkspace(dir);
    const suites = loaded.ok ? loaded.value.suites : [];
    return deletionConsequences(await useOf(dir, topology), id, { suites, now: new Date() }).join('\n');
  };

  test('says beforehand who shows it, who trusts it, what it signed, and which tests use it', async () => {
    expect(await consequences('pki/gateways/main-cert.pem')).toMatch(/gatehouse\.json names it: main cannot start/);
    expect(await consequences('pki/tablet-clients/ca-cert.pem')).toMatch(/zone1-100 cannot start/);
    expect(await consequences('pki/callers/ca-cert.pem')).toMatch(
      /6 certificates signed by it remain but will not be accepted/,
    );
    expect(await consequences('pki/callers/olga-cert.pem')).toMatch(/1 test file uses it: /);
    expect(await consequences('pki/callers/olga-cert.pem')).toMatch(/revoke it first/);
    expect(await consequences('pki/callers/expired-cert.pem')).not.toMatch(/revoke it first/);
  });

  test('takes the key along and nothing else', async () => {
    const before = Object.keys(await snapshot(dir));
    expect(await removeCertificate(dir, 'pki/callers/olga-cert.pem')).toEqual([
      'pki/callers/olga-cert.pem',
      'pki/callers/olga-key.pem',
    ]);
    const after = new Set(Object.keys(await snapshot(dir)));
    expect(before.filter((path) => !after.has(path))).toEqual([
      '/pki/callers/olga-cert.pem',
      '/pki/callers/olga-key.pem',
    ]);
  });

  test('an authority: it can sign no more, what it signed stays, a CRL that is named stays', async () => {
    expect(await consequences('pki/callers/ca-cert.pem')).toMatch(/A copy of it stays in 6 files that send it along/);
    await removeCertificate(dir, 'pki/callers/ca-cert.pem');
    const part = await viewOf(dir);
    expect(part.rows.filter(({ name }) => name === 'Shop callers CA')).toMatchObject([
      { key: 'missing', canSign: false, authority: null },
    ]);
    expect(part.rows.find(({ id }) => id === 'pki/callers/olga-cert.pem')).toMatchObject({
      renewable: false,
      revocable: false,
    });
    expect(part.checks.find(({ to, shownBy }) => to.includes('certs') && shownBy === 'dialler')).toMatchObject({
      missingFile: 'pki/callers/ca-cert.pem',
    });
    expect(await codeOf(stat(join(dir, 'pki/callers/crl.pem')))).toBe('done');
  });

  test('a root that nobody sends along: what it signed has an unknown signer', async () => {
    await removeCertificate(dir, 'pki/elsewhere/ca-cert.pem');
    expect(await rowOf(dir, 'pki/elsewhere/auditor-cert.pem')).toMatchObject({
      status: 'signer-unknown',
      connected: false,
    });
  });

  test('the last of a folder takes the folder along; the mark of a faulty one goes', async () => {
    await removeCertificate(dir, 'pki/elsewhere/auditor-cert.pem');
    await removeCertificate(dir, 'pki/elsewhere/ca-cert.pem');
    expect(await codeOf(stat(join(dir, 'pki/elsewhere')))).toMatch(/ENOENT/);
    expect((await readFile(join(dir, 'pki/faulty.json'), 'utf8')).match(/other-authority/)).toBeNull();
  });

  test('one of several in a bundle is refused', async () => {
    const elsewhere = await readFile(join(dir, 'pki/elsewhere/ca-cert.pem'), 'utf8');
    const leaf = await readFile(join(dir, 'pki/elsewhere/auditor-cert.pem'), 'utf8');
    await rm(join(dir, 'pki/elsewhere'), { recursive: true });
    await writeFile(join(dir, 'pki/bundle.pem'), leaf + elsewhere);
    const before = await snapshot(dir);
    for (const id of ['pki/bundle.pem', 'pki/bundle.pem#2'])
      expect(await codeOf(removeCertificate(dir, id))).toBe('certs.bundle');
    expect(await codeOf(removeCertificate(dir, 'pki/none-cert.pem'))).toBe('certs.missing');
    expect(await codeOf(removeCertificate(dir, '../gatehouse.json'))).toBe('certs.outside');
    expect(await snapshot(dir)).toEqual(before);
  });
});

test('the view after all of it still holds nothing secret', async () => {
  await encryptKeys(dir, new Secret('a long passphrase'));
  expect(JSON.stringify(await viewOf(dir))).not.toContain('PRIVATE KEY');
});
