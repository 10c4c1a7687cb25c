import { expect, type Locator, type Page } from '@playwright/test';

/** Presses Tab until `target` has the focus, as a person without a mouse does; fails after `most` presses. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab', most = 120): Promise<void> {
  await expect(target).toBeVisible();
  const focused = (): Promise<boolean> =>
    target.evaluate((element) => {
      let active = document.activeElement;
      while (active?.shadowRoot?.activeElement != null) active = active.shadowRoot.activeElement;
      return active === element;
    });
  for (let presses = 0; presses < most; presses += 1) {
    if (await focused()) return;
    await page.keyboard.press(key);
  }
  await expect(target, `reached by ${key}`).toBeFocused();
}

/** Opens the palette, types, and runs what it found first. */
export async function byPalette(page: Page, text: string): Promise<void> {
  await page.keyboard.press('F1');
  await expect(page.getByRole('combobox', { name: 'Search or run a command' })).toBeFocused();
  await page.keyboard.type(text);
  await expect(page.getByRole('dialog').getByRole('option').first()).toContainText(text);
  await page.keyboard.press('Enter');
}
