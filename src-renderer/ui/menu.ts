import type { IconComponent } from './Icon.svelte';

/** An entry of a menu. */
export interface MenuEntry {
  readonly kind?: 'entry' | undefined;
  /** Written like a title; ends in "…" when a question follows. */
  readonly label: string;
  readonly icon?: IconComponent | undefined;
  /** As in ui/Kbd: "Mod+Enter". Shown only; whoever owns the screen handles the keys. */
  readonly shortcut?: string | undefined;
  /** A second line. */
  readonly detail?: string | undefined;
  /** Why it cannot be used now; it stays in the menu and says so. */
  readonly disabledReason?: string | undefined;
  /** One of several values: true for the current one, false for the others. */
  readonly checked?: boolean | undefined;
  readonly danger?: boolean | undefined;
  readonly onselect: () => void;
}

export type MenuItem =
  | MenuEntry
  | { readonly kind: 'separator' }
  | { readonly kind: 'heading'; readonly label: string }
  | {
      readonly kind: 'submenu';
      readonly label: string;
      readonly icon?: IconComponent;
      readonly items: readonly MenuItem[];
    };
