import type { Command } from '../../state/commands.svelte';
import { exportText as text } from '../../text/export';
import type { ExportView } from './export-view.svelte';

/** What can be done on the Export screen, for the palette, the menu and the keys. */
export function exportCommands(view: ExportView): Command[] {
  const fault = (): string | null => view.shown?.fault?.summary ?? (view.shown === null ? text.heading : null);
  return [
    {
      id: 'export.write',
      title: text.commands.export,
      group: 'Commands',
      unavailable: fault,
      run: () => (view.exporting = true),
    },
    {
      id: 'export.prove',
      title: text.commands.prove,
      group: 'Commands',
      keys: ['Mod+Shift+Enter'],
      unavailable: () => fault() ?? (view.proving ? text.running : null),
      run: () => void view.prove(),
    },
    {
      id: 'export.copy-flags',
      title: text.commands.copyFlags,
      group: 'Commands',
      unavailable: fault,
      run: () => void view.copy((view.shown?.programs ?? []).map(({ flags }) => flags.join('\n')).join('\n\n')),
    },
    {
      id: 'export.check-flags',
      title: text.commands.check,
      group: 'Commands',
      run: () => view.show({ tab: 'check' }),
    },
  ];
}
