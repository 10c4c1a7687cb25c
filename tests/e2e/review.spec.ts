import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test, type Gatehouse } from './fixtures';
import { AppPage } from './pages/app-page';
import { look } from './support/look';
import type { RunningShell } from './support/shells';

/** Adds a reader to the table group "money" on the screen Access. */
async function addReader(page: Page, app: AppPage, name: string): Promise<void> {
  await app.go('Access');
  await page
    .getByRole('option', { name: /money/ })
    .or(page.getByRole('button', { name: /^money/ }))
    .first()
    .click();
  const readers = page.getByRole('group', { name: 'Readers' });
  await readers.getByRole('combobox').fill(name);
  await readers.getByRole('combobox').press('Enter');
  await expect(page.getByRole('button', { name: /Review changes/ })).toBeVisible();
}

const review = (page: Page): Locator => page.getByRole('dialog', { name: 'Review changes' });

async function openReview(page: Page): Promise<Locator> {
  await page.keyboard.press('Control+s');
  await expect(review(page).getByRole('heading', { name: 'Files and flags' })).toBeVisible();
  return review(page);
}

const applied = (dir: string, file = 'acl.json'): Promise<string> => readFile(join(dir, file), 'utf8');

async function startShop(
  gatehouse: Gatehouse,
): Promise<{ dir: string; page: Page; app: AppPage; shell: RunningShell }> {
  const dir = await gatehouse.init('shop');
  const shell = await gatehouse.start(dir);
  const { page } = shell;
  const app = new AppPage(page);
  await app.ready();
  return { dir, page, app, shell };
}

test('an edit is reviewed, applied, undone and restored', async ({ gatehouse }) => {
  const { dir, page, app } = await startShop(gatehouse);
  const before = await applied(dir);
  await addReader(page, app, 'analysts');
  expect(await applied(dir), 'the draft is not the applied file').toBe(before);

  const box = await openReview(page);
  await expect(box.locator('.statement')).toHaveText('This gives maria access to payments (read).');
  await expect(box.getByText('Table group money: reader analysts added.')).toBeVisible();
  await expect(box.getByText('3 contradict expectations')).toBeVisible();
  await look(page, 'review');
  await box.getByRole('button', { name: 'Expect allowed' }).first().click();
  await expect(box.getByText('maria, payments, read: now expected Allowed.')).toBeVisible();
  await box.getByRole('textbox', { name: /Describe the change/ }).fill('analysts may see payments');
  await box.getByRole('button', { name: 'Apply', exact: true }).click();
  await expect(page.getByRole('group', { name: /Applied as version 2/ })).toBeVisible();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  expect(await applied(dir)).toContain('"operations", "analysts"');
  await expect(app.status).toContainText('No draft');

  await page.keyboard.press('Control+z');
  await expect(app.status).toContainText('Draft: 1 change');
  await page.keyboard.press('Control+Shift+z');
  await expect(app.status).toContainText('No draft');

  await app.go('History');
  await expect(page.getByText('Version 2 is applied.')).toBeVisible();
  await page.getByRole('row', { name: /found on the disk/ }).click();
  const pane = page.getByRole('complementary', { name: 'Version 1' });
  await expect(pane.getByText('Table group money: reader analysts added.')).toBeVisible();
  await look(page, 'history');
  await pane.getByRole('button', { name: 'Restore this version…' }).click();
  await page.getByRole('dialog', { name: 'Restore version 1?' }).getByRole('button', { name: 'Restore' }).click();
  await expect(app.status).toContainText('Draft: 2 changes');
  expect(await applied(dir), 'restoring applies nothing').toContain('"operations", "analysts"');
  await page
    .getByRole('group', { name: /Version 1 is the draft now/ })
    .getByRole('button', { name: 'Review changes' })
    .click();
  await review(page).getByRole('button', { name: 'Apply', exact: true }).click();
  await expect(page.getByRole('group', { name: /Applied as version 3/ })).toBeVisible();
  expect(await applied(dir)).toBe(before);
});

test('one change is taken back by itself, and a discarded draft comes back with Undo', async ({ gatehouse }) => {
  const { page, app } = await startShop(gatehouse);
  await addReader(page, app, 'analysts');
  await addReader(page, app, 'support');
  const box = await openReview(page);
  await box.getByRole('button', { name: /^Undo this: .*support/ }).click();
  await expect(box.getByText('1 change', { exact: true })).toBeVisible();
  await box.getByRole('button', { name: 'Discard draft…' }).click();
  await page.getByRole('dialog', { name: 'Discard 1 change?' }).getByRole('button', { name: 'Discard' }).click();
  await expect(app.status).toContainText('No draft');
  await page.getByRole('group', { name: 'The draft is discarded.' }).getByRole('button', { name: 'Undo' }).click();
  await expect(app.status).toContainText('Draft: 1 change');
});

test('the draft and what can be undone outlive the program', async ({ gatehouse }) => {
  const { dir, page, app, shell } = await startShop(gatehouse);
  await addReader(page, app, 'analysts');
  await shell.stop();
  const second = await gatehouse.start(dir);
  const again = new AppPage(second.page);
  await again.ready();
  await expect(again.status).toContainText('Draft: 1 change');
  await second.page.keyboard.press('Control+z');
  await expect(again.status).toContainText('No draft');
});

test('a file changed by others is noticed, compared and loaded; the draft comes back with Undo', async ({
  gatehouse,
}) => {
  const { dir, page, app } = await startShop(gatehouse);
  await addReader(page, app, 'analysts');
  const theirs = (await applied(dir)).replace('"auditor", ', '');
  await writeFile(join(dir, 'acl.json'), theirs);
  const bar = page.getByRole('group', { name: 'acl.json changed on the disk.' });
  await expect(bar).toBeVisible();
  await look(page, 'changed-on-disk');
  const box = await openReview(page);
  await expect(box.getByRole('button', { name: 'Apply', exact: true })).toHaveAttribute('aria-disabled', 'true');
  await box.getByRole('button', { name: 'Keep editing' }).click();
  await bar.getByRole('button', { name: 'Compare…' }).click();
  const compare = page.getByRole('dialog', { name: 'Changed on the disk' });
  await expect(compare.getByText('"analysts"', { exact: false }).first()).toBeVisible();
  await compare.getByRole('button', { name: 'Load it' }).click();
  await expect(bar).toBeHidden();
  await expect(app.status).toContainText('No draft');
  await page.keyboard.press('Control+z');
  await expect(app.status).toContainText('Draft: 2 changes');
  expect(await applied(dir)).toBe(theirs);
});
