import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test, type Gatehouse } from './fixtures';
import { AppPage } from './pages/app-page';
import { look } from './support/look';

/** The screen Watch on a running cluster, with real statements from the command line. */
class WatchPage {
  readonly log: Locator;
  readonly rows: Locator;
  constructor(
    readonly page: Page,
    readonly app: AppPage,
    readonly gatehouse: Gatehouse,
    readonly dir: string,
  ) {
    this.log = page.getByRole('grid', { name: 'Query log' });
    this.rows = this.log.locator('[role="row"][aria-selected]');
  }
  static async start(gatehouse: Gatehouse): Promise<WatchPage> {
    const dir = await gatehouse.init('shop');
    const { page } = await gatehouse.start(dir);
    const app = new AppPage(page);
    await app.ready();
    await app.go('Watch');
    return new WatchPage(page, app, gatehouse, dir);
  }
  async startCluster(): Promise<void> {
    await this.page.getByRole('button', { name: 'Start cluster' }).click();
    await expect(this.page.getByText('No statement yet.')).toBeVisible({ timeout: 30_000 });
  }
  /** Runs a statement as a caller, over a connection of its own; a denial is fine. */
  async query(caller: string, sql: string): Promise<void> {
    await this.gatehouse.command('query', this.dir, '--as', caller, sql).catch(() => undefined);
  }
  tab(name: string): Promise<void> {
    return this.page.getByRole('tab', { name }).click();
  }
}

test('the query log follows real statements: filter, details, trace, pause, clear', async ({ gatehouse }) => {
  const watch = await WatchPage.start(gatehouse);
  const { page, rows } = watch;
  await expect(page.getByText('The cluster is stopped.')).toBeVisible();
  await watch.startCluster();
  await watch.query('maria', 'select id from orders where id = 4711');
  await watch.query('maria', 'select id, amount_cents from payments where id = 7');
  await watch.query('web', 'select id from orders where id = 3');
  const payments = rows.filter({ hasText: 'payments' });
  await expect(payments.filter({ hasText: 'tablet zone1-100' })).toContainText('Denied');
  await expect(payments.filter({ hasText: 'gateway main' })).toContainText('Denied');
  await expect(rows.filter({ hasText: 'orders' }).filter({ hasText: 'tablet' }).first()).toContainText('Allowed');

  await payments.filter({ hasText: 'tablet' }).click();
  const details = page.getByRole('complementary', { name: /As logged by/ });
  await expect(details).toContainText('ImmediateCaller');
  await expect(details).toContainText('command denied to user');
  await look(page, 'watch-query-log');
  await details.getByRole('button', { name: 'Show trace' }).click();
  const trace = page.getByRole('dialog', { name: 'Trace of the connection' });
  await expect(trace.getByText('acl.decided')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(trace).toBeHidden();

  // Values are hidden until asked for.
  await expect(watch.log).not.toContainText('4711');
  await rows.filter({ hasText: 'orders' }).filter({ hasText: 'maria' }).first().click();
  await expect(details).toContainText('[REDACTED]');
  await page.getByRole('switch', { name: 'Show bind values' }).check();
  await rows.filter({ hasText: 'orders' }).filter({ hasText: 'maria' }).first().click();
  await expect(details).toContainText('4711');
  await details.getByRole('button', { name: 'Close' }).click();

  await page.getByRole('combobox', { name: 'Verdict' }).selectOption('denied');
  await expect(rows.filter({ hasText: 'orders' })).toHaveCount(0);
  await expect(payments).toHaveCount(2);
  await page.getByRole('textbox', { name: 'Caller' }).fill('nobody-of-this-name');
  await expect(page.getByText('No record matches.').first()).toBeVisible();
  await page.getByRole('button', { name: 'Clear filter' }).click();
  await expect(rows.filter({ hasText: 'orders' }).first()).toBeVisible();

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('Paused.')).toBeVisible();
  await watch.query('web', 'select name from customers where id = 3');
  await expect(rows.filter({ hasText: 'customers' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(rows.filter({ hasText: 'customers' }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect(rows).toHaveCount(0);
});

test('the keyboard alone: to a record, its details, and away', async ({ gatehouse }) => {
  const watch = await WatchPage.start(gatehouse);
  const { page, rows } = watch;
  await watch.startCluster();
  await watch.query('maria', 'select id from orders where id = 1');
  await expect(rows.filter({ hasText: 'orders' }).first()).toBeVisible();
  await watch.log.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: /As logged by/ })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('complementary', { name: /As logged by/ })).toBeHidden();
  await page.keyboard.press('Control+f');
  await expect(page.getByRole('textbox', { name: 'Text' })).toBeFocused();
  await page.keyboard.press('Control+6');
  await watch.app.shows('Export');
  await page.keyboard.press('Control+7');
  await watch.app.shows('Watch');
});

test('counters for each table group and caller, with a reset', async ({ gatehouse }) => {
  const watch = await WatchPage.start(gatehouse);
  const { page } = watch;
  await watch.startCluster();
  await watch.tab('Counters');
  await expect(page.getByRole('heading', { name: 'Nothing was counted yet.' })).toBeVisible();
  await watch.query('maria', 'select id from orders where id = 1');
  await watch.query('maria', 'select id, amount_cents from payments where id = 7');
  await watch.query('web', 'select id from orders where id = 1');
  const table = page.getByRole('table', { name: 'Counters of the table ACL' });
  const denied = table.getByRole('row').filter({ hasText: 'money' }).filter({ hasText: 'maria' });
  await expect(denied.getByText('1', { exact: true })).toBeVisible();
  await expect(page.getByText(/questions to the table ACL, 1 denied/)).toBeVisible();
  await look(page, 'watch-counters');
  await page.getByText('Every counter').click();
  await expect(table.getByRole('row').filter({ hasText: 'payments' })).toContainText('Select');
  await page.getByRole('button', { name: 'Reset' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing was counted yet.' })).toBeVisible();
  await watch.query('web', 'select id from orders where id = 1');
  await expect(table.getByRole('row').filter({ hasText: 'web' })).toBeVisible();
});

test('the audit log: what was done here and elsewhere, its head, and what was tampered with', async ({ gatehouse }) => {
  const watch = await WatchPage.start(gatehouse);
  const { page, dir } = watch;
  await watch.startCluster();
  await gatehouse.command('certs', 'renew', dir, 'pki/callers/olga-cert.pem');
  await watch.tab('Audit log');
  await expect(page.getByText(/^The audit log is intact: \d+ records\.$/)).toBeVisible();
  const table = page.getByRole('grid', { name: 'Audit log' });
  await expect(table.getByText('gatehouse certs renew')).toBeVisible();
  await expect(table.getByText(/The cluster was started in hardened mode/)).toBeVisible();
  // What another program records comes by itself.
  await gatehouse.command('certs', 'revoke', dir, 'pki/callers/olga-cert.pem');
  await expect(table.getByText('gatehouse certs revoke')).toBeVisible();
  await table.getByRole('row').filter({ hasText: 'gatehouse certs renew' }).click();
  const details = page.getByRole('complementary', { name: /^Record/ });
  await expect(details).toContainText('pki/callers/olga-cert.pem');
  await look(page, 'watch-audit-log');
  await details.getByRole('button', { name: 'Close' }).click();

  const { head } = JSON.parse(await gatehouse.command('audit', 'verify', dir, '--json')) as { head: string };
  const asks = async (wanted: string): Promise<Locator> => {
    await page.getByRole('button', { name: 'Check a head…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Is this head still in the log?' });
    await dialog.getByRole('textbox').fill(wanted);
    await dialog.getByRole('button', { name: 'Check' }).click();
    return dialog;
  };
  await expect(await asks(head)).toContainText('nothing came since');
  await page.keyboard.press('Escape');
  await expect(await asks('f'.repeat(64))).toContainText('No record has this head');
  await page.keyboard.press('Escape');

  const file = join(dir, '.gatehouse', 'audit.ndjson');
  await writeFile(file, (await readFile(file, 'utf8')).replace('hardened mode', 'softened mode'));
  await expect(page.getByText('The audit log is broken.')).toBeVisible();
  await expect(page.getByText(/Line \d+ was changed: what it says does not fit its hash/)).toBeVisible();
});
