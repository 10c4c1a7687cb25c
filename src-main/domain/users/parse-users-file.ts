import type { Fidelity } from '../fidelity';
import type { JsonNode } from '../kernel';
import { decodeUsers } from './decode-users';
import { noteDocument, noteText, usersText } from './file-findings';
import { FindingNotes } from './finding-notes';
import { scanFirstValue } from './go-json-scan';
import { decodeAsGo } from './go-text';
import { prepareVerifiers } from './hardened-login';
import type { EntropyEstimator, UsersFile, UsersReading, VitessVerdict } from './types';

export interface UsersFileOptions {
  /** The file as findings name it. */
  readonly file: string;
  readonly fidelity: Fidelity;
  /** Judges passwords in clear (finding users.weak-password); without it they are not judged. */
  readonly estimateEntropy?: EntropyEstimator;
}

/** vtgate's warning after a legacy file was read. */
const LEGACY =
  'Config parsed using legacy configuration. Please update to the latest format: {"user":[{"Password": "xxx"}, ...]}';
const PANIC = 'runtime error: invalid memory address or nil pointer dereference';

/** A verdict before the question whether any users are left. */
interface Load {
  readonly users: UsersFile | null;
  readonly message: string | null;
  readonly crash: boolean;
}

const failed = (cause: string): Load => ({
  users: null,
  message: `Error parsing auth server config: ${cause}`,
  crash: false,
});

/** Loads as go/mysql/auth_server_static.go does; `root` is null when the tree is too deep to be kept. */
function load(bytes: Uint8Array, root: JsonNode | null): Load {
  const syntax = scanFirstValue(bytes);
  if (!syntax.ok) return failed(syntax.message);
  if (root === null) return { users: null, message: null, crash: false };
  const decoding = decodeUsers(root);
  if (decoding.users === null) return failed(decoding.error);
  const { users } = decoding;
  if (users.format === 'legacy') return { users, message: LEGACY, crash: false };
  for (const entries of users.users.values())
    for (const entry of entries) {
      if (entry.isNull) return { users: null, message: PANIC, crash: true };
      if (entry.sourceHost !== '' && entry.sourceHost !== 'localhost')
        return failed(
          `Code: INVALID_ARGUMENT\ninvalid SourceHost found (only localhost is supported): ${entry.sourceHost}`,
        );
    }
  return { users, message: null, crash: false };
}

function verdict(loaded: Load, file: string): VitessVerdict {
  const log = loaded.message === null ? [] : [loaded.message];
  if (loaded.crash) return { accepted: false, reloadAccepted: false, message: loaded.message, log, crash: true };
  const reloadAccepted = loaded.users !== null;
  const accepted = reloadAccepted && loaded.users.users.size > 0;
  if (!accepted) log.push(`Failed to populate entries from file: ${file}`);
  return { accepted, reloadAccepted, message: log[0] ?? null, log };
}

const hasNullEntry = (users: UsersFile): boolean =>
  [...users.users.values()].some((entries) => entries.some((entry) => entry.isNull));

/**
 * Reads a file of vtgate's static users (vitess-behaviour §1.1). `users` is what a running gateway would take over: null
 * when real vtgate refuses the file, and in hardened mode also when an entry is null (rule users-null-entry-refused).
 * `vitess` says what a real vtgate does and logs; `findings` names every fault of the file, Vitess's and ours, with its
 * place. Never throws; no message holds a secret.
 *
 * Where several lists have faults that only validation finds (null entries, SourceHost), Go reports one of them at
 * random; here it is the first in the file.
 */
export function parseUsersFile(bytes: Uint8Array, options: UsersFileOptions): UsersReading {
  const { file, fidelity, estimateEntropy } = options;
  const notes = new FindingNotes(file, 'users');
  const { text, invalidAt } = decodeAsGo(bytes);
  const root = noteText(text, invalidAt, notes, usersText);
  if (root !== null) noteDocument(root, notes, { fidelity, estimateEntropy: estimateEntropy ?? null });
  const loaded = load(bytes, root);
  const refused = fidelity.mode === 'hardened' && loaded.users !== null && hasNullEntry(loaded.users);
  const users = refused ? null : loaded.users;
  if (users !== null && fidelity.mode === 'hardened') prepareVerifiers(users);
  return { users, vitess: verdict(loaded, file), findings: notes.sorted };
}
