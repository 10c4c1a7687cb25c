import { expect, test } from './fixtures';
import { AppPage } from './pages/app-page';
import { TourPage } from './pages/tour-page';

test.use({ workspace: 'none' });
test.setTimeout(150_000);

test('the tour from beginning to end, with a real MariaDB behind it', async ({ page }) => {
  const tour = new TourPage(page);
  const app = new AppPage(page);
  await page.getByRole('button', { name: /Open the reference scenario/ }).click();
  await tour.shows('Choose a backend');
  await expect(tour.pane).toContainText(/(MariaDB|MySQL) [\d.]+ found at/);
  await tour.press('Use this MySQL');
  await tour.press('Build trust');

  await tour.shows('Build trust');
  await app.shows('Certificates');
  await tour.press('Create certificates');
  await tour.press('Name the callers');

  await tour.shows('Name the callers');
  await app.shows('Callers');
  await tour.press('Add MySQL user');
  await tour.press('Guard a table');

  await tour.shows('Guard a table');
  await app.shows('Access');
  await tour.press('Turn strict mode on');
  await tour.press('Start');

  await tour.shows('Start');
  await tour.press('Start cluster');
  await expect(tour.pane).toContainText(/mutual-tls: gRPC at 127\.0\.0\.1:\d+/, { timeout: 30_000 });
  await tour.press('Prove it');

  await tour.shows('Prove it');
  await tour.press('Run four tests');
  await tour.says('Four of four as expected.');
  await expect(tour.result('vtgate client 2')).toContainText('Denied at the tablet');
  await expect(tour.result('no certificate')).toContainText('Refused at the gateway');
  await expect(tour.result('claimed')).toContainText('Allowed, insecure');
  await tour.press('Break it');

  await tour.shows('Break it');
  await tour.press('Let the certificate of client 1 expire');
  await tour.says('1 test gives another result.');
  await expect(tour.result('vtgate client 1').first()).toContainText('Refused at the gateway');
  await tour.press('Turn strict mode off');
  // The break before says the same sentence: only the result tells that this one's tests have run.
  await expect(tour.result('vtgate client 2')).toContainText('Allowed, not enforced', { timeout: 30_000 });
  await tour.says('1 test gives another result.');
  await tour.press('Mend it');
  await tour.says('Four of four as expected.');
  await tour.press('Take it along');

  await tour.shows('Take it along');
  await tour.press('Show files and flags');
  await app.shows('Export');
  await tour.press('Finish');
  await expect(tour.pane).toBeHidden();
});

test('the tour can be left, continued and taken back', async ({ page }) => {
  const tour = new TourPage(page);
  await page.getByRole('button', { name: /Open the reference scenario/ }).click();
  await tour.press('Use this MySQL');
  await tour.press('Build trust');
  await tour.shows('Build trust');
  await tour.press('Leave tour');
  await expect(tour.pane).toBeHidden();
  await page.getByRole('button', { name: /Continue tour/ }).click();
  await tour.shows('Build trust');
  await tour.press('Back');
  await tour.shows('Choose a backend');
  await tour.press('Undo this step');
  await expect(tour.pane.getByRole('button', { name: 'Use this MySQL' })).toBeVisible();
});
