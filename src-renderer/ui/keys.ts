/** True on Apple's systems, where Mod is ⌘. */
export const onApple = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');

const apple: Record<string, string> = {
  Mod: '⌘',
  Shift: '⇧',
  Alt: '⌥',
  Ctrl: '⌃',
  Enter: '↩',
  Escape: 'esc',
  Delete: '⌫',
};
const others: Record<string, string> = { Mod: 'Ctrl', Escape: 'Esc', Delete: 'Del' };
const arrows: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' };

/**
 * A shortcut as this system writes it.
 *
 * @param keys joined by `+`, `Mod` for ⌘ or Ctrl: "Mod+Shift+Enter"
 * @returns "⇧⌘↩" or "Ctrl Shift Enter"
 */
export function shortcutText(keys: string, isApple = onApple): string {
  const names = keys.split('+').map((key) => arrows[key] ?? (isApple ? apple : others)[key] ?? key);
  return names.join(isApple ? '' : ' ');
}

/** The same for `aria-keyshortcuts`: "Control+Shift+Enter". */
export function shortcutNames(keys: string, isApple = onApple): string {
  return keys.replace('Mod', isApple ? 'Meta' : 'Control').replace('Ctrl', 'Control');
}
