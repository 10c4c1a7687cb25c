import { join } from 'node:path';
import { makeWideWorkspace } from '../../src-main/services/bench/page/wide-workspace';
import { expect, test } from './fixtures';
import { AppPage, screenNames } from './pages/app-page';
import { expectAccessible } from './support/axe';
import { expectFits } from './support/layout';
import { settled } from './support/look';

/** 200 users and 500 tables, some with very long names: every screen still fits, is quick to draw and free of violations. */
const CALLERS = 200;
const TABLES = 500;
/** More elements than this and a screen is drawing what nobody sees. */
const ELEMENTS = 12_000;

test('200 users and 500 tables', async ({ gatehouse }) => {
  test.setTimeout(180_000);
  const dir = join(gatehouse.home, 'crowd');
  await makeWideWorkspace(dir, join(import.meta.dirname, '../../resources/samples'), {
    callers: CALLERS,
    tables: TABLES,
    longNames: true,
  });
  const { page } = await gatehouse.start(dir);
  const app = new AppPage(page);
  await app.ready();
  for (const screen of screenNames)
    await test.step(screen, async () => {
      await page.setViewportSize({ width: 1280, height: 800 });
      await app.go(screen);
      await settled(page);
      await expectFits(page);
      expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(ELEMENTS);
      await expectAccessible(page);
      await page.setViewportSize({ width: 700, height: 800 });
      await settled(page);
      await expectFits(page);
    });
});

test('the matrix of 200 users and 500 tables is reached to its last cell by keys', async ({ gatehouse }) => {
  const dir = join(gatehouse.home, 'crowd');
  await makeWideWorkspace(dir, join(import.meta.dirname, '../../resources/samples'), {
    callers: CALLERS,
    tables: TABLES,
  });
  const { page } = await gatehouse.start(dir);
  const app = new AppPage(page);
  await app.ready();
  await app.go('Access');
  const grid = page.getByRole('grid');
  await expect(grid).toBeVisible();
  const columns = Number(await grid.getAttribute('aria-colcount'));
  expect(columns).toBeGreaterThan(TABLES);
  await grid.getByRole('gridcell').first().click();
  await page.keyboard.press('Control+End');
  await expect(page.locator(':focus')).toHaveAttribute('aria-colindex', String(columns));
  await expect(page.locator(':focus')).toHaveAttribute('aria-label', /table_500/);
  expect(await grid.getByRole('gridcell').count()).toBeLessThan(1_000);
  await page.keyboard.press('Control+Home');
  await expect(page.locator(':focus')).toHaveAttribute('aria-colindex', '2');
});
