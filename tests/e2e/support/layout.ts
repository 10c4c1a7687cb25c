import { expect, type Page } from '@playwright/test';

/**
 * What does not fit, a text for each: the page scrolls sideways, or something that can be used or read is cut off at the
 * window's edge with no way to reach it, or two controls lie on each other.
 */
export const misfits = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const root = document.documentElement;
    const width = root.clientWidth;
    if (root.scrollWidth > width + 1) found.push(`the page is ${root.scrollWidth} wide in a window of ${width}`);
    const nameOf = (element: Element): string =>
      `${element.tagName.toLowerCase()} “${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 40)}”`;
    const top = document.querySelector('dialog[open]') ?? document.body;
    const shown = (element: Element): boolean =>
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      element.closest('[aria-hidden="true"], [inert]') === null;
    /** The part of an element that no scrolling ancestor cuts off; null when nothing is left. */
    const visiblePart = (element: Element): DOMRect | null => {
      const own = element.getBoundingClientRect();
      let { left, top, right, bottom } = own;
      for (let above = element.parentElement; above !== null; above = above.parentElement) {
        const style = getComputedStyle(above);
        if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
        const frame = above.getBoundingClientRect();
        left = Math.max(left, frame.left);
        right = Math.min(right, frame.right);
        top = Math.max(top, frame.top);
        bottom = Math.min(bottom, frame.bottom);
      }
      return right - left < 1 || bottom - top < 1 ? null : new DOMRect(left, top, right - left, bottom - top);
    };
    const scrolls = (element: Element): boolean => {
      for (let above = element.parentElement; above !== null; above = above.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(above);
        if ([overflowX, overflowY].some((value) => value === 'auto' || value === 'scroll')) return true;
      }
      return false;
    };
    const controls = [
      ...top.querySelectorAll('a[href], button, input, select, textarea, [role="button"], [tabindex="0"]'),
    ].filter((element) => shown(element) && !element.classList.contains('skip'));
    const placed: { element: Element; part: DOMRect }[] = [];
    for (const element of controls) {
      const own = element.getBoundingClientRect();
      if (own.width <= 1 || own.height <= 1) continue;
      const part = visiblePart(element);
      if (part === null) {
        if (!scrolls(element)) found.push(`${nameOf(element)} is cut off`);
        continue;
      }
      if (!scrolls(element) && (own.right > width + 1 || own.left < -1 || part.width < own.width - 2))
        found.push(`${nameOf(element)} is cut off: ${Math.round(part.width)} of ${Math.round(own.width)} px`);
      placed.push({ element, part });
    }
    for (const [index, { element, part }] of placed.entries())
      for (const other of placed.slice(index + 1)) {
        if (element.contains(other.element) || other.element.contains(element)) continue;
        const across = Math.min(part.right, other.part.right) - Math.max(part.left, other.part.left);
        const down = Math.min(part.bottom, other.part.bottom) - Math.max(part.top, other.part.top);
        if (across > 2 && down > 2) found.push(`${nameOf(element)} and ${nameOf(other.element)} lie on each other`);
      }
    return found;
  });

/** Fails with everything that does not fit; what follows is looked at all the same. */
export const expectFits = async (page: Page): Promise<void> => expect.soft(await misfits(page)).toEqual([]);
