import type { AttackResult, Evidence, ResponsibleSetting } from '../../../domain/attacks';
import type { UserEntry } from '../../../domain/users';
import { fidelityOf } from '../../workspace/load-workspace';
import { attackRun } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { fidelitySetting } from '../named-settings';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { callersOf, connectionOf, type Caller } from '../tls/callers';
import { gatewayPlaces, settingOf, type GatewayPlace } from '../tls/places';

type Card = Omit<PlannedAttack['card'], 'notHere'>;

const NATIVE = 'mysql_native_password';

/** What a users file holds of a password; what can be compared decides which method is taken. */
type Stored = 'sha2' | 'native' | 'both' | 'clear';

const storedIn = (entry: UserEntry | undefined): Stored =>
  entry === undefined || entry.password !== null
    ? 'clear'
    : entry.cachingSha2Password === null
      ? 'native'
      : entry.mysqlNativePassword === null
        ? 'sha2'
        : 'both';

const storedWords: Readonly<Record<Stored, string>> = {
  sha2: 'a CachingSha2Password alone',
  native: 'a MysqlNativePassword alone',
  both: 'both hashes',
  clear: 'the password in clear',
};

const cardOf = (aim: string, id: string, aboutTls: string, scored: boolean): Card => ({
  id: `downgrade/native/${id}`,
  group: 'downgrade',
  title: `${NATIVE} in place of caching_sha2_password`,
  aim,
  about: [
    `A client with the right password begins with ${NATIVE} (SHA-1), whatever the gateway’s greeting offers, ${aboutTls}.`,
    'What the gateway answers says which method is taken, and so what crosses: a reply made with SHA-1 or with SHA-256.',
    ...(scored ? [] : ['Inside TLS nobody in between reads either, so this only shows what is agreed on.']),
  ],
  hop: 'A',
  ...{ scored, unscored: scored ? null : 'for-information' },
});

/** Whether a client can go back to the older method: for one user of each kind of entry at each gateway. */
export function nativeMethods(world: AttackWorld): PlannedAttack[] {
  const { workspace } = world;
  const attacks = gatewayPlaces(workspace.topology).flatMap((place) => {
    const { mysql } = place.gateway;
    if (place.kind !== 'mysql' || mysql === null || mysql.auth !== 'static' || mysql.usersFile === null) return [];
    const users = workspace.users.get(mysql.usersFile)?.users;
    const hardened = fidelityOf(workspace, place.gateway).mode === 'hardened';
    const inClear = place.tls === null || !mysql.requireSecureTransport;
    if (inClear && mysql.requireSecureTransport && hardened) return [];
    const seen = new Set<Stored>();
    return callersOf(world, place).flatMap((by): PlannedAttack[] => {
      const entry = users?.get(by.caller.user ?? '')?.[0];
      const stored = storedIn(entry);
      if (entry === undefined || seen.has(stored)) return [];
      seen.add(stored);
      const aim = `${place.aim}, ${by.caller.user}: ${storedWords[stored]}`;
      const scored = inClear || (hardened && stored === 'sha2');
      const card = cardOf(aim, `${place.gateway.name}/${stored}`, inClear ? 'without TLS' : 'inside TLS', scored);
      const entryPlace = { file: mysql.usersFile ?? '', line: entry.line };
      return [
        {
          card: { ...card, notHere: null },
          alone: false,
          run: (ground, signal) => run(ground, place, { by, stored, inClear, entryPlace }, signal),
        },
      ];
    });
  });
  if (attacks.length > 0) return attacks;
  const reason =
    'No gateway of this workspace checks passwords over MySQL for a caller of the tests whose password is known.';
  return [notHere(cardOf('gateways with a users file', 'nowhere', 'with and without TLS', true), reason)];
}

interface About {
  readonly by: Caller;
  readonly stored: Stored;
  readonly inClear: boolean;
  readonly entryPlace: { readonly file: string; readonly line: number };
}

async function run(
  ground: AttackGround,
  place: GatewayPlace,
  { by, stored, inClear, entryPlace }: About,
  signal: AbortSignal,
): Promise<AttackResult> {
  const connection = connectionOf(ground, by, inClear ? 'mysql-plain' : by.transport);
  const made = await attackRun(ground, `native/${place.id}`, { ...connection, method: NATIVE }, signal);
  const { steps, stage } = made.attempt;
  const sent = steps.find(({ name }) => name === 'mysql.login-sent');
  const switched = steps.find(({ name }) => name === 'mysql.auth-switch')?.data['method'];
  const greeted = steps.find(({ name }) => name === 'mysql.greeting')?.data['method'];
  const seen = resultOf(made, { settings: [] });
  if (sent === undefined) return seen;
  const crossed: Evidence[] = [
    {
      ...{ kind: 'bytes', side: 'gateway' },
      text:
        switched === undefined
          ? `greeting: ${String(greeted)}; the reply of ${NATIVE} was taken`
          : `greeting: ${String(greeted)}; AuthSwitchRequest to ${String(switched)}`,
    },
    { kind: 'bytes', side: 'client', text: `sent for ${NATIVE}: ${String(sent.data['sent'])}` },
  ];
  const user = by.caller.user ?? '';
  const stopped = switched !== undefined && switched !== NATIVE;
  const login = stage === 'login' && made.attempt.error === null;
  return {
    ...(stopped
      ? { outcome: 'stopped' as const, stoppedAt: { hop: 'A' as const, side: 'gateway' as const } }
      : login
        ? { outcome: 'cannot-decide' as const, stoppedAt: null }
        : { outcome: 'got-through' as const, stoppedAt: null }),
    sentence: stopped
      ? `Gateway ${place.gateway.name} did not take ${NATIVE} for ${user} and asked for ${String(switched)}.`
      : login
        ? 'The connection ended during the login, and nobody said why.'
        : `Gateway ${place.gateway.name} took a reply of ${NATIVE} for ${user}${stage === 'done' ? ' and let it in' : ''}.`,
    why: [
      `The entry of ${user} holds ${storedWords[stored]}.`,
      inClear
        ? 'The reply crosses without TLS: who reads it along with the salt can try passwords with SHA-1, as fast as hardware goes.'
        : 'The reply crosses inside TLS, where nobody in between reads it.',
    ],
    evidence: [...crossed, ...seen.evidence],
    settings: settings(ground, place, { stored, inClear, entryPlace, through: !stopped }),
    trace: made.trace,
    milliseconds: made.trace.milliseconds,
  };
}

function settings(
  ground: AttackGround,
  place: GatewayPlace,
  about: Omit<About, 'by'> & { readonly through: boolean },
): ResponsibleSetting[] {
  const { stored, inClear, entryPlace, through } = about;
  const { mode } = fidelityOf(ground.workspace, place.gateway);
  const entry: ResponsibleSetting = {
    ...{ name: 'the user’s entry', value: storedWords[stored], place: entryPlace, flag: null, edit: null },
    advice:
      through && stored !== 'sha2' && mode === 'hardened'
        ? 'Keep CachingSha2Password alone once no client needs mysql_native_password.'
        : null,
  };
  const secure = settingOf(ground, place, ['requireSecureTransport'], 'false', {
    flag: '--mysql-server-require-secure-transport',
    ...(through && inClear && place.tls !== null
      ? { advice: 'Set mysql.requireSecureTransport to true.', change: true }
      : {}),
  });
  const way = fidelitySetting(
    ground.workspace,
    place.gateway,
    place.part,
    through && mode === 'vitess'
      ? 'Stock vtgate’s static server offers nothing but mysql_native_password: keep its replies inside TLS.'
      : null,
  );
  return [...(inClear ? [secure] : []), entry, way];
}
