import { describe, expect, it } from 'vitest';
import { withPresentCrls } from '../../../../src-main/services/document/present-crls';

const ref = (name: string) => ({ hash: name, mode: 0o644, size: 1 }) as never;

describe('a restored version', () => {
  it('keeps the CRLs of today, so that nobody who was revoked is let in again', () => {
    const earlier = { 'pki/a/ca-cert.pem': ref('ca'), 'pki/a/crl.pem': ref('old'), 'users.json': ref('u1') };
    const present = { 'pki/a/ca-cert.pem': ref('ca'), 'pki/a/crl.pem': ref('new'), 'users.json': ref('u2') };
    expect(withPresentCrls(earlier, present)).toEqual({ ...earlier, 'pki/a/crl.pem': ref('new') });
    const { 'pki/a/crl.pem': _none, ...withoutCrl } = earlier;
    expect(withPresentCrls(withoutCrl as never, present)).toHaveProperty(['pki/a/crl.pem'], ref('new'));
  });
  it('has its own CRL where its authority was another one', () => {
    const earlier = { 'pki/a/ca-cert.pem': ref('ca 1'), 'pki/a/crl.pem': ref('old') };
    const present = { 'pki/a/ca-cert.pem': ref('ca 2'), 'pki/a/crl.pem': ref('new') };
    expect(withPresentCrls(earlier, present)).toEqual(earlier);
  });
});
