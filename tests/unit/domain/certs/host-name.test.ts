import { describe, expect, test } from 'vitest';

import { speaksFor } from '../../../../src-main/domain/certs';

interface Row {
  readonly sans?: readonly string[];
  readonly ips?: readonly string[];
  readonly name: string;
  readonly speaks: boolean;
}

/** Rules of Go's VerifyHostname; everything that is not listed as true is false. */
const rows: readonly Row[] = [
  { sans: ['gate.example'], name: 'gate.example', speaks: true },
  { sans: ['gate.example'], name: 'GATE.EXAMPLE', speaks: true },
  { sans: ['Gate.Example'], name: 'gate.example', speaks: true },
  { sans: ['gate.example'], name: 'gate.example.', speaks: true },
  { sans: ['gate.example'], name: 'agate.example', speaks: false },
  { sans: ['gate.example'], name: 'x.gate.example', speaks: false },
  { sans: ['gate.example'], name: 'gate.example.org', speaks: false },
  { sans: ['gate.example'], name: 'gate', speaks: false },
  { sans: ['gate.example'], name: '', speaks: false },
  { sans: ['gate.example'], name: '.', speaks: false },
  { sans: ['gate.example'], name: ' gate.example', speaks: false },
  { sans: ['gate.example'], name: 'gate.example\0', speaks: false },
  { sans: ['gate.example\0.evil.example'], name: 'gate.example', speaks: false },
  { sans: [], name: 'gate.example', speaks: false },
  { sans: [''], name: '', speaks: false },
  { sans: ['*.apps.example'], name: 'a.apps.example', speaks: true },
  { sans: ['*.apps.example'], name: 'A.Apps.Example', speaks: true },
  { sans: ['*.apps.example'], name: 'apps.example', speaks: false },
  { sans: ['*.apps.example'], name: 'a.b.apps.example', speaks: false },
  { sans: ['*.apps.example'], name: '.apps.example', speaks: false },
  { sans: ['*.apps.example'], name: '*.apps.example', speaks: true },
  { sans: ['a*.apps.example'], name: 'ab.apps.example', speaks: false },
  { sans: ['x.*.example'], name: 'x.y.example', speaks: false },
  { sans: ['*'], name: 'localhost', speaks: false },
  { sans: ['*'], name: '*', speaks: true },
  { sans: ['*.'], name: 'a.', speaks: false },
  { sans: ['*.example'], name: 'a.example', speaks: true },
  { sans: ['vttablet server instance'], name: 'vttablet server instance', speaks: true },
  { sans: ['vttablet server instance'], name: 'VTTABLET Server instance', speaks: true },
  { sans: ['vttablet server instance'], name: 'vttablet', speaks: false },
  { sans: ['vttablet server instance'], name: 'vttablet server instance.', speaks: false },
  { sans: ['* server instance'], name: 'vttablet server instance', speaks: false },
  { sans: ['*.server instance'], name: 'a.server instance', speaks: false },
  { sans: ['under_score.example'], name: 'under_score.example', speaks: true },
  { sans: ['-dash.example'], name: '-dash.example', speaks: true },
  { sans: ['zoë.example'], name: 'zoË.example', speaks: false },
  { sans: ['\u212a.example'], name: 'k.example', speaks: false },
  { sans: ['127.0.0.1'], name: '127.0.0.1', speaks: false },
  { sans: ['*.0.0.1'], name: '127.0.0.1', speaks: false },
  { ips: ['127.0.0.1'], name: '127.0.0.1', speaks: true },
  { ips: ['127.0.0.1'], name: '127.0.0.2', speaks: false },
  { ips: ['127.0.0.1'], name: '127.0.0.01', speaks: false },
  { ips: ['127.0.0.1'], name: '127.0.0.1.', speaks: false },
  { ips: ['127.0.0.1'], name: '2130706433', speaks: false },
  { ips: ['127.0.0.1'], name: 'localhost', speaks: false },
  { ips: ['127.0.0.1'], name: '::ffff:127.0.0.1', speaks: true },
  { ips: ['::1'], name: '::1', speaks: true },
  { ips: ['::1'], name: '[::1]', speaks: true },
  { ips: ['::1'], name: '0:0:0:0:0:0:0:1', speaks: true },
  { ips: ['::1'], name: '[::1', speaks: false },
  { ips: ['fe80::1'], name: 'fe80::1%eth0', speaks: false },
];

describe('speaksFor', () => {
  test.each(rows)('$sans $ips for "$name": $speaks', ({ sans = [], ips = [], name, speaks }) => {
    expect(speaksFor({ dnsNames: sans, ipAddresses: ips }, name)).toBe(speaks);
  });
});
