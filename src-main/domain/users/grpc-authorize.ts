import { createHash, timingSafeEqual } from 'node:crypto';

import type { Fidelity } from '../fidelity';
import { goQuote } from './go-text';
import type { GrpcRefusal, GrpcStaticOutcome, GrpcUser, GrpcUsersFile, MtlsOutcome } from './grpc-types';

const unauthenticated = (message: string, reason: string): GrpcRefusal => ({
  kind: 'refused',
  code: 'UNAUTHENTICATED',
  message,
  reason,
});

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/**
 * Judges the metadata `username` and `password` (first value of each, null = absent) of one gRPC call under
 * `--grpc-auth-mode=static` (go/vt/servenv/grpc_server_auth_static.go; vitess-behaviour §1.6). Every entry is compared,
 * in constant time, whether or not one matched. Hardened mode never matches an entry without a password.
 */
export function authorizeStatic(
  users: GrpcUsersFile,
  metadata: { readonly username: string | null; readonly password: string | null },
  fidelity: Fidelity,
): GrpcStaticOutcome {
  const { username, password } = metadata;
  if (username === null || password === null)
    return unauthenticated('username and password must be provided', 'The call carries no user name and password.');
  const name = digest(username);
  const secret = digest(password);
  let match: GrpcUser | null = null;
  for (const user of users.users) {
    const sameName = timingSafeEqual(digest(user.username), name);
    const samePassword = timingSafeEqual(digest(user.password?.reveal() ?? ''), secret);
    const usable = user.password !== null || fidelity.mode === 'vitess';
    if (sameName && samePassword && usable) match ??= user;
  }
  if (match !== null) return { kind: 'accepted', username: match.username, line: match.line };
  return {
    kind: 'refused',
    code: 'PERMISSION_DENIED',
    message: `auth failure: caller ${goQuote(username)} provided invalid credentials`,
    reason: users.users.some((user) => user.username === username)
      ? 'No entry of the gRPC users file with this name has this password.'
      : 'The gRPC users file has no such user.',
  };
}

/**
 * Judges one connection under `--grpc-auth-mode=mtls` (go/vt/servenv/grpc_server_auth_mtls.go; vitess-behaviour §1.7):
 * some colon-separated part of `substrings` must occur in the subject of some presented certificate. `subjects` are the
 * texts of Go's pkix.Name.String(), leaf first; null = the connection is not TLS. Hardened mode passes over empty parts
 * (rule grpc-mtls-empty-substring-refused).
 */
export function authorizeMtls(substrings: string, subjects: readonly string[] | null, fidelity: Fidelity): MtlsOutcome {
  if (subjects === null) return unauthenticated('not connected via TLS', 'The connection is not TLS.');
  const parts = substrings.split(':');
  const tried = fidelity.mode === 'hardened' ? parts.filter((part) => part !== '') : parts;
  for (const substring of tried)
    for (const subject of subjects) if (subject.includes(substring)) return { kind: 'accepted', substring, subject };
  return unauthenticated(
    'client certificate not authorized',
    subjects.length === 0
      ? 'The client presented no certificate.'
      : tried.length === 0
        ? 'No allowed substring is set.'
        : 'No allowed substring occurs in the subject of any presented certificate.',
  );
}
