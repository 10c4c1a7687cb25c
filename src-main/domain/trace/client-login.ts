import { between, numberIn, objectsIn, textIn, type NotedStep, type TraceFacts } from './input';
import type { Remedy } from './remedy';
import { code, name, place, rich, type Rich } from './rich';
import type { Step } from './trace';

/** The sign-in part of hop A. */
export interface LoginPart {
  readonly step: Step;
  readonly said: string | null;
  readonly why: readonly Rich[];
  readonly remedies: readonly Remedy[];
}

const part = (
  mark: Step['mark'],
  text: Rich,
  details: readonly Rich[],
  milliseconds: number | null,
  rest: Partial<Omit<LoginPart, 'step'>> = {},
): LoginPart => ({
  step: { mark, text, details, side: 'gateway', milliseconds },
  said: null,
  why: [],
  remedies: [],
  ...rest,
});

/** How the caller signed in at the gateway, or why it did not; null when it did not come to that. */
export function clientLogin(facts: TraceFacts): LoginPart | null {
  return facts.overMysql ? mysqlLogin(facts) : grpcLogin(facts);
}

/** The method that was asked for instead of the one named first, and what crossed the wire, as the client's own steps tell it; nothing where they tell nothing. */
function crossed(facts: TraceFacts): Rich[] {
  const last = facts.attempt.steps.findLast(({ name: step }) =>
    ['mysql.login-sent', 'mysql.auth-switch', 'mysql.full-authentication'].includes(step),
  );
  const sent = textIn(last, 'sent');
  const other = facts.client('mysql.auth-switch');
  const switched = other === undefined ? [] : [rich`The gateway asked for ${code(textIn(other, 'method'))} instead`];
  if (sent === '') return switched;
  if (sent === 'a hash over the salt') return [...switched, rich`A hash over a random salt crossed, not the password`];
  if (sent === 'an empty reply') return [...switched, rich`An empty answer crossed: there was no password`];
  if (sent.startsWith('the password encrypted'))
    return [...switched, rich`The password crossed encrypted with the gateway's RSA key`];
  const inside = facts.cell.transport === 'mysql-unix' ? 'the Unix socket' : 'TLS';
  return sent === 'an empty password in clear'
    ? [...switched, rich`An empty password crossed readable, inside ${inside}`]
    : [...switched, rich`The password crossed readable, inside ${inside}`];
}

function methodOf(facts: TraceFacts): string {
  const entry = facts.part('gateway', 'login.entry');
  const sent = facts.attempt.steps.findLast(
    ({ name: step }) => step === 'mysql.auth-switch' || step === 'mysql.login-sent',
  );
  return textIn(entry, 'method') || textIn(sent, 'method');
}

function mysqlLogin(facts: TraceFacts): LoginPart | null {
  const { attempt, cell, world } = facts;
  const answer = facts.client('mysql.login');
  const sent = facts.client('mysql.login-sent');
  if (sent === undefined && answer === undefined) {
    if (attempt.stage !== 'login' || attempt.failure === null) return null;
    return part('failed', rich`Sign-in: ${attempt.failure}`, [], null);
  }
  const milliseconds = between(
    (facts.client('tls.handshake') ?? facts.client('mysql.greeting'))?.atMicros,
    answer?.atMicros,
  );
  const user = cell.caller.user ?? '';
  const entry = facts.part('gateway', 'login.entry');
  if (answer?.outcome === 'ok') {
    const method = rich`with ${code(methodOf(facts))}`;
    const file = textIn(entry, 'file');
    const index = numberIn(entry, 'entry');
    if (file !== '' && index !== null) {
      const count = world.users.get(file)?.users.get(user)?.length ?? index + 1;
      return part(
        'passed',
        rich`Signed in as ${name(user)} ${method}, entry ${String(index + 1)} of ${String(count)} ${place(file, numberIn(entry, 'line'))}`,
        crossed(facts),
        milliseconds,
      );
    }
    if (textIn(entry, 'certificateSerial') !== '')
      return part(
        'passed',
        rich`Signed in as ${name(user)}: the login name is the certificate's common name`,
        [rich`No password is looked at; ${code(methodOf(facts))} only carries the name`, ...crossed(facts)],
        milliseconds,
      );
    if (facts.gateway?.mysql?.auth === 'none')
      return part(
        'warning',
        rich`Signed in as ${name(user)}: this gateway asks nobody for a password`,
        [],
        milliseconds,
      );
    return part('passed', rich`Signed in as ${name(user)} ${method}`, crossed(facts), milliseconds);
  }
  if (answer === undefined && attempt.stage !== 'login') return null;
  const said = attempt.error?.message.trim() ?? null;
  return part(
    'failed',
    rich`Sign-in as ${name(user)}${methodOf(facts) === '' ? '' : rich` with ${code(methodOf(facts))}`}`,
    crossed(facts),
    milliseconds,
    { said: said ?? attempt.failure, ...loginReasons(facts, entry, said ?? '') },
  );
}

const trialWords: Record<string, string> = {
  'wrong-password': 'another password',
  'source-host': 'admits only the Unix socket',
  'bad-hash': 'its hash is not hexadecimal, and nothing behind it is tried',
  'wrong-length': 'the answer has another length than its hash',
  'no-usable-secret': 'holds no password that this method can check',
  'null-entry': 'is null',
  panic: 'makes a real vtgate close the connection',
};

function loginReasons(
  facts: TraceFacts,
  entry: NotedStep | undefined,
  said: string,
): { readonly why: readonly Rich[]; readonly remedies: readonly Remedy[] } {
  const { cell, world } = facts;
  const user = cell.caller.user ?? '';
  const openUser: Remedy = { kind: 'open', label: `Open user ${user}`, screen: 'callers', focus: user, note: null };
  const useTls: Remedy = {
    kind: 'retry',
    label: 'Use TLS in this test',
    change: { transport: 'mysql-tls-verified' },
    note: null,
  };
  if (/client must use SSL\/TLS/.test(said))
    return { why: [rich`This gateway accepts only TLS. The password was not looked at.`], remedies: [useTls] };
  if (/clear text authentication over non-SSL/.test(said))
    return { why: [rich`This method sends the password readable, so it needs TLS.`], remedies: [useTls] };
  if (/No authentication methods available/.test(said))
    return {
      why: [rich`No method of the gateway fits this user and this transport.`],
      remedies: [openUser, ...(cell.transport === 'mysql-plain' ? [useTls] : [])],
    };
  if (/no client certs for connection/.test(said))
    return {
      why: [rich`Callers are recognised by certificate here, and none was sent.`],
      remedies: [
        {
          kind: 'retry',
          label: 'Choose a certificate',
          change: { transport: 'mysql-mutual-tls', chooseCertificate: true },
          note: null,
        },
      ],
    };
  const mismatch = /username '(.*)' does not match client cert common name '(.*)'/.exec(said);
  if (mismatch !== null) {
    const commonName = mismatch[2] ?? '';
    return {
      why: [rich`User name and common name must be equal: ${name(mismatch[1] ?? '')} is not ${name(commonName)}.`],
      remedies: [{ kind: 'retry', label: `Connect as ${commonName}`, change: { user: commonName }, note: null }],
    };
  }
  const file = textIn(entry, 'file');
  const entries = file === '' ? undefined : world.users.get(file)?.users.get(user);
  const tried = objectsIn(entry, 'tried');
  const why: Rich[] = [
    rich`The gateway does not know ${name(user)} with this password. It does not tell the client which of the two is wrong.`,
  ];
  if (file !== '') {
    if (entries === undefined) why.push(rich`${place(file, null)} has no user ${name(user)}.`);
    else
      why.push(
        rich`User ${name(user)} exists; ${entries.length === 1 ? 'its entry does not match' : `none of its ${String(entries.length)} entries matches`}.`,
      );
    tried.forEach((trial, index) =>
      why.push(
        rich`Entry ${String(index + 1)} (${place(file, typeof trial['line'] === 'number' ? trial['line'] : null)}): ${trialWords[String(trial['verdict'])] ?? String(trial['verdict'])}.`,
      ),
    );
  }
  return { why, remedies: entries === undefined ? [] : [openUser] };
}

function grpcLogin(facts: TraceFacts): LoginPart | null {
  const { attempt, gateway, cell } = facts;
  const call = facts.client('grpc.call-sent');
  if (call === undefined || attempt.stage === 'connect' || attempt.stage === 'tls') return null;
  const authorized = facts.part('gateway', 'rpc.authorized');
  const milliseconds = between(call.atMicros, authorized?.atMicros);
  const readable =
    cell.password === 'empty'
      ? rich`An empty password crossed`
      : cell.transport === 'grpc-plain'
        ? rich`The password crossed readable for anyone on the way`
        : rich`The password crossed readable, inside TLS`;
  if (attempt.stage === 'login') {
    const said = attempt.error?.message ?? attempt.failure;
    const reason = textIn(authorized, 'reason');
    const user = cell.caller.user;
    return part(
      'failed',
      user === null
        ? rich`Sign-in: the call carries no user`
        : rich`Sign-in as ${name(user)} with a password in the call's metadata`,
      user === null ? [] : [readable],
      milliseconds,
      { said, why: reason === '' ? [] : [rich`${reason}`] },
    );
  }
  const mode = textIn(authorized, 'mode') || (gateway?.grpc?.authMode ?? 'none');
  if (mode === 'static')
    return part(
      cell.transport === 'grpc-plain' ? 'warning' : 'passed',
      rich`Signed in as ${name(textIn(authorized, 'user') || (cell.caller.user ?? ''))} ${place(textIn(authorized, 'file') || (gateway?.grpc?.usersFile ?? ''), numberIn(authorized, 'line'))}`,
      [readable],
      milliseconds,
    );
  if (mode === 'mtls')
    return part(
      'passed',
      rich`Admitted: the certificate's subject ${code(textIn(authorized, 'subject'))} contains ${code(textIn(authorized, 'substring'))}`,
      [],
      milliseconds,
    );
  return part('skipped', rich`The gRPC port asks nobody to sign in`, [], null);
}
