import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { vtgateFlags, vttabletFlags } from '../../../../src-main/domain/exports';
import { readTopology, whoChecksWhom, type Check, type Topology } from '../../../../src-main/domain/topology';

const sample = (name: string): Topology => {
  const url = new URL(`../../../../resources/samples/${name}/gatehouse.json`, import.meta.url);
  const { topology } = readTopology(readFileSync(url), 'gatehouse.json');
  if (topology === null) throw new Error(`${name} has faults`);
  return topology;
};
type Changes = { [K in keyof Topology]?: (list: Topology[K]) => Topology[K] };
const changed = (topology: Topology, changes: Changes): Topology =>
  Object.fromEntries(
    Object.entries(topology).map(([key, value]) => [
      key,
      ((changes as Record<string, (from: unknown) => unknown>)[key] ?? ((same: unknown) => same))(value),
    ]),
  ) as unknown as Topology;
const find = (checks: readonly Check[], link: Check['link'], shownBy: Check['shownBy'], to?: string): Check => {
  const found = checks.find(
    (check) => check.link === link && check.shownBy === shownBy && (to === undefined || check.to.includes(to)),
  );
  if (found === undefined) throw new Error(`no row ${link} ${shownBy}`);
  return found;
};

describe('the reference', () => {
  const checks = whoChecksWhom(sample('reference'));

  test('both sides of a mutual TLS listener', () => {
    expect(find(checks, 'client-gateway-grpc', 'listener', 'mutual-tls')).toMatchObject({
      shows: 'pki/vtgate-server/instance-cert.pem',
      checkedBy: 'client',
      reason: 'client-side',
      flags: [],
      warning: null,
    });
    expect(find(checks, 'client-gateway-grpc', 'dialler', 'mutual-tls')).toMatchObject({
      shows: null,
      checkedBy: 'gateway',
      against: 'pki/vtgate-client/ca-cert.pem',
      flags: ['--grpc-ca'],
      warning: null,
    });
  });

  test('gateways with the same link to a tablet share its rows', () => {
    const rows = checks.filter(({ link }) => link === 'gateway-tablet');
    expect(
      rows.map(({ from, to, shows, checkedBy, against, flags }) => ({ from, to, shows, checkedBy, against, flags })),
    ).toEqual([
      {
        from: ['mutual-tls', 'override', 'override-groups'],
        to: ['zone1-100'],
        shows: 'pki/vttablet-server/instance-cert.pem',
        checkedBy: 'gateway',
        against: 'pki/vttablet-server/ca-cert.pem',
        flags: ['--tablet-grpc-ca', '--tablet-grpc-server-name'],
      },
      {
        from: ['mutual-tls', 'override', 'override-groups'],
        to: ['zone1-100'],
        shows: 'pki/vttablet-client/client-1-cert.pem',
        checkedBy: 'tablet',
        against: 'pki/vttablet-client/ca-cert.pem',
        flags: ['--grpc-ca'],
      },
    ]);
    expect(rows[0]?.names).toEqual(['vttablet server instance']);
  });

  test('a listener in clear is checked by nobody, and warns', () => {
    const row = find(checks, 'client-gateway-grpc', 'dialler', 'override');
    expect(row).toMatchObject({ checkedBy: 'nobody', reason: 'plain', to: ['override', 'override-groups'] });
    expect(row.warning).toMatch(/in clear/);
  });

  test('a local socket needs no certificate and no warning', () => {
    expect(find(checks, 'tablet-backend', 'listener')).toMatchObject({
      checkedBy: 'nobody',
      reason: 'socket',
      warning: null,
    });
  });
});

describe('the shop', () => {
  const checks = whoChecksWhom(sample('shop'));

  test('passwords instead of certificates are no warning; no certificate and no password are', () => {
    expect(find(checks, 'client-gateway-mysql', 'dialler', 'main')).toMatchObject({ reason: 'login', warning: null });
    const open = changed(sample('shop'), {
      gateways: (list) => list.map((item) => ({ ...item, grpc: item.grpc && { ...item.grpc, authMode: 'none' } })),
    });
    expect(find(whoChecksWhom(open), 'client-gateway-grpc', 'dialler', 'main')).toMatchObject({
      reason: 'not-asked',
      checkedBy: 'nobody',
      warning: expect.stringMatching(/without a certificate and without a password/) as string,
    });
  });

  test('a CRL has its flag', () => {
    expect(find(checks, 'client-gateway-mysql', 'dialler', 'certs')).toMatchObject({
      crl: 'pki/callers/crl.pem',
      flags: ['--mysql-server-ssl-ca', '--mysql-server-ssl-crl'],
    });
  });

  test('the tablet checks MySQL', () => {
    expect(find(checks, 'tablet-backend', 'listener')).toMatchObject({
      shows: 'pki/mysql/server-cert.pem',
      against: 'pki/root/ca-cert.pem',
      checkedBy: 'tablet',
      names: ['127.0.0.1'],
    });
  });

  test('ids are unique and stay when a certificate changes', () => {
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    const renamed = changed(sample('shop'), {
      tablets: (list) =>
        list.map((item) => ({
          ...item,
          grpc: { ...item.grpc, tls: item.grpc.tls && { ...item.grpc.tls, cert: 'pki/x.pem' } },
        })),
    });
    expect(whoChecksWhom(renamed).map(({ id }) => id)).toEqual(checks.map(({ id }) => id));
  });

  test('every flag is one that the programs are started with', () => {
    const topology = sample('shop');
    const external = changed(topology, {
      backends: (list) =>
        list.map(({ name }) => ({
          kind: 'external',
          name,
          host: 'db.example.com',
          port: 3306,
          user: 'vt_app',
          passwordSecret: 'db',
          tls: { ca: 'pki/a.pem', cert: 'pki/c.pem', key: 'pki/k.pem', crl: null, serverName: 'db' },
        })),
      gateways: (list) =>
        list.map((item) => ({ ...item, tabletLink: item.tabletLink && { ...item.tabletLink, crl: 'pki/crl.pem' } })),
    });
    const [keyspace] = external.keyspaces;
    const real = new Set(
      [
        ...external.gateways.flatMap((gateway) => vtgateFlags(gateway, (path) => path)),
        ...external.tablets.flatMap((tablet) =>
          keyspace === undefined ? [] : vttabletFlags(tablet, keyspace, (path) => path, external.backends[0]),
        ),
      ].map((flag) => flag.split('=')[0]),
    );
    const named = new Set(whoChecksWhom(external).flatMap(({ flags }) => flags));
    expect(named.size).toBeGreaterThan(8);
    expect([...named].filter((flag) => !real.has(flag))).toEqual([]);
  });
});

describe('ends that do not fit', () => {
  const shop = sample('shop');
  const link = (tabletLink: Topology['gateways'][number]['tabletLink']): Topology =>
    changed(shop, { gateways: (list) => list.slice(0, 1).map((item) => ({ ...item, tabletLink })) });
  const tabletTls = (tls: Topology['tablets'][number]['grpc']['tls'], from = shop): Topology =>
    changed(from, { tablets: (list) => list.map((item) => ({ ...item, grpc: { ...item.grpc, tls } })) });
  const none = { ca: null, cert: null, key: null, crl: null, serverName: 'tablet' };

  test.each<[string, Topology, Check['reason'], RegExp]>([
    ['a server name alone dials in clear', link(none), 'mismatch', /dials in clear/],
    [
      'a certificate without its key dials in clear',
      link({ ...none, cert: 'pki/a.pem' }),
      'mismatch',
      /dials in clear/,
    ],
    ['a tablet without TLS', tabletTls(null), 'mismatch', /speaks none/],
    ['both in clear', tabletTls(null, link(null)), 'plain', /in clear/],
    ['a pair without a CA', link({ ...none, cert: 'pki/a.pem', key: 'pki/k.pem' }), 'system-roots', /this machine/],
  ])('%s', (_, topology, reason, warning) => {
    const row = find(whoChecksWhom(topology), 'gateway-tablet', 'listener');
    expect(row.reason).toBe(reason);
    expect(row.warning).toMatch(warning);
    expect(row.checkedBy).toBe(reason === 'system-roots' ? 'gateway' : 'nobody');
  });

  test('a certificate that is demanded and not shown', () => {
    const row = find(whoChecksWhom(link({ ...none, ca: 'pki/a.pem' })), 'gateway-tablet', 'dialler');
    expect(row).toMatchObject({ reason: 'nothing-shown', shows: null });
    expect(row.warning).toMatch(/link fails/);
  });

  test('a tablet that asks for nothing', () => {
    const [tablet] = shop.tablets;
    const tls = tablet?.grpc.tls ?? null;
    const row = find(whoChecksWhom(tabletTls(tls && { ...tls, clientCa: null })), 'gateway-tablet', 'dialler');
    expect(row).toMatchObject({ checkedBy: 'nobody', reason: 'not-asked' });
    expect(row.warning).toMatch(/claim any caller/);
  });

  test.each(['optionalTls', 'requireSecureTransport'])('%s leaves a way past the certificate', (setting) => {
    const topology = changed(shop, {
      gateways: (list) =>
        list.map((item) => ({
          ...item,
          mysql: item.mysql && { ...item.mysql, requireSecureTransport: setting !== 'requireSecureTransport' },
          grpc: item.grpc && { ...item.grpc, optionalTls: setting === 'optionalTls' },
        })),
    });
    const kind = setting === 'optionalTls' ? 'client-gateway-grpc' : 'client-gateway-mysql';
    expect(find(whoChecksWhom(topology), kind, 'dialler', 'certs').warning).toContain(setting);
  });

  test('an external MySQL without TLS', () => {
    const topology = changed(shop, {
      backends: (list) =>
        list.map(({ name }) => ({
          kind: 'external',
          name,
          host: 'db',
          port: 3306,
          user: 'u',
          passwordSecret: 'p',
          tls: null,
        })),
    });
    expect(find(whoChecksWhom(topology), 'tablet-backend', 'listener')).toMatchObject({
      reason: 'plain',
      checkedBy: 'nobody',
    });
  });

  test('an empty topology has no links', () => {
    expect(whoChecksWhom({ ...shop, gateways: [], tablets: [], backends: [], keyspaces: [] })).toEqual([]);
  });
});
