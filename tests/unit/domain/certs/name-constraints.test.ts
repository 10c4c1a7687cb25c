import { describe, expect, test } from 'vitest';

import type { CertificateRequest, NameConstraintsSpec } from '../../../../src-main/domain/certs';
import { certificateWith, oidTlv, resign, tlv } from '../../../support/certs/altered';
import { authority, client, hardened, judgeClient, vitess } from '../../../support/certs/pki';

const root = authority('Root CA');

interface Row {
  readonly constraints: NameConstraintsSpec;
  readonly names: Partial<CertificateRequest>;
  readonly ok: boolean;
}

const dns = (...dnsNames: string[]): Partial<CertificateRequest> => ({ dnsNames });
const permitted = (spec: NameConstraintsSpec['permitted']): NameConstraintsSpec => ({ permitted: spec ?? {} });
const excluded = (spec: NameConstraintsSpec['excluded']): NameConstraintsSpec => ({ excluded: spec ?? {} });

const rows: readonly Row[] = [
  { constraints: permitted({ dns: ['example.org'] }), names: dns('example.org'), ok: true },
  { constraints: permitted({ dns: ['example.org'] }), names: dns('a.b.Example.ORG'), ok: true },
  { constraints: permitted({ dns: ['example.org'] }), names: dns('badexample.org'), ok: false },
  { constraints: permitted({ dns: ['example.org'] }), names: dns('example.org', 'example.com'), ok: false },
  { constraints: permitted({ dns: ['example.org'] }), names: dns('*.example.org'), ok: true },
  { constraints: permitted({ dns: ['a.example.org'] }), names: dns('*.example.org'), ok: false },
  { constraints: permitted({ dns: ['.example.org'] }), names: dns('a.example.org'), ok: true },
  { constraints: permitted({ dns: ['.example.org'] }), names: dns('example.org'), ok: false },
  { constraints: permitted({ dns: ['example.org', 'example.com'] }), names: dns('x.example.com'), ok: true },
  { constraints: permitted({ dns: [''] }), names: dns('anything'), ok: true },
  { constraints: permitted({ dns: ['example.org'] }), names: {}, ok: true },
  { constraints: permitted({ dns: ['example.org'] }), names: { ipAddresses: ['10.0.0.1'] }, ok: true },
  { constraints: permitted({ dns: ['example.org'] }), names: dns('vttablet server instance'), ok: false },
  { constraints: permitted({ dns: ['example.org'] }), names: dns('example.org.'), ok: false },
  { constraints: excluded({ dns: ['example.org'] }), names: dns('example.com'), ok: true },
  { constraints: excluded({ dns: ['example.org'] }), names: dns('a.example.org'), ok: false },
  { constraints: excluded({ dns: ['a.example.org'] }), names: dns('*.example.org'), ok: false },
  { constraints: excluded({ dns: [''] }), names: dns('anything'), ok: false },
  {
    constraints: { permitted: { dns: ['example.org'] }, excluded: { dns: ['secret.example.org'] } },
    names: dns('x.secret.example.org'),
    ok: false,
  },
  {
    constraints: { permitted: { dns: ['example.org'] }, excluded: { dns: ['secret.example.org'] } },
    names: dns('x.example.org'),
    ok: true,
  },
  { constraints: permitted({ ip: ['10.0.0.0/8'] }), names: { ipAddresses: ['10.255.0.1'] }, ok: true },
  { constraints: permitted({ ip: ['10.0.0.0/8'] }), names: { ipAddresses: ['11.0.0.1'] }, ok: false },
  { constraints: permitted({ ip: ['10.0.0.0/8'] }), names: { ipAddresses: ['::1'] }, ok: false },
  { constraints: permitted({ ip: ['10.0.0.0/8', '::/0'] }), names: { ipAddresses: ['::1'] }, ok: true },
  { constraints: permitted({ ip: ['192.0.2.128/25'] }), names: { ipAddresses: ['192.0.2.127'] }, ok: false },
  { constraints: excluded({ ip: ['2001:db8::/32'] }), names: { ipAddresses: ['2001:db8::7'] }, ok: false },
  { constraints: permitted({ uri: ['example.org'] }), names: { uris: ['https://a.example.org/x'] }, ok: true },
  {
    constraints: permitted({ uri: ['example.org'] }),
    names: { uris: ['https://example.com/?example.org'] },
    ok: false,
  },
  {
    constraints: permitted({ uri: ['example.org'] }),
    names: { uris: ['https://example.org@evil.example/'] },
    ok: false,
  },
  { constraints: permitted({ uri: ['example.org'] }), names: { uris: ['https://u:p@x.example.org:443/'] }, ok: true },
  { constraints: permitted({ uri: ['example.org'] }), names: { uris: ['https://127.0.0.1/'] }, ok: false },
  { constraints: permitted({ uri: ['example.org'] }), names: { uris: ['https://[::1]/'] }, ok: false },
  { constraints: permitted({ uri: ['example.org'] }), names: { uris: ['urn:x:example.org'] }, ok: false },
  { constraints: excluded({ uri: ['example.org'] }), names: { uris: ['spiffe://example.org/x'] }, ok: false },
  { constraints: permitted({ email: ['example.org'] }), names: { emails: ['a@example.org'] }, ok: true },
  { constraints: permitted({ email: ['example.org'] }), names: { emails: ['a@example.com'] }, ok: false },
  { constraints: permitted({ email: ['a@example.org'] }), names: { emails: ['a@EXAMPLE.org'] }, ok: true },
  { constraints: permitted({ email: ['a@example.org'] }), names: { emails: ['b@example.org'] }, ok: false },
  { constraints: excluded({ email: ['.example.org'] }), names: { emails: ['a@x.example.org'] }, ok: false },
  { constraints: permitted({ email: ['example.org'] }), names: { emails: ['"x@evil"@example.org'] }, ok: false },
];

describe('name constraints', () => {
  test.each(rows)('$constraints allows $names: $ok', ({ constraints, names, ok }) => {
    const narrow = authority('Narrow', { issuer: root, nameConstraints: constraints });
    const verdict = judgeClient({ chain: [client(narrow, 'x', names), narrow], anchors: [root] });
    expect(verdict).toMatchObject(ok ? { ok: true } : { ok: false, cause: 'name-constraint' });
  });

  test('of a trust anchor count too, and of every authority on the path', () => {
    const anchor = authority('Anchor', { nameConstraints: { permitted: { dns: ['example.org'] } } });
    const middle = authority('Middle', { issuer: anchor, nameConstraints: { permitted: { dns: ['a.example.org'] } } });
    expect(judgeClient({ chain: [client(middle, 'x', dns('z.a.example.org')), middle], anchors: [anchor] }).ok).toBe(
      true,
    );
    expect(judgeClient({ chain: [client(middle, 'x', dns('b.example.org')), middle], anchors: [anchor] }).ok).toBe(
      false,
    );
    expect(judgeClient({ chain: [client(anchor, 'x', dns('elsewhere.example'))], anchors: [anchor] }).ok).toBe(false);
  });

  test('hold for the names of authorities below', () => {
    const anchor = authority('Anchor', { nameConstraints: { permitted: { dns: ['example.org'] } } });
    const middle = authority('Middle', { issuer: anchor, dnsNames: ['elsewhere.example'] });
    expect(judgeClient({ chain: [client(middle, 'x'), middle], anchors: [anchor] })).toMatchObject({
      ok: false,
      cause: 'name-constraint',
    });
  });

  test('are written and read back', () => {
    const spec: NameConstraintsSpec = {
      permitted: {
        dns: ['example.org', '.example.com'],
        ip: ['10.1.2.3/8', '2001:db8::1/32'],
        uri: ['.x.example'],
        email: ['a@b.example', 'b.example'],
      },
      excluded: { dns: ['secret.example.org'], ip: [], uri: [], email: [] },
    };
    const { certificate } = authority('Narrow', { nameConstraints: spec });
    expect(certificate.nameConstraints).toMatchObject({
      ...spec,
      permitted: { ...spec.permitted, ip: ['10.0.0.0/8', '2001:db8::/32'] },
    });
  });

  test.each([
    { dns: ['*.example.org'] },
    { dns: ['a b'] },
    { ip: ['10.0.0.0/33'] },
    { ip: ['10.0.0.0'] },
    { dns: ['x.'] },
  ])('%j is refused when written', (spec) => {
    const write = (): unknown => authority('Narrow', { nameConstraints: { permitted: spec } });
    if (spec.dns?.[0] === '*.example.org') expect(write).not.toThrow();
    else
      expect(write).toThrow(
        expect.objectContaining({ failure: expect.objectContaining({ code: 'certs.name-constraint' }) }),
      );
  });

  test('of kinds that are not understood: critical always refuses, otherwise hardened mode alone', () => {
    const directory = tlv(
      0x30,
      tlv(0xa0, tlv(0x30, tlv(0xa4, tlv(0x30, tlv(0x31, tlv(0x30, oidTlv('2.5.4.10'), tlv(0x0c, 'Acme'))))))),
    );
    for (const critical of [true, false]) {
      const odd = resign(certificateWith(root, { extension: { oid: '2.5.29.30', critical, value: directory } }), root);
      const chain = [client(root, 'x')];
      expect(judgeClient({ chain, anchors: [odd], fidelity: vitess }).ok).toBe(!critical);
      expect(judgeClient({ chain, anchors: [odd], fidelity: hardened })).toMatchObject({
        ok: false,
        cause: critical ? 'unknown-critical-extension' : 'name-constraint',
      });
    }
  });
});
