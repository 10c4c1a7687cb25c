import { expect, test } from './fixtures';
import { AppPage } from './pages/app-page';
import { CallersPage } from './pages/callers-page';
import { look } from './support/look';

/** An empty workspace becomes a running cluster with mutual TLS, users, UserData, table ACLs and a green matrix, by hand. */
test('from an empty workspace to a green matrix', async ({ gatehouse }) => {
  test.setTimeout(180_000);
  const { page } = await gatehouse.start();
  const app = new AppPage(page);
  await app.ready();
  const callers = new CallersPage(page);
  const list = (name: string) => page.getByRole('group', { name: new RegExp(`^${name}`) });

  await test.step('an empty workspace, and in it a cluster with certificates', async () => {
    await page.getByRole('button', { name: /Start an empty workspace/ }).click();
    await expect(page.getByText('No gateway yet')).toBeVisible();
    await look(page, 'empty-overview');
    await page.getByRole('button', { name: /Create the usual set/ }).click();
    await app.shows('Certificates');
    await look(page, 'empty-certificates');
    await page.getByRole('button', { name: /Create the usual set/ }).click();
    await expect(page.getByRole('treegrid').getByText('workspace root CA').first()).toBeVisible({ timeout: 20_000 });
  });

  await test.step('two callers who show certificates are there, and a user is added', async () => {
    await app.go('Callers');
    await callers.select('caller-2');
    await expect(page.getByText('shows its certificate').first()).toBeVisible();
    await callers.fromNew(/New MySQL user/);
    await page.getByRole('textbox', { name: 'Name' }).fill('app');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(callers.name).toHaveText('app');
  });

  await test.step('a table group', async () => {
    await app.go('Access');
    await page.getByRole('button', { name: 'New table group' }).first().click();
    await page.getByRole('textbox', { name: 'Name of the table group' }).fill('notes');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'notes', exact: true })).toBeVisible();
    for (const [name, values] of [
      ['Tables and prefixes', ['notes']],
      ['Readers', ['app', 'caller-1', 'caller-2']],
      ['Writers', ['app']],
      ['Admins', ['app']],
    ] as const)
      for (const value of values) {
        await list(name).getByRole('combobox').fill(value);
        await page.keyboard.press('Enter');
        await expect(list(name).getByRole('button', { name: `Remove ${value}` })).toBeVisible();
      }
    await page.getByText('Strict', { exact: true }).click();
  });

  await test.step('applied and started', async () => {
    await callers.apply();
    await app.startCluster();
    await app.go('Overview');
    await expect(page.getByText(/Nothing crosses a network readably/)).toBeVisible();
  });

  await test.step('the table is made by the one who may', async () => {
    await app.go('Test');
    const ask = async (caller: string, sql: string): Promise<void> => {
      const callerBox = page.getByRole('combobox', { name: 'Caller', exact: true });
      const option = callerBox.locator('option', { hasText: new RegExp(`^${caller}\\b`) }).first();
      await callerBox.selectOption((await option.getAttribute('value')) ?? '');
      await page.getByRole('combobox', { name: 'Statement' }).fill(sql);
      await page.getByRole('button', { name: /^Run (test|again)$/ }).click();
    };
    const outcome = page.getByRole('heading', { level: 2 }).first();
    await ask('caller-2', 'create table notes (id bigint primary key, note varchar(80))');
    await expect(outcome).toHaveText(/Denied at the tablet/, { timeout: 20_000 });
    await ask('app', 'create table notes (id bigint primary key, note varchar(80))');
    await expect(outcome).toHaveText(/Allowed/, { timeout: 20_000 });
  });

  await test.step('a matrix of what is there; what it shows is what is meant', async () => {
    await page.getByRole('tab', { name: 'Matrix' }).click();
    await page.getByRole('button', { name: 'Create tests' }).click();
    await callers.apply();
    await page.getByRole('button', { name: 'Run all' }).click();
    await expect(page.getByText(/cells? (is|are) not as expected/)).toBeVisible({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Accept all results as expectations…' }).click();
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    await callers.apply();
    await page.getByRole('button', { name: 'Run all' }).click();
    await expect(page.getByText('Everything is as expected.')).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('gridcell', { name: /^caller-2, notes, read: allowed; write: denied/ })).toBeVisible();
    await look(page, 'matrix-from-nothing');
  });

  await test.step('and the command line proves the same', async () => {
    const report = JSON.parse(await gatehouse.command('verify', `${gatehouse.workspaces}/workspace`, '--json')) as {
      totals: { cells: number; asExpected: number };
    };
    expect(report.totals.cells).toBeGreaterThan(5);
    expect(report.totals.asExpected).toBe(report.totals.cells);
  });
});
