import { passwordDigests, type UserEntry } from '../../../domain/users';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import type { AttackGround } from '../ground';
import { gotIn, logIn, loginResult, passwordCard, type Door, type LoginWords } from './door';

/** Users with a card of their own; those beyond share one, so that a file of thousands stays a list to read. */
const OWN_CARDS = 40;

const words = (who: string): LoginWords => ({
  who,
  how: 'with an empty password',
  why: [
    'An entry of the user holds nothing that the offered method could compare, and Vitess takes the empty answer for a match.',
  ],
  advice: 'Give the entry a password in the form that the method checks (MysqlNativePassword), or remove it.',
});

/** The empty password for every entry: each user over the way in that its entries are for. */
export function emptyPasswords(world: AttackWorld, door: Door): PlannedAttack[] {
  const tries =
    door.protocol === 'mysql' && door.file !== '' ? mysqlTries(world, door) : door.users.map((user) => plainTry(user));
  if (tries.length === 0)
    return [
      notHere(passwordCard(door, 'empty', 'An empty password', []), `${door.file} has no users, so nobody can log in.`),
    ];
  // Those that hold nothing to compare come first: they are the ones that the question is about.
  const sorted = [...tries.filter(({ hollow }) => hollow), ...tries.filter(({ hollow }) => !hollow)];
  const own = sorted.slice(0, OWN_CARDS);
  const rest = sorted.slice(OWN_CARDS);
  return [
    ...own.map((item): PlannedAttack => ({
      card: {
        ...passwordCard(
          door,
          'empty',
          'An empty password',
          [
            `Somebody logs in as ${shown(item.user)} with an empty password${item.unix ? ' over the Unix socket' : ''}.`,
            item.about,
          ],
          {
            id: `${item.user}${item.unix ? '/socket' : ''}`,
            aim: `${shown(item.user)}${item.unix ? ', Unix socket' : ''}`,
          },
        ),
        notHere: null,
      },
      alone: false,
      run: async (ground, signal) =>
        loginResult(ground, door, await tryOne(ground, door, item, signal), words(item.user)),
    })),
    ...(rest.length === 0 ? [] : [others(door, rest)]),
  ];
}

interface Try {
  readonly user: string;
  readonly unix: boolean;
  /** An entry holds nothing that can be compared. */
  readonly hollow: boolean;
  readonly about: string;
}

const plainTry = (user: string): Try => ({
  user,
  unix: false,
  hollow: false,
  about: 'Every entry of this name is compared.',
});

function mysqlTries({ workspace }: AttackWorld, door: Door): Try[] {
  const users = workspace.users.get(door.file);
  return [...(users?.users ?? [])].flatMap(([user, entries]) => {
    const local = entries.filter(({ sourceHost }) => sourceHost === 'localhost');
    const overTcp = entries.filter(({ sourceHost }) => sourceHost !== 'localhost');
    const one = (list: readonly UserEntry[], unix: boolean): Try => ({
      user,
      unix,
      hollow: list.some(isHollow),
      about: aboutEntries(door.file, list),
    });
    return [
      ...(overTcp.length > 0 || local.length === 0 || !door.unixSocket ? [one(overTcp, false)] : []),
      ...(local.length > 0 && door.unixSocket ? [one(local, true)] : []),
    ];
  });
}

/** Nothing in it that mysql_native_password compares, which is the one method of a stock vtgate. */
const isHollow = (entry: UserEntry): boolean => passwordDigests(entry).native === null;

function aboutEntries(file: string, entries: readonly UserEntry[]): string {
  if (entries.length === 0) return `${file} lists no entry that a login over TCP could match.`;
  const lines = entries.map(({ line }) => line);
  const hollow = entries.filter(isHollow).length;
  const where = lines.length === 1 ? `line ${lines[0] ?? 0}` : `lines ${lines.join(', ')}`;
  return `${file}, ${where}: ${hollow === 0 ? 'every entry' : hollow === entries.length ? 'no entry' : 'not every entry'} holds a secret that mysql_native_password can check.`;
}

const tryOne = (ground: AttackGround, door: Door, { user, unix }: Try, signal: AbortSignal) =>
  logIn(ground, door, { user, password: '', unix }, signal);

/** The users beyond the first ones, one after the other until one gets in. */
const others = (door: Door, rest: readonly Try[]): PlannedAttack => ({
  card: {
    ...passwordCard(
      door,
      'empty',
      'An empty password',
      [`Somebody logs in as each of the other ${rest.length} users of ${door.file} with an empty password.`],
      { id: 'others', aim: `${rest.length} more users` },
    ),
    notHere: null,
  },
  alone: false,
  run: async (ground, signal) => {
    let last: { readonly item: Try; readonly run: Awaited<ReturnType<typeof tryOne>> } | null = null;
    for (const item of rest) {
      signal.throwIfAborted();
      last = { item, run: await tryOne(ground, door, item, signal) };
      if (gotIn(last.run)) break;
    }
    if (last === null) throw new Error('nobody is left to be tried');
    return loginResult(ground, door, last.run, words(gotIn(last.run) ? last.item.user : ''));
  },
});

const shown = (user: string): string => (user === '' ? 'the user without a name' : user);
