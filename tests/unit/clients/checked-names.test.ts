import { X509Certificate } from 'node:crypto';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { checkedNames } from '../../../src-main/clients/checked-names';
import { createPki } from '../../support/tls-identities';

/** The client's short way to Node's name check says the same as Node's own, word for word. */
const pki = createPki();
const certificates = {
  'names and an address': pki.leaf({
    name: 'gw.local',
    dnsNames: ['localhost', 'gw.local'],
    ipAddresses: ['127.0.0.1'],
  }),
  'a wildcard': pki.leaf({ name: 'x', dnsNames: ['*.example.com'], ipAddresses: [] }),
  'addresses only': pki.leaf({ name: 'localhost', dnsNames: [], ipAddresses: ['127.0.0.1', '::1'] }),
  'a common name only': pki.leaf({ name: 'localhost', dnsNames: [], ipAddresses: [] }),
  'no name at all': pki.leaf({ name: '', dnsNames: [], ipAddresses: [] }),
};
const names = [
  'localhost',
  'gw.local',
  'other',
  'a.example.com',
  'b.a.example.com',
  '127.0.0.1',
  '::1',
  '10.0.0.1',
  'localhost.',
];

describe.each(Object.entries(certificates))('a certificate with %s', (_, { leaf }) => {
  const certificate = new X509Certificate(leaf);
  it.each(names)('asked for %s', (name) => {
    const whole = checkServerIdentity(name, certificate.toLegacyObject() as unknown as PeerCertificate);
    const short = checkServerIdentity(name, checkedNames(certificate, name) as PeerCertificate);
    expect(short?.message).toBe(whole?.message);
  });
});

it('refuses every name where there is no certificate', () => {
  for (const name of names)
    expect(checkServerIdentity(name, checkedNames(undefined, name) as PeerCertificate)).toBeInstanceOf(Error);
});
