import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type Page } from '@playwright/test';
import { expectAccessible } from './axe';

const folder = join(import.meta.dirname, '../../../resources/screenshots');
export const schemes = ['light', 'dark'] as const;

/** Ends transitions and waits for fonts, so that colours and places are final. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (const animation of document.getAnimations())
      if (animation.effect?.getComputedTiming().endTime !== Infinity) animation.finish();
  });
}

/** Writes resources/screenshots/NAME-SCHEME.png when UPDATE_SCREENSHOTS=1; else does nothing. */
export async function picture(page: Page, name: string, scheme: string): Promise<void> {
  if (process.env['UPDATE_SCREENSHOTS'] !== '1') return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}-${scheme}.png`), animations: 'disabled', caret: 'hide' });
}

/** Looks at what is shown in light and in dark: no violation of accessibility, and a picture of each when wanted. */
export async function look(page: Page, name: string): Promise<void> {
  for (const scheme of schemes)
    await test.step(`${name}, ${scheme}`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await settled(page);
      await picture(page, name, scheme);
      await expectAccessible(page);
    });
  await page.emulateMedia({ colorScheme: null });
}
