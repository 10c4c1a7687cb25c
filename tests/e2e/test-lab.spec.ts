import { expect, test } from './fixtures';
import { AppPage } from './pages/app-page';
import { look } from './support/look';

test.describe('explaining errors', () => {
  test.use({ workspace: 'shop' });

  test('a pasted text is taken apart, an unknown one is not guessed at', async ({ page, app }) => {
    await app.go('Test');
    await page.getByRole('tab', { name: 'Errors' }).click();
    await look(page, 'test-errors-empty');
    const field = page.getByRole('textbox', { name: 'Error text' });
    await field.fill(
      `mysql -u maria --password=hunter2\nERROR 1045 (28000) at line 1: target: shop.0.primary: vttablet: rpc error: code = PermissionDenied desc = Select command denied to user 'maria', in groups [analysts], for table 'payments' (ACL check error) (CallerID: maria)`,
    );
    await page.getByRole('button', { name: 'Explain' }).click();
    await expect(page.getByRole('heading', { level: 2, name: 'The table ACL denies it' })).toBeVisible();
    await expect(page.getByText('hunter2')).toHaveCount(0);
    await expect(field).not.toHaveValue(/hunter2/);
    await look(page, 'test-errors');

    await field.fill('flux capacitor is empty');
    await field.press('Control+Enter');
    await expect(page.getByRole('heading', { level: 2, name: 'This text is not known' })).toBeVisible();
    await look(page, 'test-errors-unknown');
  });
});

test('the message of a trace is explained in place, and remedies say what they change', async ({ gatehouse }) => {
  const dir = await gatehouse.init('shop');
  const { page } = await gatehouse.start(dir);
  const app = new AppPage(page);
  await app.ready();
  await app.go('Test');
  await page.getByRole('button', { name: 'Start cluster' }).click();
  await expect(page.getByText('The cluster is')).toHaveCount(0, { timeout: 30_000 });
  await page.getByRole('combobox', { name: 'Caller', exact: true }).selectOption({ label: 'maria · user maria' });
  await page.getByRole('combobox', { name: 'Statement' }).fill('select id, amount_cents from payments where id = 7');
  await page.getByRole('button', { name: 'Run test' }).click();
  await expect(page.getByText('3 cells become Allowed').first()).toBeVisible();
  await page.getByRole('button', { name: 'What does this mean?' }).click();
  await expect(page.getByRole('heading', { name: 'The table ACL denies it' })).toBeVisible();
  await look(page, 'test-meaning');
});
