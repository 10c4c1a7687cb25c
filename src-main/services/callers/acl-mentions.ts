import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { editAclText, readAclForm, type GroupList } from '../../domain/acl';
import { writeFileAtomic } from '../../servers/store';
import { loadWorkspace, type Workspace } from '../workspace/load-workspace';
import { immediateCallers } from './immediate-callers';

const lists: readonly GroupList[] = ['readers', 'writers', 'admins'];

/** Where the table ACLs of a workspace name `name`. */
export function mentionsOf(
  workspace: Pick<Workspace, 'topology' | 'files'>,
  name: string,
): { file: string; group: string; list: string }[] {
  const files = new Set(workspace.topology.tablets.flatMap(({ acl }) => acl.file ?? []));
  return [...files].flatMap((file) =>
    (readAclForm(workspace.files.get(file)?.toString('utf8') ?? '') ?? []).flatMap((group) =>
      lists.flatMap((list) =>
        group.lists[list].names.some(({ text }) => text === name) ? [{ file, group: group.name, list }] : [],
      ),
    ),
  );
}

/** Whether some caller of a workspace has a name or group. */
export const isNameUsed = (workspace: Workspace, name: string): boolean =>
  immediateCallers(workspace).some(({ caller }) => caller.username === name || caller.groups.includes(name));

/** Takes a name that no caller has any more out of the table ACLs below `dir`. */
export async function forgetName(dir: string, name: string): Promise<void> {
  const loaded = await loadWorkspace(dir);
  if (!loaded.ok || name === '' || isNameUsed(loaded.value, name)) return;
  for (const file of new Set(mentionsOf(loaded.value, name).map((mention) => mention.file))) {
    let text = await readFile(join(dir, file), 'utf8');
    for (;;) {
      const next = withoutFirstMention(text, file, name);
      if (next === null) break;
      text = next;
    }
    await writeFileAtomic(join(dir, file), text, 0o644);
  }
}

function withoutFirstMention(text: string, file: string, name: string): string | null {
  for (const [group, { lists: held }] of (readAclForm(text) ?? []).entries())
    for (const list of lists) {
      const index = held[list].names.findIndex((candidate) => candidate.text === name);
      if (index >= 0) return editAclText(text, file, { kind: 'remove-name', group, list, index, name });
    }
  return null;
}
