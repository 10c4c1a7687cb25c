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
  {
    file: 'decisions',
    name: 'ground-not-restored',
    reason:
      'the recording found a table of the statement before it, or none of its own, although every case is said to begin on the same ground',
    tier: 'a',
    covers: ({ at, expected }, { differences }) => {
      const [, answer = '', key = ''] = /^(\w+\.\w+)\.(errno|sqlstate|code|message)$/.exec(at) ?? [];
      const told = differences.find((one) => one.at === `${answer}.message`)?.expected;
      const left =
        /Table '\w+' already exists \(errno 1050\)|Table 'vt_commerce\.(?:customers|orders|order_items|products|stock|payments|audit_log|coupons|order_seq)' doesn't exist \(errno 1146\)/;
      return key !== '' && expected !== undefined && left.test(String(told));
    },
  },
  {
    file: 'decisions',
    name: 'procedure-left-on-its-connection',
    reason:
      'a procedure that streams leaves its last results on the real tablet’s pooled connection, on which whoever comes next fails',
    tier: 'a',
    covers: ({ at, expected }, { recorded, differences }) => {
      const { sql = '', transport = '' } = recorded as { readonly sql?: string; readonly transport?: string };
      const streams = /^(?:gate-olap|tablet-stream)$/.test(transport) && /^\s*call\b/i.test(sql);
      const answer = at.replace(/\.\w+$/, '');
      const told = differences.find((one) => one.at === `${answer}.message`)?.expected;
      return (
        streams && ((at.endsWith('.closed') && expected === true) || /invalid sequence, expected/.test(String(told)))
      );
    },
  },
  {
    file: 'decisions',
    name: 'no-sidecar-schema',
    reason: 'vttablet keeps tables of its own in the schema _vt, which is not made here',
    tier: 'a',
    covers: ({ at, expected, seen }) =>
      at.endsWith('.ok') && expected === true && /Table '_vt\.\w+' doesn't exist/.test(JSON.stringify(seen)),
  },
  {
    file: 'decisions',
    name: 'brackets-of-with-dropped',
    reason:
      'vttablet prints a WITH that stands in brackets without them, which MySQL refuses; a text that cannot be read again goes as it came here',
    tier: 'a',
    covers: ({ at }, { recorded, differences }) => {
      const { sql = '' } = recorded as { readonly sql?: string };
      const [, answer = ''] = /^(\w+\.\w+)\.(?:code|message|errno|sqlstate)$/.exec(at) ?? [];
      const told = differences.find((one) => one.at === `${answer}.message`)?.expected;
      return /\bunion\b[^]*\(\s*with\b/i.test(sql) && /near 'with [^]*\(errno 1064\)/.test(String(told));
    },
  },
];
