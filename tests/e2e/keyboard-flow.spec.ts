import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from './fixtures';
import { AppPage } from './pages/app-page';
import { byPalette, tabTo } from './support/keys';

/** From the first page to a proof, with nothing but keys. No locator is clicked in this file. */
test('a workspace is opened, its access changed, reviewed, applied, run, tested and left by keys alone', async ({
  gatehouse,
}) => {
  test.setTimeout(150_000);
  const { page } = await gatehouse.start();
  const app = new AppPage(page);
  await app.ready();

  await test.step('open the shop example', async () => {
    await tabTo(page, page.getByRole('button', { name: /shop example/ }));
    await page.keyboard.press('Enter');
    await app.shows('Overview');
  });

  await test.step('let analysts read payments', async () => {
    await page.keyboard.press('Control+4');
    await app.shows('Access');
    // The list has one tab stop; arrows walk it.
    const groups = page.getByRole('navigation', { name: 'Table groups' });
    const money = groups.getByRole('button', { name: /^money/ });
    await tabTo(page, groups.locator('[aria-current="true"]'));
    for (let n = 0; n < 12 && !(await money.evaluate((one) => one === document.activeElement)); n += 1)
      await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(money).toHaveAttribute('aria-current', 'true');
    const readers = page.getByRole('group', { name: /^Readers/ }).getByRole('combobox');
    await tabTo(page, readers);
    await page.keyboard.type('analysts');
    await page.keyboard.press('Enter');
    await expect(app.status).toContainText('Draft: 1 change');
  });

  await test.step('take it back and make it again', async () => {
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1 }).focus();
    await page.keyboard.press('Control+z');
    await expect(app.status).toContainText('No draft');
    await page.keyboard.press('Control+Shift+z');
    await expect(app.status).toContainText('Draft: 1 change');
  });

  await test.step('review and apply', async () => {
    await page.keyboard.press('Control+s');
    const dialog = page.getByRole('dialog', { name: 'Review changes' });
    await expect(dialog.getByText('Table group money: reader analysts added.')).toBeVisible();
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
    await tabTo(page, dialog.getByRole('button', { name: 'Apply', exact: true }));
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(app.status).toContainText('No draft');
    expect(await readFile(join(gatehouse.workspaces, 'shop', 'acl.json'), 'utf8')).toMatch(/"analysts"\s*\]/);
    // The focus is not lost with the dialog.
    expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);
  });

  await test.step('start the cluster', async () => {
    await byPalette(page, 'Start Cluster');
    await expect(app.status).toContainText('running', { timeout: 40_000 });
  });

  await test.step('test one connection', async () => {
    await page.keyboard.press('Control+5');
    await app.shows('Test');
    const caller = page.getByRole('combobox', { name: 'Caller', exact: true });
    await tabTo(page, caller);
    await page.keyboard.type('maria');
    await expect(caller.locator('option:checked')).toHaveText(/^maria/);
    const statement = page.getByRole('combobox', { name: 'Statement' });
    await tabTo(page, statement);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('select id from payments');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByText(/^Allowed/).first()).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole('list', { name: 'The five hops' })).toBeVisible();
  });

  await test.step('run the matrix and stand in a cell', async () => {
    await tabTo(
      page,
      page
        .getByRole('tab', { name: 'Matrix' })
        .or(page.getByRole('tab', { selected: true }))
        .first(),
    );
    for (let n = 0; n < 4; n += 1) {
      if ((await page.getByRole('tab', { name: 'Matrix' }).getAttribute('aria-selected')) === 'true') break;
      await page.keyboard.press('ArrowRight');
    }
    await page.keyboard.press('Control+Shift+Enter');
    await expect(page.getByText(/cells? (is|are) not as expected|as expected\./).first()).toBeVisible({
      timeout: 60_000,
    });
    const grid = page.getByRole('grid');
    await tabTo(page, grid.getByRole('gridcell').first());
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await expect(page.locator(':focus')).toHaveAttribute('aria-colindex', '3');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('complementary')).toBeVisible();
    await page.keyboard.press('Escape');
  });

  await test.step('stop and leave', async () => {
    await byPalette(page, 'Stop Cluster');
    await expect(app.status).toContainText('stopped', { timeout: 20_000 });
    await byPalette(page, 'Close Workspace');
    await expect(app.heading).toHaveText('Gatehouse');
  });
});
