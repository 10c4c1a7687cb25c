// What the page uses and jsdom lacks: the few calls below answer as a window of 1280 x 800 would.
if (!('ResizeObserver' in globalThis)) {
  class NoResizes {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  }
  Object.assign(globalThis, { ResizeObserver: NoResizes });
}
if (typeof window.matchMedia !== 'function') {
  window.matchMedia = (media: string): MediaQueryList =>
    ({
      media,
      matches: false,
      onchange: null,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
      addListener: () => undefined,
      removeListener: () => undefined,
      dispatchEvent: () => false,
    }) as MediaQueryList;
}
Element.prototype.scrollIntoView ??= () => undefined;
Element.prototype.getAnimations ??= () => [];
Element.prototype.hasPointerCapture ??= () => false;
Element.prototype.setPointerCapture ??= () => undefined;
Element.prototype.releasePointerCapture ??= () => undefined;

// Enough for the ids and names that tests ask for; the real one is the browser's.
Object.assign(globalThis, {
  CSS: { ...globalThis.CSS, escape: (text: string): string => text.replace(/[^\w-]/g, (sign) => `\\${sign}`) },
});

// Nothing is laid out in jsdom, so every element in the document counts as visible: it has one box, of 10 by 10 px.
const box = { x: 0, y: 0, left: 0, top: 0, right: 10, bottom: 10, width: 10, height: 10, toJSON: () => ({}) };
Element.prototype.getClientRects = function (): DOMRectList {
  return (this.isConnected ? [box] : []) as unknown as DOMRectList;
};
Element.prototype.getBoundingClientRect = () => box;
Range.prototype.getClientRects ??= () => [] as unknown as DOMRectList;
Range.prototype.getBoundingClientRect ??= () => box;
