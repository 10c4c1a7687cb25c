import type { Fidelity } from '../fidelity';
import { tryHardenedEntry, verificationsPerLogin, verifyNobody } from './hardened-login';
import { tryStockEntry } from './stock-login';
import type { EntryTrial, UserEntry, UserLogin, UserLoginOutcome, UsersFile } from './types';

type DenialCause = Extract<UserLoginOutcome, { kind: 'denied' }>['cause'];

const denialReasons: Record<DenialCause, string> = {
  'unknown-user': 'The users file has no such user.',
  'no-entries': 'The user has no entries in the users file, so nothing can match.',
  'no-match': 'No entry of the user matches the reply and the way in.',
  'bad-hash': 'An entry holds a hash that is not hexadecimal; entries behind it are not tried.',
};

function denied(
  login: UserLogin,
  tried: readonly EntryTrial[],
  cause: DenialCause,
  verifications: number,
): UserLoginOutcome {
  const message = `Access denied for user '${login.user}'`;
  return {
    kind: 'denied',
    errno: 1045,
    sqlState: '28000',
    message,
    cause,
    tried,
    reason: denialReasons[cause],
    verifications,
  };
}

function accepted(entry: UserEntry, tried: readonly EntryTrial[]): UserLoginOutcome {
  const key = tried.at(-1)?.key ?? null;
  return {
    kind: 'accepted',
    immediate: { username: entry.userData ?? '', groups: entry.groups },
    entryIndex: entry.index,
    line: entry.line,
    tried,
    reason: `Entry ${entry.index + 1} of the user (line ${entry.line}) matches by ${key ?? 'nothing'}.`,
  };
}

const missing = (entries: readonly UserEntry[] | undefined): DenialCause =>
  entries === undefined ? 'unknown-user' : entries.length === 0 ? 'no-entries' : 'no-match';

function stock(users: UsersFile, login: UserLogin): UserLoginOutcome {
  const entries = users.users.get(login.user);
  const tried: EntryTrial[] = [];
  for (const entry of entries ?? []) {
    const trial = { index: entry.index, line: entry.line, ...tryStockEntry(entry, login) };
    tried.push(trial);
    if (trial.verdict === 'matched') return accepted(entry, tried);
    if (trial.verdict === 'bad-hash') return denied(login, tried, 'bad-hash', tried.length);
    if (trial.verdict === 'panic') {
      const why = entry.isNull ? 'the entry is null' : 'the reply is shorter than the hash';
      return { kind: 'dropped', tried, reason: `Real vtgate panics here and closes the connection: ${why}.` };
    }
  }
  return denied(login, tried, missing(entries), tried.length);
}

function hardened(users: UsersFile, login: UserLogin): UserLoginOutcome {
  const entries = users.users.get(login.user);
  const tried: EntryTrial[] = [];
  let stopped = false;
  for (const entry of entries ?? []) {
    const trial = { index: entry.index, line: entry.line, ...tryHardenedEntry(entry, login) };
    tried.push(trial);
    if (trial.verdict === 'matched') return accepted(entry, tried);
    stopped = trial.verdict === 'bad-hash';
    if (stopped) break;
  }
  const cost = verificationsPerLogin(users);
  let spent = tried.length;
  for (; spent < cost; spent += 1) verifyNobody(login);
  return denied(login, tried, stopped ? 'bad-hash' : missing(entries), spent);
}

/**
 * Checks one reply against a loaded users file: the entries of that user in file order, the first match wins and names
 * the immediate caller. In vitess mode this is what go/mysql/auth_server_static.go does (vitess-behaviour §1.2), its
 * traps included; in hardened mode the rules `users-…` of domain/fidelity apply. Which methods are offered at all is the
 * listener's business: a stock vtgate offers mysql_native_password only. Never throws; nothing in the outcome is secret.
 */
export const authenticate = (users: UsersFile, login: UserLogin, fidelity: Fidelity): UserLoginOutcome =>
  fidelity.mode === 'hardened' ? hardened(users, login) : stock(users, login);
