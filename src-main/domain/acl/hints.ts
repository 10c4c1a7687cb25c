import type { FormGroup } from './form';
import type { AclListName } from './table-acl';

/** Something about a table group that is probably not meant, with what would mend it. */
export type GroupHint =
  /** The lists are independent: these names write (or administer) and do not read. `to`: where they can be added. */
  | { readonly kind: 'writers-cannot-read'; readonly names: readonly string[]; readonly to: readonly ['readers'] }
  | {
      readonly kind: 'admins-cannot-use';
      readonly names: readonly string[];
      readonly to: readonly ['readers', 'writers'];
    }
  /** The entry `%` leaves no room for any other. */
  | { readonly kind: 'covers-everything'; readonly otherEntries: number }
  /** Every certificate that Vitess's own tool makes has this DNS name, so that it stands for all their holders. */
  | { readonly kind: 'everybody-on-this-host'; readonly lists: readonly AclListName[] };

const listNames: readonly AclListName[] = ['readers', 'writers', 'admins'];

/** The hints of one group of a form; `groups` are all of the file. */
export function groupHints(group: FormGroup, groups: readonly FormGroup[]): GroupHint[] {
  const { lists } = group;
  const names = (list: AclListName): string[] => [...new Set(lists[list].names.map(({ text }) => text))];
  const reading = new Set(names('readers'));
  const writing = new Set(names('writers'));
  const hints: GroupHint[] = [];
  const writers = names('writers').filter((name) => !reading.has(name));
  if (writers.length > 0) hints.push({ kind: 'writers-cannot-read', names: writers, to: ['readers'] });
  const admins = names('admins').filter((name) => !reading.has(name) && !writing.has(name));
  if (admins.length > 0) hints.push({ kind: 'admins-cannot-use', names: admins, to: ['readers', 'writers'] });
  if (lists.entries.names.some(({ text }) => text === '%')) {
    const all = groups.reduce((sum, each) => sum + each.lists.entries.names.length, 0);
    hints.push({ kind: 'covers-everything', otherEntries: all - 1 });
  }
  const open = listNames.filter((list) => lists[list].names.some(({ text }) => text === 'localhost'));
  if (open.length > 0) hints.push({ kind: 'everybody-on-this-host', lists: open });
  return hints;
}
