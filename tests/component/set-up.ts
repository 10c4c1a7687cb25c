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
