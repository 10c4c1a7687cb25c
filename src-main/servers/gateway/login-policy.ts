import { deriveMysqlCaller, NO_AUTHENTICATION_USER } from '../../domain/identity';
import { authenticate, methodsFor, type UserEntry, type UserLoginOutcome } from '../../domain/users';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { ConnectionFacts, LoginAttempt, LoginOutcome, LoginPolicy } from '../mysql-wire/types';
import type { Recorder } from '../recorder';
import type { MysqlAuth } from './config';

/** One login that an entry of a users file let in. */
export interface SignIn {
  /** The file as the gateway's configuration names it. */
  readonly file: string;
  readonly user: string;
  readonly entry: UserEntry;
  /** Together unique among the gateway's connections since its start. */
  readonly connection: { readonly id: number; readonly unixSocket: boolean };
}

/** Notes how a login was judged. `data` never holds a reply, a salt or a hash. */
function record(
  recorder: Recorder,
  { connection, user, method }: LoginAttempt,
  outcome: LoginOutcome,
  data: Parameters<Recorder['record']>[4],
): LoginOutcome {
  if (recorder.enabled('gateway')) {
    const answer = outcome.kind === 'denied' ? { errno: outcome.errno, message: outcome.message } : {};
    const name = 'login.entry';
    recorder.record(connection.traceId, 'gateway', name, outcome.kind === 'accepted' ? 'ok' : 'refused', {
      user,
      method,
      ...data,
      ...answer,
    });
  }
  return outcome;
}

const loginOutcome = (outcome: UserLoginOutcome): LoginOutcome => {
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'accepted', immediate: outcome.immediate };
    case 'denied':
      return { kind: 'denied', errno: outcome.errno, sqlState: outcome.sqlState, message: outcome.message };
    case 'dropped':
      return { kind: 'dropped' };
  }
};

/** Static authentication against the users file; `methodsFor` says what each user is offered (vitess-behaviour §1.4). */
function staticPolicy(
  auth: () => MysqlAuth & { kind: 'static' },
  fidelity: Fidelity,
  recorder: Recorder,
  signedIn: (signIn: SignIn) => void,
): LoginPolicy {
  /** Rule users-claimed-socket-not-local: what a header says of itself counts in vitess mode only. */
  const isLocal = ({ unixSocket, claimsUnixSocket = false }: ConnectionFacts): boolean =>
    unixSocket || (claimsUnixSocket && fidelity.mode === 'vitess');
  return {
    greetingMethod: fidelity.mode === 'hardened' ? 'caching_sha2_password' : 'mysql_native_password',
    methods: (user, connection) =>
      methodsFor(auth().users, user, { fidelity, secured: connection.secured !== null || connection.unixSocket }),
    check(attempt) {
      const { user, method, salt, reply, connection } = attempt;
      const { users, file } = auth();
      const outcome = authenticate(users, { user, method, salt, reply, unixSocket: isLocal(connection) }, fidelity);
      const entry = outcome.kind === 'accepted' ? { file, line: outcome.line, entry: outcome.entryIndex } : { file };
      const matched = outcome.kind === 'accepted' ? users.users.get(user)?.[outcome.entryIndex] : undefined;
      if (matched !== undefined)
        signedIn({
          ...{ file, user, entry: matched },
          connection: { id: connection.connectionId, unixSocket: connection.unixSocket },
        });
      const tried = outcome.tried.map(({ line, key, verdict }) => ({ line, compared: key, verdict }));
      return record(recorder, attempt, loginOutcome(outcome), { ...entry, reason: outcome.reason, tried });
    },
  };
}

/** Certificates: the login name must be the certificate's common name; the password is not looked at (§1.5). */
function certificatePolicy(method: 'mysql_clear_password' | 'dialog', recorder: Recorder): LoginPolicy {
  return {
    greetingMethod: 'mysql_native_password',
    methods: () => [method],
    check(attempt) {
      const { user: login, connection } = attempt;
      const { remoteAddress, secured } = connection;
      const caller = deriveMysqlCaller({ way: 'clientcert', login, remoteAddress, peer: secured?.peer ?? null });
      if (caller.kind === 'refused') {
        const { errno, sqlState, message, reason } = caller.refusal;
        return record(recorder, attempt, { kind: 'denied', errno, sqlState, message }, { reason });
      }
      const certificate = secured?.peer?.serial ?? '';
      return record(
        recorder,
        attempt,
        { kind: 'accepted', immediate: caller.caller.immediate },
        { certificateSerial: certificate },
      );
    },
  };
}

/** No authentication: everybody is the same user (§1.5). */
const openPolicy = (recorder: Recorder): LoginPolicy => ({
  greetingMethod: 'mysql_native_password',
  methods: () => ['mysql_native_password'],
  check: (attempt) =>
    record(
      recorder,
      attempt,
      { kind: 'accepted', immediate: { username: NO_AUTHENTICATION_USER, groups: [] } },
      {
        reason: 'authentication is off',
      },
    ),
});

/**
 * The rules of one gateway's MySQL listeners. `auth` is asked at every login, so that a reload counts for the next one.
 * `signedIn` hears of every login by an entry of a users file, before the client does; it must not throw.
 */
export function createLoginPolicy(
  auth: () => MysqlAuth,
  fidelity: Fidelity,
  recorder: Recorder,
  signedIn: (signIn: SignIn) => void = () => undefined,
): LoginPolicy {
  const first = auth();
  switch (first.kind) {
    case 'static':
      return staticPolicy(
        () => {
          const now = auth();
          return now.kind === 'static' ? now : first;
        },
        fidelity,
        recorder,
        signedIn,
      );
    case 'clientcert':
      return certificatePolicy(first.method, recorder);
    case 'none':
      return openPolicy(recorder);
  }
}
