import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test, type Gatehouse, type Sample } from './fixtures';
import { AppPage } from './pages/app-page';
import { expectAccessible, violations } from './support/axe';
import { look, settled } from './support/look';

/** The screen Test on a running cluster. */
class TestPage {
  constructor(readonly page: Page) {}
  tab(name: RegExp | string): Promise<void> {
    return this.page.getByRole('tab', { name }).click();
  }
  async ask(caller: string, sql: string): Promise<void> {
    await this.page.getByRole('combobox', { name: 'Caller', exact: true }).selectOption({ label: caller });
    await this.statement.fill(sql);
  }
  get statement(): Locator {
    return this.page.getByRole('combobox', { name: 'Statement' });
  }
  /** Runs the single test; resolves with its heading. */
  async run(): Promise<Locator> {
    await this.page.getByRole('button', { name: /^Run (test|again)$/ }).click();
    return this.outcome;
  }
  get outcome(): Locator {
    return this.page.getByRole('heading', { level: 2 }).first();
  }
}

async function startTests(
  gatehouse: Gatehouse,
  sample: Sample,
): Promise<{ dir: string; page: Page; app: AppPage; tests: TestPage }> {
  const dir = await gatehouse.init(sample);
  const { page } = await gatehouse.start(dir);
  const app = new AppPage(page);
  await app.ready();
  await app.go('Test');
  await page.getByRole('button', { name: 'Start cluster' }).click();
  await expect(page.getByText('The cluster is')).toHaveCount(0, { timeout: 30_000 });
  return { dir, page, app, tests: new TestPage(page) };
}

test('a denial, its reason, the remedy, and the same test again: allowed', async ({ gatehouse }) => {
  const { dir, page, app, tests } = await startTests(gatehouse, 'shop');
  await tests.ask('maria · user maria', 'select id, amount_cents from payments where id = 7');
  await expect(await tests.run()).toHaveText(/Denied at the tablet/);
  const hops = page.getByRole('list', { name: 'The five hops' }).getByRole('heading', { level: 3 });
  await expect(hops).toHaveText([/^A · /, /^B · /, /^C · /, /^D · /, /^E · /]);
  await expect(
    page
      .getByRole('figure', { name: 'Server said' })
      .getByText("Select command denied to user 'maria', in groups [analysts], for table 'payments' (ACL check error)"),
  ).toBeVisible();
  await expect(page.getByText('3 cells become Allowed').first()).toBeVisible();
  await look(page, 'test-trace');

  const before = await readFile(join(dir, 'acl.json'), 'utf8');
  await page.getByRole('button', { name: 'Add maria to Readers of money' }).click();
  await expect(page.getByText('Tests use the applied version. 1 change is still in the draft.')).toBeVisible();
  expect(await readFile(join(dir, 'acl.json'), 'utf8')).toBe(before);
  await expect(await tests.run()).toHaveText(/Denied at the tablet/);
  await page.keyboard.press('Control+s');
  await page
    .getByRole('dialog', { name: 'Review changes' })
    .getByRole('button', { name: 'Apply', exact: true })
    .click();
  await expect(app.status).toContainText('No draft');
  await page.getByRole('button', { name: 'Dismiss' }).click();

  await app.go('Test');
  await expect(tests.statement).toHaveValue('select id, amount_cents from payments where id = 7');
  await page.keyboard.press('Control+Enter');
  await expect(tests.outcome).toHaveText(/^\s*Allowed/);
  await expect(page.getByText(/is among its readers\. MySQL answered with 1 row/)).toBeVisible();
});

test('a test is copied as a command line, without its password', async ({ gatehouse }) => {
  const { page, tests } = await startTests(gatehouse, 'shop');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await tests.ask('maria · user maria', 'select id, amount_cents from payments where id = 7');
  await expect(await tests.run()).toHaveText(/Denied at the tablet/);
  const copy = page.getByRole('button', { name: 'Copy as' });
  const ask = page.getByRole('combobox', { name: 'Caller', exact: true });
  const [button, caller] = [(await copy.boundingBox())!, (await ask.boundingBox())!];
  expect(Math.abs(button.y + button.height / 2 - caller.y - caller.height / 2)).toBeLessThan(8);
  await copy.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'mysql (MySQL 9)' })).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await settled(page);
    // An open menu hangs at the end of the document, outside of every landmark.
    expect((await violations(page)).filter((text) => !text.startsWith('region '))).toEqual([]);
  }
  await page.getByRole('menuitem', { name: 'mysql (MySQL 9)' }).click();
  await expect(page.getByText('Copied for mysql (MySQL 9).').first()).toBeVisible();
  const line = await page.evaluate(() => navigator.clipboard.readText());
  expect(line).toMatch(/^mysql \\\n {2}--no-defaults \\\n/);
  expect(line).toMatch(/--user=maria \\\n {2}--password \\\n/);
  expect(line).not.toMatch(/--password=|\[client\]/);
  await copy.click();
  await page.getByRole('menuitem', { name: 'JSON' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('"schema": 1');
});

test('both ends of a refused handshake, and another try', async ({ gatehouse }) => {
  const { page, tests } = await startTests(gatehouse, 'shop');
  await tests.ask('billing · user billing, certificate billing', 'select id from payments where id = 7');
  await page.getByRole('button', { name: 'More' }).click();
  await page
    .getByRole('combobox', { name: /^Certificate/ })
    .selectOption({ label: 'auditor, expired · Shop callers CA' });
  await expect(await tests.run()).toHaveText(/Refused at the gateway/);
  await expect(
    page.getByText('The certificate auditor is out of date. Signature and authority are fine.'),
  ).toBeVisible();
  await expect(page.getByText(/expired at \d{4}-/)).toBeVisible();
  await page.getByRole('combobox', { name: /^Certificate/ }).selectOption({ label: 'stranger · Shop callers CA' });
  await expect(await tests.run()).toHaveText(/Refused at the gateway/);
  await page.getByRole('button', { name: 'Connect as stranger' }).click();
  await expect(tests.outcome).toHaveText(/Denied at the tablet/);
  await look(page, 'test-refused');
});

test('without TLS beside TLS, with what a listener read', async ({ gatehouse }) => {
  const { page, tests } = await startTests(gatehouse, 'user-guide');
  await tests.ask('vitess · user vitess', "select sku, price from product where sku = 'SKU-1001'");
  await page.getByRole('button', { name: 'Compare with TLS' }).click();
  await expect(
    page
      .getByRole('main')
      .getByText('Both are allowed. Without TLS anyone on the way reads the statement and the row.'),
  ).toBeVisible();
  const readable = page.getByRole('region', { name: 'Statement on the wire, readable', exact: true });
  await expect(readable).toContainText('.select');
  await expect(page.getByRole('region', { name: 'Statement on the wire, not readable' })).toContainText('17 03 03');
  await look(page, 'test-compare');
  await page.getByRole('button', { name: 'Require TLS at the gateway' }).click();
  await expect(page.getByText('Tests use the applied version. 1 change is still in the draft.')).toBeVisible();
  await tests.tab(/^Runs/);
  await expect(page.getByRole('row', { name: /Compare/ })).toBeVisible();
  await look(page, 'test-runs');
});

test('the matrix: stopped half way, then green, and there again after a restart', async ({ gatehouse }) => {
  test.setTimeout(180_000);
  const { dir, page, app, tests } = await startTests(gatehouse, 'shop');
  await tests.tab('Matrix');
  await expect(page.getByText('Nothing was run yet.')).toBeVisible();
  await expect(page.getByRole('gridcell', { name: /^maria, payments, read: probably denied/ })).toBeVisible();
  await page.getByRole('button', { name: 'Run all' }).click();
  await expect(page.getByRole('gridcell', { name: /running/ }).first()).toBeVisible();
  await expect(page.getByRole('gridcell', { name: /read: allowed/ }).first()).toBeVisible({ timeout: 30_000 });
  await page.getByRole('main').getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText(/Stopped\. What was done is kept\./)).toBeVisible();
  await expect(page.getByRole('gridcell', { name: /running/ })).toHaveCount(0);
  await expect(page.getByText('Everything so far is as expected.')).toBeVisible();

  await page.keyboard.press('Control+Shift+Enter');
  await expect(page.getByText('Everything is as expected.')).toBeVisible({ timeout: 50_000 });
  await expect(page.getByText(/^All \d+ cells run over real connections · \d+ as expected/)).toBeVisible();
  const cell = page.getByRole('gridcell', { name: /^maria, payments, read: denied/ });
  await cell.click();
  const pane = page.getByRole('complementary', { name: 'Cell' });
  await expect(pane.getByText('The statement needs payments · Reader.')).toBeVisible();
  await look(page, 'matrix');

  await cell.press('e');
  await expect(page.getByText('One cell is not as expected.')).toBeVisible();
  await expect(
    page.getByRole('gridcell', { name: /^maria, payments, read: denied, expected allowed, differs/ }),
  ).toBeVisible();
  await expect(app.status).toContainText('Draft: 1 change');
  await page.keyboard.press('Control+z');
  await expect(page.getByText('Everything is as expected.')).toBeVisible({ timeout: 15_000 });
  await pane.getByRole('button', { name: 'Open trace' }).click();
  await expect(tests.outcome).toHaveText(/Denied at the tablet/);

  const again = await gatehouse.command('verify', dir, '--json');
  expect((JSON.parse(again) as { totals: { cells: number; asExpected: number } }).totals).toMatchObject({
    differsFromExpectation: 0,
  });
  await page.reload();
  await new AppPage(page).ready();
  await new AppPage(page).go('Test');
  await tests.tab('Matrix');
  await expect(page.getByText('Everything is as expected.')).toBeVisible({ timeout: 15_000 });
  await page.getByText(/^Ways in \d+$/).click();
  await expect(page.getByRole('table', { name: 'Ways in' })).toBeVisible();
  await look(page, 'test-ways-in');
});

test('what differs first, what no test touches, and the matrix taken along', async ({ gatehouse }) => {
  test.setTimeout(180_000);
  const dir = await gatehouse.init('shop');
  const path = join(dir, 'tests', 'shop.json');
  const suite = JSON.parse(await readFile(path, 'utf8')) as {
    allow: Record<string, { read?: string[]; write?: string[] }>;
    tables: { name: string }[];
  };
  suite.allow['olga'] = { ...suite.allow['olga'], write: ['staff_notes'] };
  suite.tables = suite.tables.filter(({ name }) => name !== 'order_items');
  for (const lists of Object.values(suite.allow) as Record<string, string[]>[])
    for (const role of Object.keys(lists)) lists[role] = lists[role]!.filter((name) => name !== 'order_items');
  await writeFile(path, JSON.stringify(suite, null, 2));

  const { page } = await gatehouse.start(dir);
  const app = new AppPage(page);
  await app.ready();
  await app.go('Test');
  await page.getByRole('button', { name: 'Start cluster' }).click();
  await expect(page.getByText('The cluster is')).toHaveCount(0, { timeout: 30_000 });
  const tests = new TestPage(page);
  await tests.tab('Matrix');
  await page.getByRole('button', { name: 'Run all' }).click();
  await expect(page.getByText('2 cells are not as expected.')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Run failed (2)' })).toBeVisible({ timeout: 60_000 });

  const first = page.getByRole('rowheader').first();
  await expect(first).toContainText('olga');
  const list = page.getByRole('region', { name: 'What differs' });
  await expect(list.getByRole('row')).toHaveCount(3);
  await expectAccessible(page);
  await look(page, 'matrix-differs');
  await list.getByRole('button', { name: 'olga writes staff_notes' }).first().click();
  await expect(page.locator(':focus')).toHaveAttribute(
    'aria-label',
    /^olga, staff_notes, .*write: denied, expected allowed, differs/,
  );
  await expect(page.getByRole('complementary', { name: 'Cell' })).toBeVisible();
  await page.getByText('File order', { exact: true }).click();
  await expect(first).toContainText('web');
  await expect(list).toHaveCount(0);
  await page.reload();
  await app.ready();
  await app.go('Test');
  await tests.tab('Matrix');
  await expect(page.getByRole('radio', { name: 'File order' })).toBeChecked();
  await page.getByText('What differs first', { exact: true }).click();
  await expect(first).toContainText('olga');

  for (const [item, end] of [
    ['HTML report', 'html'],
    ['CSV', 'csv'],
    ['JSON', 'json'],
    ['JUnit XML', 'xml'],
  ] as const) {
    await page.getByRole('button', { name: 'Export…' }).click();
    const saving = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: new RegExp(`^${item}`) }).click();
    const download = await saving;
    expect(download.suggestedFilename()).toMatch(new RegExp(`^shop-matrix-\\d{8}-\\d{4}\\.${end}$`));
    const text = await readFile(await download.path(), 'utf8');
    expect(text.length).toBeGreaterThan(1_000);
    if (end === 'html') {
      const report = await page.context().newPage();
      await report.setContent(text);
      await expect(report.getByRole('heading', { level: 1 })).toHaveText('2 cells are not as expected.');
      for (const colorScheme of ['light', 'dark'] as const) {
        await report.emulateMedia({ colorScheme });
        await expectAccessible(report);
      }
      await report.close();
    }
  }

  await page.getByText('Coverage', { exact: true }).click();
  const cold = page.getByRole('region', { name: 'What no test touches' });
  await expect(cold.getByText('entry order_% of table group orders')).toBeVisible();
  await expect(page.getByText(/^The tests touch \d+ of \d+ entries that decide/)).toBeVisible();
  await expectAccessible(page);
  await look(page, 'matrix-coverage');
  const before = await cold.getByRole('listitem').count();
  await cold
    .getByRole('button', { name: /^Add a test: .* reads order_items/ })
    .first()
    .click();
  await expect(app.status).toContainText(/Draft: \d+ changes?/);
  await expect.poll(() => cold.getByRole('listitem').count()).toBeLessThan(before);
  await expect(cold.getByText('entry order_% of table group orders')).toHaveCount(0);
});
