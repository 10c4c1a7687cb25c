import type { Fidelity } from '../fidelity';
import type { Finding } from '../kernel';
import { Secret } from '../kernel';
import { leftOutByConversion, withEntries } from './edit-users';
import { shownName } from './finding-notes';
import { readMysqlAccounts, type PastedAccount } from './mysql-accounts';
import { parseUsersFile } from './parse-users-file';
import { formsOf, passwordDigests, withForms } from './stored-forms';
import type { EntropyEstimator, UserEntry, UsersFile } from './types';

/** What is done with users whom the file has already. */
export const importPolicies = ['keep', 'append', 'replace'] as const;
export type ImportPolicy = (typeof importPolicies)[number];

export interface ImportOptions {
  /** The text as findings name it. */
  readonly source: string;
  readonly fidelity: Fidelity;
  readonly existing: ImportPolicy;
  /** Passwords in clear become both hashes. */
  readonly hashClear: boolean;
  readonly estimateEntropy?: EntropyEstimator;
}

/** What became of one line, or of one user of a users file. Never holds a secret. */
export interface ImportLine {
  /** Line of the text, from 1; 0 = the whole text. */
  readonly line: number;
  readonly user: string | null;
  readonly outcome: 'added' | 'appended' | 'replaced' | 'kept' | 'refused';
  /** Sentences for people: why, what changed on the way, what to do. */
  readonly notes: readonly string[];
}

export interface ImportOutcome {
  readonly kind: 'users-file' | 'mysql-accounts';
  readonly file: UsersFile;
  readonly lines: readonly ImportLine[];
}

const NEW_PASSWORD = 'Set a new password for this user here.';

/** One account's entry, or why there is none. */
function entryOf(account: PastedAccount): { readonly entry: UserEntry | null; readonly notes: string[] } {
  const refuse = (...notes: string[]): { entry: null; notes: string[] } => ({ entry: null, notes });
  const hash = account.authentication.reveal();
  const plugin = account.plugin?.toLowerCase() ?? null;
  if (account.user === '') return refuse('An account without a name: a users file has no anonymous user.');
  if (/^\$A\$/.test(hash) || (plugin === 'caching_sha2_password' && !/^\*[0-9a-f]{64}$/i.test(hash)))
    return refuse(
      'A caching_sha2_password string of a MySQL server ($A$…) is salted and cannot be turned into the unsalted hash that vtgate compares.',
      NEW_PASSWORD,
    );
  if (plugin !== null && plugin !== 'mysql_native_password' && plugin !== 'caching_sha2_password')
    return refuse(`The plugin ${shownName(account.plugin ?? '')} has no counterpart in a users file.`, NEW_PASSWORD);
  if (hash === '') return refuse('No password: such an entry would let the empty password in.', NEW_PASSWORD);
  if (/^[0-9a-f]{16}$/i.test(hash))
    return refuse('A hash from before MySQL 4.1, which no program of today checks.', NEW_PASSWORD);
  const native = /^\*[0-9a-f]{40}$/i.test(hash);
  const sha2 = /^\*[0-9a-f]{64}$/i.test(hash);
  if (!native && !sha2)
    return refuse(
      /^\*/.test(hash)
        ? 'Not a hash: an asterisk must be followed by 40 (or 64) hexadecimal digits. The end of the line may be missing.'
        : 'Not a hash that can be logged in with; the server’s own locked accounts look like this.',
      NEW_PASSWORD,
    );
  const notes: string[] = [];
  const { host } = account;
  const local = host?.toLowerCase() === 'localhost';
  if (local) notes.push('Host localhost became SourceHost localhost: over the Unix socket only.');
  else if (host !== null && host !== '%' && host !== '')
    notes.push(
      `Host ${shownName(host)} is not kept: a users file cannot tell addresses apart, so the entry is for anywhere.`,
    );
  const entry: UserEntry = {
    index: 0,
    line: account.line,
    column: 1,
    isNull: false,
    mysqlNativePassword: native ? new Secret(hash.toUpperCase()) : null,
    cachingSha2Password: sha2 ? new Secret(hash.toUpperCase()) : null,
    password: null,
    userData: account.user,
    sourceHost: local ? 'localhost' : '',
    groups: [],
  };
  return { entry, notes };
}

interface Candidate {
  readonly line: number;
  readonly user: string;
  readonly entries: readonly UserEntry[];
  readonly notes: readonly string[];
}

const sameEntry = (left: UserEntry, right: UserEntry): boolean => {
  const [a, b] = [passwordDigests(left), passwordDigests(right)];
  const password = (a.native !== null && a.native === b.native) || (a.sha2 !== null && a.sha2 === b.sha2);
  return password && left.sourceHost === right.sourceHost;
};

/** Takes candidates into a file, one after the other. `text` names whom this text itself brought. */
function merge(
  file: UsersFile,
  candidates: readonly Candidate[],
  policy: ImportPolicy,
): { file: UsersFile; lines: ImportLine[] } {
  let merged = file;
  const broughtHere = new Set<string>();
  const lines = candidates.map(({ line, user, entries, notes }): ImportLine => {
    const present = merged.users.get(user);
    if (present === undefined) {
      broughtHere.add(user);
      merged = withEntries(merged, user, entries);
      return { line, user, outcome: 'added', notes };
    }
    if (!broughtHere.has(user) && policy === 'keep')
      return { line, user, outcome: 'kept', notes: ['The file has this user already; nothing was changed.'] };
    if (!broughtHere.has(user) && policy === 'replace') {
      broughtHere.add(user);
      merged = withEntries(merged, user, entries);
      return { line, user, outcome: 'replaced', notes };
    }
    const fresh = entries.filter((entry) => !present.some((other) => sameEntry(other, entry)));
    if (fresh.length === 0)
      return { line, user, outcome: 'kept', notes: ['An entry with the same password is there already.'] };
    merged = withEntries(merged, user, [...present, ...fresh]);
    return { line, user, outcome: 'appended', notes };
  });
  return { file: merged, lines };
}

const sentence = ({ message, remedy }: Finding): string =>
  `${message[0]?.toUpperCase() ?? ''}${message.slice(1)}. ${remedy}`;

function fromUsersFile(target: UsersFile, text: string, options: ImportOptions): ImportOutcome {
  const { users, findings } = parseUsersFile(Buffer.from(text, 'utf8'), {
    file: options.source,
    fidelity: options.fidelity,
    ...(options.estimateEntropy === undefined ? {} : { estimateEntropy: options.estimateEntropy }),
  });
  if (users === null) {
    const faults = findings.filter(({ level }) => level === 'error');
    return {
      kind: 'users-file',
      file: target,
      lines: (faults.length === 0 ? findings : faults).map((finding) => ({
        line: finding.line,
        user: null,
        outcome: 'refused',
        notes: [sentence(finding)],
      })),
    };
  }
  const leftOut = new Set(leftOutByConversion(users).map(({ user }) => user));
  const names = [...users.users.keys()];
  const candidates = names.map((user): Candidate => {
    const written = users.users.get(user) ?? [];
    const kept = leftOut.has(user) ? [] : written;
    const notes: string[] = [];
    if (leftOut.has(user))
      notes.push('Its only entry never matches (null, or a SourceHost that is not localhost) and was left out.');
    const entries = kept.map((entry) => {
      if (entry.password === null || !options.hashClear) return entry;
      const hashed = withForms(
        entry,
        [...new Set([...formsOf(entry), 'native', 'sha2'] as const)].filter((form) => form !== 'plain'),
        null,
      );
      return hashed ?? entry;
    });
    if (entries.some((entry, at) => entry !== kept[at])) notes.push('The password in clear became hashes.');
    const [first] = written;
    return { line: first?.line ?? 0, user, entries, notes };
  });
  const merged = merge(target, candidates, options.existing);
  const silent = new Set(
    options.hashClear ? ['users.plaintext-password', 'users.weak-password', 'users.password-not-used'] : [],
  );
  // What the file's reader says about an entry belongs to the last user that begins at or before its line.
  const lines = merged.lines.map((line) => ({ ...line, notes: [...line.notes] }));
  const starts = lines.filter(({ line }) => line > 0).sort((a, b) => a.line - b.line);
  const general: ImportLine[] = [];
  for (const finding of findings) {
    if (silent.has(finding.code) || finding.code === 'users.source-localhost') continue;
    const owner = starts.findLast(
      ({ line, user }) => line <= finding.line && finding.message.includes(shownName(user ?? '')),
    );
    if (owner === undefined)
      general.push({ line: finding.line, user: null, outcome: 'kept', notes: [sentence(finding)] });
    else if (owner.outcome !== 'kept') owner.notes.push(sentence(finding));
  }
  return { kind: 'users-file', file: merged.file, lines: [...general, ...lines] };
}

/**
 * Takes users from a pasted or dropped text into `target`: a users file of vtgate, the old form included, or accounts of a
 * MySQL server (`readMysqlAccounts`). What the text is shows in its first character. Says for each line what became of it;
 * a line that cannot be taken over changes nothing. Never throws.
 */
export function importUsers(target: UsersFile, text: string, options: ImportOptions): ImportOutcome {
  const bare = text.replace(/^\uFEFF/, '');
  if (/^\s*[{[]/.test(bare)) return fromUsersFile(target, bare, options);
  const { accounts, unread } = readMysqlAccounts(bare);
  const refused: ImportLine[] = unread.map(({ line, reason }) => ({
    line,
    user: null,
    outcome: 'refused',
    notes: [`${reason[0]?.toUpperCase() ?? ''}${reason.slice(1)}.`],
  }));
  const candidates: Candidate[] = [];
  for (const account of accounts) {
    const { entry, notes } = entryOf(account);
    if (entry === null) refused.push({ line: account.line, user: account.user, outcome: 'refused', notes });
    else candidates.push({ line: account.line, user: account.user, entries: [entry], notes });
  }
  const merged = merge(target, candidates, options.existing);
  const lines = [...refused, ...merged.lines].sort((a, b) => a.line - b.line);
  if (lines.length === 0)
    lines.push({
      line: 0,
      user: null,
      outcome: 'refused',
      notes: ['No users were found. Paste a users.json, or rows of user and authentication_string.'],
    });
  return { kind: 'mysql-accounts', file: merged.file, lines };
}
