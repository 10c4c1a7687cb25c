import type { FidelityRule } from '../rule';

const test = 'tests/unit/domain/users/hardened-rules.test.ts';

/** Where static authentication parts between the modes (vitess-behaviour §§1.1-1.8). */
export const usersRules: readonly FidelityRule[] = [
  {
    id: 'users-no-secret-refused',
    title: 'Entries without a usable secret',
    behaviour: {
      vitess: 'An entry without a password, or with only CachingSha2Password, lets the empty password in.',
      hardened: 'Such an entry lets nobody in, whatever the reply.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'users-caching-sha2-offered',
    title: 'caching_sha2_password for static users',
    behaviour: {
      vitess: 'Only mysql_native_password is offered; CachingSha2Password is never looked at.',
      hardened:
        'Over TLS and the Unix socket caching_sha2_password comes first and is checked against CachingSha2Password or ' +
        'Password; a user with an entry that has only MysqlNativePassword is offered mysql_native_password instead, and ' +
        'one with an entry that has only CachingSha2Password nothing else.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'users-reply-length-exact',
    title: 'Replies of the wrong length',
    behaviour: {
      vitess:
        'A reply shorter than its hash drops the connection without an answer; surplus bytes are ignored for hashes.',
      hardened: 'A reply that has not exactly the length of its hash is denied like a wrong password.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'users-unknown-user-equal-work',
    title: 'Work done for unknown users',
    behaviour: {
      vitess: 'An unknown user is denied without any hashing, a known one after it.',
      hardened: 'Every denied login costs as many verifications as the longest list of entries in the file.',
    },
    source: 'source',
    test,
  },
  {
    id: 'users-null-entry-refused',
    title: 'null instead of an entry',
    behaviour: {
      vitess:
        'null in a list crashes vtgate when it loads the file; in the legacy form a login as that user is dropped.',
      hardened: 'A file with a null entry is refused and what was loaded before stays in force.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'users-claimed-socket-not-local',
    title: 'A Unix socket that only a PROXY header speaks of',
    behaviour: {
      vitess: 'A header of family AF_UNIX over TCP counts as a Unix socket for SourceHost, whoever sends it.',
      hardened: 'Only a real Unix socket counts.',
    },
    source: 'measured',
    test: 'tests/wire/gateway/proxy-protocol.test.ts',
  },
  {
    id: 'grpc-users-unknown-key-refused',
    title: 'Unknown keys in gRPC user and credential files',
    behaviour: {
      vitess: 'Keys that are not known are ignored, so a misspelt Password is an empty password.',
      hardened: 'A file with an unknown key is refused.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'grpc-users-no-password-refused',
    title: 'gRPC users without a password',
    behaviour: {
      vitess: 'An entry without Password lets the empty password in.',
      hardened: 'Such an entry lets nobody in.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'grpc-mtls-empty-substring-refused',
    title: 'Empty substring in --grpc-auth-mtls-allowed-substrings',
    behaviour: {
      vitess: 'An empty flag or a trailing colon lets in every caller that presents a certificate.',
      hardened: 'An empty substring lets nobody in.',
    },
    source: 'measured',
    test,
  },
];
