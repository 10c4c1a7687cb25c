import type { FidelityRule } from '../rule';

const test = 'tests/unit/domain/certs/fidelity-rules.test.ts';

/** Where the judgement of certificates and CRLs parts between modes and versions (vitess-behaviour §§3.5-3.7). */
export const certRules: readonly FidelityRule[] = [
  {
    id: 'tls-alert-not-sendable',
    title: 'TLS alerts for refused certificates',
    behaviour: {
      vitess:
        'Vitess refuses inside the handshake with unknown_ca, bad_certificate or certificate_expired. Node cannot send these: Gatehouse completes the handshake, closes before any application byte is read, and shows the alert that Vitess sends.',
      hardened: 'The same.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'tls-files-read-once',
    title: 'Certificates after SIGHUP',
    behaviour: {
      vitess:
        'Only the CRL is read again; replaced certificates, keys and authorities wait for a restart, and open connections of revoked peers stay.',
      hardened: 'Everything is read again, and connections that it refuses are closed.',
    },
    source: 'measured',
    test: 'tests/wire/gateway/reload.test.ts',
  },
  {
    id: 'certs-weak-key-refused',
    title: 'Weak keys',
    behaviour: {
      vitess: 'RSA keys from 1024 bits and ECDSA on P-224 are accepted anywhere on a path.',
      hardened: 'A path with an RSA key below 2048 bits or an ECDSA key below 256 bits is refused.',
    },
    source: 'source',
    test,
  },
  {
    id: 'certs-unread-name-constraint-refused',
    title: 'Name constraints of kinds that are not understood',
    behaviour: {
      vitess: 'Constraints on directory and other names are overlooked unless the extension is critical.',
      hardened: 'A path with such constraints is refused.',
    },
    source: 'source',
    test,
  },
  {
    id: 'certs-crl-expired-refused',
    title: 'Expired revocation lists',
    behaviour: {
      vitess: 'An expired list only warns; what it lists stays refused, everybody else passes.',
      hardened: 'Nobody passes below an authority whose list has expired or names no end.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'certs-crl-missing-refused',
    title: 'Authorities without a revocation list',
    behaviour: {
      vitess: 'Where a CRL file is configured, certificates of authorities that have no list in it pass.',
      hardened: 'Where a CRL file is configured, every authority of the path needs a list in it.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'certs-crl-configuration-checked',
    title: 'CRL files that could not do their work, hardened',
    behaviour: {
      vitess: 'Version 24.0-recorded starts with them; 24.0.4 refuses to start.',
      hardened: 'Refused at start whatever the version.',
    },
    source: 'release notes',
    test,
  },
  {
    id: 'certs-crl-fail-closed',
    title: 'CRL files that could not do their work',
    behaviour: {
      '24.0-recorded':
        'A CRL without CA or certificate, without any list, of a foreign authority, partial, delta or from the future is accepted and has no effect; only a damaged block is refused.',
      '24.0.4': 'The process does not start.',
    },
    source: 'release notes',
    test,
  },
  {
    id: 'certs-crl-one-clean-path',
    title: 'Several paths, one of them revoked',
    behaviour: {
      '24.0-recorded': 'One revoked certificate on any path refuses the peer.',
      '24.0.4': 'The peer passes when at least one path has no revoked certificate.',
    },
    source: 'release notes',
    test,
  },
  {
    id: 'certs-crl-newest-only',
    title: 'Several lists of one authority',
    behaviour: {
      '24.0-recorded': 'Every list that verifies counts, also outdated ones.',
      '24.0.4': 'Only the newest complete list of an authority counts.',
    },
    source: 'release notes',
    test,
  },
  {
    id: 'certs-crl-revoked-anchor',
    title: 'Trust anchors revoked by another trust anchor',
    behaviour: {
      '24.0-recorded': 'Trust anchors are never looked up.',
      '24.0.4':
        'An anchor whose own authority is in the CA file and has revoked it ends no path; a start-up warning says so.',
    },
    source: 'release notes',
    test,
  },
];
