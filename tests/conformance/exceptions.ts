import type { Exception } from './replay/outcome';

/**
 * Every recorded difference that is meant, or that cannot be helped, with its reason. None is about who gets in. At most
 * 1 % of the cases of a file may need one in tier a, those under `tls-alert-not-sendable` not counted.
 */
export const exceptions: readonly Exception[] = [
  {
    file: 'grpc-links',
    name: 'tls-alert-not-sendable',
    reason:
      'Node cannot send unknown_ca, bad_certificate and certificate_expired: the connection is closed at the same stage, and the trace names the alert that Vitess sends (compared as `refusal`).',
    tier: 'a',
    covers: ({ at, expected, seen }, { differences }) =>
      at === 'probe.alert' &&
      seen === null &&
      /^(unknown_ca|bad_certificate|certificate_expired)$/.test(String(expected)) &&
      differences.every((one) => one.at !== 'refusal'),
  },
];
