import type { Name, NamedBy } from './names';

/** Recordings of ways in: each difference is explained by its case, not by its place in the answer. */
const files = ['logins', 'callers', 'grpc-links'];

interface RecordedCase {
  readonly kind?: string;
  readonly flags?: readonly string[];
  readonly prefixHex?: string;
  readonly password?: string;
}

const caseOf = ({ recorded }: NamedBy): RecordedCase => recorded as RecordedCase;
const seenSomewhere = ({ all }: NamedBy, words: RegExp): boolean => all.some(({ seen }) => words.test(String(seen)));
const valueAt = ({ all }: NamedBy, place: RegExp) => all.find(({ at }) => place.test(at));
const hasFlag = (of: NamedBy, words: RegExp): boolean => (caseOf(of).flags ?? []).some((flag) => words.test(flag));

/** What the gateway now answers in place of a login that was recorded as successful. */
const refusedNow = (of: NamedBy): boolean =>
  (valueAt(of, /^result$/)?.expected === 'ok' && valueAt(of, /^result$/)?.seen === 'error') ||
  valueAt(of, /^errno$/)?.seen === 1045 ||
  valueAt(of, /^(immediate|selectUser)$/)?.seen === undefined;

const inHardened =
  (covers: Name['covers']): Name['covers'] =>
  (of) =>
    of.mode === 'hardened' && covers(of);

/** The more special first; what begins with `trace` shows packets, which the offered method changes everywhere. */
export const loginNames: readonly Name[] = [
  {
    rule: 'users-caching-sha2-offered',
    files,
    covers: inHardened((of) => of.difference.at.startsWith('trace') && valueAt(of, /^errno$/)?.seen !== 2012),
  },
  {
    rule: 'certs-crl-fail-closed',
    files,
    covers: (of) =>
      seenSomewhere(of, /does not start: crl$/) || /^crl$|\bCRL\b/.test(String(valueAt(of, /^reason$/)?.seen)),
  },
  {
    rule: 'certs-crl-expired-refused',
    files,
    covers: inHardened((of) => valueAt(of, /cause$/)?.seen === 'crl-expired'),
  },
  {
    rule: 'certs-crl-missing-refused',
    files,
    covers: inHardened((of) => valueAt(of, /cause$/)?.seen === 'crl-missing'),
  },
  {
    rule: 'certs-crl-expired-refused',
    files,
    covers: inHardened((of) => seenSomewhere(of, /Failed to connect/) && hasFlag(of, /crl.*expired/)),
  },
  {
    rule: 'certs-crl-missing-refused',
    files,
    covers: inHardened((of) => seenSomewhere(of, /Failed to connect/) && hasFlag(of, /-crl=/)),
  },
  { rule: 'tls-files-read-once', files, covers: inHardened((of) => caseOf(of).kind === 'sequence') },
  {
    rule: 'grpc-users-unknown-key-refused',
    files,
    covers: inHardened((of) => seenSomewhere(of, /provided invalid credentials|password file does not load/)),
  },
  {
    rule: 'grpc-mtls-empty-substring-refused',
    files,
    covers: inHardened((of) => seenSomewhere(of, /client certificate not authorized/)),
  },
  {
    rule: 'mysql-wire-password-in-clear-refused',
    files,
    covers: inHardened((of) => valueAt(of, /^errno$/)?.seen === 2012),
  },
  {
    rule: 'mysql-wire-secure-transport-holds',
    files,
    covers: inHardened((of) => seenSomewhere(of, /does not allow insecure connections/)),
  },
  {
    rule: 'users-claimed-socket-not-local',
    files,
    covers: inHardened((of) => /^0d0a0d0a000d0a515549540a213[12]/i.test(caseOf(of).prefixHex ?? '')),
  },
  { rule: 'users-null-entry-refused', files, covers: inHardened((of) => seenSomewhere(of, /does not start: users$/)) },
  {
    rule: 'users-reply-length-exact',
    files,
    covers: inHardened(
      (of) =>
        (valueAt(of, /^result$/)?.expected === 'closed' && valueAt(of, /^result$/)?.seen === 'error') ||
        (refusedNow(of) && /"first":"pad:/.test(JSON.stringify(of.recorded))),
    ),
  },
  {
    rule: 'users-caching-sha2-offered',
    files,
    covers: inHardened(
      (of) =>
        valueAt(of, /^result$/)?.seen === 'ok' || (caseOf(of).kind === 'client' && valueAt(of, /^said$/) !== undefined),
    ),
  },
  {
    rule: 'users-no-secret-refused',
    files,
    covers: inHardened((of) => caseOf(of).kind === undefined && refusedNow(of)),
  },
];
