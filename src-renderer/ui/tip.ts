import type { Attachment } from 'svelte/attachments';

const openAfter = 500;
const closeAfter = 120;

/** The one tooltip of the page. It lies in the top layer, so neither a dialog nor a scrolling pane cuts it off. */
let bubble: HTMLElement | null = null;
let owner: Element | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

function make(): HTMLElement {
  const element = document.createElement('div');
  element.className = 'tip';
  element.setAttribute('role', 'tooltip');
  element.setAttribute('popover', 'manual');
  element.addEventListener('pointerenter', () => clearTimeout(timer));
  element.addEventListener('pointerleave', hideSoon);
  document.body.append(element);
  return element;
}

function show(target: Element, text: string): void {
  clearTimeout(timer);
  bubble ??= make();
  if (!bubble.isConnected) document.body.append(bubble);
  bubble.textContent = text;
  owner = target;
  if (typeof bubble.showPopover === 'function' && !bubble.matches(':popover-open')) bubble.showPopover();
  const place = target.getBoundingClientRect();
  const size = bubble.getBoundingClientRect();
  const left = Math.max(4, Math.min(place.left + place.width / 2 - size.width / 2, innerWidth - size.width - 4));
  const below = place.bottom + 6;
  const top = below + size.height > innerHeight - 4 ? place.top - size.height - 6 : below;
  bubble.style.left = `${left}px`;
  bubble.style.top = `${top}px`;
}

function hide(): void {
  clearTimeout(timer);
  owner = null;
  if (bubble === null) return;
  if (typeof bubble.hidePopover === 'function' && bubble.matches(':popover-open')) bubble.hidePopover();
  else bubble.remove();
}

function hideSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(hide, closeAfter);
}

/**
 * A tooltip: shown when the pointer rests on the element or the keyboard focuses it, and closed by Escape. The pointer may
 * move onto it (WCAG 1.4.13). It only shows what the element already says to screen readers, so it is never their only source.
 *
 * @param text what it says; nothing or empty for no tooltip
 */
export function tip(text: string | undefined): Attachment {
  return (element) => {
    if (text === undefined || text === '') return;
    const enter = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => show(element, text), openAfter);
    };
    const focus = (): void => {
      if (element.matches(':focus-visible')) show(element, text);
    };
    const key = (event: Event): void => {
      if ((event as KeyboardEvent).key !== 'Escape' || owner !== element) return;
      // The first Escape closes the tooltip, and only that.
      event.stopPropagation();
      hide();
    };
    element.addEventListener('pointerenter', enter);
    element.addEventListener('pointerleave', hideSoon);
    element.addEventListener('pointerdown', hide);
    element.addEventListener('focus', focus);
    element.addEventListener('blur', hide);
    element.addEventListener('keydown', key);
    return () => {
      if (owner === element) hide();
      element.removeEventListener('pointerenter', enter);
      element.removeEventListener('pointerleave', hideSoon);
      element.removeEventListener('pointerdown', hide);
      element.removeEventListener('focus', focus);
      element.removeEventListener('blur', hide);
      element.removeEventListener('keydown', key);
    };
  };
}
