import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test, type Gatehouse } from './fixtures';
import { AppPage } from './pages/app-page';
import { look } from './support/look';

async function open(gatehouse: Gatehouse): Promise<{ dir: string; page: Page; app: AppPage }> {
  const dir = await gatehouse.init('shop');
  const { page } = await gatehouse.start(dir);
  const app = new AppPage(page);
  await app.ready();
  await app.go('Test');
  await page.getByRole('tab', { name: 'Break it' }).click();
  return { dir, page, app };
}
const rowOf = (page: Page, group: string, name: string | RegExp) =>
  page.getByRole('grid', { name: group }).getByRole('row', { name });

test('an attack that gets through: what happens, which setting, one click, and it is stopped', async ({
  gatehouse,
}) => {
  const { dir, page, app } = await open(gatehouse);
  await expect(page.getByText('Nothing has been tried yet.')).toBeVisible();
  await rowOf(page, 'Claimed identities', /A gRPC user claims another name/).click();
  const pane = page.getByRole('complementary', { name: 'The attack' });
  await expect(pane.getByRole('heading', { name: 'What is about to happen' })).toBeVisible();
  await look(page, 'attacks-before');
  await pane.getByRole('button', { name: 'Try it' }).click();
  await expect(page.getByText('One attack got through.')).toBeVisible({ timeout: 60_000 });
  await expect(pane.getByText('Got through').first()).toBeVisible();
  await expect(pane.getByText(/gatehouse\.json, line \d+/)).toBeVisible();
  await look(page, 'attacks-through');

  await pane.getByRole('button', { name: /^Set grpc\.useEffectiveCallerId to false/ }).click();
  await expect(app.status.or(page.getByText('in the draft')).first()).toBeVisible();
  await page.getByRole('button', { name: 'Review changes' }).first().click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Apply/ })
    .click();
  await expect(page.getByRole('dialog')).toHaveCount(0, { timeout: 30_000 });
  expect(await readFile(join(dir, 'gatehouse.json'), 'utf8')).toContain('"useEffectiveCallerId": false');
  await app.go('Test');
  await page.getByRole('tab', { name: 'Break it' }).click();
  await rowOf(page, 'Claimed identities', /A gRPC user claims another name/).click();
  await pane.getByRole('button', { name: /Try it/ }).click();
  await expect(pane.getByText(/^Stopped by/).first()).toBeVisible({ timeout: 60_000 });
});

test('everything is tried, scored, filtered, reported and accepted with a reason', async ({ gatehouse }) => {
  test.setTimeout(180_000);
  const { dir, page } = await open(gatehouse);
  await page.getByRole('button', { name: 'Break it', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Break it again' })).toBeVisible({ timeout: 150_000 });
  await expect(page.getByText(/\d+ tried · \d+ stopped/)).toBeVisible();
  await look(page, 'attacks');

  await page.getByRole('radiogroup', { name: 'Which attacks' }).getByText('Got through', { exact: true }).click();
  const first = page.getByRole('grid').first().getByRole('row').nth(1);
  await first.click();
  const pane = page.getByRole('complementary', { name: 'The attack' });
  await expect(pane.getByText('Got through').first()).toBeVisible();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Report' }).click();
  await page.getByRole('menuitem', { name: 'JSON…' }).click();
  const report = JSON.parse(await readFile(await (await download).path(), 'utf8')) as {
    schema: number;
    attacks: { outcome: string }[];
  };
  expect(report.schema).toBe(1);
  expect(report.attacks.filter(({ outcome }) => outcome === 'stopped').length).toBeGreaterThan(10);

  await page.getByRole('radiogroup', { name: 'Which attacks' }).getByText('All', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Filter attacks' }).fill('claims another name');
  await rowOf(page, 'Claimed identities', /A gRPC user claims another name/).click();
  await pane.getByRole('button', { name: 'Accept…' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Reason' }).fill('The batch user is trusted.');
  await page.getByRole('dialog').getByRole('button', { name: 'Accept', exact: true }).click();
  await expect(pane.getByText('Accepted: The batch user is trusted.')).toBeVisible();
  await expect(pane.getByText('Got through, accepted')).toBeVisible();
  expect(
    await readFile(join(dir, '.gatehouse/draft/files/tests/attacks.json'), 'utf8').catch(() => 'trusted'),
  ).toContain('trusted');
});
