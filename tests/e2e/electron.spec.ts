import { expect, test } from './fixtures';

/** What is Electron's own; every other spec runs in it too where its binary is. */
test.use({ shell: 'electron' });

test('the desktop window opens', async ({ app }) => {
  await expect(app.heading).toHaveText('Gatehouse');
});
