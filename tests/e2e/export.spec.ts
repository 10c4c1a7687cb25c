import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from './fixtures';
import { expectAccessible } from './support/axe';
import { misfits } from './support/layout';
import { look } from './support/look';

const pasted = `vtgate \\
  --mysql_server_port 15306 --mysql_server_ssl_cert=/etc/c.pem --mysql_server_ssl_key /etc/k.pem \\
  --tablet_client_cert /x --mysql_auth_server_impl none --db_app_password=hunter2
vttablet --table-acl-config /etc/acl.json --queryserver-config-enable-table-acl-dry-run`;

test.use({ workspace: 'shop' });

test('the tests run first, then files and flags are written for a real cluster', async ({ app, page, gatehouse }) => {
  test.setTimeout(180_000);
  await app.go('Export');
  await expect(page.getByText('Nothing proves these files for Vitess 24 yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Run all first' }).click();
  await expect(page.getByText('These files are proved for Vitess 24.')).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText(/\d+ of \d+ as expected/)).toBeVisible();

  await page.getByRole('button', { name: 'Export to folder…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export for Vitess 24' });
  const out = join(gatehouse.home, 'handed-over');
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(out);
  await dialog.getByRole('checkbox', { name: /Include private keys/ }).check();
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  const done = page.getByRole('dialog', { name: 'Exported' });
  await expect(done.getByRole('row', { name: /^users\.json.*0600/ })).toBeVisible();
  await expectAccessible(page);
  await done.getByRole('button', { name: 'Close' }).last().click();

  const flags = await readFile(join(out, 'flags/vtgate-main.flags'), 'utf8');
  expect(flags).toContain(`--mysql-server-ssl-key=${out}/pki/gateways/main-key.pem`);
  expect((await stat(join(out, 'pki/gateways/main-key.pem'))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(out, 'README.txt'), 'utf8')).toMatch(/\d+ of \d+ as expected/);

  // A change of a setting is not proved, and the folder is not written over without a word.
  await page.getByRole('button', { name: 'Export to folder…' }).click();
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(out);
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(dialog.getByText(/is not empty/)).toBeVisible();
  await dialog.getByRole('checkbox', { name: /Replace what an earlier export/ }).check();
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(done).toBeVisible();
  expect((await readdir(out)).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('pasted flags are told by release, and no secret of them is shown', async ({ app, page }) => {
  await app.go('Export');
  await page.getByRole('tab', { name: 'Check flags' }).click();
  await page.getByRole('textbox', { name: /Flags of a running/ }).fill(pasted);
  await expect(page.getByText('No release would start with some of these flags.')).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'vttablet' })).toBeVisible();
  await expect(page.getByText('--tablet-grpc-cert').first()).toBeVisible();
  await expect(page.getByText(/the authentication "none" everybody gets in/i)).toBeVisible();
  await expect(page.getByText(/refuses nobody: denials are only counted/)).toBeVisible();
  expect(await page.locator('main').innerText()).not.toContain('hunter2');
  await look(page, 'export-check');
});

for (const width of [1280, 700])
  test(`every tab of Export and Settings fits ${width} px and is accessible`, async ({ app, page }) => {
    await page.setViewportSize({ width, height: 800 });
    await app.go('Export');
    for (const tab of ['Files', 'Flags', 'Differences', 'Check flags']) {
      await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
      expect(await misfits(page), tab).toEqual([]);
      await expectAccessible(page);
    }
    await page.getByRole('tab', { name: /^Files/ }).click();
    await page.getByRole('row', { name: /acl\.json/ }).click();
    await expect(page.getByRole('region', { name: 'acl.json' })).toBeVisible();
    await expectAccessible(page);
    await app.go('Settings');
    for (const tab of ['General', 'Backend', 'Gateway', 'Keys and secrets', 'Appearance', 'Shortcuts']) {
      await page.getByRole('tab', { name: tab }).click();
      if (tab === 'Backend') {
        await page.getByText('The first one found').waitFor();
        await page.getByText('Run by others').click();
      }
      expect(await misfits(page), tab).toEqual([]);
      await expectAccessible(page);
    }
  });

test('a setting of the workspace goes into the draft and can be undone; colours hold over a reload', async ({
  app,
  page,
}) => {
  await app.go('Settings');
  await page.getByRole('tab', { name: 'Gateway' }).click();
  const port = page.getByRole('textbox', { name: 'MySQL port of main' });
  await port.fill('15306');
  await port.press('Enter');
  await expect(app.status).toContainText(/Draft: 1 change/);
  await page.getByRole('heading', { level: 1 }).focus();
  await page.keyboard.press('Control+z');
  await expect(port).toHaveValue('0');
  await page.getByRole('tab', { name: 'Appearance' }).click();
  await page.getByText('Dark', { exact: true }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
