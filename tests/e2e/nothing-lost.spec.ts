import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { AppPage } from './pages/app-page';

/** A draft, its undo steps and the last results outlive the page, the tab, the program, and the program's sudden death. */
const readers = (page: Page): Locator => page.getByRole('group', { name: /^Readers/ });
/** The chip of a name, by the button that takes it out: suggestions have none. */
const chip = (page: Page, name: string): Locator => readers(page).getByRole('button', { name: `Remove ${name}` });

async function addReader(app: AppPage, name: string): Promise<void> {
  const { page } = app;
  const field = readers(page).getByRole('combobox');
  await field.fill(name);
  await field.press('Enter');
  await expect(chip(page, name)).toBeVisible();
}

const show = async (page: Page): Promise<AppPage> => {
  const app = new AppPage(page);
  await app.ready();
  await app.go('Access');
  return app;
};

test('after a reload, a restart and a kill the draft is there, and each step can be taken back', async ({
  gatehouse,
}) => {
  test.setTimeout(120_000);
  gatehouse.faults.expect(/WebSocket connection|ERR_CONNECTION/);
  const dir = await gatehouse.init('shop');
  const before = await readFile(join(dir, 'acl.json'), 'utf8');
  const first = await gatehouse.start(dir);
  let app = await show(first.page);
  await addReader(app, 'catalogue-sync');
  await expect(app.status).toContainText('Draft: 1 change');

  await first.page.reload();
  app = await show(first.page);
  await expect(chip(app.page, 'catalogue-sync')).toBeVisible();

  await first.stop();
  const second = await gatehouse.start(dir);
  app = await show(second.page);
  await expect(app.status).toContainText('Draft: 1 change');
  await addReader(app, 'billing');

  await second.kill();
  const third = await gatehouse.start(dir);
  app = await show(third.page);
  await expect(chip(app.page, 'billing')).toBeVisible();
  expect(await readFile(join(dir, 'acl.json'), 'utf8'), 'nothing was applied').toBe(before);

  await app.heading.focus();
  await app.page.keyboard.press('Control+z');
  await expect(chip(app.page, 'billing')).toBeHidden();
  await app.page.keyboard.press('Control+z');
  await expect(app.status).toContainText('No draft');
  await app.page.keyboard.press('Control+Shift+z');
  await expect(chip(app.page, 'catalogue-sync')).toBeVisible();
});

test('results of the matrix are there after a restart', async ({ gatehouse }) => {
  test.setTimeout(150_000);
  const dir = await gatehouse.init('shop');
  const first = await gatehouse.start(dir);
  let app = new AppPage(first.page);
  await app.ready();
  await app.startCluster();
  await app.go('Test');
  await app.page.getByRole('tab', { name: 'Matrix' }).click();
  await app.page.getByRole('button', { name: 'Run all' }).click();
  const done = /All (\d+ cells) run over real connections/;
  await expect(app.page.getByText(done)).toBeVisible({ timeout: 90_000 });
  const counts = (await app.page.getByText(done).textContent())?.trim() ?? '';
  await first.stop();

  const second = await gatehouse.start(dir);
  app = new AppPage(second.page);
  await app.ready();
  await app.go('Test');
  await app.page.getByRole('tab', { name: 'Matrix' }).click();
  await expect(app.page.getByText(done)).toContainText(counts.slice(0, 40));
});
