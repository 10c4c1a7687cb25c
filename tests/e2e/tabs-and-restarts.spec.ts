import { readdir } from 'node:fs/promises';
import { expect, test } from './fixtures';
import { AppPage } from './pages/app-page';

/** One program, several pages; and a program that ends and comes again while pages are open. */
test.skip(({ shell }) => shell === 'electron', 'Electron has one window, which ends with the program');

test('what one tab opens, the other one shows; each is on a screen of its own', async ({ started, app, gatehouse }) => {
  await expect(app.heading).toHaveText('Gatehouse');
  const second = new AppPage(await started.newPage());
  await second.ready();
  await app.page.getByRole('button', { name: /shop example/ }).click();
  await app.shows('Overview');
  await second.shows('Overview');
  expect(await readdir(gatehouse.workspaces)).toEqual(['shop']);

  await second.go('Callers');
  await app.shows('Overview');
  await app.startCluster();
  await expect(second.status).toContainText('running');

  await second.page.close();
  await app.go('Access');
  await app.shows('Access');
});

test('a page that lost the program says so, stays, and says what to do when another start has its port', async ({
  started,
  app,
  gatehouse,
}) => {
  gatehouse.faults.expect(/ERR_CONNECTION_REFUSED|WebSocket connection/);
  await app.page.getByRole('button', { name: /shop example/ }).click();
  await app.shows('Overview');
  const { port } = new URL(started.page.url());
  expect(await started.stopProgram()).toBe(0);
  await expect(app.status.getByRole('alert')).toContainText('does not answer');
  await app.go('Callers');

  const next = await gatehouse.start(undefined, { port: Number(port) });
  await expect(app.heading).toHaveText(/earlier start/, { timeout: 15_000 });
  // The address of the new start, pasted into the old tab, brings it back.
  const token = await next.page.evaluate(() => sessionStorage.getItem('gatehouse.token'));
  await app.page.goto(`http://127.0.0.1:${port}/#token=${token}`);
  await expect(app.heading).toHaveText('Gatehouse');
  await expect(app.page.getByRole('button', { name: /shop/ }).first()).toBeVisible();
});

test('recent workspaces are there after a restart', async ({ gatehouse }) => {
  const dir = await gatehouse.init('shop');
  await (await gatehouse.start(dir)).stop();
  const again = new AppPage((await gatehouse.start()).page);
  await again.ready();
  await again.page.getByRole('button', { name: dir }).or(again.page.getByText(dir)).first().click();
  await again.shows('Overview');
});
