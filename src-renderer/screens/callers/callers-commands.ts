import type { Command } from '../../state/commands.svelte';
import { callers as text } from '../../text/callers';
import type { CallersView } from './callers-view.svelte';

/** What can be done on Callers by name and keys; each caller is found by the palette too. */
export function callersCommands(
  view: CallersView,
  why: { noFile(): string | null; noClaims(): string | null; filter(): void },
): Command[] {
  const { app } = view;
  return [
    {
      id: 'new-mysql-user',
      title: 'New MySQL User…',
      group: 'Commands',
      keys: ['Mod+N'],
      everywhere: true,
      unavailable: why.noFile,
      run: () => (view.creating = true),
    },
    {
      id: 'new-claimed-name',
      title: 'New Claimed Name…',
      group: 'Commands',
      unavailable: why.noClaims,
      run: () => (view.claiming = true),
    },
    {
      id: 'import-users',
      title: 'Import Users…',
      group: 'Commands',
      unavailable: why.noFile,
      run: () => (view.importing = true),
    },
    { id: 'filter-callers', title: text.filter, group: 'Commands', keys: ['Mod+F'], everywhere: true, run: why.filter },
    ...view.rows.map((row): Command => ({
      id: `caller ${row.id}`,
      title: row.name === '' ? '""' : row.name,
      group: 'Callers',
      run: () => {
        if (app.nav.screen !== 'callers') app.nav.go('callers', { caller: row.id });
        else view.select(row.id);
      },
    })),
  ];
}
