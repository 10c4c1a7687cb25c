import { expect, test } from './fixtures';
import { screenNames } from './pages/app-page';

/** The window without a mouse. */
test.use({ workspace: 'shop' });

test('every screen is reached by its keys and by Tab; the focus moves to its heading and is seen', async ({
  app,
  page,
}) => {
  for (const [index, screen] of screenNames.slice(0, 6).entries()) {
    await page.keyboard.press(`Control+${index + 1}`);
    await app.shows(screen);
    if (index > 0) await expect(app.heading).toBeFocused();
  }
  await page.keyboard.press('Control+,');
  await app.shows('Settings');
  await app.navigation.getByRole('button', { name: 'Overview' }).focus();
  await page.keyboard.press('Tab');
  await expect(app.navigation.getByRole('button', { name: 'Certificates' })).toBeFocused();
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
  expect(outline).not.toBe('none');
  await page.keyboard.press('Enter');
  await app.shows('Certificates');
});

test('the first Tab leads past the navigation', async ({ page, app }) => {
  await app.shows('Overview');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the screen' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('F6 walks the panes both ways', async ({ page, app }) => {
  await app.shows('Overview');
  const panes = (): Promise<number> =>
    page.evaluate(() => {
      const all = [...document.querySelectorAll('[data-pane]')];
      return all.findIndex((pane) => pane.contains(document.activeElement));
    });
  const count = await page.locator('[data-pane]').count();
  const seen: number[] = [];
  for (let n = 0; n < count; n += 1) {
    await page.keyboard.press('F6');
    seen.push(await panes());
  }
  expect([...new Set(seen)].sort()).toEqual([...Array(count).keys()]);
  const last = seen.at(-1);
  await page.keyboard.press('Shift+F6');
  expect(await panes()).toBe(seen.at(-2));
  expect(last).not.toBe(seen.at(-2));
});

test('the palette opens, finds, runs, closes and gives the focus back', async ({ page, app }) => {
  await app.go('Callers');
  const from = app.navigation.getByRole('button', { name: 'Callers' });
  await from.focus();
  await page.keyboard.press('F1');
  const field = page.getByRole('combobox');
  await expect(field).toBeFocused();
  await page.keyboard.type('zzzz');
  await expect(page.getByText('No match for “zzzz”')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(field).toBeHidden();
  await expect(from).toBeFocused();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('access');
  await page.keyboard.press('Enter');
  await app.shows('Access');
});

test('Tab never gets stuck on a screen and every stop has a name', async ({ page, app }) => {
  for (const screen of screenNames)
    await test.step(screen, async () => {
      await app.go(screen);
      await page.getByRole('link', { name: 'Skip to the screen' }).focus();
      const stops: string[] = [];
      for (let n = 0; n < 300; n += 1) {
        await page.keyboard.press('Tab');
        const stop = await page.evaluate(() => {
          let element = document.activeElement;
          while (element?.shadowRoot?.activeElement != null) element = element.shadowRoot.activeElement;
          if (element === null || element === document.body) return null;
          const labels = (element as HTMLInputElement).labels;
          const name =
            element.getAttribute('aria-label') ??
            element.getAttribute('aria-labelledby') ??
            (labels === null || labels === undefined || labels.length === 0 ? null : labels[0]?.textContent) ??
            element.getAttribute('title') ??
            element.textContent;
          const text = (name ?? '').trim();
          return text === '' ? `nameless: ${element.outerHTML.slice(0, 160)}` : text;
        });
        if (stop === null) break;
        stops.push(stop);
      }
      expect(stops.length).toBeGreaterThanOrEqual(screenNames.length);
      expect(stops.length).toBeLessThan(300);
      expect(stops.filter((stop) => stop.startsWith('nameless'))).toEqual([]);
    });
});
