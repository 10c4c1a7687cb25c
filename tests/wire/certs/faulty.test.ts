import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src-main/domain/kernel';
import { CertsService } from '../../../src-main/services/certs/certs-service';
import { makeFaulty } from '../../../src-main/services/certs/faulty';
import type { FaultKind } from '../../../src-main/services/certs/faulty-record';
import { certificatesIn, codeOf, judged, rowOf, shopCopies, snapshot, viewOf, type ShopCopies } from './shop-copy';

let copies: ShopCopies;
let dir: string;
beforeAll(async () => {
  copies = await shopCopies();
});
afterAll(() => copies.remove());
beforeEach(async () => {
  dir = await copies.fresh();
});

const olga = 'pki/callers/olga-cert.pem';
const make = (fault: FaultKind, like = olga) => makeFaulty(dir, systemClock, { like, fault });
const gateway = { trust: 'pki/callers/ca-cert.pem', crl: 'pki/callers/crl.pem' };

test('the model itself is let in, so that a refusal is the fault’s doing', async () => {
  expect(await judged(dir, olga, gateway)).toMatchObject({ ok: true });
});

describe('a faulty copy is refused for its fault alone', () => {
  test.each<[FaultKind, string]>([
    ['expired', 'expired'],
    ['not-yet-valid', 'not-yet-valid'],
    ['other-authority', 'unknown-authority'],
    ['server-only', 'wrong-purpose'],
    ['revoked', 'revoked'],
    ['weak-key', 'weak-key'],
  ])('%s', async (fault, cause) => {
    const { cert } = await make(fault);
    expect(await judged(dir, cert, gateway)).toMatchObject({ ok: false, cause });
    expect(await rowOf(dir, cert)).toMatchObject({ faulty: fault, key: 'clear' });
  });

  test('no-common-name: let in as nobody, with the same groups', async () => {
    const { cert } = await make('no-common-name');
    expect(await judged(dir, cert, gateway)).toMatchObject({
      ok: true,
      peer: { commonName: '', dnsNames: ['operations'] },
    });
    expect((await rowOf(dir, cert)).status).toBe('name-missing');
  });

  test('wrong-name: a caller gets another common name, a server other host names', async () => {
    expect(await judged(dir, (await make('wrong-name')).cert, gateway)).toMatchObject({
      peer: { commonName: 'wrong.invalid' },
    });
    const { cert } = await make('wrong-name', 'pki/gateways/main-cert.pem');
    const [leaf] = await certificatesIn(dir, cert);
    expect([leaf?.dnsNames, leaf?.ipAddresses, leaf?.lastCommonName]).toEqual([
      ['wrong.invalid'],
      [],
      'main.shop.internal',
    ]);
  });

  test('weak-key: a stock Vitess takes it, so the mode matters', async () => {
    const { cert } = await make('weak-key');
    expect(await judged(dir, cert, { ...gateway, mode: 'vitess' })).toMatchObject({ ok: true });
  });
});

test('nothing else changes: the model, its key and the authority stay', async () => {
  const before = await snapshot(dir);
  await make('expired');
  const after = await snapshot(dir);
  const changed = Object.keys(after).filter((path) => before[path] !== after[path]);
  expect(changed.sort()).toEqual([
    '/pki/callers/issued.jsonl',
    '/pki/callers/olga-expired-cert.pem',
    '/pki/callers/olga-expired-key.pem',
    '/pki/faulty.json',
  ]);
});

test('a second one of a kind gets its own name; somebody else’s authority is made once and trusted by nobody', async () => {
  expect((await make('expired')).cert).toBe('pki/callers/olga-expired-cert.pem');
  expect((await make('expired')).cert).toBe('pki/callers/olga-expired-2-cert.pem');
  expect((await make('other-authority')).cert).toBe('pki/elsewhere/olga-other-authority-cert.pem');
  await make('other-authority', 'pki/callers/billing-cert.pem');
  const roots = (await viewOf(dir)).rows.filter(({ role }) => role === 'root');
  expect(roots.map(({ authority, trustedBy }) => [authority, trustedBy.length]).sort()).toEqual([
    ['elsewhere', 0],
    ['root', 1],
  ]);
});

test.each<[string, FaultKind, string]>([
  ['pki/gateways/main-cert.pem', 'server-only', 'certs.no-fault'],
  ['pki/gateways/main-cert.pem', 'no-common-name', 'certs.no-fault'],
  ['pki/callers/ca-cert.pem', 'expired', 'certs.authority'],
  ['pki/callers/nobody-cert.pem', 'expired', 'certs.missing'],
  ['../../etc/x-cert.pem', 'expired', 'certs.outside'],
])('%s, %s is refused with %s, and nothing is written', async (like, fault, code) => {
  const before = await snapshot(dir);
  expect(await codeOf(make(fault, like))).toBe(code);
  expect(await snapshot(dir)).toEqual(before);
});

test('without the authority’s key there is no copy', async () => {
  await rm(join(dir, 'pki/callers/ca-key.pem'));
  expect(await codeOf(make('expired'))).toBe('certs.stranger');
});

test('a faulty certificate is not exported unless it is said that it is wanted', async () => {
  const { cert } = await make('expired');
  const service = new CertsService(dir, systemClock);
  expect(await codeOf(service.export(cert, 'pem', undefined, { faulty: false }))).toBe('certs.faulty');
  expect(await codeOf(service.export(olga, 'pem', undefined, { faulty: false }))).toBe('done');
  expect(await codeOf(service.export(cert, 'pem', undefined, { faulty: true }))).toBe('done');
});
