import { expect, test } from './fixtures';
import { expectFits } from './support/layout';
import { look } from './support/look';

test.describe('Overview over a real cluster', () => {
  test.use({ workspace: 'shop' });

  test('starts it, shows every link and part, stops one part and brings it back', async ({ app, page }) => {
    await app.go('Overview');
    await expect(page.getByText('The cluster is stopped.')).toBeVisible();
    await page.getByRole('button', { name: 'Start cluster' }).click();
    await expect(page.getByRole('button', { name: 'Stop cluster' })).toBeVisible({ timeout: 40_000 });
    await expect(page.getByText(/Nothing crosses a network readably\./)).toBeVisible();

    const details = page.getByRole('heading', { level: 2, name: 'Gateway to Tablet' });
    await page.getByRole('button', { name: /^Gateway to Tablet: Mutual TLS/ }).click();
    await expect(details).toBeVisible();
    await expect(page.getByText('--tablet-grpc-ca', { exact: true })).toBeVisible();
    await look(page, 'overview-running');

    const gateway = page.getByRole('button', { name: /^Gateway main: Running/ });
    await gateway.click();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    const stopped = page.getByRole('button', { name: /^Gateway main: Stopped/ });
    await expect(stopped).toBeVisible();
    // The rest of the cluster runs on.
    await expect(page.getByRole('button', { name: /^Tablet \S+: Running/ })).toBeVisible();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await expect(gateway).toBeVisible({ timeout: 20_000 });
  });

  test('tests everything over real connections and says what came of it', async ({ app, page }) => {
    await app.go('Overview');
    await page.getByRole('button', { name: 'Start cluster' }).click();
    await page.getByRole('button', { name: 'Test everything' }).click({ timeout: 40_000 });
    await app.shows('Test');
    await app.go('Overview');
    const results = page.getByRole('region', { name: 'Last results' });
    await expect(results.getByText(/as expected/)).toBeVisible({ timeout: 50_000 });
  });
});

for (const width of [1280, 700])
  test.describe(`Overview, ${width} px wide`, () => {
    test.use({ workspace: 'reference', settings: { viewport: { width, height: 800 } } });
    test('fits, with keys alone too', async ({ app, page }) => {
      await app.go('Overview');
      await expectFits(page);
      const link = page.getByRole('button', { name: /^Client to Gateway/ });
      await link.focus();
      await page.keyboard.press('Enter');
      await expect(link).toHaveAttribute('aria-pressed', 'true');
      await page.keyboard.press('Tab');
      await expect(page.getByRole('button', { name: /^Gateway mutual-tls/ })).toBeFocused();
    });
  });
