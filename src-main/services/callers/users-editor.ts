import { GatehouseError } from '../../domain/kernel';
import {
  addEntry,
  digestsOf,
  formsOf,
  importUsers,
  makeEntry,
  moveEntry,
  passwordDigests,
  removeEntry,
  removeUser,
  renameUser,
  replaceEntry,
  withForms,
  type ImportOutcome,
  type ImportPolicy,
  type StoredForm,
  type UserEntry,
  type UsersFile,
} from '../../domain/users';
import type { WorkspaceDocument } from '../document/workspace-document';
import { checkGroups, checkName, checkUserData } from './caller-names';
import type { EntryKeys } from './entry-key';
import type { KnownPasswords, PasswordChoice } from './known-passwords';
import { renameLogin, replaceSecret } from './test-callers';
import { placeOf, readUsersFile, writeDraftUsers, type UsersFilePlace } from './users-files';

/** An entry as the page names it. `key`: what it was recognised by when it was shown; null: it had no password. */
export interface EntryRef {
  readonly file: string;
  readonly user: string;
  readonly index: number;
  readonly key: string | null;
}

/** What of an entry is changed; what is left out stays. */
export interface EntryChange {
  /** Null: without the key; the caller is then named "". */
  readonly userData?: string | null | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly sourceHost?: '' | 'localhost' | undefined;
  readonly forms?: readonly StoredForm[] | undefined;
  readonly password?: PasswordChoice | undefined;
  /** The present password, typed to make a form that the entry lacks; it is not kept. */
  readonly presentPassword?: string | undefined;
}

/** A new entry, whole. */
export interface NewEntryInput {
  readonly userData: string | null;
  readonly groups: readonly string[];
  readonly sourceHost: '' | 'localhost';
  readonly forms: readonly StoredForm[];
  readonly password: PasswordChoice;
}

const refuse = (code: string, summary: string): GatehouseError =>
  new GatehouseError({ code: `callers.${code}`, summary });

/** Edits of the users files in the draft; each is one step of undo. Refusals are GatehouseError `callers.*`. */
export class UsersEditor {
  constructor(
    readonly document: WorkspaceDocument,
    readonly passwords: KnownPasswords,
    readonly keys: EntryKeys,
  ) {}

  /** Makes a user with one entry. */
  async addUser(file: string, name: string, input: NewEntryInput): Promise<void> {
    checkName(name);
    checkChange(input);
    await this.#edit(`Add ${name}`, file, async (users) => {
      this.#requireFree(users, file, name);
      return addEntry(users, name, await this.#make(name, input));
    });
  }

  /** Renames a user in place; tests that log in under the old name use the new one. */
  async renameUser(file: string, from: string, to: string): Promise<void> {
    checkName(to);
    if (from === to) return;
    await this.#edit(`Rename ${from} to ${to}`, file, async (users, dir, { gateways }) => {
      this.#requireUser(users, file, from);
      this.#requireFree(users, file, to);
      await renameLogin(dir, gateways, from, to);
      return renameUser(users, from, to);
    });
  }

  async deleteUser(file: string, name: string): Promise<void> {
    await this.#edit(`Delete ${name}`, file, (users) => {
      this.#requireUser(users, file, name);
      return removeUser(users, name);
    });
  }

  /** Adds an entry as the last one of a user. */
  async addEntry(file: string, user: string, input: NewEntryInput): Promise<void> {
    checkChange(input);
    await this.#edit(`Add entry of ${user}`, file, async (users) => {
      this.#requireUser(users, file, user);
      return addEntry(users, user, await this.#make(user, input));
    });
  }

  async removeEntry(ref: EntryRef): Promise<void> {
    await this.#edit(`Remove entry ${ref.index + 1} of ${ref.user}`, ref.file, (users) => {
      this.find(users, ref);
      return removeEntry(users, ref.user, ref.index);
    });
  }

  /** Puts an entry to another position, from 0: the first one that fits a login decides. */
  async moveEntry(ref: EntryRef, to: number): Promise<void> {
    await this.#edit(`Move entry ${ref.index + 1} of ${ref.user}`, ref.file, (users) => {
      this.find(users, ref);
      const last = (users.users.get(ref.user)?.length ?? 1) - 1;
      if (to < 0 || to > last)
        throw refuse('no-such-position', `${ref.user} has the positions 1 to ${last + 1}; there is no ${to + 1}.`);
      return moveEntry(users, ref.user, ref.index, to);
    });
  }

  /** Changes an entry; a new password of an entry whose old one tests used is used by those tests too. */
  async changeEntry(ref: EntryRef, change: EntryChange): Promise<void> {
    checkChange(change);
    await this.#edit(labelOf(change, ref), ref.file, async (users, dir) => {
      const entry = this.find(users, ref);
      const before = this.passwords.of(entry);
      // Made inside the edit: a secret that no version needs goes away with it.
      const made = change.password === undefined ? null : await this.passwords.make(ref.user, change.password);
      const changed = this.#changed(entry, change, made?.password ?? null);
      if (made?.secret != null && before !== null) await replaceSecret(dir, before.secret, made.secret);
      return replaceEntry(users, ref.user, ref.index, changed);
    });
  }

  /** What an import would do; changes nothing. */
  async previewImport(file: string, text: string, existing: ImportPolicy, hashClear: boolean): Promise<ImportOutcome> {
    const place = placeOf(this.document.draft, file);
    return importUsers(await readUsersFile(this.document.draftDir, place), text, {
      source: 'the imported text',
      fidelity: place.fidelity,
      existing,
      hashClear,
    });
  }

  /** Takes users from a text (`importUsers`) into a users file. Throws `callers.nothing-imported` when no line can be taken. */
  async import(file: string, text: string, existing: ImportPolicy, hashClear: boolean): Promise<ImportOutcome> {
    const place = placeOf(this.document.draft, file);
    return this.document.edit('Import users', async (dir) => {
      const users = await readUsersFile(dir, place);
      const outcome = importUsers(users, text, {
        source: 'the imported text',
        fidelity: place.fidelity,
        existing,
        hashClear,
      });
      if (outcome.file === users) {
        const [first] = outcome.lines;
        throw refuse(
          'nothing-imported',
          `Nothing could be imported${first === undefined ? '' : `: ${first.line > 0 ? `line ${first.line}: ` : ''}${first.notes[0] ?? ''}`} The draft is as it was.`,
        );
      }
      await writeDraftUsers(dir, place, outcome.file);
      return outcome;
    });
  }

  /** The password of an entry of the draft. Throws `callers.password-unknown` when only its hash is known. */
  async reveal(ref: EntryRef): Promise<string> {
    const entry = this.find(await this.#read(ref.file), ref);
    const password = entry.password?.reveal() ?? this.passwords.of(entry)?.value.reveal();
    if (password !== undefined) return password;
    throw refuse(
      'password-unknown',
      `Only the hash of this password is known: it was not made here. Set a new password for entry ${ref.index + 1} of ${ref.user}, or rotate it.`,
    );
  }

  /** One edit of one users file. */
  async #edit(
    label: string,
    file: string,
    change: (users: UsersFile, dir: string, place: UsersFilePlace) => UsersFile | Promise<UsersFile>,
  ): Promise<void> {
    const place = placeOf(this.document.draft, file);
    await this.document.edit(label, async (dir) =>
      writeDraftUsers(dir, place, await change(await readUsersFile(dir, place), dir, place)),
    );
  }

  #read(file: string): Promise<UsersFile> {
    return readUsersFile(this.document.draftDir, placeOf(this.document.draft, file));
  }

  /** The entry that `ref` names. Throws `callers.no-such-entry` or `callers.stale` when the file has changed since it was shown. */
  find(users: UsersFile, { file, user, index, key }: EntryRef): UserEntry {
    this.#requireUser(users, file, user);
    const entry = users.users.get(user)?.[index];
    if (entry === undefined) throw refuse('no-such-entry', `${user} in ${file} has no entry ${index + 1}.`);
    const keys = this.keys(file, user, entry);
    if (key === null ? keys.length === 0 : keys.includes(key)) return entry;
    throw refuse(
      'stale',
      `The entries of ${user} in ${file} have changed since they were shown. Nothing was changed; look again.`,
    );
  }

  #requireUser(users: UsersFile, file: string, name: string): void {
    if (!users.users.has(name)) throw refuse('no-such-user', `${file} has no user "${name}".`);
  }

  #requireFree(users: UsersFile, file: string, name: string): void {
    if (users.users.has(name))
      throw refuse(
        'name-taken',
        `${file} has a user "${name}" already. Choose another name, or add an entry to that user.`,
      );
  }

  async #make(user: string, input: NewEntryInput): Promise<UserEntry> {
    const { password } = await this.passwords.make(user, input.password);
    const bare = makeEntry({ password, hashes: [], userData: '', groups: input.groups, sourceHost: input.sourceHost });
    return withForms({ ...bare, userData: input.userData }, input.forms, password) ?? bare;
  }

  #changed(entry: UserEntry, change: EntryChange, fresh: string | null): UserEntry {
    const known = this.passwords.of(entry)?.value.reveal() ?? null;
    const typed = change.presentPassword;
    if (typed !== undefined && fresh === null && !isPasswordOf(entry, typed))
      throw refuse('wrong-password', 'The password typed is not that of the entry. Nothing was changed.');
    const forms = change.forms ?? (formsOf(entry).length === 0 ? (['native', 'sha2'] as const) : formsOf(entry));
    const touchesPassword = fresh !== null || change.forms !== undefined;
    const stored = touchesPassword ? withForms(entry, forms, fresh ?? typed ?? known, fresh !== null) : entry;
    if (stored === null)
      throw refuse(
        'password-needed',
        'A hash cannot be turned into another form. Type the present password, or set a new one.',
      );
    return {
      ...stored,
      userData: change.userData === undefined ? stored.userData : change.userData,
      groups: change.groups ?? stored.groups,
      sourceHost: change.sourceHost ?? stored.sourceHost,
    };
  }
}

/** Whether every digest that the entry holds is that of `password`. */
function isPasswordOf(entry: UserEntry, password: string): boolean {
  const [held, typed] = [passwordDigests(entry), digestsOf(password)];
  return (['native', 'sha2'] as const).every((form) => held[form] === null || held[form] === typed[form]);
}

function checkForms(forms: readonly StoredForm[]): void {
  if (forms.length === 0)
    throw refuse(
      'no-form',
      'An entry without any stored password lets the empty password in on a stock vtgate. Choose at least one form.',
    );
}

function checkChoice(choice: PasswordChoice): void {
  if (choice.kind === 'typed' && choice.password === '')
    throw refuse('empty-password', 'The password is empty. Type one, or let one be generated.');
}

function checkChange({ userData, groups, forms, password }: EntryChange): void {
  if (userData != null) checkUserData(userData);
  if (groups !== undefined) checkGroups(groups);
  if (forms !== undefined) checkForms(forms);
  if (password !== undefined) checkChoice(password);
}

function labelOf(change: EntryChange, { user, index }: EntryRef): string {
  const entry = `entry ${index + 1} of ${user}`;
  const changed = Object.entries(change).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  if (changed.includes('password')) return `Set password of ${entry}`;
  const [only, ...others] = changed.filter((key) => key !== 'presentPassword');
  const what: Record<string, string> = {
    userData: 'Set UserData',
    groups: 'Set groups',
    sourceHost: 'Set SourceHost',
    forms: 'Change stored password',
  };
  return others.length === 0 && only !== undefined ? `${what[only] ?? 'Change'} of ${entry}` : `Change ${entry}`;
}
