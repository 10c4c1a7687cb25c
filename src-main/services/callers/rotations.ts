import { GatehouseError, type Clock } from '../../domain/kernel';
import {
  formsOf,
  insertEntry,
  makeEntry,
  removeEntry,
  withForms,
  type UserEntry,
  type UsersFile,
} from '../../domain/users';
import type { ClusterControl } from '../cluster/cluster-control';
import type { WorkspaceDocument } from '../document/workspace-document';
import type { Workspace } from '../workspace/load-workspace';
import { forgetName } from './acl-mentions';
import { checkGroups, checkUserData } from './caller-names';
import type { EntryKeys } from './entry-key';
import { testEntry } from './entry-test';
import type { KnownPasswords, PasswordChoice } from './known-passwords';
import type { Rotation, RotationAttempt, RotationStore } from './rotation-store';
import type { SignInLog } from './sign-in-log';
import { replaceSecret } from './test-callers';
import type { EntryRef, UsersEditor } from './users-editor';
import { placeOf, readUsersFile, writeDraftUsers } from './users-files';

/** How far a rotation is, from what the files hold and what was tested. */
export type RotationStage =
  /** The new entry is in the draft, not yet applied. */
  | 'apply'
  /** Applied, but no running gateway has both entries yet. */
  | 'start'
  /** Both are in force; not both were tested. */
  | 'test'
  /** Both work; clients are moving. */
  | 'move'
  /** The old entry is out of the draft, not yet out of what is applied. */
  | 'apply-end'
  /** Nothing of it is under way: one of the two entries is gone everywhere. */
  | 'over';

/** A rotation with everything that the page shows of it. */
export interface RotationState {
  readonly rotation: Rotation;
  readonly stage: RotationStage;
  /** Positions in the draft, from 0; null: not there. */
  readonly oldIndex: number | null;
  readonly newIndex: number | null;
  /** Sign-ins since the watch began; null: it has not begun. */
  readonly oldSince: number | null;
  readonly newSince: number | null;
  readonly oldLastAt: string | null;
  readonly newLastAt: string | null;
  /** For how long sign-ins were counted since the watch began, or since the last one by the old entry. */
  readonly quietMs: number | null;
  /** Whether the old password is known here, so that testing needs no typing. */
  readonly oldKnown: boolean;
}

const refuse = (code: string, summary: string): GatehouseError =>
  new GatehouseError({ code: `callers.${code}`, summary });
const OVER_KEPT_MS = 30 * 86_400_000;

/** Replaces an entry without a moment in which nobody gets in: new beside old, test, move, remove. */
export class Rotations {
  constructor(
    readonly parts: {
      readonly document: WorkspaceDocument;
      readonly cluster: ClusterControl;
      readonly editor: UsersEditor;
      readonly passwords: KnownPasswords;
      readonly keys: EntryKeys;
      readonly signIns: SignInLog;
      readonly store: RotationStore;
      readonly clock: Clock;
    },
  ) {}

  /**
   * Step 1: a second entry with a new password, behind the old one; with `userData` or `groups` it has other rights. Throws
   * `callers.rotation-running` when the entry is part of one already.
   */
  async start(
    ref: EntryRef,
    password: PasswordChoice,
    rights: { readonly userData?: string | undefined; readonly groups?: readonly string[] | undefined } = {},
  ): Promise<string> {
    const { document, editor, passwords, store, keys, clock } = this.parts;
    if (rights.userData !== undefined) checkUserData(rights.userData);
    if (rights.groups !== undefined) checkGroups(rights.groups);
    if (password.kind === 'typed' && password.password === '')
      throw refuse('empty-password', 'The password is empty. Type one, or let one be generated.');
    const place = placeOf(document.draft, ref.file);
    const made = await document.edit(`Begin rotation of ${ref.user}`, async (dir) => {
      const users = await readUsersFile(dir, place);
      const old = editor.find(users, ref);
      const oldKeys = keys(ref.file, ref.user, old);
      this.#requireFree(ref, oldKeys);
      const entry = successor(old, (await passwords.make(ref.user, password)).password, rights);
      const newKeys = keys(ref.file, ref.user, entry);
      if (shares(oldKeys, newKeys))
        throw refuse(
          'same-password',
          'The new password is the old one: the old entry would go on to let it in. Choose another.',
        );
      await writeDraftUsers(dir, place, insertEntry(users, ref.user, ref.index + 1, entry));
      return { old, entry, oldKeys, newKeys };
    });
    const { old, entry } = made;
    const isRights = (entry.userData ?? '') !== (old.userData ?? '') || String(entry.groups) !== String(old.groups);
    const { id } = await store.add({
      kind: isRights ? 'rights' : 'password',
      ...{ file: ref.file, user: ref.user, oldKeys: [...made.oldKeys], newKeys: [...made.newKeys] },
      ...{ oldName: old.userData ?? '', newName: entry.userData ?? '' },
      ...{ startedAt: clock.now().toISOString(), oldTest: null, newTest: null, watch: null, finishedAt: null },
    });
    return id;
  }

  /** Step 2: both entries sign in over real connections. A password that is not known here is typed, and never kept. */
  async test(
    id: string,
    typed: { readonly old?: string | undefined; readonly new?: string | undefined },
  ): Promise<void> {
    const { store, cluster: control, clock } = this.parts;
    const rotation = this.#require(id);
    const cluster = control.require();
    const inForce = this.#find(rotation, cluster.workspace);
    if (inForce.old === null || inForce.new === null)
      throw refuse('not-in-force', 'The running gateway does not have both entries yet. Apply the draft first.');
    const { gateways } = placeOf(cluster.workspace, rotation.file);
    const [gateway] = gateways.filter((name) => cluster.partRuns(`gateway:${name}`));
    if (gateway === undefined)
      throw refuse('gateway-stopped', `Gateway ${gateways.join(', ')} does not run. Start it on Overview.`);
    const now = clock.now();
    const run = async (which: 'old' | 'new', entry: UserEntry): Promise<RotationAttempt> => {
      const known = this.parts.passwords.of(entry)?.value.reveal() ?? entry.password?.reveal();
      const password = typed[which] ?? known;
      if (password === undefined)
        return {
          ok: false,
          at: now.toISOString(),
          message: `Not tested: the ${which} password is not known here. Type it to test it.`,
        };
      const keys = which === 'old' ? rotation.oldKeys : rotation.newKeys;
      return testEntry({ cluster, gateway, user: rotation.user, entry, keys, password, now });
    };
    const oldTest = await run('old', inForce.old);
    const newTest = await run('new', inForce.new);
    await store.change(id, { oldTest, newTest });
    if (rotation.watch === null && newTest.ok) await this.watch(id);
  }

  /** Step 3: clients are said to have moved; sign-ins by the old entry are counted from here on. */
  async watch(id: string): Promise<void> {
    const { store, signIns, clock } = this.parts;
    const { oldKeys, newKeys } = this.#require(id);
    await store.change(id, {
      watch: {
        from: clock.now().toISOString(),
        oldTotal: signIns.useOfKeys(oldKeys).total,
        newTotal: signIns.useOfKeys(newKeys).total,
      },
    });
  }

  /**
   * Step 4: the old entry goes, tests use the new password, and with `cleanAcl` the table ACL forgets a name that nobody has
   * any more. Throws `callers.still-used` when somebody has used the old entry since the watch began, unless `evenIfUsed`,
   * and `callers.new-not-tested` when the new entry never signed in, unless the same.
   */
  async finish(id: string, options: { readonly evenIfUsed: boolean; readonly cleanAcl: boolean }): Promise<void> {
    const { document, store, clock, passwords } = this.parts;
    const rotation = this.#require(id);
    const state = this.#state(rotation);
    const place = placeOf(document.draft, rotation.file);
    if (!options.evenIfUsed) {
      if ((state.oldSince ?? 0) > 0)
        throw refuse(
          'still-used',
          `The old entry of ${rotation.user} has let somebody in ${state.oldSince} times since the watch began, last at ${state.oldLastAt ?? ''}. Move that client first.`,
        );
      if (rotation.newTest?.ok !== true && (state.newSince ?? 0) === 0)
        throw refuse('new-not-tested', `Nobody has signed in by the new entry of ${rotation.user}. Test it first.`);
    }
    await document.edit(`Finish rotation of ${rotation.user}`, async (dir) => {
      const users = await readUsersFile(dir, place);
      const found = this.#among(rotation, users);
      if (found.new === null)
        throw refuse(
          'new-entry-gone',
          `The new entry of ${rotation.user} is not in the draft. Without it nobody could sign in.`,
        );
      if (found.old === null)
        throw refuse('old-entry-gone', `The old entry of ${rotation.user} is not in the draft any more.`);
      const [before, after] = [passwords.of(found.old), passwords.of(found.new)];
      await writeDraftUsers(dir, place, removeEntry(users, rotation.user, found.old.index));
      if (before !== null && after !== null) await replaceSecret(dir, before.secret, after.secret);
      if (options.cleanAcl && rotation.oldName !== rotation.newName) await forgetName(dir, rotation.oldName);
    });
    await store.change(id, { finishedAt: clock.now().toISOString() });
  }

  /** Gives a rotation up: the new entry goes out of the draft. */
  async cancel(id: string): Promise<void> {
    const { document, store } = this.parts;
    const rotation = this.#require(id);
    const place = placeOf(document.draft, rotation.file);
    const present = this.#among(rotation, await readUsersFile(document.draftDir, place));
    if (present.new !== null)
      await document.edit(`Stop rotation of ${rotation.user}`, async (dir) => {
        const users = await readUsersFile(dir, place);
        const { new: made, old } = this.#among(rotation, users);
        if (made === null) return;
        if (old === null)
          throw refuse(
            'old-entry-gone',
            `The old entry of ${rotation.user} is gone: without the new one nobody could sign in.`,
          );
        await writeDraftUsers(dir, place, removeEntry(users, rotation.user, made.index));
      });
    await store.remove(new Set([id]));
  }

  /** Every rotation with its state, those that are over included. */
  states(): RotationState[] {
    return this.parts.store.all.map((rotation) => this.#state(rotation));
  }

  /** Forgets rotations that have been over for a month. */
  async prune(): Promise<void> {
    const limit = this.parts.clock.now().getTime() - OVER_KEPT_MS;
    const gone = this.states().filter(
      ({ stage, rotation }) =>
        stage === 'over' && new Date(rotation.finishedAt ?? rotation.startedAt).getTime() < limit,
    );
    await this.parts.store.remove(new Set(gone.map(({ rotation }) => rotation.id)));
  }

  #state(rotation: Rotation): RotationState {
    const { document, cluster, signIns, passwords } = this.parts;
    const draft = this.#find(rotation, document.draft);
    const applied = this.#find(rotation, document.applied);
    const running = cluster.cluster;
    const inForce = running === null ? null : this.#find(rotation, running.workspace);
    const [oldUse, newUse] = [signIns.useOfKeys(rotation.oldKeys), signIns.useOfKeys(rotation.newKeys)];
    const { watch } = rotation;
    const quietFrom =
      watch === null ? null : oldUse.lastAt !== null && oldUse.lastAt > watch.from ? oldUse.lastAt : watch.from;
    const old = draft.old ?? applied.old;
    return {
      rotation,
      stage: this.#stage(rotation, draft, applied, inForce),
      oldIndex: draft.old?.index ?? null,
      newIndex: draft.new?.index ?? null,
      oldSince: watch === null ? null : oldUse.total - watch.oldTotal,
      newSince: watch === null ? null : newUse.total - watch.newTotal,
      oldLastAt: oldUse.lastAt,
      newLastAt: newUse.lastAt,
      quietMs: quietFrom === null ? null : signIns.watchedMs(new Date(quietFrom)),
      oldKnown: old !== null && (old.password !== null || passwords.of(old) !== null),
    };
  }

  #stage(rotation: Rotation, draft: Pair, applied: Pair, inForce: Pair | null): RotationStage {
    if (draft.new === null) return 'over';
    if (draft.old === null) return applied.old === null ? 'over' : 'apply-end';
    if (applied.new === null) return 'apply';
    if (rotation.newTest?.ok === true && rotation.oldTest !== null) return 'move';
    return inForce?.new == null || inForce.old === null ? 'start' : 'test';
  }

  #find(rotation: Rotation, workspace: Pick<Workspace, 'users'>): Pair {
    const users = workspace.users.get(rotation.file);
    return users === undefined ? { old: null, new: null } : this.#among(rotation, users);
  }

  #among({ file, user, oldKeys, newKeys }: Rotation, users: UsersFile): Pair {
    const find = (keys: readonly string[]): UserEntry | null =>
      (users.users.get(user) ?? []).find((entry) => shares(keys, this.parts.keys(file, user, entry))) ?? null;
    return { old: find(oldKeys), new: find(newKeys) };
  }

  /** An entry can be rotated when it has a password and is part of no rotation. */
  #requireFree(ref: EntryRef, oldKeys: readonly string[]): void {
    const entry = `Entry ${ref.index + 1} of ${ref.user}`;
    if (oldKeys.length === 0) throw refuse('nothing-to-rotate', `${entry} has no password. Set one instead.`);
    const running = this.states().some(
      ({ stage, rotation }) => stage !== 'over' && shares(oldKeys, [...rotation.oldKeys, ...rotation.newKeys]),
    );
    if (running) throw refuse('rotation-running', `${entry} is being rotated already. Finish or stop that first.`);
  }

  #require(id: string): Rotation {
    const found = this.parts.store.get(id);
    if (found === undefined) throw refuse('no-such-rotation', 'This rotation is not under way any more.');
    return found;
  }
}

interface Pair {
  readonly old: UserEntry | null;
  readonly new: UserEntry | null;
}

const shares = (left: readonly string[], right: readonly string[]): boolean => left.some((key) => right.includes(key));

/** The entry that takes over: hashes of the new password only, the rest as it was unless it is to have other rights. */
function successor(
  old: UserEntry,
  password: string,
  rights: { readonly userData?: string | undefined; readonly groups?: readonly string[] | undefined },
): UserEntry {
  const forms = formsOf(old).filter((form) => form !== 'plain');
  const bare = makeEntry({
    password,
    hashes: [],
    userData: '',
    sourceHost: old.sourceHost === 'localhost' ? 'localhost' : '',
  });
  const entry = { ...bare, userData: rights.userData ?? old.userData, groups: rights.groups ?? old.groups };
  const hashed = withForms(entry, forms.length === 0 ? ['native', 'sha2'] : forms, password);
  return hashed ?? entry;
}
