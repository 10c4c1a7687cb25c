import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nativeHash } from '../../src-main/domain/users';
import { expect, test } from './fixtures';
import { CallersPage, login } from './pages/callers-page';
import { look } from './support/look';

/** Callers, with real logins by a client that knows nothing of Gatehouse. */
test.use({ workspace: 'shop' });
const DENIED = 'ER_ACCESS_DENIED_ERROR';

test('a new user with a generated password logs in once the draft is applied', async ({ app, page, gatehouse }) => {
  const dir = join(gatehouse.home, 'shop');
  await app.startCluster();
  await app.go('Callers');
  const callers = new CallersPage(page);
  await callers.fromNew(/New MySQL user/);
  await page.getByRole('textbox', { name: 'Name' }).fill('reporting');
  await expect(page.getByRole('textbox', { name: 'UserData' })).toHaveValue('reporting');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(callers.name).toHaveText('reporting');
  await expect(callers.entry(1)).toContainText('generated here, 256 bits');
  const password = await callers.password(1);
  expect(password).toHaveLength(43);
  expect(await page.content()).not.toContain(password);

  expect(await login(dir, 'reporting', password)).toBe(DENIED);
  await callers.apply();
  expect(await login(dir, 'reporting', password)).toBe('in');
  expect(await login(dir, 'reporting', 'another one')).toBe(DENIED);
  await expect(callers.entry(1)).toContainText('1 sign-in today');
});

test('a password is rotated from beginning to end, and who uses which entry is counted', async ({
  app,
  page,
  gatehouse,
}) => {
  test.setTimeout(120_000);
  const dir = join(gatehouse.home, 'shop');
  await app.startCluster();
  await app.go('Callers');
  const callers = new CallersPage(page);
  await callers.select('web');
  const old = await callers.password(1);
  await page.getByRole('button', { name: 'Rotate password…' }).click();
  await page.getByRole('button', { name: 'Add second entry' }).click();
  const rotation = page.getByRole('region', { name: 'Password rotation' });
  await expect(rotation).toContainText('The second entry is in the draft.');
  const fresh = await callers.password(2);
  await look(page, 'callers-rotation');

  await callers.apply();
  await rotation.getByRole('button', { name: 'Test both entries' }).click();
  await expect(rotation).toContainText('Sign-ins since');
  await expect(rotation.getByText('Signed in at gateway main.')).toHaveCount(2);
  // What Gatehouse tested is nobody's use.
  await expect(callers.entry(1)).toContainText('no sign-ins yet');

  expect(await login(dir, 'web', old)).toBe('in');
  expect(await login(dir, 'web', fresh)).toBe('in');
  await expect(rotation).toContainText('Entry 1 is still in use: 1 sign-in');
  await expect(callers.entry(2)).toContainText('1 sign-in today');
  await rotation.getByRole('button', { name: 'Finish rotation…' }).click();
  const question = page.getByRole('dialog', { name: 'Finish the rotation of web?' });
  await expect(question).toContainText('locked out');
  await question.getByRole('button', { name: 'Cancel' }).click();

  await rotation.getByRole('button', { name: 'Count anew from now' }).click();
  expect(await login(dir, 'web', fresh)).toBe('in');
  await expect(rotation).toContainText('Nobody has used entry 1');
  await rotation.getByRole('button', { name: 'Finish rotation…' }).click();
  await question.getByRole('button', { name: 'Remove old entry' }).click();
  await expect(rotation).toContainText('The old entry is out of the draft.');
  await callers.apply();
  await expect(rotation).toBeHidden();
  expect(await login(dir, 'web', old)).toBe(DENIED);
  expect(await login(dir, 'web', fresh)).toBe('in');
});

test('broken files are refused with their place, and nothing typed is lost', async ({ app, page, gatehouse }) => {
  await app.go('Callers');
  await page.getByRole('button', { name: 'Import users…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import users' });
  const text = dialog.getByRole('textbox', { name: 'Text' });
  const report = dialog.getByRole('region', { name: 'What would happen' });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['cut.json', '{"anna": [\n  {"Password": "x"', /JSON|comma|brace/],
    ['keys.json', '{"anna": [{"Passwort": "geheim"}]}', /Passwort.*no key/],
    ['list.json', '[1, 2]', /object of users/],
    ['binary.json', '\u0000\u0001\u0002{"', /read|authentication string|value/],
    ['salted.txt', 'anna\t$A$005$abcdefghijklmnopqrstuvwxyz', /cannot be turned/],
  ];
  for (const [name, content, why] of broken) {
    const path = join(gatehouse.home, name);
    await writeFile(path, content);
    await dialog.locator('input[type="file"]').setInputFiles(path);
    await expect(report).toContainText(why);
    await expect(report).not.toContainText('geheim');
    await expect(dialog.getByRole('button', { name: /^Import/ })).toHaveAttribute('aria-disabled', 'true');
    await expect(text).not.toBeEmpty();
  }

  await text.fill(`user\tauthentication_string\nanna\t${nativeHash('x')}\nsalted\t$A$005$abc`);
  await expect(report).toContainText('added');
  await look(page, 'callers-import');
  await dialog.getByRole('button', { name: 'Import 1 user' }).click();
  const callers = new CallersPage(page);
  await callers.select('anna');
  await expect(callers.entry(1)).toContainText('imported, strength not known');
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(callers.caller('anna')).toHaveCount(0);
});

test('the order of entries is changed with keys alone', async ({ app, page }) => {
  await app.go('Callers');
  const callers = new CallersPage(page);
  await callers.caller('web').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(callers.name).toHaveText('maria');
  await page.getByRole('button', { name: 'Edit entry 1' }).press('Enter');
  await page.getByRole('textbox', { name: 'UserData' }).fill('first');
  await page.keyboard.press('Enter');
  await expect(callers.entry(1)).toContainText('first');
  await callers.entry(1).getByRole('button', { name: 'More for entry 1' }).focus();
  await page.keyboard.press('Alt+ArrowDown');
  await expect(callers.entry(2)).toContainText('first');
  await expect(callers.entry(2)).toBeFocused();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(callers.entry(1)).toContainText('first');
});

test.describe('many and long names', () => {
  test.use({ workspace: 'none' });
  test('two hundred users are listed, filtered and walked', async ({ gatehouse }) => {
    const dir = await gatehouse.init('shop');
    const users = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [
        at === 7 ? `user-${at}-${'very-long-name-'.repeat(14)}` : `user-${at}`,
        [{ MysqlNativePassword: nativeHash(`p${at}`), UserData: at === 7 ? 'x'.repeat(200) : `data-${at}` }],
      ]),
    );
    await writeFile(join(dir, 'users.json'), JSON.stringify(users));
    const { page } = await gatehouse.start(dir);
    await page.getByRole('button', { name: 'Callers', exact: true }).click();
    const callers = new CallersPage(page);
    await callers.caller('user-7').click();
    await look(page, 'callers-many');
    await page.keyboard.press('End');
    await page.getByRole('searchbox', { name: 'Filter callers' }).fill('data-199');
    await expect(page.getByRole('option')).toHaveCount(1);
    await page.getByRole('searchbox', { name: 'Filter callers' }).fill('nobody like this');
    await expect(page.getByText('No caller matches')).toBeVisible();
    await look(page, 'callers-filtered');
  });
});
