import type { Fidelity } from '../fidelity';
import type { JsonNode } from '../kernel';
import { shownName, type FindingNotes } from './finding-notes';
import { checksOnlyNative } from './hardened-login';
import { decodeHash, nativeDigest, sha2Digest } from './hashes';
import { weakPasswordText } from './password-strength';
import type { EntropyEstimator, EntryKey, UserEntry } from './types';

/** What judging an entry depends on beside the entry. */
export interface EntryContext {
  readonly fidelity: Fidelity;
  readonly estimateEntropy: EntropyEstimator | null;
  /** The document is in the legacy format. */
  readonly legacy: boolean;
}

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|\[::1\]|0\.0\.0\.0|localhost\.?)$/i;
const WRITTEN_NATIVE = /^\*[0-9a-f]{40}$/i;
const WRITTEN_SHA2 = /^\*[0-9a-f]{64}$/i;

type Fields = ReadonlyMap<EntryKey, JsonNode>;

/** Notes what is unsafe or not as meant in one entry, beyond what vtgate refuses. */
export function noteEntry(
  user: string,
  entry: UserEntry,
  fields: Fields,
  node: JsonNode,
  notes: FindingNotes,
  context: EntryContext,
): void {
  noteSecrets(user, entry, fields, node, notes, context);
  noteHashes(user, entry, fields, notes, context);
  notePlaintext(user, entry, fields, notes, context);
  noteSourceHost(user, entry, fields, notes, context);
  const readable = (key: EntryKey): boolean => fields.get(key)?.kind === 'string';
  if (
    (entry.userData ?? '') === '' &&
    (!fields.has('UserData') || readable('UserData') || isNull(fields.get('UserData')))
  )
    notes.note(
      'warning',
      'no-user-data',
      fields.get('UserData') ?? node,
      `an entry of user ${shownName(user)} has no UserData: its caller is named "", not after the login`,
      `Add "UserData": ${shownName(user)}.`,
    );
  const groups = fields.get('Groups');
  if (groups?.kind === 'array')
    for (const item of groups.items)
      if (item.kind === 'string' && item.value === '')
        notes.note('warning', 'empty-group', item, 'a group has the empty name', 'Name it, or remove it.');
}

const isNull = (node: JsonNode | undefined): boolean => node?.kind === 'null';

/** Whether some secret is neither a text nor null, so that nothing can be said about who gets in. */
const unreadableSecret = (fields: Fields): boolean =>
  (['MysqlNativePassword', 'CachingSha2Password', 'Password'] as const).some((key) => {
    const value = fields.get(key);
    return value !== undefined && value.kind !== 'string' && value.kind !== 'null';
  });

function noteSecrets(
  user: string,
  entry: UserEntry,
  fields: Fields,
  node: JsonNode,
  notes: FindingNotes,
  { fidelity }: EntryContext,
): void {
  if (unreadableSecret(fields)) return;
  if (fidelity.mode === 'hardened' && checksOnlyNative(entry) && entry.cachingSha2Password === null)
    notes.note(
      'info',
      'native-only',
      fields.get('MysqlNativePassword') ?? node,
      `an entry of user ${shownName(user)} has only MysqlNativePassword: MySQL 9's client has no mysql_native_password ` +
        'any more and cannot log in as this user',
      'Add CachingSha2Password for the same password.',
    );
  if (entry.mysqlNativePassword !== null || entry.password !== null) return;
  if (entry.cachingSha2Password === null)
    notes.note(
      'error',
      'no-secret',
      node,
      `an entry of user ${shownName(user)} has no password: a stock vtgate lets the empty password in`,
      'Add MysqlNativePassword, or remove the entry.',
    );
  else
    notes.note(
      fidelity.mode === 'hardened' ? 'warning' : 'error',
      'sha2-only',
      fields.get('CachingSha2Password') ?? node,
      `the only secret of this entry of user ${shownName(user)} is CachingSha2Password, which a stock vtgate ignores: ` +
        'it denies the right password and lets the empty one in',
      'Add MysqlNativePassword for the same password.',
    );
}

function noteHashes(
  user: string,
  entry: UserEntry,
  fields: Fields,
  notes: FindingNotes,
  { fidelity }: EntryContext,
): void {
  const check = (
    key: 'MysqlNativePassword' | 'CachingSha2Password',
    bytes: number,
    written: string | undefined,
  ): void => {
    const node = fields.get(key);
    if (written === undefined || node === undefined) return;
    const level = key === 'MysqlNativePassword' || fidelity.mode === 'hardened' ? 'error' : 'warning';
    const digest = decodeHash(written);
    const remedy = `Write * and ${bytes * 2} hex digits.`;
    if (digest === null)
      notes.note(
        level,
        key === 'MysqlNativePassword' ? 'bad-native-hash' : 'bad-sha2-hash',
        node,
        `${key} of user ${shownName(user)} is not hexadecimal: logins are denied here and later entries are not tried`,
        remedy,
      );
    else if (digest.length !== bytes)
      notes.note(
        level,
        'hash-length',
        node,
        `${key} of user ${shownName(user)} has ${digest.length} bytes instead of ${bytes} and never matches`,
        digest.length === 32 && bytes === 20 ? 'This looks like a CachingSha2Password; use that key.' : remedy,
      );
  };
  check('MysqlNativePassword', 20, entry.mysqlNativePassword?.reveal());
  check('CachingSha2Password', 32, entry.cachingSha2Password?.reveal());
}

function notePlaintext(
  user: string,
  entry: UserEntry,
  fields: Fields,
  notes: FindingNotes,
  { fidelity, estimateEntropy }: EntryContext,
): void {
  const password = entry.password?.reveal();
  const node = fields.get('Password');
  if (password === undefined || node === undefined) return;
  if (entry.mysqlNativePassword !== null)
    notes.note(
      'warning',
      'password-not-used',
      node,
      `Password of user ${shownName(user)} is not used for mysql_native_password, MysqlNativePassword is`,
      'Remove Password.',
    );
  if (WRITTEN_NATIVE.test(password) || WRITTEN_SHA2.test(password))
    notes.note(
      'warning',
      'password-looks-like-hash',
      node,
      `Password of user ${shownName(user)} looks like a hash, but the client must send just this text`,
      `Use ${WRITTEN_SHA2.test(password) ? 'CachingSha2Password' : 'MysqlNativePassword'} for hashes.`,
    );
  notes.note(
    'warning',
    'plaintext-password',
    node,
    `the password of user ${shownName(user)} stands in clear in the file`,
    'Write MysqlNativePassword and CachingSha2Password hashes instead.',
  );
  if (estimateEntropy === null) return;
  const weak = weakPasswordText(estimateEntropy(password), fidelity.mode === 'hardened' ? 'sha2' : 'native');
  if (weak !== null) notes.note('warning', 'weak-password', node, weak.message, weak.remedy);
}

function noteSourceHost(
  user: string,
  entry: UserEntry,
  fields: Fields,
  notes: FindingNotes,
  { legacy }: EntryContext,
): void {
  const node = fields.get('SourceHost');
  if (node?.kind !== 'string' || entry.sourceHost === '') return;
  if (entry.sourceHost === 'localhost') {
    notes.note(
      'info',
      'source-localhost',
      node,
      `an entry of user ${shownName(user)} matches only over the Unix socket, never over TCP from 127.0.0.1`,
      'Remove SourceHost if TCP is meant.',
    );
    return;
  }
  const loopback = LOOPBACK.test(entry.sourceHost.trim());
  notes.note(
    'error',
    'source-host',
    node,
    `SourceHost ${shownName(entry.sourceHost)} of user ${shownName(user)} ` +
      (legacy ? 'never matches: this entry lets nobody in' : 'is refused by vtgate') +
      (loopback ? '; addresses are not compared, not even loopback ones' : ''),
    loopback ? 'Write "localhost" (Unix socket only), or remove SourceHost.' : 'Only "localhost" and "" exist.',
  );
}

/** Notes entries of one user that can never be reached. */
export function noteUser(
  user: string,
  entries: readonly { readonly entry: UserEntry; readonly fields: Fields; readonly node: JsonNode }[],
  notes: FindingNotes,
  { fidelity }: EntryContext,
): void {
  const seen = new Map<string, UserEntry[]>();
  let hiddenBy: UserEntry | null = null;
  for (const { entry, fields, node } of entries) {
    if (unreadableSecret(fields)) continue;
    const written = entry.mysqlNativePassword?.reveal();
    if (hiddenBy !== null)
      notes.note(
        'warning',
        'hidden-entry',
        node,
        `this entry of user ${shownName(user)} is never tried, the hash in line ${hiddenBy.line} is not hexadecimal`,
        'Mend that hash.',
      );
    if (written !== undefined && decodeHash(written) === null) {
      hiddenBy ??= entry;
      continue;
    }
    const secret = identityOf(entry, fidelity);
    const earlier = (seen.get(secret) ?? []).find(
      (other) => other.sourceHost === '' || other.sourceHost === entry.sourceHost,
    );
    if (earlier !== undefined) {
      const same = earlier.userData === entry.userData && String(earlier.groups) === String(entry.groups);
      notes.note(
        'warning',
        same ? 'duplicate-entry' : 'unreachable-entry',
        node,
        `this entry of user ${shownName(user)} is never used: the one in line ${earlier.line} has the same password ` +
          'and comes first',
        same ? 'Remove one of the two.' : 'Use another password, or remove one of the two.',
      );
    }
    seen.set(secret, [...(seen.get(secret) ?? []), entry]);
  }
}

/** Equal for entries that the same replies match, with every method that the mode offers. */
function identityOf(entry: UserEntry, fidelity: Fidelity): string {
  const password = entry.password?.reveal() ?? '';
  const native = entry.mysqlNativePassword?.reveal();
  const byNative = (native === undefined ? nativeDigest(password) : decodeHash(native))?.toString('hex') ?? '';
  if (fidelity.mode === 'vitess') return byNative;
  const sha2 = entry.cachingSha2Password?.reveal();
  const bySha2 = sha2 === undefined && password !== '' ? sha2Digest(password) : decodeHash(sha2 ?? '');
  return `${byNative}/${bySha2?.toString('hex') ?? ''}`;
}
