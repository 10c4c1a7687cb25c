import type { CallerEntry, StoredFormName, UserCaller } from '../../../src-main/contract';

/** An entry as calls name it. */
export interface EntryInput {
  readonly file: string;
  readonly user: string;
  readonly index: number;
  readonly key: string | null;
}

export const entryInput = (user: UserCaller, { index, key }: CallerEntry): EntryInput => ({
  file: user.file,
  user: user.name,
  index,
  key,
});

/** A new password as it is sent. */
export type PasswordInput =
  | { readonly kind: 'generate'; readonly bits: number }
  | { readonly kind: 'typed'; readonly password: string; readonly keep: boolean };

/** What is typed into the form of an entry; `null` at `password`: the present one stays. */
export interface EntryDraft {
  userData: string;
  groups: string[];
  sourceHost: '' | 'localhost';
  forms: StoredFormName[];
  password: PasswordInput | null;
  presentPassword: string;
}

export const newEntryDraft = (userData = ''): EntryDraft => ({
  userData,
  groups: [],
  sourceHost: '',
  forms: ['native', 'sha2'],
  password: { kind: 'generate', bits: 256 },
  presentPassword: '',
});

/** The form of an entry that is there. */
export const entryDraft = (entry: CallerEntry): EntryDraft => ({
  userData: entry.userData ?? '',
  groups: [...entry.groups],
  sourceHost: entry.sourceHost === 'localhost' ? 'localhost' : '',
  forms: [...entry.forms],
  password: entry.forms.length === 0 ? { kind: 'generate', bits: 256 } : null,
  presentPassword: '',
});

/** What differs from the entry, as `changeEntry` takes it; null: nothing does. */
export function changesOf(entry: CallerEntry, draft: EntryDraft): Record<string, unknown> | null {
  const changes: Record<string, unknown> = {};
  // A missing UserData and an empty one name the same caller: typing nothing changes nothing.
  if (draft.userData !== (entry.userData ?? '')) changes['userData'] = draft.userData;
  if (draft.groups.join('\n') !== entry.groups.join('\n')) changes['groups'] = draft.groups;
  if (draft.sourceHost !== entry.sourceHost) changes['sourceHost'] = draft.sourceHost;
  if ([...draft.forms].sort().join() !== [...entry.forms].sort().join()) changes['forms'] = draft.forms;
  if (draft.password !== null) changes['password'] = draft.password;
  if (Object.keys(changes).length === 0) return null;
  if (draft.presentPassword !== '' && draft.password === null) changes['presentPassword'] = draft.presentPassword;
  return changes;
}
