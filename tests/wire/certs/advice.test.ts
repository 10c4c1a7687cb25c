import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NewCertificate } from '../../../src-main/contract/areas/certificates';
import { newCertificate } from '../../../src-main/contract/areas/certificates';
import { createCsr } from '../../../src-main/domain/certs';
import { advise, fileFor, slugOf } from '../../../src-main/services/certs/certificate-advice';
import type { CertificateUse } from '../../../src-main/services/certs/certificate-use';
import { topologyOf, useOf } from '../../../src-main/services/certs/usual-set';
import { makeWorkspace, type MadeWorkspace } from '../../support/workspace';

const now = new Date();
const day = (days: number): string => new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);
let made: MadeWorkspace[] = [];
let shop: CertificateUse;
let reference: CertificateUse;
beforeAll(async () => {
  made = await Promise.all([makeWorkspace('shop'), makeWorkspace('reference')]);
  [shop, reference] = (await Promise.all(
    made.map(async ({ dir }) => useOf(dir, (await topologyOf(dir)).topology)),
  )) as [CertificateUse, CertificateUse];
});
afterAll(() => Promise.all(made.map((one) => one.remove())));

const form = (more: Partial<NewCertificate> = {}): NewCertificate =>
  newCertificate.parse({
    for: 'caller',
    commonName: 'robot',
    signedBy: 'callers',
    validFor: 90,
    dns: [],
    ip: [],
    key: 'ecdsa-p256',
    serial: '',
    purposes: [],
    request: null,
    ...more,
  });
const notes = (more: Partial<NewCertificate>, use = shop): string[] =>
  advise(form(more), use, now).notes.map(({ field, level, text }) => `${field} ${level}: ${text}`);

test('a plain caller: nothing to say, and where it will lie', () => {
  const advice = advise(form(), shop, now);
  expect(advice).toMatchObject({ notes: [], file: 'pki/callers/robot-cert.pem' });
  expect(advice.notAfter?.slice(0, 10)).toBe(day(90));
});

describe('the warnings of the form', () => {
  test.each<[string, Partial<NewCertificate>, RegExp]>([
    ['a caller without a name', { commonName: '' }, /commonName warning: .*unsecure_grpc_client/],
    ['a space at the end', { commonName: 'robot ' }, /ends with a space\. Names are compared exactly/],
    ['a space at the beginning', { commonName: ' robot' }, /begins with a space/],
    [
      'a server without the dialled name',
      { for: 'gateway-server', signedBy: 'gateways', dns: ['gw.local'] },
      /dns warning: Clients dial localhost or 127\.0\.0\.1; the certificate names only gw\.local/,
    ],
    ['a server without any name', { for: 'tablet-server', signedBy: 'tablet-servers' }, /every client refuses it/],
    [
      'longer than its authority',
      { validFor: day(3700) },
      /validFor warning: Ends after its authority \(\d+ \w+ \d{4}\)\. It will stop working then/,
    ],
    ['the same common name', { commonName: 'olga' }, /commonName info: .*the same caller/],
    ['a group called localhost', { dns: ['localhost'] }, /group of that name/],
    ['an authority without a name', { for: 'authority', commonName: '', signedBy: null }, /commonName error/],
    ['no authority', { signedBy: null }, /signedBy error/],
    ['an authority that is not here', { signedBy: 'nobody' }, /signedBy error/],
    ['a day in the past', { validFor: day(-1) }, /validFor error: The day is in the past/],
    ['a serial that is none', { serial: 'xyz' }, /serial error/],
    ['no purpose', { for: 'other' }, /purposes warning/],
    ['an address that is none', { ip: ['gw.local'] }, /ip error: gw\.local is no IP address/],
    ['a name beyond ASCII', { dns: ['bücher'] }, /dns error/],
    ['Ed25519', { key: 'ed25519' }, /key warning/],
    ['a request that is none', { request: 'hello' }, /for error/],
  ])('%s', (_, more, wanted) => expect(notes(more).join('\n')).toMatch(wanted));

  test('a DNS name that all callers share', () => {
    expect(notes({ signedBy: 'vtgate-client', dns: ['localhost'] }, reference).join()).toMatch(
      /All callers share the DNS name localhost, so they share a group/,
    );
  });

  test('a serial that is taken', () => {
    const taken =
      [...shop.byId.values()].find(({ id }) => id === 'pki/callers/olga-cert.pem')?.certificate.serial ?? '';
    expect(notes({ serial: taken.toUpperCase() }).join()).toMatch(/serial error: .*another certificate/);
    expect(notes({ serial: taken, signedBy: 'gateways' })).toEqual([]);
  });

  test('the dialled name is one of several, and it is there', () => {
    expect(notes({ for: 'gateway-server', signedBy: 'gateways', dns: ['localhost'] })).toEqual([]);
    expect(notes({ for: 'gateway-server', signedBy: 'gateways', ip: ['127.0.0.1'] })).toEqual([]);
  });

  test('a request brings its own names', () => {
    const { pem } = createCsr({ subject: { commonName: 'olga' } });
    expect(notes({ request: pem, commonName: '' }).join()).toMatch(/the same caller/);
  });
});

describe('file names', () => {
  test.each([
    ['olga', 'pki/callers/olga-2-cert.pem'],
    ['ca', 'pki/callers/ca-1-cert.pem'],
    ['../../x', 'pki/callers/x-cert.pem'],
    ['Robot No. 5', 'pki/callers/robot-no.-5-cert.pem'],
    ['日本', 'pki/callers/caller-cert.pem'],
  ])('%s → %s', (commonName, wanted) => expect(fileFor(form({ commonName }), shop)).toBe(wanted));

  test('authorities get folders', () => {
    expect(fileFor(form({ for: 'authority', commonName: 'Callers', signedBy: 'root' }), shop)).toBe(
      'pki/callers-2/ca-cert.pem',
    );
  });

  test('a slug is safe in any path', () => {
    for (const text of ['', '...', '-x', 'a/b', 'a\\b', '\u0000', 'x'.repeat(500)])
      expect(slugOf(text)).toMatch(/^$|^[a-z0-9][a-z0-9_.-]{0,59}$/);
  });
});
