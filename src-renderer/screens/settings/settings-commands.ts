import type { AppState } from '../../state/app-state.svelte';
import type { Command } from '../../state/commands.svelte';
import { commandText } from '../../text/shell';
import { settingsText as text } from '../../text/settings';

/** Settings that can be changed from every screen: the colours, and the way to the list of shortcuts. */
export const settingsCommands = (app: AppState): Command[] => [
  {
    id: 'shortcuts',
    title: commandText.shortcuts,
    group: 'Commands',
    keys: ['Mod+/'],
    run: () => app.nav.go('settings', { tab: 'shortcuts' }),
  },
  ...(['system', 'light', 'dark'] as const).map((appearance): Command => ({
    id: `appearance-${appearance}`,
    title: text.commands.appearance(text.appearance[appearance]),
    group: 'Commands',
    run: () => void app.attempt(() => app.call.settings.set({ appearance })),
  })),
];
