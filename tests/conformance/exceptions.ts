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
  {
    file: 'logins',
    name: 'tls-alert-not-sendable',
    reason:
      'Node cannot send unknown_ca, bad_certificate and certificate_expired: the connection is closed before an application byte is read, and the trace names the alert that Vitess sends (compared as `alert`, its cause as `cause`).',
    tier: 'a',
    covers: ({ at, seen }, { differences }) => {
      const unsendable = /^(unknown_ca|bad_certificate|certificate_expired)$/;
      const of = at.replace(/\.(alert|seenIn)$/, '');
      return (
        /(^|\.)wire\.(alert|seenIn)$/.test(at) &&
        (at.endsWith('.seenIn') || seen === null) &&
        differences.some((one) => one.at === `${of}.alert` && unsendable.test(String(one.expected)))
      );
    },
  },
  {
    file: 'mysql-protocol',
    name: 'vector-with-length',
    reason: 'vtgate writes VECTOR values of binary rows without their length, which no client can read',
    tier: 'a',
    covers: ({ at }, { recorded }) =>
      at.endsWith('.packetHex') && /"(?:type":)?"?VECTOR"/.test(JSON.stringify(recorded)),
  },
  {
    file: 'mysql-protocol',
    name: 'larger-than-a-message',
    reason:
      'vtgate computes the length of a literal larger than any message itself; ours asks MySQL, which it cannot reach',
    tier: 'a',
    covers: ({ seen }, { recorded }) =>
      /"times":1[67]\d{6}/.test(JSON.stringify(recorded)) &&
      !/larger than max/.test(JSON.stringify(recorded)) &&
      seen !== null,
  },
  {
    file: 'mysql-protocol',
    name: 'type-of-json-of-nothing',
    reason:
      'json_extract of a parameter without value has the type NULL for vtgate and JSON for MySQL, while it is prepared',
    tier: 'a',
    covers: ({ at, seen }) => /columnDefs\[\d+\]\.(?:type|charset)$/.test(at) && (seen === 'JSON' || seen === 255),
  },
  {
    file: 'mysql-protocol',
    name: 'ambiguous-name-warning',
    reason: 'vtgate counts a warning of its planner for an ORDER BY that may mean a column or its alias',
    tier: 'a',
    covers: ({ at, expected, seen }) => at.endsWith('.end.warnings') && expected === 1 && seen === 0,
  },
];
