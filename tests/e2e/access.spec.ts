import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { AppPage } from './pages/app-page';
import { expectFits } from './support/layout';
import { look } from './support/look';

const list = (page: Page, name: string): Locator => page.getByRole('group', { name: new RegExp(`^${name}`) });
const add = (page: Page, name: string): Locator => list(page, name).getByRole('combobox');
const cell = (page: Page, caller: string, table: string): Locator =>
  page.getByRole('gridcell', { name: new RegExp(`^${caller}, ${table},`) });
const group = (page: Page, name: string): Locator =>
  page.getByRole('navigation', { name: 'Table groups' }).getByRole('button', { name: new RegExp(`^${name}`) });
const editor = (page: Page): Locator => page.getByRole('textbox', { name: 'Text of acl.json' });

/** Puts the caret at the beginning of the text and types. */
async function typeFirst(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type(text);
}

test.describe('a shop', () => {
  test.use({ workspace: 'shop' });

  test('a reader that is added shows in cells, in the text and in the draft, and undo takes it back', async ({
    app,
    page,
  }) => {
    await app.go('Access');
    await group(page, 'money').click();
    await expect(cell(page, 'shop_web', 'payments')).toHaveAccessibleName(/read: probably denied; write/);
    await add(page, 'Readers').fill('shop_web');
    await page.keyboard.press('Enter');
    await expect(cell(page, 'shop_web', 'payments')).toHaveAccessibleName(
      /read: probably allowed, changed by the draft/,
    );
    await expect(page.getByText('1 cell changes')).toBeVisible();
    await expect(list(page, 'Readers').getByText('added by the draft')).toHaveCount(1);
    await expect(app.status).toContainText('Draft: 1 change');
    await expect(editor(page)).toContainText('"shop_web"');
    await look(page, 'access-changed');

    await app.heading.focus();
    await page.keyboard.press('Control+z');
    await expect(cell(page, 'shop_web', 'payments')).toHaveAccessibleName(/read: probably denied; write/);
    await expect(app.status).toContainText('No draft');
  });

  test('typing in the text shows in cells and in the form, and is stored', async ({ app, page, gatehouse }) => {
    await app.go('Access');
    await editor(page).click();
    await page.keyboard.press('Control+Home');
    for (let line = 1; line < 6; line += 1) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    for (let at = 0; at < 2; at += 1) await page.keyboard.press('ArrowLeft');
    await page.keyboard.type(', "auditor"');
    await expect(cell(page, 'auditor', 'customers')).toHaveAccessibleName(
      /read: probably allowed, changed by the draft/,
    );
    await expect(list(page, 'Readers').getByText('auditor')).toBeVisible();
    const draft = join(gatehouse.home, 'shop', '.gatehouse', 'draft', 'files', 'acl.json');
    await expect.poll(() => readFile(draft, 'utf8')).toContain('"operations", "auditor"]');
    // What is applied stays as it was.
    expect(await readFile(join(gatehouse.home, 'shop', 'acl.json'), 'utf8')).not.toContain(
      'auditor"],\n      "writers": ["shop_web"',
    );
  });

  test('a broken text keeps the form and the prediction, and can be taken back', async ({ app, page }) => {
    await app.go('Access');
    await typeFirst(page, 'x');
    await expect(page.getByText('The text is broken. The form shows the last good version.')).toBeVisible();
    await expect(page.getByText('The text is broken. This is the last version that Vitess would load.')).toBeVisible();
    await expect(group(page, 'people')).toBeVisible();
    await expect(add(page, 'Readers')).toHaveCount(0);
    await expect(cell(page, 'shop_web', 'customers')).toHaveAccessibleName(/read: probably allowed/);
    await look(page, 'access-broken');

    await page.getByRole('button', { name: 'Bring back the last good version' }).click();
    await expect(add(page, 'Readers')).toBeVisible();
    await expect(editor(page)).not.toContainText('x{');
    await app.heading.focus();
    await page.keyboard.press('Control+z');
    await expect(page.getByText('The text is broken. The form shows the last good version.')).toBeVisible();
  });

  test('nothing typed is lost when the screen is left, or when another page changes the file', async ({
    app,
    page,
    started,
  }) => {
    await app.go('Access');
    await typeFirst(page, ' ');
    await app.go('Callers');
    await app.go('Access');
    await expect(app.status).toContainText('Draft: 1 change');

    const other = await started.newPage();
    const second = new AppPage(other);
    await second.ready();
    await second.go('Access');
    // Here something is typed and not stored yet while there the form is used.
    await typeFirst(page, ' ');
    await group(other, 'people').click();
    await add(other, 'Readers').fill('auditor');
    await other.keyboard.press('Enter');
    await expect(list(other, 'Readers').getByText('auditor')).toBeVisible();
    await expect
      .poll(async () => {
        const asks = await page.getByText('The file was changed elsewhere.').isVisible();
        if (asks) await page.getByRole('button', { name: 'Load it' }).click();
        return list(page, 'Readers').getByText('auditor').isVisible();
      })
      .toBe(true);
    await other.close();
  });

  test('the mode says what it comes to, and undo takes it back', async ({ app, page }) => {
    await app.go('Access');
    const sentence = (text: string): Locator => page.getByRole('status').filter({ hasText: text });
    await expect(sentence('Who is not listed is denied, and every denial is counted.')).toBeVisible();
    await page.getByRole('radio', { name: 'Dry run' }).focus();
    await page.keyboard.press('Space');
    await expect(sentence('Dry run wins. Nothing is enforced')).toBeVisible();
    await expect(cell(page, 'billing', 'customers')).toHaveAccessibleName(/read: probably would be denied, changed/);
    await page.keyboard.press('ArrowRight');
    await expect(sentence('Denied callers get through and are not counted.')).toBeVisible();
    await expect(cell(page, 'billing', 'customers')).toHaveAccessibleName(
      /read: probably allowed, not enforced, changed/,
    );
    await look(page, 'access-off');
    await app.heading.focus();
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await expect(sentence('Who is not listed is denied, and every denial is counted.')).toBeVisible();
  });

  test('a cell says why, and what would change it', async ({ app, page }) => {
    await app.go('Access');
    await cell(page, 'shop_web', 'customers').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    const why = page.getByRole('region', { name: 'Why' });
    await expect(why).toContainText('because its group "analysts" is in readers of group "people" (acl.json, line 6)');
    await look(page, 'access-why');
    await why.getByRole('button', { name: 'Add maria to writers' }).click();
    await expect(cell(page, 'maria', 'customers')).toHaveAccessibleName(
      /write: probably allowed, changed by the draft/,
    );
    await expect(why).toContainText('"maria" may write "customers" because it is in writers');
  });

  test('an ACL file is imported by drop, with a report first', async ({ app, page }) => {
    await app.go('Access');
    const text = JSON.stringify({
      table_groups: [{ name: 'one', table_names_or_prefixes: ['orders'], readers: ['shop_web', 'nobody at all'] }],
    });
    await page.evaluate((content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], 'other.json', { type: 'application/json' }));
      const target = document.querySelector('[data-screen=access] h2');
      for (const type of ['dragover', 'drop'])
        target?.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
    }, text);
    const dialog = page.getByRole('dialog', { name: 'Import a table ACL' });
    await expect(dialog).toContainText('1 table group with 1 table or prefix and 2 names. Replaces the 5 table groups');
    await expect(dialog).toContainText('nobody at all');
    await look(page, 'access-import');
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await expect(group(page, 'one')).toBeVisible();
    await expect(group(page, 'people')).toHaveCount(0);
    // The draft's own state tells that there is something to undo; it comes apart from the screen's.
    await expect(page.getByRole('button', { name: /^Review changes \d/ })).toBeVisible();
    await app.heading.focus();
    await page.keyboard.press('Control+z');
    await expect(group(page, 'people')).toBeVisible();
  });

  test('everything by keyboard: a new group, its name, a table and a reader', async ({ app, page }) => {
    await app.go('Access');
    await page.keyboard.press('Control+n');
    const name = page.getByRole('textbox', { name: 'Name of the table group' });
    await expect(name).toBeFocused();
    await page.keyboard.type('refunds');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'refunds' })).toBeVisible();
    await group(page, 'refunds').focus();
    // Past Rename and the menu to the field for tables.
    for (let at = 0; at < 8 && !(await add(page, 'Tables').evaluate((one) => one === document.activeElement)); at += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.type('refunds');
    await page.keyboard.press('Enter');
    await expect(list(page, 'Tables').getByText('refunds')).toBeVisible();
    await expect(page.getByText('There is no table called “refunds”.')).toBeVisible();
    await page.keyboard.press('Tab');
    await page.keyboard.type('supp');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(list(page, 'Readers').getByText('support', { exact: true })).toBeVisible();
    await expect(cell(page, 'ines', 'refunds')).toHaveAccessibleName(/read: probably allowed/);
    await group(page, 'refunds').focus();
    await page.keyboard.press('Delete');
    await expect(group(page, 'refunds')).toHaveCount(0);
  });

  test('fits a window of 700 px, and text of twice the size', async ({ app, page }) => {
    await app.go('Access');
    await page.setViewportSize({ width: 700, height: 800 });
    await expectFits(page);
    await look(page, 'access-narrow');
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
    await expectFits(page);
  });

  test('tables are those of MySQL while the cluster runs', async ({ app, page }) => {
    await app.go('Access');
    await expect(page.getByText('Offered from the schema file and the tests.', { exact: false })).toBeVisible();
    await app.startCluster();
    await expect(page.getByText('Offered from the schema file and the tests.', { exact: false })).toHaveCount(0);
    await expect(page.getByText('Tables could not be listed.')).toHaveCount(0);
    await add(page, 'Tables').click();
    await expect(page.getByRole('option', { name: /payments/ })).toBeVisible();
  });
});

test.describe('an empty workspace', () => {
  test.use({ workspace: 'empty' });
  test('says that there is no tablet', async ({ app, page }) => {
    await app.go('Access');
    await expect(page.getByText('Access is decided at a tablet, and this workspace has none.')).toBeVisible();
    await look(page, 'access-empty');
  });
});

test.describe('many callers and tables', () => {
  test('fits and stays usable with 200 callers, 500 tables and long names', async ({ gatehouse }) => {
    const dir = await gatehouse.init('shop', 'large');
    const name = (index: number): string =>
      index % 17 === 3 ? `application_with_a_rather_long_name_for_a_service_${index}` : `app_${index}`;
    const users = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [
        `user${index}`,
        [{ MysqlNativePassword: '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19', UserData: name(index) }],
      ]),
    );
    const names = (from: number): string[] => Array.from({ length: 20 }, (_, index) => name((from + index * 7) % 200));
    const groups = Array.from({ length: 100 }, (_, at) => ({
      name:
        at % 13 === 0 ? `a table group with a very long name that somebody chose for it, number ${at}` : `group ${at}`,
      table_names_or_prefixes: Array.from({ length: 5 }, (_table, index) => `table_of_group_${at}_number_${index}`),
      readers: names(at),
      writers: names(at),
      admins: names(at),
    }));
    await writeFile(join(dir, 'users.json'), JSON.stringify(users));
    await writeFile(join(dir, 'acl.json'), JSON.stringify({ table_groups: groups }, null, 2));
    const { page } = await gatehouse.start(dir);
    const app = new AppPage(page);
    await app.ready();
    await app.go('Access');
    await expect(cell(page, 'app_0', 'table_of_group_0_number_0')).toBeVisible();
    await expectFits(page);
    await look(page, 'access-large');
    await page.getByRole('searchbox', { name: 'Filter groups' }).fill('group 77');
    await group(page, 'group 77').click();
    await expect(cell(page, 'app_7', 'table_of_group_77_number_0')).toBeVisible();
    await page.setViewportSize({ width: 700, height: 800 });
    await expectFits(page);
  });
});
