import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority, issueCertificate } from '../../src-main/domain/certs';
import { expect, test } from './fixtures';
import { CertificatesPage, showCertificate } from './pages/certificates-page';
import { expectFits } from './support/layout';
import { look } from './support/look';

const draftFiles = async (dir: string): Promise<string[]> =>
  (await readdir(join(dir, '.gatehouse/draft/files/pki'), { recursive: true })).map(String).sort();

test.describe('from nothing', () => {
  test.use({ workspace: 'empty' });

  test('the usual set, one click, applied, and a caller is let in with its certificate alone', async ({
    app,
    page,
    gatehouse,
  }) => {
    test.setTimeout(150_000);
    const dir = join(gatehouse.home, 'empty');
    await app.go('Certificates');
    const certificates = new CertificatesPage(page);
    await expect(page.getByRole('heading', { name: 'No certificates' })).toBeVisible();
    await look(page, 'certificates-empty');
    await page.getByRole('button', { name: 'Create the usual set' }).click();
    await certificates.told('Created 12 certificates and put them to use.');
    await expect(certificates.row(/caller-1/)).toContainText('Valid');
    await expect(certificates.checks.getByRole('row')).toHaveCount(8);
    await expect(page.getByText('Five authorities answer who may call whom.')).toBeVisible();

    await certificates.undo(/put them to use/);
    await expect(page.getByRole('heading', { name: 'No certificates' })).toBeVisible();
    await page.getByRole('button', { name: 'Create the usual set' }).click();
    await expect(certificates.row(/caller-1/)).toContainText('Valid');
    await certificates.apply();
    await app.startCluster();
    expect(await showCertificate(dir, 'main', 'callers/caller-1')).toBe('in');
    expect(await showCertificate(dir, 'main', 'tablet-clients/main')).not.toBe('in');
  });
});

test.describe('the shop', () => {
  test.use({ workspace: 'shop' });

  test('a certificate from the form: warnings while typing, a notice, undo', async ({ app, page }) => {
    await app.go('Certificates');
    const certificates = new CertificatesPage(page);
    await page.keyboard.press('Control+n');
    const form = page.getByRole('form', { name: 'New certificate' });
    await form.getByRole('textbox', { name: 'Common name' }).fill('robot ');
    await expect(form).toContainText('The name ends with a space. Names are compared exactly.');
    await form.getByRole('combobox', { name: 'For', exact: true }).selectOption('Gateway server');
    await expect(form).toContainText('every client refuses it');
    await form.getByRole('combobox', { name: 'Add a name' }).fill('gw.local');
    await page.keyboard.press('Enter');
    await expect(form).toContainText('Clients dial localhost or 127.0.0.1; the certificate names only gw.local.');
    await look(page, 'certificates-new');
    await form.getByRole('combobox', { name: 'For', exact: true }).selectOption('Caller');
    await form.getByRole('textbox', { name: 'Common name' }).fill('robot');
    await form.getByRole('button', { name: 'Remove gw.local' }).click();
    await expect(form).toContainText('Will be written to pki/callers/robot-cert.pem.');
    await form.getByRole('combobox', { name: 'Valid for' }).selectOption('90 days');
    await form.getByRole('button', { name: 'Create certificate' }).click();
    await certificates.told(/Created robot, signed by Shop callers CA, valid until \d+ \w+ \d{4}\./);
    await expect(certificates.details.getByRole('heading', { level: 2 })).toHaveText('robot');
    await expect(certificates.row(/^robot/)).toHaveAttribute('aria-selected', 'true');
    await certificates.undo(/Created robot/);
    await expect(certificates.row(/^robot/)).toHaveCount(0);
  });

  test('broken files are refused each with its place and remedy, the good one is imported, and nothing is lost', async ({
    app,
    page,
    gatehouse,
  }) => {
    const dir = join(gatehouse.home, 'shop');
    await app.go('Certificates');
    const certificates = new CertificatesPage(page);
    const foreign = createAuthority({ subject: { commonName: 'Corp CA' } });
    const good = issueCertificate({ issuer: foreign, subject: { commonName: 'visitor' }, role: 'caller' });
    const broken = {
      'cut.pem': good.pem.replace(/-----END.*/, ''),
      'half.pem': good.pem + good.pem.replace(/\n(.{8})/, '\n!!$1'),
      'notes.txt': 'shopping list',
      'ssh.key': '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
      'cert.der': good.der.subarray(0, 200),
      'empty.pem': '',
    };
    const before = await draftFiles(dir);
    await certificates.drop(Object.entries(broken).map(([name, content]) => ({ name, content })));
    const dialog = page.getByRole('dialog', { name: 'Import certificates and keys' });
    const report = dialog.getByRole('region', { name: 'What would be imported' });
    await expect(report.getByText('Refused')).toHaveCount(Object.keys(broken).length);
    await expect(report).toContainText('Line 1: the block CERTIFICATE has no END line. The file is cut off');
    await expect(report).toContainText('no certificate inside');
    await look(page, 'certificates-import');
    await expect(dialog.getByRole('button', { name: 'Import', exact: true })).toHaveAttribute('aria-disabled', 'true');
    await page.keyboard.press('Escape');
    expect(await draftFiles(dir)).toEqual(before);

    await certificates.drop([
      { name: 'cut.pem', content: broken['cut.pem'] },
      { name: 'visitor.pem', content: good.pem + good.privateKeyPem.reveal() },
    ]);
    await expect(report).toContainText('Certificate visitor, signer unknown (CN=Corp CA).');
    await dialog.getByRole('button', { name: 'Import 1 certificate, 1 key' }).click();
    await certificates.told('Imported 1 certificate, 1 key.');
    const strangers = page.getByRole('treegrid', { name: 'Not connected' });
    await expect(strangers.getByRole('row', { name: /visitor/ })).toContainText('Signer unknown');
    expect(await page.content()).not.toContain('PRIVATE KEY');
    expect((await draftFiles(dir)).filter((path) => !before.includes(path))).toEqual([
      'imported',
      'imported/visitor-cert.pem',
      'imported/visitor-key.pem',
    ]);
    await certificates.undo(/Imported 1/);
    await expect(strangers).toHaveCount(0);
  });

  test('who is revoked is let in before and not after; nobody else is shut out', async ({ app, page, gatehouse }) => {
    test.setTimeout(150_000);
    const dir = join(gatehouse.home, 'shop');
    await app.startCluster();
    expect(await showCertificate(dir, 'certs', 'callers/billing')).toBe('in');
    await app.go('Certificates');
    const certificates = new CertificatesPage(page);
    await certificates.select(/^billing/);
    await page.getByRole('button', { name: 'Revoke…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke billing?' });
    await expect(dialog).toContainText('put on the CRL of Shop callers CA');
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await certificates.told('Revoked billing.');
    await expect(certificates.row(/^billing/)).toContainText('Revoked today');
    await expect(certificates.details).toContainText('No gateway lets it in.');
    expect(await showCertificate(dir, 'certs', 'callers/billing')).toBe('in');
    await certificates.apply();
    await expect.poll(() => showCertificate(dir, 'certs', 'callers/billing'), { timeout: 20_000 }).not.toBe('in');
    expect(await showCertificate(dir, 'certs', 'callers/olga')).toBe('in');
  });

  test('a branch is renewed from the root: new serials below, the old root is trusted by nobody, and links hold', async ({
    app,
    page,
    gatehouse,
  }) => {
    test.setTimeout(150_000);
    const dir = join(gatehouse.home, 'shop');
    const before = await readFile(join(dir, 'pki/callers/olga-cert.pem'), 'utf8');
    await app.go('Certificates');
    const certificates = new CertificatesPage(page);
    await certificates.select(/^Shop root CA/);
    await page.getByRole('button', { name: 'Renew…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Renew Shop root CA' });
    await expect(dialog.getByRole('radio', { name: /Everything below it too \(16 certificates\)/ })).toBeChecked();
    await dialog.getByRole('button', { name: 'Renew', exact: true }).click();
    await certificates.told('Renewed 17 certificates.');
    await expect(certificates.row(/^billing/)).toContainText('Valid');
    await expect(page.getByRole('treegrid', { name: 'Not connected' })).toHaveCount(0);
    await certificates.apply();
    expect(await readFile(join(dir, 'pki/callers/olga-cert.pem'), 'utf8')).not.toBe(before);
    await app.startCluster();
    expect(await showCertificate(dir, 'certs', 'callers/olga')).toBe('in');
    expect(await showCertificate(dir, 'certs', 'callers/revoked')).not.toBe('in');
  });

  test('the private key is shown when it is asked for, and never before', async ({ app, page, gatehouse }) => {
    await app.go('Certificates');
    const certificates = new CertificatesPage(page);
    await certificates.select(/^olga/);
    await page.getByRole('button', { name: 'All fields' }).click();
    const dialog = page.getByRole('dialog', { name: 'All fields of olga' });
    await expect(dialog).toContainText('SHA-256 fingerprint');
    const key = await readFile(join(gatehouse.home, 'shop/pki/callers/olga-key.pem'), 'utf8');
    const secret = key.split('\n')[1] ?? '?';
    expect(await page.content()).not.toContain(secret);
    await dialog.getByRole('button', { name: /^Show/ }).click();
    await expect(dialog).toContainText(secret);
    await page.keyboard.press('Escape');
    expect(await page.content()).not.toContain(secret);
  });

  test('a faulty copy is marked, and exported only when it is said that it is wanted', async ({ app, page }) => {
    await app.go('Certificates');
    const certificates = new CertificatesPage(page);
    await certificates.select(/^olga/);
    await certificates.fromMore('Make a faulty certificate…');
    const dialog = page.getByRole('dialog', { name: 'Make a faulty certificate' });
    await dialog.getByRole('combobox', { name: 'Fault' }).selectOption('Without a common name');
    await dialog.getByRole('button', { name: 'Make certificate' }).click();
    await certificates.told('Made a copy of olga that is faulty on purpose: no common name.');
    await expect(certificates.details).toContainText('Faulty on purpose');
    await expect(certificates.details).toContainText('unsecure_grpc_client');
    await page.getByRole('button', { name: 'Export…' }).click();
    const save = page.getByRole('dialog').getByRole('button', { name: /^Save file/ });
    await expect(save).toHaveAttribute('aria-disabled', 'true');
    await page.getByRole('checkbox', { name: 'Export it all the same' }).check();
    const download = page.waitForEvent('download');
    await save.click();
    expect((await download).suggestedFilename()).toBe('callers-olga-no-common-name-cert.pem');
  });
});

test.describe('as it looks', () => {
  test.use({ workspace: 'reference' });

  test('at 1280 and at 700 px, with a certificate and with a link chosen', async ({ app, page }) => {
    await app.go('Certificates');
    const certificates = new CertificatesPage(page);
    await certificates.select(/^vtgate client 1/);
    await expect(certificates.checks.locator('tr.related')).toHaveCount(1);
    await look(page, 'certificates');
    await expectFits(page);
    await certificates.checks.getByRole('row', { name: /vttablet server instance/ }).click();
    await expect(certificates.tree.locator('tr.related')).toHaveCount(3);
    await page.setViewportSize({ width: 700, height: 900 });
    await look(page, 'certificates-700');
    await expectFits(page);
    await certificates.select(/^vtgate client 2/);
    await expectFits(page);
  });

  test('by keys alone: tree, details, a link, and back', async ({ app, page }) => {
    await app.go('Certificates');
    const certificates = new CertificatesPage(page);
    await certificates.row(/^ca/).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await expect(certificates.details.getByRole('heading', { level: 2 })).toHaveText('vtgate client 1');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect(certificates.row(/^vtgate client CA/)).toHaveAttribute('aria-expanded', 'false');
    await page.keyboard.press('v');
    await expect(certificates.row(/^vtgate server CA/)).toBeFocused();
    await page.keyboard.press('Control+f');
    await expect(page.getByRole('searchbox', { name: 'Filter certificates' })).toBeFocused();
  });
});
