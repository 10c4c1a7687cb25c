import { randomBytes } from 'node:crypto';
import type { AttackResult } from '../../../domain/attacks';
import { addEntry, makeEntry, replaceEntry, type UserEntry } from '../../../domain/users';
import { KnownPasswords } from '../../callers/known-passwords';
import type { AttackGround } from '../ground';
import type { PlannedAttack } from '../planned';
import { gotIn, logIn, loginResult, passwordCard, type Door } from './door';
import { REHEARSAL_USER, withUsers } from './own-entry';

const newPassword = (): string => randomBytes(18).toString('base64url');

/** A user with an entry whose password the workspace knows. */
interface Known {
  readonly user: string;
  readonly entry: UserEntry;
  readonly password: string;
}

/** The first entry that a login over TCP can use and whose password is known; null: there is none. */
export function knownEntry(
  ground: AttackGround,
  door: Door,
  wanted: (entry: UserEntry) => boolean = ({ sourceHost }) => sourceHost === '',
): Known | null {
  const known = new KnownPasswords(ground.secrets);
  for (const [user, entries] of ground.workspace.users.get(door.file)?.users ?? [])
    for (const entry of entries) {
      const password = entry.password?.reveal() ?? known.of(entry)?.value.reveal();
      if (password !== undefined && wanted(entry)) return { user, entry, password };
    }
  return null;
}

/** A password after its entry was replaced and the file read again: the old one must fail, the new one must work. */
export const oldPassword = (door: Door): PlannedAttack => ({
  card: {
    ...passwordCard(door, 'old', 'The old password after its rotation', [
      `In the copy of ${door.file} an entry gets a new password, and the gateway reads the file again.`,
      'Somebody logs in with the old password, and the user with the new one.',
      'Afterwards the file is put back.',
    ]),
    notHere: null,
  },
  alone: true,
  run: async (ground, signal) => {
    const present = knownEntry(ground, door);
    if (present !== null) return rotate(ground, door, present, signal);
    // No password is known, so that one is rotated that was made for it.
    const password = newPassword();
    const made = makeEntry({ password, userData: REHEARSAL_USER });
    return withUsers(
      ground,
      door,
      (users) => addEntry(users, REHEARSAL_USER, made),
      () => rotate(ground, door, { user: REHEARSAL_USER, entry: { ...made, index: 0 }, password }, signal),
    );
  },
});

async function rotate(ground: AttackGround, door: Door, known: Known, signal: AbortSignal): Promise<AttackResult> {
  const { user, entry, password } = known;
  const fresh = newPassword();
  const next = makeEntry({ password: fresh, userData: entry.userData ?? '', groups: entry.groups });
  const [old, renewed] = await withUsers(
    ground,
    door,
    (users) => replaceEntry(users, user, entry.index, { ...next, userData: entry.userData }),
    async () => [
      await logIn(ground, door, { user, password }, signal),
      await logIn(ground, door, { user, password: fresh }, signal),
    ],
  );
  const result = loginResult(ground, door, old as NonNullable<typeof old>, {
    who: user,
    how: 'with the password from before the rotation',
    why: ['Another entry of the user still has the old password.'],
    advice: 'Remove every entry with the old password.',
  });
  if (renewed !== undefined && gotIn(renewed)) return result;
  return {
    ...result,
    outcome: 'cannot-decide',
    stoppedAt: null,
    sentence: 'The new password did not work either, so that the old one proves nothing.',
  };
}
