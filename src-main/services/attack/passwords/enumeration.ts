import type { AttackResult, Evidence } from '../../../domain/attacks';
import type { TestRun } from '../../test/run-test';
import { notHere, type PlannedAttack } from '../planned';
import { logIn, loginResult, passwordCard, type Door } from './door';

const STRANGER = 'gatehouse-nobody-by-this-name';
const WRONG = 'not the password of anybody';
/** Known users whose answers are compared with a stranger's. */
const MOST_USERS = 10;

/** Everything that a client sees of a refused login, without what names the user: error, way it ended, methods asked for. */
function answerOf({ attempt }: TestRun, user: string): string {
  const { error, failure, stage } = attempt;
  const methods = attempt.steps
    .filter(({ name }) => /^mysql\.(greeting|auth-switch|full-authentication)$/.test(name))
    .map(({ name, data }) => `${name} ${String(data['method'] ?? '')}`);
  const said =
    error === null ? `closed at ${stage}: ${failure ?? ''}` : `${error.code} ${error.sqlState ?? ''} ${error.message}`;
  return [...methods, said.replaceAll(user, '…')].join('; ');
}

/** Whether the answer to a wrong password tells that the user exists. */
export function enumeration(door: Door): PlannedAttack[] {
  const known = door.users.filter((user) => user !== '').slice(0, MOST_USERS);
  const card = passwordCard(door, 'enumeration', 'Which users exist', [
    `Somebody logs in with a wrong password as ${known.length === 1 ? 'a user' : `${known.length} users`} of ${door.file} and as somebody who is not in it.`,
    'The answers are compared: error, texts, and the authentication methods that the gateway asks for.',
  ]);
  if (known.length === 0) return [notHere(card, `${door.file} has no users, so there is nothing to find out.`)];
  return [
    {
      card: { ...card, notHere: null },
      alone: false,
      run: async (ground, signal): Promise<AttackResult> => {
        const stranger = await logIn(ground, door, { user: STRANGER, password: WRONG }, signal);
        const base = loginResult(ground, door, stranger, {
          ...{ who: '', how: 'under a name that nobody has', why: [], advice: '' },
        });
        const usual = answerOf(stranger, STRANGER);
        const telling: { readonly user: string; readonly answer: string }[] = [];
        for (const user of known) {
          signal.throwIfAborted();
          const answer = answerOf(await logIn(ground, door, { user, password: WRONG }, signal), user);
          if (answer !== usual) telling.push({ user, answer });
        }
        const evidence: Evidence[] = [
          { kind: 'error', side: 'gateway', text: `to somebody unknown: ${usual}` },
          ...telling.slice(0, 3).map(({ user, answer }): Evidence => ({
            kind: 'error',
            side: 'gateway',
            text: `to ${user}: ${answer}`,
          })),
        ];
        if (telling.length === 0)
          return {
            ...base,
            sentence: `Gateway ${door.gateway} answers a wrong password of a user as it answers somebody unknown.`,
            evidence,
          };
        const names = telling.map(({ user }) => user).join(', ');
        return {
          ...base,
          outcome: 'got-through',
          stoppedAt: null,
          sentence: `The answer to a wrong password tells that ${names} ${telling.length === 1 ? 'exists' : 'exist'}.`,
          why: ['The gateway answers these users in another way than somebody whom it does not know.'],
          evidence,
          settings: base.settings.map((setting) => ({
            ...setting,
            advice: 'Give every entry the hashes for both methods, and mend entries that cannot be read.',
          })),
        };
      },
    },
  ];
}
