import { randomBytes } from 'node:crypto';
import type { AttackResult } from '../../../domain/attacks';
import { addEntry, makeEntry } from '../../../domain/users';
import type { AttackGround } from '../ground';
import type { AttackWorld, PlannedAttack } from '../planned';
import { gotIn, logIn, loginResult, passwordCard, type Door } from './door';
import { REHEARSAL_USER, withUsers } from './own-entry';
import { knownEntry } from './rotation';

/** An entry that is for the Unix socket alone, used over TCP with its right password. */
export function wrongSourceHost({ workspace }: AttackWorld, door: Door): PlannedAttack {
  const present = [...(workspace.users.get(door.file)?.users ?? [])].some(([, entries]) =>
    entries.some(({ sourceHost }) => sourceHost === 'localhost'),
  );
  return {
    card: {
      ...passwordCard(door, 'source-host', 'An entry of another source host', [
        present
          ? `${door.file} has an entry with SourceHost localhost, which is for the Unix socket alone.`
          : `In the copy of ${door.file} a user is made whose entry has SourceHost localhost, and the gateway reads the file again.`,
        'Somebody logs in over TCP from this very machine, with the right password.',
      ]),
      notHere: null,
    },
    alone: !present,
    run: async (ground, signal) => {
      const known = present ? knownEntry(ground, door, ({ sourceHost }) => sourceHost === 'localhost') : null;
      if (known !== null) return overTcp(ground, door, known.user, known.password, signal);
      const password = randomBytes(18).toString('base64url');
      const entry = makeEntry({ password, userData: REHEARSAL_USER, sourceHost: 'localhost' });
      return withUsers(
        ground,
        door,
        (users) => addEntry(users, REHEARSAL_USER, entry),
        () => overTcp(ground, door, REHEARSAL_USER, password, signal),
      );
    },
  };
}

async function overTcp(
  ground: AttackGround,
  door: Door,
  user: string,
  password: string,
  signal: AbortSignal,
): Promise<AttackResult> {
  const result = loginResult(ground, door, await logIn(ground, door, { user, password }, signal), {
    who: user,
    how: 'over TCP with the password of an entry for the Unix socket',
    why: ['Another entry of the user has the same password and no SourceHost.'],
    advice: 'Give the entry without SourceHost another password, or remove it.',
  });
  if (result.outcome !== 'stopped' || !door.unixSocket) return result;
  // The password must be right, or its refusal says nothing about the source host.
  const local = await logIn(ground, door, { user, password, unix: true }, signal);
  if (gotIn(local)) return result;
  return {
    ...result,
    outcome: 'cannot-decide',
    stoppedAt: null,
    sentence:
      'The login failed over the Unix socket too, so that the refusal over TCP says nothing about the source host.',
  };
}
