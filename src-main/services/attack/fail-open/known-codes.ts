import { deniedReads, emptyNameReads, laterTableReads } from './acl-doors';
import { anyGateway, anyName, anyPassword, anySubject, anyTablet, aroundTheCertificate } from './callers';
import { readInClear } from './clear-text';
import { claimsAddress, killsOthers, readsPassword } from './connections';
import type { Known } from './demonstration';

const elsewhere = (why: string): Known => ({ kind: 'elsewhere', why });
const never = (why: string): Known => ({ kind: 'never', why });
const shuts = (why: string): Known => ({ kind: 'shuts', why });

const refusesMore = shuts('It refuses more than is meant, and lets nobody in.');
const forPeople = shuts('It is about how the file reads, and changes nobody’s access.');
const grantsNothing = shuts('It grants nothing: what is meant to be open stays shut.');
const byEmptyName = shuts(
  'By itself it opens nothing: acl.empty-principal is found where the ACL opens something to the empty name.',
);
const neverStarts = shuts('Nothing starts with it.');

/** The topology's findings. */
const topology: Readonly<Record<string, Known>> = {
  'topology.auth-none': anyPassword,
  'topology.mysql-plaintext': readInClear('mysql'),
  'topology.tls-not-required': readInClear('mysql'),
  'topology.require-without-tls': readInClear('mysql'),
  'topology.clear-password': elsewhere('The group "downgrade" asks for a password in clear without TLS.'),
  'topology.proxy-protocol': claimsAddress,
  'topology.kill-for-everybody': killsOthers,
  'topology.grpc-plaintext': readInClear('grpc'),
  'topology.grpc-tls-optional': readInClear('grpc'),
  'topology.optional-tls-with-ca': aroundTheCertificate,
  'topology.claimed-callers': anyName,
  'topology.groups-alone': shuts('The setting does nothing by itself.'),
  'topology.mtls-without-ca': refusesMore,
  'topology.mtls-empty-substring': anySubject,
  'topology.link-plaintext': anyTablet,
  'topology.link-silently-plaintext': anyTablet,
  'topology.link-half-pair': refusesMore,
  'topology.link-without-ca': refusesMore,
  'topology.tablet-plaintext': anyGateway('plaintext'),
  'topology.tablet-open': anyGateway('no-certificate'),
  'topology.no-acl': deniedReads('The tablet has no table ACL that could deny anything.'),
  'topology.strict-off': deniedReads('Without strict mode the ACL denies nothing.'),
  'topology.dry-run': deniedReads('In dry run the tablet counts what it would deny, and lets it pass.'),
  'topology.exempt': deniedReads('The exemption passes the caller by every check.'),
  'topology.acl-not-enforced': never(
    'It shows only when a tablet starts with a broken ACL file; Gatehouse starts nothing with such a file, real vttablet does.',
  ),
};

/** Findings of the table ACL. */
const acl: Readonly<Record<string, Known>> = {
  'acl.covers-everything': laterTableReads,
  'acl.empty-principal': emptyNameReads,
  'acl.admin-only': forPeople,
  'acl.binary-file': forPeople,
  'acl.byte-order-mark': neverStarts,
  'acl.case-mismatch': grantsNothing,
  'acl.duplicate-key': neverStarts,
  'acl.duplicate-principal': forPeople,
  'acl.empty-entry': grantsNothing,
  'acl.empty-file': neverStarts,
  'acl.empty-list': grantsNothing,
  'acl.lone-surrogate': neverStarts,
  'acl.misspelt-key': grantsNothing,
  'acl.nameless-group': forPeople,
  'acl.no-groups': grantsNothing,
  'acl.no-tables': grantsNothing,
  'acl.nobody': grantsNothing,
  'acl.not-json': neverStarts,
  'acl.not-utf8': grantsNothing,
  'acl.overlap': neverStarts,
  'acl.percent-in-name': neverStarts,
  'acl.qualified-entry': grantsNothing,
  'acl.refused': neverStarts,
  'acl.repeated-group-name': forPeople,
  'acl.space-in-name': grantsNothing,
  'acl.text-read-as-binary': grantsNothing,
  'acl.trailing-data': neverStarts,
  'acl.uncovered-table': grantsNothing,
  'acl.unknown-key': forPeople,
  'acl.unknown-principal': forPeople,
  'acl.unknown-table': grantsNothing,
  'acl.unused-prefix': grantsNothing,
  'acl.utf-16': neverStarts,
  'acl.wildcard-entry': grantsNothing,
  'acl.wildcard-principal': grantsNothing,
  'acl.writer-cannot-read': grantsNothing,
  'acl.wrong-type': neverStarts,
};

/** Findings of users files, and of the gRPC ones. */
const users: Readonly<Record<string, Known>> = {
  'users.plaintext-password': readsPassword,
  'users.password-looks-like-hash': elsewhere('The group "passwords" sends the hash as the password.'),
  'users.sha2-only': elsewhere('The group "passwords" tries the empty password on every entry.'),
  'users.no-secret': elsewhere('The group "passwords" tries the empty password on every entry.'),
  'users.no-user-data': byEmptyName,
  'users.empty-group': byEmptyName,
  'users.empty-name': elsewhere('The group "passwords" logs in without a user name.'),
  'users.duplicate-entry': elsewhere('The group "passwords" rotates one of the two entries.'),
  'users.native-only': elsewhere('The group "passwords" looks whether the answers tell which users exist.'),
  'users.weak-password': never(
    'Guessing passwords at leisure takes longer than a rehearsal; "check" estimates how long.',
  ),
  'users.source-localhost': elsewhere('The group "passwords" uses such an entry over TCP.'),
  'users.bad-native-hash': refusesMore,
  'users.bad-sha2-hash': refusesMore,
  'users.byte-order-mark': neverStarts,
  'users.duplicate-key': forPeople,
  'users.duplicate-user': forPeople,
  'users.empty-file': neverStarts,
  'users.hash-length': refusesMore,
  'users.hidden-entry': refusesMore,
  'users.key-spelling': forPeople,
  'users.legacy-format': forPeople,
  'users.mixed-format': neverStarts,
  'users.no-entries': refusesMore,
  'users.no-users': neverStarts,
  'users.not-utf8': forPeople,
  'users.null-entry': refusesMore,
  'users.null-group': forPeople,
  'users.null-value': forPeople,
  'users.password-not-used': forPeople,
  'users.source-host': refusesMore,
  'users.syntax': neverStarts,
  'users.trailing-text': refusesMore,
  'users.type': neverStarts,
  'users.unknown-key': neverStarts,
  'users.unreachable-entry': refusesMore,
  'grpc-users.plaintext-password': never(
    'Vitess has no other form for gRPC passwords: whoever reads the file has them. Protect the file.',
  ),
  'grpc-users.no-password': elsewhere('The group "passwords" tries the empty password on every entry.'),
  'grpc-users.empty-name': elsewhere('The group "passwords" calls without a user name.'),
  'grpc-users.byte-order-mark': neverStarts,
  'grpc-users.duplicate-key': forPeople,
  'grpc-users.empty-file': neverStarts,
  'grpc-users.no-users': refusesMore,
  'grpc-users.not-utf8': forPeople,
  'grpc-users.null-entry': elsewhere('The group "passwords" calls without a user name.'),
  'grpc-users.syntax': neverStarts,
  'grpc-users.trailing-text': neverStarts,
  'grpc-users.type': neverStarts,
  'grpc-users.unknown-key': forPeople,
};

/** Findings of certificates. */
const certificates: Readonly<Record<string, Known>> = {
  'certificate.any-purpose': elsewhere(
    'The group "rogue components" dials and answers with certificates for the other end.',
  ),
  'certificate.both-purposes': elsewhere(
    'The group "rogue components" dials and answers with certificates for the other end.',
  ),
  'certificate.no-common-name': elsewhere('The group "claimed identities" claims a name with such a certificate.'),
  'certificate.misleading-subject': elsewhere(
    'The group "rogue components" tries other names where substrings are compared.',
  ),
  'certificate.localhost-group': never(
    'Who else is in the group "localhost" is up to its authority; no list here is open to that group by itself.',
  ),
  'certificate.several-common-names': forPeople,
  'certificate.long-validity': forPeople,
  'certificate.odd-dns-name': forPeople,
  'certificate.no-names': refusesMore,
  'certificate.no-authority-identifier': forPeople,
  'certificate.no-key-identifier': forPeople,
  'certificate.authority-cannot-sign': refusesMore,
  'certificate.authority-cannot-revoke': refusesMore,
  'certificate.ip-name-constraint': refusesMore,
  'certificate.unread-name-constraint': never(
    'What the constraint was to keep out is nowhere written down for Vitess.',
  ),
  'certificate.policy-rules': refusesMore,
  'certificate.no-digital-signature': refusesMore,
  'certificate.weak-key': elsewhere('The group "certificates" shows a weak key.'),
  'certificate.large-key': refusesMore,
  'certificate.ed25519-in-tls': refusesMore,
  'certificate.p521-in-tls': refusesMore,
  'certificate.unknown-key': refusesMore,
  'certificate.weak-signature': refusesMore,
  'certificate.unknown-signature': refusesMore,
  'certificate.unknown-critical-extension': refusesMore,
  'certificate.old-version': refusesMore,
  'certificate.serial': forPeople,
  'certificate.validity': neverStarts,
  'crl.expired': elsewhere('The group "certificates" looks at a CRL that is out of date.'),
};

const missed = elsewhere('The group "injection" puts statements to the query rules.');

/** Findings of query rules: what a rule does not meet goes on to the table ACL. */
const queryRules: Readonly<Record<string, Known>> = {
  'query-rules.address-never': missed,
  'query-rules.bind-dodged': missed,
  'query-rules.bind-name': missed,
  'query-rules.buffer': missed,
  'query-rules.ignored-key': missed,
  'query-rules.never-asked': missed,
  'query-rules.query-literal': missed,
  'query-rules.query-upper-case': missed,
  'query-rules.table-pattern': missed,
  'query-rules.table-qualified': missed,
  'query-rules.table-unknown': missed,
  'query-rules.tables-partly': missed,
  'query-rules.user-never': missed,
  'query-rules.address-of-gateway': forPeople,
  'query-rules.duplicate-key': forPeople,
  'query-rules.empty-list': forPeople,
  'query-rules.no-description': forPeople,
  'query-rules.not-exact': refusesMore,
  'query-rules.refuses-all': refusesMore,
  'query-rules.trailing-data': neverStarts,
  'query-rules.user-everybody': refusesMore,
};

/** What is known of each finding: how it lets somebody in, or why there is nothing to show. */
export const knownCodes: Readonly<Record<string, Known>> = {
  ...topology,
  ...acl,
  ...users,
  ...certificates,
  ...queryRules,
};
