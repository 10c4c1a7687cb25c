import { webcrypto } from 'node:crypto';
import * as pkijs from 'pkijs';
import { beforeAll, describe, expect, test } from 'vitest';

import { authority, client, daysFromNow, judgeClient, list, now } from '../../../support/certs/pki';

const root = authority('Root CA');
const middle = authority('Middle CA', { issuer: root, pathLength: 0 });
const narrow = authority('Narrow CA', { issuer: root, nameConstraints: { permitted: { dns: ['example.org'] } } });
const deep = authority('Deep CA', { issuer: middle });
const good = client(middle, 'anna');

interface Row {
  readonly what: string;
  readonly chain: readonly { readonly der: Buffer }[];
  readonly revoked?: boolean;
  readonly ok: boolean;
  /** pkijs overlooks path lengths of intermediates, which OpenSSL and Go do not. */
  readonly overlooked?: boolean;
}

const rows: readonly Row[] = [
  { what: 'good', chain: [good, middle], ok: true },
  { what: 'RSA', chain: [client(root, 'rsa', { key: 'rsa-2048' })], ok: true },
  { what: 'expired', chain: [client(root, 'x', { notAfter: daysFromNow(-1) })], ok: false },
  { what: 'not yet valid', chain: [client(root, 'x', { notBefore: daysFromNow(1) })], ok: false },
  { what: 'foreign', chain: [client(authority('Foreign'), 'x')], ok: false },
  { what: 'same name, other key', chain: [client(authority('Root CA'), 'x')], ok: false },
  { what: 'intermediate missing', chain: [good], ok: false },
  { what: 'path too long', chain: [client(deep, 'x'), deep, middle], ok: false, overlooked: true },
  { what: 'names inside', chain: [client(narrow, 'x', { dnsNames: ['a.example.org'] }), narrow], ok: true },
  { what: 'names outside', chain: [client(narrow, 'x', { dnsNames: ['a.example.com'] }), narrow], ok: false },
  { what: 'revoked', chain: [good, middle], revoked: true, ok: false },
];

/** A verifier that shares no code with ours, nor OpenSSL's. */
async function askPkijs({ chain, revoked }: Row): Promise<boolean> {
  const read = ({ der }: { readonly der: Buffer }): pkijs.Certificate => pkijs.Certificate.fromBER(new Uint8Array(der));
  const lists = revoked === true ? [list(middle, [good.certificate.serial]), list(root, [])] : [];
  const engine = new pkijs.CertificateChainValidationEngine({
    // The certificate to be judged is the last one.
    certs: chain.map(read).reverse(),
    trustedCerts: [read(root)],
    crls: lists.map(({ der }) => pkijs.CertificateRevocationList.fromBER(new Uint8Array(der))),
    checkDate: now,
  });
  return (await engine.verify()).result;
}

describe('agreement with pkijs', () => {
  beforeAll(() => {
    pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto as never }));
  });

  test.each(rows)('$what: $ok', async (row) => {
    const crls = row.revoked === true ? [list(middle, [good.certificate.serial]), list(root, [])] : [];
    expect(judgeClient({ chain: row.chain, anchors: [root], crls }).ok).toBe(row.ok);
    expect(await askPkijs(row)).toBe(row.ok || row.overlooked === true);
  });
});
