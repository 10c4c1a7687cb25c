import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  certificatesContract,
  certificatesPart,
  type NewCertificate,
} from '../../../src-main/contract/areas/certificates';
import { createCsr, readPkcs12 } from '../../../src-main/domain/certs';
import { Secret, systemClock } from '../../../src-main/domain/kernel';
import { CertificatesService } from '../../../src-main/services/certs/certificates-service';
import { encryptKeys } from '../../../src-main/services/certs/encrypt-keys';
import { openDocument } from '../../../src-main/services/document/open-document';
import type { WorkspaceDocument } from '../../../src-main/services/document/workspace-document';
import { makeWorkspace, type MadeWorkspace } from '../../support/workspace';
import { codeOf, snapshot } from './shop-copy';

let shop: MadeWorkspace;
let document: WorkspaceDocument;
let certificates: CertificatesService;
beforeEach(async () => {
  shop = await makeWorkspace('shop');
  document = await openDocument(shop.dir, { unlocker: { kind: 'key-file' }, clock: systemClock, watch: false });
  certificates = new CertificatesService(document, { cluster: null }, systemClock);
});
afterEach(async () => {
  await document.close();
  await shop.remove();
});

const olga = 'pki/callers/olga-cert.pem';
const form = (more: Partial<NewCertificate> = {}): NewCertificate => ({
  ...{ for: 'caller', commonName: 'robot', signedBy: 'callers', validFor: 90, dns: [], ip: [], key: 'ecdsa-p256' },
  ...{ serial: '', purposes: [], request: null },
  ...more,
});
const pki = (): Promise<Record<string, string>> => snapshot(join(document.draftDir, 'pki'));
const row = async (id: string) => (await certificates.view()).rows.find((one) => one.id === id);

describe('each action is one step of undo in the draft, and what is applied stays', () => {
  const applied = (): Promise<Record<string, string>> => snapshot(join(shop.dir, 'pki'));
  test.each<[string, () => Promise<unknown>]>([
    ['New certificate robot', () => certificates.create(form())],
    [
      'New certificate Robots CA',
      () => certificates.create(form({ for: 'authority', commonName: 'Robots CA', signedBy: 'root' })),
    ],
    ['Make a faulty certificate', () => certificates.makeFaulty({ like: olga, fault: 'revoked' })],
    ['Renew olga', () => certificates.renew({ id: olga, days: 30, branch: false, revokeOld: true })],
    [
      'Renew Shop callers CA and everything below it',
      () => certificates.renew({ id: 'pki/callers/ca-cert.pem', days: 30, branch: true, revokeOld: false }),
    ],
    ['Revoke olga', () => certificates.revoke({ id: olga, reason: 'superseded', useCrl: true })],
    ['Use the CRL of tablet-clients', () => certificates.useCrl('tablet-clients')],
    ['Delete olga', () => certificates.remove(olga)],
  ])('%s', async (label, act) => {
    const [before, outside] = [await snapshot(document.draftDir), await applied()];
    await act();
    expect(document.undoLabel).toBe(label);
    expect(await snapshot(document.draftDir)).not.toEqual(before);
    expect(await applied()).toEqual(outside);
    await document.undo();
    expect(document.undoLabel).toBeNull();
    expect(await snapshot(document.draftDir)).toEqual(before);
  });
});

describe('what is refused leaves no step', () => {
  test.each<[string, string, () => Promise<unknown>]>([
    ['a form with an error', 'certs.form', () => certificates.create(form({ signedBy: null }))],
    ['an authority that is not here', 'certs.form', () => certificates.create(form({ signedBy: '../..' }))],
    [
      'a certificate that is gone',
      'certs.missing',
      () => certificates.renew({ id: 'pki/x-cert.pem', days: 1, branch: false, revokeOld: false }),
    ],
    [
      'a root',
      'certs.root',
      () => certificates.revoke({ id: 'pki/root/ca-cert.pem', reason: 'unspecified', useCrl: false }),
    ],
    [
      'no fault for a server',
      'certs.no-fault',
      () => certificates.makeFaulty({ like: 'pki/gateways/main-cert.pem', fault: 'server-only' }),
    ],
    ['a path out of the workspace', 'certs.missing', () => certificates.reveal('../../../etc/passwd')],
    ['a key file asked for as a certificate', 'certs.missing', () => certificates.reveal('pki/callers/olga-key.pem')],
  ])('%s', async (_, code, act) => {
    const before = await pki();
    expect(await codeOf(act())).toBe(code);
    expect(document.undoLabel).toBeNull();
    expect(await pki()).toEqual(before);
  });

  test('a damaged CRL stops revocation before anything is written', async () => {
    await writeFile(join(document.draftDir, 'pki/callers/crl.pem'), 'damaged');
    expect(await codeOf(certificates.revoke({ id: olga, reason: 'superseded', useCrl: true }))).toBe(
      'certs.crl-damaged',
    );
    expect(document.undoLabel).toBeNull();
  });
});

describe('creating', () => {
  test('what was asked for is what is made: name, signer, end, serial, groups', async () => {
    const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
    const done = await certificates.create(form({ dns: ['bots'], serial: '0x00AB', validFor: day }));
    expect(done).toMatchObject({
      show: 'pki/callers/robot-cert.pem',
      made: { name: 'robot', signedBy: 'Shop callers CA' },
    });
    expect(await row('pki/callers/robot-cert.pem')).toMatchObject({
      serial: 'ab',
      caller: { name: 'robot', groups: ['bots'], gateways: ['certs'] },
      notAfter: `${day}T23:59:59.000Z`,
    });
  });

  test('for a request: its names and its key, and no private key is made', async () => {
    const { pem } = createCsr({ subject: { commonName: 'visitor' }, dnsNames: ['guests'] });
    const done = await certificates.create(form({ request: pem, commonName: 'ignored' }));
    expect(done.files).toEqual(['pki/callers/visitor-cert.pem']);
    expect(await row('pki/callers/visitor-cert.pem')).toMatchObject({
      name: 'visitor',
      names: ['guests'],
      key: 'missing',
    });
  });

  test('"other" has the purposes that were chosen', async () => {
    await certificates.create(form({ for: 'other', purposes: ['client', 'server'] }));
    expect((await row('pki/callers/robot-cert.pem'))?.purposes).toEqual({
      client: true,
      server: true,
      authority: false,
    });
  });
});

describe('secrets', () => {
  test('the state never holds a key; reveal and export answer with it', async () => {
    const key = await readFile(join(document.draftDir, 'pki/callers/olga-key.pem'), 'utf8');
    const part = await certificates.view();
    expect(JSON.stringify(part)).not.toContain(key.split('\n')[1]);
    expect(certificatesPart.parse(part)).toEqual(part);
    expect(await certificates.reveal(olga)).toEqual({ pem: key, encrypted: false });
    expect(
      (await certificates.export({ id: olga, format: 'pem', passphrase: null, faulty: false })).content,
    ).not.toContain('PRIVATE');
    const p12 = await certificates.export({ id: olga, format: 'pkcs12', passphrase: 'a passphrase', faulty: false });
    const read = await readPkcs12(Buffer.from(p12.content, 'base64'), new Secret('a passphrase'));
    expect([p12.encoding, p12.name, read.ok]).toEqual(['base64', 'callers-olga.p12', true]);
  });

  test('a faulty one is exported only when that is wanted', async () => {
    const id = 'pki/callers/expired-cert.pem';
    expect(await codeOf(certificates.export({ id, format: 'pem', passphrase: null, faulty: false }))).toBe(
      'certs.faulty',
    );
    expect(await codeOf(certificates.export({ id, format: 'pem', passphrase: null, faulty: true }))).toBe('done');
  });

  test('encrypted keys: locked until the passphrase is given, and it is not kept anywhere', async () => {
    const passphrase = new Secret('a long passphrase');
    await document.edit('Encrypt Keys', (dir) => encryptKeys(dir, passphrase, (path) => path.endsWith('/ca-key.pem')));
    expect((await certificates.view()).locked).toBe(true);
    expect(await codeOf(certificates.create(form()))).toBe('certs.passphrase-missing');
    expect(await codeOf(certificates.unlockKeys(new Secret('another one')))).toBe('certs.passphrase-wrong');
    let told = 0;
    certificates.onChanged(() => (told += 1));
    await certificates.unlockKeys(passphrase);
    expect([told, (await certificates.view()).locked]).toEqual([1, false]);
    expect(await codeOf(certificates.create(form()))).toBe('done');
    for (const path of Object.keys(await snapshot(shop.dir)))
      expect((await readFile(join(shop.dir, path))).includes('a long passphrase')).toBe(false);
  });
});

describe('importing', () => {
  const files = (name: string, content: string) => ({
    files: [{ name, content: Buffer.from(content).toString('base64') }],
    passphrases: [],
  });

  test('looking changes nothing; importing is one step', async () => {
    const content = await readFile(join(shop.dir, 'pki/elsewhere/auditor-cert.pem'), 'utf8');
    await document.edit('Remove', (dir) => rm(join(dir, 'pki/elsewhere'), { recursive: true }));
    const before = await pki();
    const looked = await certificates.inspectImport(files('a.pem', content));
    expect(await pki()).toEqual(before);
    const done = await certificates.import(files('a.pem', content));
    expect(done).toEqual(looked);
    expect(document.undoLabel).toBe('Import a.pem');
    await document.undo();
    expect(await pki()).toEqual(before);
  });

  test('nothing to import is no step', async () => {
    const label = document.undoLabel;
    await certificates.import(files('notes.txt', 'shopping list'));
    expect(document.undoLabel).toBe(label);
  });
});

test('the answers are what the contract says', async () => {
  const output = (name: keyof typeof certificatesContract) =>
    (certificatesContract[name] as unknown as { '~orpc': { outputSchema: { parse(value: unknown): unknown } } })[
      '~orpc'
    ].outputSchema;
  const answers = {
    advise: await certificates.advise(form({ dns: ['localhost'] })),
    consequences: await certificates.consequences(olga),
    fields: await certificates.fields(olga),
    create: await certificates.create(form()),
    snippets: await certificates.snippets(olga, 'certs'),
    inspectImport: await certificates.inspectImport({ files: [{ name: 'x', content: 'AAAA' }], passphrases: [] }),
  };
  for (const [name, answer] of Object.entries(answers))
    expect(output(name as keyof typeof certificatesContract).parse(answer)).toEqual(answer);
});
