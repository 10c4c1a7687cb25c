import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCsr, readCsr } from '../../../src-main/domain/certs';
import { Secret, systemClock } from '../../../src-main/domain/kernel';
import { CertsService } from '../../../src-main/services/certs/certs-service';
import { encryptKeys, keyCounts } from '../../../src-main/services/certs/encrypt-keys';
import { makeFaulty } from '../../../src-main/services/certs/faulty';
import { renewBranch, type BranchOptions } from '../../../src-main/services/certs/renew-branch';
import { loadWorkspace } from '../../../src-main/services/workspace/load-workspace';
import { certificatesIn, codeOf, judged, rowOf, shopCopies, snapshot, viewOf, type ShopCopies } from './shop-copy';

let copies: ShopCopies;
let dir: string;
beforeAll(async () => {
  copies = await shopCopies();
});
afterAll(() => copies.remove());
beforeEach(async () => {
  dir = await copies.fresh();
});

const callers = 'pki/callers/ca-cert.pem';
const olga = 'pki/callers/olga-cert.pem';
const gateway = { trust: callers, crl: 'pki/callers/crl.pem' };
const renew = (more: Partial<BranchOptions> = {}, passphrase?: Secret) =>
  renewBranch(dir, systemClock, { file: callers, days: 90, below: true, ...more }, passphrase);
const errors = async (): Promise<string[]> => {
  const loaded = await loadWorkspace(dir);
  return loaded.ok
    ? loaded.value.findings.filter(({ level }) => level === 'error').map(({ message }) => message)
    : ['?'];
};

describe('an authority with everything below it', () => {
  test('gets new keys; who was let in is let in, and the old certificates are not', async () => {
    await copyFile(join(dir, olga), join(dir, 'pki/old-olga.txt'));
    const [oldCa] = await certificatesIn(dir, callers);
    const report = await renew();
    expect(report.left).toEqual([]);
    expect(report.renewed).toContain(olga);
    expect(await judged(dir, olga, gateway)).toMatchObject({
      ok: true,
      peer: { commonName: 'olga', dnsNames: ['operations'] },
    });
    const [newCa] = await certificatesIn(dir, callers);
    expect(newCa?.subjectText).toBe(oldCa?.subjectText);
    expect(newCa?.subjectKeyId).not.toBe(oldCa?.subjectKeyId);
    expect(await judged(dir, 'pki/old-olga.txt', gateway)).toMatchObject({ ok: false });
    expect(await errors()).toEqual([]);
    const days = ((await certificatesIn(dir, olga))[0]?.notAfter.getTime() ?? 0) - Date.now();
    expect(Math.round(days / 86_400_000)).toBe(90);
  });

  test('what is revoked stays revoked, what is faulty stays faulty and marked', async () => {
    const weak = await makeFaulty(dir, systemClock, { like: olga, fault: 'weak-key' });
    await renew();
    for (const [file, cause, fault] of [
      ['pki/callers/revoked-cert.pem', 'revoked', 'revoked'],
      ['pki/callers/expired-cert.pem', 'expired', 'expired'],
      [weak.cert, 'weak-key', 'weak-key'],
    ] as const) {
      expect([file, await judged(dir, file, gateway)]).toMatchObject([file, { ok: false, cause }]);
      expect(await rowOf(dir, file)).toMatchObject({ faulty: fault, key: 'clear' });
    }
  });

  test('the CRL is signed by the new key, with its entries and a higher number', async () => {
    const before = (await viewOf(dir)).crls.find(({ file }) => file === gateway.crl);
    await renew();
    const after = (await viewOf(dir)).crls.find(({ file }) => file === gateway.crl);
    expect(after).toMatchObject({ entries: before?.entries, used: true, authority: callers });
  });

  test('bundles get the new authority, and keep what else is in them', async () => {
    const root = await readFile(join(dir, 'pki/root/ca-cert.pem'), 'utf8');
    const bundle = `# who may call\n${await readFile(join(dir, callers), 'utf8')}${root}`;
    await writeFile(join(dir, 'pki/trust.pem'), bundle);
    const report = await renew();
    expect(report.files).toContain('pki/trust.pem');
    const after = await readFile(join(dir, 'pki/trust.pem'), 'utf8');
    expect(after).toContain('# who may call');
    expect(after).toContain(root);
    expect(after).toContain(await readFile(join(dir, callers), 'utf8'));
    expect(await judged(dir, olga, { trust: 'pki/trust.pem' })).toMatchObject({ ok: true });
  });

  test('from the root down: every link of the cluster still holds', async () => {
    const report = await renew({ file: 'pki/root/ca-cert.pem' });
    expect(report.left).toEqual([]);
    expect(new Set(report.renewed).size).toBe(17);
    const part = await viewOf(dir);
    expect(part.rows.filter(({ status }) => status === 'signer-unknown' || status === 'self-signed')).toEqual([]);
    expect(await errors()).toEqual([]);
    expect(
      await judged(dir, 'pki/tablet-clients/gateways-cert.pem', { trust: 'pki/tablet-clients/ca-cert.pem' }),
    ).toMatchObject({ ok: true });
    // The chain that is sent holds the new intermediate, not the old one.
    const [, sent] = await certificatesIn(dir, olga);
    expect(sent?.fingerprint).toBe((await certificatesIn(dir, callers))[0]?.fingerprint);
  });

  test('a certificate that was issued for a request keeps the key, which is elsewhere', async () => {
    const request = readCsr(createCsr({ subject: { commonName: 'robot' } }).der);
    if (!request.ok) throw new Error('no request');
    await new CertsService(dir, systemClock).issueFromRequest({
      authority: 'callers',
      id: 'robot',
      role: 'caller',
      days: 30,
      request: request.value,
    });
    const [before] = await certificatesIn(dir, 'pki/callers/robot-cert.pem');
    await renew();
    const [after] = await certificatesIn(dir, 'pki/callers/robot-cert.pem');
    expect(after?.rawPublicKey).toEqual(before?.rawPublicKey);
    expect(await judged(dir, 'pki/callers/robot-cert.pem', gateway)).toMatchObject({ ok: true });
    expect((await rowOf(dir, 'pki/callers/robot-cert.pem')).key).toBe('missing');
  });

  test('an authority below whose key is elsewhere is left, with what it signed, and said', async () => {
    await rm(join(dir, 'pki/mysql/ca-key.pem'));
    const { left } = await renew({ file: 'pki/root/ca-cert.pem' });
    expect(left).toEqual([
      { file: 'pki/mysql/ca-cert.pem', why: 'its private key is not here' },
      { file: 'pki/mysql/server-cert.pem', why: 'its authority was not renewed' },
    ]);
  });

  test('the old authority can be revoked by the one above it', async () => {
    const [old] = await certificatesIn(dir, callers);
    const { files } = await renew({ revokeOld: 'superseded' });
    expect(files).toContain('pki/root/crl.pem');
    expect((await viewOf(dir)).crls.find(({ file }) => file === 'pki/root/crl.pem')?.entries).toBe(1);
    expect((await rowOf(dir, callers)).status).toBe('valid');
    expect(old?.serial).not.toBe((await rowOf(dir, callers)).serial);
  });

  test('encrypted keys stay encrypted, with the same passphrase', async () => {
    const passphrase = new Secret('a long passphrase');
    await encryptKeys(dir, passphrase);
    expect(await codeOf(renew())).toBe('certs.passphrase-missing');
    await renew({}, passphrase);
    const counts = await keyCounts(dir);
    expect(counts.encrypted).toBe(counts.keys);
  });
});

describe('an authority alone', () => {
  test('keeps its key: what it signed stays as it is and is let in, also with the longer chain', async () => {
    const olgaBefore = (await certificatesIn(dir, olga))[0];
    const caBefore = (await certificatesIn(dir, callers))[0];
    const report = await renew({ below: false });
    expect(report.renewed).toEqual([callers]);
    const caAfter = (await certificatesIn(dir, callers))[0];
    expect(caAfter?.fingerprint).not.toBe(caBefore?.fingerprint);
    expect(caAfter?.rawPublicKey).toEqual(caBefore?.rawPublicKey);
    expect((await certificatesIn(dir, olga))[0]?.fingerprint).toBe(olgaBefore?.fingerprint);
    expect((await certificatesIn(dir, olga))[1]?.fingerprint).toBe(caAfter?.fingerprint);
    expect(await judged(dir, olga, gateway)).toMatchObject({ ok: true });
    expect(await errors()).toEqual([]);
  });
});

describe('what cannot be renewed', () => {
  test.each([
    ['pki/callers/olga-cert.pem', 'certs.not-an-authority'],
    ['pki/nobody/ca-cert.pem', 'certs.not-an-authority'],
    ['../../ca-cert.pem', 'certs.outside'],
  ])('%s: %s, and nothing changes', async (file, code) => {
    const before = await snapshot(dir);
    expect(await codeOf(renew({ file }))).toBe(code);
    expect(await snapshot(dir)).toEqual(before);
  });

  test('an authority without its key: nothing changes', async () => {
    await rm(join(dir, 'pki/callers/ca-key.pem'));
    const before = await snapshot(dir);
    expect(await codeOf(renew())).toBe('certs.stranger');
    expect(await snapshot(dir)).toEqual(before);
  });
});
