import { expect, test } from './fixtures';
import { screenNames } from './pages/app-page';
import { settled } from './support/look';

/**
 * The window is the page: lists scroll inside of their panes. A page that is higher than its window scrolls its own bars
 * away as soon as something is brought into view.
 */
test.use({ workspace: 'shop' });

for (const viewport of [
  { width: 1280, height: 800 },
  { width: 700, height: 800 },
])
  test(`no screen and no tab of Test is higher than a window of ${viewport.width} x ${viewport.height}`, async ({
    app,
    page,
  }) => {
    await page.setViewportSize(viewport);
    const higher = (): Promise<number> =>
      page.evaluate(() => (document.scrollingElement?.scrollHeight ?? 0) - window.innerHeight);
    for (const screen of screenNames) {
      await app.go(screen);
      await settled(page);
      expect.soft([screen, await higher()]).toEqual([screen, 0]);
    }
    await app.startCluster();
    await app.go('Test');
    await page.getByRole('button', { name: 'Run test', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Run again', exact: true })).toBeVisible();
    for (const tab of await page.getByRole('tablist').first().getByRole('tab').all()) {
      await tab.click();
      await settled(page);
      const name = (await tab.textContent()) ?? '';
      expect.soft([name, await higher()]).toEqual([name, 0]);
      await page.evaluate(() => {
        const all = [...document.querySelectorAll('main [role="row"], main tr, main li, main h2')];
        all.at(-1)?.scrollIntoView();
      });
      expect.soft([name, await page.evaluate(() => window.scrollY)]).toEqual([name, 0]);
    }
  });
