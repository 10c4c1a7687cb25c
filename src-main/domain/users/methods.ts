import type { Fidelity } from '../fidelity';
import { checksOnlyNative, checksOnlySha2 } from './hardened-login';
import type { UserAuthMethod, UsersFile } from './types';

/** Where a login happens. */
export interface LoginPlace {
  readonly fidelity: Fidelity;
  /** Over TLS or the Unix socket, where nobody in between reads along. */
  readonly secured: boolean;
}

type HashMethod = Extract<UserAuthMethod, 'mysql_native_password' | 'caching_sha2_password'>;

const native: readonly HashMethod[] = ['mysql_native_password'];
const sha2: readonly HashMethod[] = ['caching_sha2_password'];
const sha2First: readonly HashMethod[] = ['caching_sha2_password', 'mysql_native_password'];

/**
 * Methods of static authentication offered to `user`, best first. Vitess mode offers mysql_native_password alone. Hardened
 * mode puts caching_sha2_password first over TLS and the Unix socket, for unknown users too; a user with an entry that
 * holds a native hash and nothing else gets native alone there, or that entry could never match; one with a sha2 hash and
 * nothing else gets caching_sha2_password alone, to which clients that begin with native have to be switched
 * (rule users-caching-sha2-offered).
 */
export function methodsFor(users: UsersFile, user: string, { fidelity, secured }: LoginPlace): readonly HashMethod[] {
  if (fidelity.mode !== 'hardened' || !secured) return native;
  const entries = users.users.get(user) ?? [];
  if (entries.some(checksOnlyNative)) return native;
  return entries.some(checksOnlySha2) ? sha2 : sha2First;
}
