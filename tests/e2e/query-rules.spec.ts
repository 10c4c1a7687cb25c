import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { expectFits } from './support/layout';
import { look } from './support/look';

const rule = (page: Page, name: string): Locator =>
  page.getByRole('navigation', { name: 'Query rules' }).getByRole('button', { name: new RegExp(`\\d\\. ${name}`) });
const field = (page: Page, name: string): Locator => page.getByRole('textbox', { name, exact: true });
const editor = (page: Page): Locator => page.getByRole('textbox', { name: 'Text of query-rules.json' });
const effect = (page: Page): Locator => page.getByRole('region', { name: 'What these rules change' });

/** Fills a field and leaves it. */
async function fill(page: Page, name: string, text: string): Promise<void> {
  await field(page, name).fill(text);
  await page.keyboard.press('Enter');
}

test.describe('a shop without query rules', () => {
  test.use({ workspace: 'shop' });

  test('a rule is made by its form, says what it changes, and undo takes it back', async ({ app, page, gatehouse }) => {
    await app.go('Access');
    await page.getByRole('tab', { name: 'Query rules' }).click();
    await expect(page.getByRole('heading', { name: 'No query rules' })).toBeVisible();
    await page.getByRole('button', { name: 'New query rule' }).click();
    await expect(rule(page, 'rule 1')).toBeVisible();
    // As it is made it refuses nothing.
    await expect(effect(page).getByRole('status')).toHaveText('No saved test is changed by these rules.');

    await fill(page, 'Name', 'no reads');
    await fill(page, 'Description', 'orders are not read');
    await page.getByRole('group', { name: 'Tables' }).getByRole('combobox').fill('orders');
    await page.keyboard.press('Enter');
    await fill(page, 'Query', '');
    await expect(rule(page, 'no reads')).toBeVisible();
    await expect(effect(page).getByText('Refused by a rule').first()).toBeVisible();
    await expect(effect(page).getByRole('status')).toContainText('end another way than without rules');
    await expect(editor(page)).toContainText('"orders are not read"');
    const draft = join(gatehouse.home, 'shop', '.gatehouse', 'draft', 'files', 'query-rules.json');
    await expect
      .poll(async () => JSON.parse(await readFile(draft, 'utf8')) as unknown)
      .toEqual([{ Name: 'no reads', Description: 'orders are not read', TableNames: ['orders'] }]);
    await look(page, 'query-rules');

    await fill(page, 'User', 'web');
    await expect(page.getByText('never matches: "User" is compared with "gRPC"')).toBeVisible();
    await expect(effect(page).getByRole('status')).toHaveText('No saved test is changed by these rules.');
    await app.heading.focus();
    await page.keyboard.press('Control+z');
    await expect(field(page, 'User')).toHaveValue('');
    await expect(effect(page).getByText('Refused by a rule').first()).toBeVisible();
  });

  test('a text that vttablet refuses is told with its place, and the form waits for it', async ({ app, page }) => {
    await app.go('Access');
    await page.getByRole('tab', { name: 'Query rules' }).click();
    await page.getByRole('button', { name: 'New query rule' }).click();
    await fill(page, 'Query', '(');
    await expect(page.getByText('could not set Query condition: (').first()).toBeVisible();
    await expect(page.getByText('vttablet would start without any of these rules:')).toBeVisible();
    await expect(effect(page).getByRole('status')).toHaveText('While the file is at fault no rule is in force.');
    await editor(page).click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('{');
    await expect(page.getByText('The form cannot show this text. Mend it at the right.')).toBeVisible();
    await page.keyboard.press('Backspace');
    await expect(field(page, 'Query')).toHaveValue('(');
  });

  test('the keyboard moves and deletes rules', async ({ app, page }) => {
    await app.go('Access');
    await page.getByRole('tab', { name: 'Query rules' }).click();
    await page.getByRole('button', { name: 'New query rule' }).click();
    await expect(rule(page, 'rule 1')).toBeVisible();
    await page.getByRole('button', { name: 'New query rule' }).click();
    await expect(rule(page, 'rule 2')).toHaveAttribute('aria-current', 'true');
    await rule(page, 'rule 2').focus();
    await page.keyboard.press('Alt+ArrowUp');
    await expect(page.getByRole('button', { name: /1\. rule 2/ })).toBeVisible();
    await page.keyboard.press('Delete');
    await expect(rule(page, 'rule 2')).toHaveCount(0);
    await expect(rule(page, 'rule 1')).toBeVisible();
    await page.getByRole('button', { name: 'Stop using them' }).click();
    await expect(page.getByRole('heading', { name: 'No query rules' })).toBeVisible();
  });

  test.describe('in a narrow window', () => {
    test.use({ settings: { viewport: { width: 700, height: 800 } } });
    test('everything fits', async ({ app, page }) => {
      await app.go('Access');
      await page.getByRole('tab', { name: 'Query rules' }).click();
      await page.getByRole('button', { name: 'New query rule' }).click();
      await page.getByRole('button', { name: 'Add bind variable' }).click();
      await expect(page.getByRole('group', { name: 'Bind variable 1' })).toBeVisible();
      await expectFits(page);
    });
  });
});
