import { randomBytes } from 'node:crypto';
import type { AttackResult } from '../../../domain/attacks';
import type { AttackGround } from '../ground';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { gotIn, logIn, loginResult, passwordCard, type Door, type LoginWords } from './door';

/** Users that guesses are tried on. */
const MOST_USERS = 25;

type Guess = { readonly user: string | null; readonly password: string };

/** Tries each guess until one gets in; the result is about that one, or about the last. */
async function tryAll(
  ground: AttackGround,
  door: Door,
  guesses: readonly Guess[],
  words: Omit<LoginWords, 'who'>,
  signal: AbortSignal,
): Promise<AttackResult> {
  let result: AttackResult | null = null;
  for (const guess of guesses) {
    signal.throwIfAborted();
    const run = await logIn(ground, door, guess, signal);
    const through = gotIn(run);
    const next = loginResult(ground, door, run, { ...words, who: through ? (guess.user ?? '') : '' });
    // What nobody can decide of one guess is not decided for all of them.
    if (through || result === null || next.outcome === 'cannot-decide') result = next;
    if (through) break;
  }
  if (result === null) throw new Error('there is nothing to guess');
  return result;
}

/** Passwords that are wrong, hashes sent as passwords, and logins without a name. */
export function guesses(world: AttackWorld, door: Door): PlannedAttack[] {
  const users = door.users.slice(0, MOST_USERS);
  const many = users.length === 1 ? `the user ${users[0] ?? ''}` : `each of ${users.length} users`;
  const attack = (
    kind: string,
    title: string,
    about: readonly string[],
    guess: (ground: AttackGround) => readonly Guess[],
    words: Omit<LoginWords, 'who'>,
  ): PlannedAttack => ({
    card: { ...passwordCard(door, kind, title, about), notHere: null },
    alone: false,
    run: (ground, signal) => tryAll(ground, door, guess(ground), words, signal),
  });
  const planned: PlannedAttack[] = [];
  if (users.length > 0)
    planned.push(
      attack(
        'wrong',
        'A wrong password',
        [
          `Somebody logs in as ${many}${door.file === '' ? '' : ` of ${door.file}`}, with a password made up on the spot.`,
        ],
        () => users.map((user) => ({ user, password: randomBytes(12).toString('hex') })),
        {
          how: 'with a wrong password',
          why: ['The gateway compares no password for this user.'],
          advice: 'Set mysql.auth to "static" and give the user a password.',
        },
      ),
    );
  if (door.protocol === 'mysql' && door.file !== '') planned.push(passTheHash(world, door, attack));
  planned.push(
    attack(
      'no-name',
      'No user name',
      [
        door.protocol === 'mysql'
          ? 'Somebody logs in with an empty user name and an empty password.'
          : 'Somebody calls without a user name and a password, and again with empty ones.',
      ],
      () => [...(door.protocol === 'grpc' ? [{ user: null, password: '' }] : []), { user: '', password: '' }],
      {
        how: 'without a user name',
        why: ['The users file has a user without a name whose password is empty.'],
        advice: 'Remove the user without a name.',
      },
    ),
  );
  return planned;
}

/** Whoever has read the users file sends what stands there instead of the password. */
function passTheHash(
  { workspace }: AttackWorld,
  door: Door,
  attack: (
    kind: string,
    title: string,
    about: readonly string[],
    guess: (ground: AttackGround) => readonly Guess[],
    words: Omit<LoginWords, 'who'>,
  ) => PlannedAttack,
): PlannedAttack {
  const about = [
    `Somebody who has read ${door.file} sends a hash from it as the password, as it stands there and without its star.`,
  ];
  const stored = (source: typeof workspace): readonly Guess[] =>
    [...(source.users.get(door.file)?.users ?? [])].slice(0, MOST_USERS).flatMap(([user, entries]) =>
      entries
        .flatMap(({ mysqlNativePassword, cachingSha2Password, password }) => [
          mysqlNativePassword?.reveal() ?? '',
          cachingSha2Password?.reveal() ?? '',
          // A hash that was written under the wrong key is a password like any other.
          /^\*[0-9a-f]{40,64}$/i.test(password?.reveal() ?? '') ? (password?.reveal() ?? '') : '',
        ])
        .filter((hash) => hash !== '')
        .flatMap((hash) => [hash, hash.replace(/^\*/, '')])
        .map((password) => ({ user, password })),
    );
  const title = 'A hash sent as the password';
  if (stored(workspace).length === 0)
    return notHere(
      passwordCard(door, 'hash', title, about),
      `${door.file} holds no hashes: whoever reads it has the passwords themselves.`,
    );
  return attack('hash', title, about, (ground) => stored(ground.workspace), {
    how: 'with what the users file holds',
    why: ['The hash stands where the password belongs, so that it is the password.'],
    advice: 'Write the hash as MysqlNativePassword or CachingSha2Password, never as Password.',
  });
}
