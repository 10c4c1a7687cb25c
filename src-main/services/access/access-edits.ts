import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { editAclText, type AclEdit, type FormGroup, type GroupList } from '../../domain/acl';
import { GatehouseError, type JsonValue } from '../../domain/kernel';
import type { Tablet } from '../../domain/topology';
import { setJson } from '../../domain/workspace';
import { writeFileAtomic } from '../../servers/store';

/** Writes an ACL file of the draft; others may read it, as vttablet's own. */
export const writeAcl = (dir: string, path: string, text: string | Uint8Array): Promise<void> =>
  writeFileAtomic(join(dir, path), text, 0o644);

/** Changes fields of a tablet's `acl` in gatehouse.json and leaves the rest of its text. */
export async function setTabletAcl(
  dir: string,
  alias: string,
  change: Partial<Record<keyof Tablet['acl'], JsonValue>>,
): Promise<void> {
  const path = join(dir, 'gatehouse.json');
  let text = await readFile(path, 'utf8');
  const parsed = JSON.parse(text) as { tablets?: { alias?: unknown; acl?: unknown }[] };
  const index = parsed.tablets?.findIndex((tablet) => tablet.alias === alias) ?? -1;
  const tablet = parsed.tablets?.[index];
  if (tablet === undefined) throw noTablet(alias);
  if (typeof tablet.acl !== 'object' || tablet.acl === null) text = setJson(text, ['tablets', index, 'acl'], change);
  else for (const [key, value] of Object.entries(change)) text = setJson(text, ['tablets', index, 'acl', key], value);
  await writeFileAtomic(path, text, 0o644);
}

export const noTablet = (alias: string): GatehouseError =>
  new GatehouseError({ code: 'access.no-tablet', summary: `The draft has no tablet ${alias}.` });

const listWords: Record<GroupList, string> = {
  entries: 'tables',
  readers: 'readers',
  writers: 'writers',
  admins: 'admins',
};

/** What Undo calls an edit: "Add reporting to readers of sales". */
export function labelOf(edit: AclEdit, groups: readonly FormGroup[]): string {
  const groupName = (index: number): string => groups[index]?.name || 'the table group without a name';
  const place = (list: GroupList, group: number): string =>
    list === 'entries' ? groupName(group) : `${listWords[list]} of ${groupName(group)}`;
  switch (edit.kind) {
    case 'add-group':
      return `Add table group ${edit.name}`.trimEnd();
    case 'rename-group':
      return `Rename ${groupName(edit.group)} to ${edit.name}`;
    case 'remove-group':
      return `Delete table group ${groupName(edit.group)}`;
    case 'move-group':
      return `Move table group ${groupName(edit.group)}`;
    case 'add-names': {
      const [only, ...more] = edit.names;
      const what = only !== undefined && more.length === 0 ? only : `${edit.names.length} names`;
      return `Add ${what} to ${place(edit.list, edit.group)}`;
    }
    case 'remove-name':
      return `Remove ${edit.name} from ${place(edit.list, edit.group)}`;
    case 'replace-name':
      return `Change ${edit.name} to ${edit.by} in ${place(edit.list, edit.group)}`;
  }
}

/** `editAclText`, with the failure that the form needs when there is no file. */
export function editedText(text: string, state: string, file: string, edit: AclEdit): string {
  if (state === 'missing' || state === 'unreadable')
    throw new GatehouseError({
      code: 'access.no-file',
      summary: `${file} ${state === 'missing' ? 'is not there' : 'cannot be read'}. Make it anew, or import one.`,
    });
  return editAclText(text, file, edit);
}
