import { expect, test } from './fixtures';
import { screenNames } from './pages/app-page';
import { violations } from './support/axe';
import { expectFits } from './support/layout';
import { settled } from './support/look';

/**
 * Every screen at sizes and under settings that people have: a narrow window, 200 % (which halves the window in CSS pixels),
 * forced colours, motion. Nothing is cut off without a way to reach it, nothing lies on something else, the page never
 * scrolls sideways.
 */
test.use({ workspace: 'shop' });

for (const [what, settings] of [
  ['700 px wide', { viewport: { width: 700, height: 800 } }],
  ['200 % in a window of 1280 x 800', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
  ['1920 px wide', { viewport: { width: 1920, height: 1080 } }],
] as const)
  test.describe(what, () => {
    test.use({ settings });
    test('the screens fit', async ({ app, page }) => {
      for (const screen of screenNames)
        await test.step(screen, async () => {
          await app.go(screen);
          await settled(page);
          await expectFits(page);
        });
    });
  });

test.describe('Welcome', () => {
  test.use({ workspace: 'none' });
  for (const viewport of [
    { width: 700, height: 800 },
    { width: 640, height: 400 },
  ])
    test(`fits ${viewport.width} x ${viewport.height}`, async ({ app, page }) => {
      await page.setViewportSize(viewport);
      await expect(app.heading).toHaveText('Gatehouse');
      await expectFits(page);
    });
});

test.describe('forced colours', () => {
  test.use({ settings: { forcedColors: 'active' } });
  test('every control keeps a border or an underline, and the screens stay free of violations', async ({
    app,
    page,
  }) => {
    for (const screen of screenNames)
      await test.step(screen, async () => {
        await app.go(screen);
        await settled(page);
        // Contrast is the system's in forced colours.
        expect((await violations(page)).filter((text) => !text.startsWith('color-contrast'))).toEqual([]);
        const focus = await page.evaluate(() => {
          const button = document.querySelector<HTMLElement>('main button, nav button');
          button?.focus({ focusVisible: true } as FocusOptions);
          return button === null ? 'none' : getComputedStyle(button).outlineStyle;
        });
        expect(focus).not.toBe('none');
      });
  });
});

test.describe('motion', () => {
  const moving = (): number =>
    document.getAnimations().filter((animation) => {
      const timing = animation.effect?.getComputedTiming();
      return animation.playState === 'running' && Number(timing?.duration ?? 0) > 1;
    }).length;
  test('nothing moves where motion is reduced', async ({ app, page }) => {
    for (const screen of screenNames) {
      await app.go(screen);
      expect([screen, await page.evaluate(moving)]).toEqual([screen, 0]);
    }
  });
});
