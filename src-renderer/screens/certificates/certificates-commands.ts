import type { Command } from '../../state/commands.svelte';
import { certificates as text } from '../../text/certificates';
import type { CertificatesView } from './certificates-view.svelte';
import { copyable } from './menus';

/** What can be done on Certificates by name and keys; each certificate is found by the palette too. */
export function certificatesCommands(view: CertificatesView, filter: () => void): Command[] {
  const rows = view.part?.rows ?? [];
  return [
    {
      id: 'new-certificate',
      title: 'New Certificate…',
      group: 'Commands',
      keys: ['Mod+N'],
      everywhere: true,
      run: () => view.open({ kind: 'new', preset: {} }),
    },
    {
      id: 'import-certificates',
      title: 'Import Certificates and Keys…',
      group: 'Commands',
      run: () => view.open({ kind: 'import', files: [], text: '' }),
    },
    {
      id: 'usual-set',
      title: 'Create the Usual Set of Certificates',
      group: 'Commands',
      unavailable: () => ((view.part?.usualSet.length ?? 0) === 0 ? text.usualSetComplete : null),
      run: () => void view.createUsualSet(),
    },
    {
      id: 'faulty-certificate',
      title: 'Make a Faulty Certificate…',
      group: 'Commands',
      unavailable: () => ((view.part?.rows ?? []).some(copyable) ? null : text.faultyDialog.none),
      run: () => view.open({ kind: 'faulty', like: null }),
    },
    {
      id: 'filter-certificates',
      title: text.filter,
      group: 'Commands',
      keys: ['Mod+F'],
      everywhere: true,
      run: filter,
    },
    ...rows.map((row): Command => ({
      id: `certificate ${row.id}`,
      title: row.name,
      group: 'Certificates',
      run: () => view.select(row.id),
    })),
  ];
}
