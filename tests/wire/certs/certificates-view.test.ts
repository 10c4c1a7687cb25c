import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  certificatesPart,
  type CertificateRow,
  type CertificatesPart,
} from '../../../src-main/contract/areas/certificates';
import { createAuthority, encryptPrivateKey, issueCertificate } from '../../../src-main/domain/certs';
import { FixedClock, Secret } from '../../../src-main/domain/kernel';
import { CertsService } from '../../../src-main/services/certs/certs-service';
import { certificatesView } from '../../../src-main/services/certs/certificates-view';
import { PkiReader } from '../../../src-main/services/certs/pki-index';
import { topologyOf } from '../../../src-main/services/certs/usual-set';
import { makeWorkspace, type MadeWorkspace } from '../../support/workspace';
import { readFile } from 'node:fs/promises';
import { cpuTime } from '../../support/cpu-time';

const DAY = 86_400_000;
let shop: MadeWorkspace;
let reference: MadeWorkspace;
let dir: string;
const now = new Date();

beforeAll(async () => {
  [shop, reference] = await Promise.all([makeWorkspace('shop'), makeWorkspace('reference')]);
});
afterAll(() => Promise.all([shop.remove(), reference.remove()]));
beforeEach(async () => {
  dir = join(shop.dir, '..', 'copy');
  await rm(dir, { recursive: true, force: true });
  await cp(shop.dir, dir, { recursive: true });
});

const view = async (at = dir, when = now, reader = new PkiReader()): Promise<CertificatesPart> =>
  certificatesView({ dir: at, topology: (await topologyOf(at)).topology, now: when }, reader);
const rowOf = (part: CertificatesPart, id: string): CertificateRow => {
  const row = part.rows.find((candidate) => candidate.id === id);
  if (row === undefined) throw new Error(`${id} is not in the view`);
  return row;
};
const service = (): CertsService => new CertsService(dir, new FixedClock(now));
const issue = (id: string, more: Partial<Parameters<CertsService['issue']>[0]> = {}) =>
  service().issue({
    authority: 'callers',
    id,
    role: 'caller',
    commonName: id,
    dns: [],
    ip: [],
    days: 365,
    key: 'ecdsa-p256',
    ...more,
  });

test('the view of every sample is what the contract says', async () => {
  for (const at of [shop.dir, reference.dir]) {
    const part = await view(at);
    expect(certificatesPart.parse(part)).toEqual(part);
  }
});

test('nothing secret is in it', async () => {
  const text = JSON.stringify(await view());
  expect(text).not.toContain('PRIVATE');
  const key = await readFile(join(dir, 'pki/callers/olga-key.pem'), 'utf8');
  expect(text).not.toContain(key.split('\n')[1]);
});

describe('the reference', () => {
  test('tree, roles, users and checks are those of the picture', async () => {
    const part = await view(reference.dir);
    expect(
      part.rows.map(({ name, parent, role }) => [name, parent === null ? null : rowOf(part, parent).name, role]).sort(),
    ).toEqual(
      [
        ['ca', null, 'root'],
        ['vttablet server CA', 'ca', 'authority'],
        ['vttablet client CA', 'ca', 'authority'],
        ['vtgate server CA', 'ca', 'authority'],
        ['vtgate client CA', 'ca', 'authority'],
        ['vttablet server instance', 'vttablet server CA', 'tablet-server'],
        ['vttablet client 1', 'vttablet client CA', 'gateway-as-tablet-client'],
        ['localhost', 'vtgate server CA', 'gateway-server'],
        ['vtgate client 1', 'vtgate client CA', 'caller'],
        ['vtgate client 2', 'vtgate client CA', 'caller'],
      ].sort(),
    );
    const caller = rowOf(part, 'pki/vtgate-client/client-1-cert.pem');
    expect(caller.caller).toEqual({
      name: 'vtgate client 1',
      groups: ['localhost', 'vtgate client 1'],
      gateways: ['mutual-tls'],
    });
    expect(caller.chain.map((id) => rowOf(part, id).name)).toEqual(['vtgate client 1', 'vtgate client CA', 'ca']);
    expect(caller.findings.map(({ message }) => message).join('\n')).toMatch(/every caller is in group localhost/);
    expect(rowOf(part, 'pki/vtgate-server/ca-cert.pem').trustedBy).toEqual([{ kind: 'client', names: [] }]);
    expect(rowOf(part, 'pki/root/ca-cert.pem').signs).toEqual({ authorities: 4, certificates: 0 });
    expect(rowOf(part, 'pki/vttablet-client/client-1-cert.pem').uses).toEqual([
      { kind: 'gateway', names: ['mutual-tls', 'override', 'override-groups'] },
    ]);
  });

  test('a check knows its certificates and the whole path', async () => {
    const part = await view(reference.dir);
    const check = part.checks.find(({ id }) => id === 'gateway-tablet:listener:mutual-tls:zone1-100');
    expect(check?.path).toEqual([
      'pki/vttablet-server/instance-cert.pem',
      'pki/vttablet-server/ca-cert.pem',
      'pki/root/ca-cert.pem',
    ]);
    expect(rowOf(part, 'pki/vttablet-server/instance-cert.pem').checks).toEqual([check?.id]);
  });
});

describe('status', () => {
  const status = async (id: string, when = now): Promise<CertificateRow['status']> =>
    rowOf(await view(dir, when), id).status;

  test('expired and revoked, marked as faulty on purpose', async () => {
    const part = await view();
    expect(rowOf(part, 'pki/callers/expired-cert.pem')).toMatchObject({ status: 'expired', faulty: 'expired' });
    expect(rowOf(part, 'pki/callers/revoked-cert.pem')).toMatchObject({ status: 'revoked', faulty: 'revoked' });
    expect(rowOf(part, 'pki/elsewhere/auditor-cert.pem')).toMatchObject({ status: 'valid', faulty: 'other-authority' });
    expect(rowOf(part, 'pki/callers/olga-cert.pem')).toMatchObject({ status: 'valid', faulty: null });
    expect(rowOf(part, 'pki/callers/revoked-cert.pem').caller?.gateways).toEqual([]);
  });

  test('a renewed certificate is not marked any more', async () => {
    await service().renew('pki/callers/expired-cert.pem', 30);
    expect(rowOf(await view(), 'pki/callers/expired-cert.pem')).toMatchObject({ faulty: null });
  });

  test.each([
    [335, 'valid'],
    [336, 'expires-soon'],
    [366, 'expired'],
  ])('a certificate of a year after %i days: %s', async (days, wanted) => {
    await issue('year');
    expect(await status('pki/callers/year-cert.pem', new Date(now.getTime() + days * DAY - 3600_000))).toBe(wanted);
  });

  test.each([
    [7.9, 'valid'],
    [8.1, 'expires-soon'],
  ])('one of ten days warns in the last fifth of its life: after %f days %s', async (days, wanted) => {
    await issue('short', { days: 10 });
    expect(await status('pki/callers/short-cert.pem', new Date(now.getTime() + days * DAY))).toBe(wanted);
  });

  test('not valid yet', async () => {
    await issue('early');
    expect(await status('pki/callers/early-cert.pem', new Date(now.getTime() - DAY))).toBe('not-yet-valid');
  });

  test('an expired authority takes what it signed with it, and says so', async () => {
    await service().issueAuthority({ id: 'brief', commonName: 'brief CA', issuer: 'root', days: 2, key: 'ecdsa-p256' });
    await issue('under', { authority: 'brief' });
    const row = rowOf(await view(dir, new Date(now.getTime() + 3 * DAY)), 'pki/brief/under-cert.pem');
    expect(row).toMatchObject({ status: 'expired', statusNote: 'Its authority brief CA has expired.' });
  });

  test('a revoked authority too', async () => {
    await service().revoke('pki/callers/ca-cert.pem', 'keyCompromise');
    expect(rowOf(await view(), 'pki/callers/olga-cert.pem')).toMatchObject({
      status: 'revoked',
      statusNote: 'Its authority Shop callers CA is revoked.',
    });
  });

  test('a caller for servers only, and one without a common name', async () => {
    await issue('server-only', { extendedKeyUsage: ['serverAuth'] });
    await issue('nameless', { commonName: '' });
    const part = await view();
    expect(rowOf(part, 'pki/callers/server-only-cert.pem')).toMatchObject({ status: 'wrong-purpose', role: 'caller' });
    expect(rowOf(part, 'pki/callers/nameless-cert.pem')).toMatchObject({ status: 'name-missing' });
    expect(rowOf(part, 'pki/callers/nameless-cert.pem').statusNote).toContain('unsecure_grpc_client');
  });

  test('a server whose certificate lacks the dialled name', async () => {
    await rm(join(dir, 'pki/tablet-servers/tablet-100-cert.pem'));
    await rm(join(dir, 'pki/tablet-servers/tablet-100-key.pem'));
    await issue('tablet-100', { authority: 'tablet-servers', role: 'tablet-server', dns: ['other.internal'] });
    expect(rowOf(await view(), 'pki/tablet-servers/tablet-100-cert.pem')).toMatchObject({
      status: 'name-missing',
      statusNote: 'Clients dial tablet-100.shop.internal; the certificate names only other.internal.',
    });
  });

  test('a stranger and a self-signed leaf are not connected', async () => {
    const elsewhere = createAuthority({ subject: { commonName: 'far away' } });
    const stranger = issueCertificate({ issuer: elsewhere, subject: { commonName: 'stranger' }, role: 'caller' });
    await mkdir(join(dir, 'pki/imported'));
    await writeFile(join(dir, 'pki/imported/stranger-cert.pem'), stranger.pem);
    expect(rowOf(await view(), 'pki/imported/stranger-cert.pem')).toMatchObject({
      status: 'signer-unknown',
      connected: false,
      key: 'missing',
      statusNote: 'CN=far away is not in this workspace.',
    });
  });

  test('an authority of the same name that did not sign it is not its parent', async () => {
    const same = { commonName: 'Shop callers CA' };
    const impostor = createAuthority({ subject: same });
    const forged = issueCertificate({ issuer: impostor, subject: { commonName: 'olga' }, role: 'caller' });
    await writeFile(join(dir, 'pki/callers/forged-cert.pem'), forged.pem);
    expect(rowOf(await view(), 'pki/callers/forged-cert.pem')).toMatchObject({
      status: 'signer-unknown',
      parent: null,
    });
  });
});

describe('revocation that nobody looks at', () => {
  test('is said where it matters, and not where it is looked at', async () => {
    await service().revoke('pki/tablet-clients/gateways-cert.pem', 'keyCompromise');
    const part = await view();
    const row = rowOf(part, 'pki/tablet-clients/gateways-cert.pem');
    expect(row.findings.map(({ code }) => code)).toContain('certificates.revocation-not-checked');
    expect(row.findings.map(({ message }) => message).join()).toContain('tablet zone1-100 looks at no CRL');
    expect(part.crls.find(({ file }) => file === 'pki/tablet-clients/crl.pem')).toMatchObject({
      used: false,
      entries: 1,
    });
    const looked = rowOf(part, 'pki/callers/revoked-cert.pem');
    expect(looked.findings.map(({ code }) => code)).not.toContain('certificates.revocation-not-checked');
  });
});

describe('keys', () => {
  test('in clear, encrypted, missing, and another one’s', async () => {
    const olga = join(dir, 'pki/callers/olga-key.pem');
    const sealed = await encryptPrivateKey(await readFile(olga, 'utf8'), new Secret('long enough'));
    await writeFile(olga, sealed.ok ? sealed.value : '');
    await rm(join(dir, 'pki/callers/auditor-key.pem'));
    await cp(join(dir, 'pki/callers/stranger-key.pem'), join(dir, 'pki/callers/billing-key.pem'));
    const part = await view();
    const key = (id: string): string => rowOf(part, `pki/callers/${id}-cert.pem`).key;
    expect([key('stranger'), key('olga'), key('auditor'), key('billing')]).toEqual([
      'clear',
      'encrypted',
      'missing',
      'mismatch',
    ]);
    expect(rowOf(part, 'pki/callers/billing-cert.pem').findings.map(({ code }) => code)).toContain(
      'certificates.key-mismatch',
    );
  });

  test('an authority without its key can neither sign nor renew', async () => {
    await rm(join(dir, 'pki/callers/ca-key.pem'));
    const part = await view();
    expect(rowOf(part, 'pki/callers/ca-cert.pem')).toMatchObject({ canSign: false });
    expect(rowOf(part, 'pki/callers/olga-cert.pem')).toMatchObject({ renewable: false, revocable: false });
    expect(rowOf(part, 'pki/tablet-clients/ca-cert.pem')).toMatchObject({ canSign: true });
  });
});

describe('files that are not as they should be', () => {
  test('a broken file is a finding and the rest is shown', async () => {
    await writeFile(join(dir, 'pki/callers/broken-cert.pem'), '-----BEGIN CERTIFICATE-----\nMIIB\n');
    const part = await view();
    expect(part.findings.some(({ file }) => file === 'pki/callers/broken-cert.pem')).toBe(true);
    expect(part.rows.length).toBeGreaterThan(15);
  });

  test('a certificate that gatehouse.json names and that is gone', async () => {
    await rm(join(dir, 'pki/gateways/main-cert.pem'));
    const part = await view();
    expect(part.checks.find(({ to, shownBy }) => to.includes('main') && shownBy === 'listener')).toMatchObject({
      missingFile: 'pki/gateways/main-cert.pem',
      shown: [],
    });
  });

  test('no pki at all', async () => {
    await rm(join(dir, 'pki'), { recursive: true });
    expect((await view()).rows).toEqual([]);
  });
});

test('a reader that was used before sees a file that changed', async () => {
  const reader = new PkiReader();
  const before = rowOf(await view(dir, now, reader), 'pki/callers/olga-cert.pem');
  await service().renew('pki/callers/olga-cert.pem', 30);
  const after = rowOf(await view(dir, now, reader), 'pki/callers/olga-cert.pem');
  expect(after.serial).not.toBe(before.serial);
  expect(after.key).toBe('clear');
});

test('two hundred certificates are read in a moment, and in less once they are known', async () => {
  const { issuer } = await import('./authority').then(({ authorityOf }) => authorityOf(dir, 'callers'));
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const made = issueCertificate({ issuer, subject: { commonName: `caller ${index}` }, role: 'caller' });
      await writeFile(join(dir, `pki/callers/many-${index}-cert.pem`), made.pem);
      await writeFile(join(dir, `pki/callers/many-${index}-key.pem`), made.privateKeyPem.reveal(), { mode: 0o600 });
    }),
  );
  const reader = new PkiReader();
  const first = cpuTime();
  expect((await view(dir, now, reader)).rows.length).toBeGreaterThan(200);
  const second = cpuTime();
  await view(dir, now, reader);
  const third = cpuTime();
  expect(second - first).toBeLessThan(1500);
  expect(third - second).toBeLessThan(400);
});
