import { describe, expect, it } from 'vitest';
import type { Fidelity } from '../../../src-main/domain/fidelity';
import { sqlUser } from '../../../src-main/domain/identity';
import {
  authenticate,
  makeSalt,
  nativeReply,
  parseUsersFile,
  type UsersFile,
  type UsersReading,
} from '../../../src-main/domain/users';
import { readRecording, type RecordedLogin } from './recordings';

interface StartCase {
  readonly id: string;
  readonly kind: 'start';
  readonly flags: readonly string[];
  readonly text?: string;
  readonly fileHex?: string;
  readonly expect: { start: 'ok' | 'refused'; exit?: number; log: string[]; logins?: RecordedLogin[] };
}
interface ReloadStep {
  readonly write: string | null;
  readonly then: 'SIGHUP' | 'interval' | 'nothing';
  readonly mode?: string;
  readonly expect: { log: string[]; logins: RecordedLogin[] };
}
interface ReloadCase {
  readonly id: string;
  readonly kind: 'reload';
  readonly flags: readonly string[];
  readonly text: string;
  readonly steps: readonly ReloadStep[];
}

const recording = readRecording<{ cases: (StartCase | ReloadCase)[] }>('users-files.json');
const vitess: Fidelity = { mode: 'vitess', version: '24.0-recorded' };
const readsFile = (flags: readonly string[]): boolean =>
  flags.some((flag) => flag === '--mysql-auth-server-static-file={file}');
const readsText = (flags: readonly string[]): boolean =>
  flags.some((flag) => flag === '--mysql-auth-server-static-string={text}');
const isStatic = (flags: readonly string[]): boolean =>
  flags.every((flag) => !flag.startsWith('--mysql-auth-server-impl=') || flag.endsWith('=static'));

/** Why a case says nothing about this folder; undefined = it does. */
function exception(found: StartCase | ReloadCase): string | undefined {
  if (!isStatic(found.flags)) return 'another server implementation is chosen: the gateway’s flags';
  const file = readsFile(found.flags);
  const text = readsText(found.flags);
  if (file && text) return 'both flags are set: the gateway’s flags';
  if (!file && !text) return 'no users file is named or it cannot be read: the gateway’s flags';
  if (found.flags.some((flag) => flag.startsWith('('))) return 'no MySQL listener, so the file is not read';
  if (found.kind === 'start') {
    if (found.id === 'start/string-empty') return 'an empty flag counts as not set: the gateway’s flags';
    if (found.text === undefined && found.fileHex === undefined) return 'the file cannot be read: input and output';
  }
  return undefined;
}

const bytesOf = (found: { text?: string; fileHex?: string }): Buffer =>
  found.fileHex === undefined
    ? Buffer.from((found.text ?? '').replace('{file}', '/a/path'), 'utf8')
    : Buffer.from(found.fileHex, 'hex');

function checkLogins(users: UsersFile, logins: readonly RecordedLogin[]): void {
  for (const login of logins) {
    const salt = makeSalt();
    const outcome = authenticate(
      users,
      {
        user: login.user,
        method: 'mysql_native_password',
        salt,
        reply: nativeReply(login.password, salt),
        unixSocket: login.transport === 'socket',
      },
      vitess,
    );
    const about = JSON.stringify(login);
    if (login.result === 'ok') {
      expect(outcome.kind, about).toBe('accepted');
      if (outcome.kind !== 'accepted') return;
      expect(outcome.immediate, about).toEqual(login.immediate);
      expect(sqlUser(outcome.immediate), about).toBe(login.selectUser);
    } else if (login.result === 'error')
      expect(outcome, about).toMatchObject({
        kind: 'denied',
        errno: login.errno,
        sqlState: login.sqlstate,
        message: login.message,
      });
    else expect(outcome.kind, about).toBe('dropped');
  }
}

/** What the file itself makes vtgate log; panics of later logins are answers, not words about the file. */
const spoken = (log: readonly string[]): string[] =>
  log.filter((line) => !line.includes('caught panic')).map((line) => line.replace(/^\w+: /, ''));

describe('users-files.json', () => {
  const starts = recording.cases.filter((found): found is StartCase => found.kind === 'start');
  const reloads = recording.cases.filter((found): found is ReloadCase => found.kind === 'reload');

  it('is replayed but for named exceptions', () => {
    const exceptions = recording.cases.flatMap((found) => {
      const reason = exception(found);
      return reason === undefined ? [] : [`${found.id}: ${reason}`];
    });
    console.log(
      `users-files.json: ${recording.cases.length - exceptions.length} of ${recording.cases.length} cases replayed; left out:\n  ${exceptions.join('\n  ')}`,
    );
    expect(recording.cases).toHaveLength(183);
    expect(exceptions).toHaveLength(12);
  });

  describe.each(starts.filter((found) => exception(found) === undefined))('$id', (found) => {
    const file = readsFile(found.flags) ? '{file}' : '';
    const read = (): UsersReading => parseUsersFile(bytesOf(found), { file, fidelity: vitess });

    it('is accepted or refused, with the same words', () => {
      const { vitess: verdict, users, findings } = read();
      expect(verdict.accepted).toBe(found.expect.start === 'ok');
      expect(verdict.log).toEqual(spoken(found.expect.log));
      expect(verdict.message).toBe(spoken(found.expect.log)[0] ?? null);
      if (found.expect.start === 'refused') expect(findings.some(({ level }) => level === 'error')).toBe(true);
      else expect(users).not.toBeNull();
    });
    it('lets the same logins in', () => {
      const { users } = read();
      if (users !== null) checkLogins(users, found.expect.logins ?? []);
    });
  });

  describe.each(reloads.filter((found) => exception(found) === undefined))('$id', (found) => {
    it('leaves the same users in force after each step', () => {
      const first = parseUsersFile(Buffer.from(found.text), { file: '{file}', fidelity: vitess });
      let users = first.users;
      for (const step of found.steps) {
        const readable = step.write !== null && step.write !== '(directory)' && step.mode === undefined;
        if (readsFile(found.flags) && step.then !== 'nothing' && readable) {
          const next = parseUsersFile(Buffer.from(step.write), { file: '{file}', fidelity: vitess });
          expect(next.vitess.reloadAccepted).toBe(next.users !== null);
          expect(next.vitess.log.slice(0, 1).filter((line) => !line.startsWith('Failed to populate'))).toEqual(
            spoken(step.expect.log),
          );
          users = next.users ?? users;
        }
        if (users !== null) checkLogins(users, step.expect.logins);
      }
    });
  });
});
