import { expect, test } from './fixtures';
import { screenNames } from './pages/app-page';
import { look } from './support/look';

test.describe('the first page', () => {
  test('Welcome, in light and dark', async ({ app, page }) => {
    await expect(app.heading).toHaveText('Gatehouse');
    await look(page, 'welcome');
  });
});

test.describe('with a workspace', () => {
  test.use({ workspace: 'shop' });
  for (const screen of screenNames)
    test(`${screen}, in light and dark`, async ({ app, page }) => {
      await app.go(screen);
      await look(page, screen.toLowerCase());
    });
});
