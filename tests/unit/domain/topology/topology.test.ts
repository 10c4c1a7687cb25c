import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findOpenDoors, readTopology, type Topology } from '../../../../src-main/domain/topology';

type Json = { [key: string]: unknown };
const sample = (name: string): Buffer =>
  readFileSync(new URL(`../../../../resources/samples/${name}/gatehouse.json`, import.meta.url));
const shop = (): Json => JSON.parse(sample('shop').toString()) as Json;
const read = (value: unknown) => readTopology(Buffer.from(JSON.stringify(value, null, 1)), 'gatehouse.json');
/** The shop with the value at `path` replaced (undefined: taken out). */
const changed = (path: string, value: unknown): Json => {
  const document = shop();
  const keys = path.split('.');
  let at = document;
  for (const key of keys.slice(0, -1)) at = at[key] as Json;
  const last = keys.at(-1) ?? '';
  if (value === undefined) delete at[last];
  else at[last] = value;
  return document;
};
const second = (list: string, change: Json): Json => {
  const document = shop();
  const [first] = document[list] as Json[];
  return { ...document, [list]: [...(document[list] as Json[]), { ...first, ...change }] };
};

describe('a fault of gatehouse.json', () => {
  test.each<[string, RegExp, Json]>([
    ['type', /a list stands where "?.*text/, changed('gateways.0.mysql.usersFile', [])],
    ['type', /true or false/, changed('tablets.0.acl.strict', 'yes')],
    ['type', /whole number from 0 to 65535/, changed('gateways.0.mysql.listen', { port: 65_536 })],
    ['type', /one of "24\.0\.4"/, changed('vitess', '25')],
    ['missing-key', /"auth" is missing/, changed('gateways.0.mysql.auth', undefined)],
    ['missing-key', /"keyspaces" is missing/, changed('keyspaces', undefined)],
    ['unknown-key', /"colour"/, changed('gateways.0.colour', 'red')],
    ['unknown-key', /"toString"/, changed('gateways.0.toString', 'red')],
    ['path', /leaves the workspace/, changed('gateways.0.mysql.usersFile', '../users.json')],
    ['path', /leaves the workspace/, changed('tablets.0.acl.file', '/etc/passwd')],
    ['path', /leaves the workspace/, changed('tablets.0.acl.file', 'C:\\acl.json')],
    ['path', /leaves the workspace/, changed('tablets.0.acl.file', '')],
    ['path', /leaves the workspace/, changed('keyspaces.0.schemaFile', 'a/../../b')],
    ['name', /is no name/, changed('gateways.0.name', '../x')],
    ['name', /is no name/, changed('name', '')],
    ['alias', /is no tablet alias/, changed('tablets.0.alias', 'zone1')],
    ['database', /needs no quoting/, changed('keyspaces.0.database', 'a`b')],
    ['newer-schema', /newer Gatehouse \(schema 2/, changed('schema', 2)],
    ['duplicate-name', /two gateways are called "main"/, second('gateways', { name: 'main' })],
    ['duplicate-name', /two tablets are called/, second('tablets', {})],
    ['duplicate-name', /two keyspaces are called/, second('keyspaces', {})],
    ['duplicate-name', /two backends are called/, second('backends', {})],
    ['unknown-keyspace', /serves "none"/, changed('tablets.0.keyspace', 'none')],
    ['unknown-shard', /has no shard "-80"/, changed('tablets.0.shard', '-80')],
    ['unknown-backend', /uses backend "none"/, changed('tablets.0.backend', 'none')],
    ['no-grpc-users', /tablet zone1-100/, changed('tablets.0.grpc.authMode', 'static')],
    ['no-grpc-users', /gateway main/, changed('gateways.0.grpc.usersFile', undefined)],
    ['no-users-file', /gateway main/, changed('gateways.0.mysql.usersFile', null)],
    ['no-client-ca', /asks for none/, changed('gateways.1.mysql.tls', null)],
    ['deaf-gateway', /listens to nothing/, second('gateways', { name: 'deaf', mysql: null, grpc: null })],
    [
      'crl-without-ca',
      /gateway main's gRPC listener/,
      changed('gateways.0.grpc.tls', { cert: 'c', key: 'k', crl: 'l' }),
    ],
    ['crl-without-ca', /tablet zone1-100/, changed('tablets.0.grpc.tls', { cert: 'c', key: 'k', crl: 'l' })],
    [
      'port-twice',
      /127\.0\.0\.1:3306/,
      changed('gateways.0', {
        ...(shop()['gateways'] as Json[])[0],
        mysql: { ...((shop()['gateways'] as Json[])[0]?.['mysql'] as Json), listen: { port: 3306 } },
        grpc: { listen: { port: 3306 } },
      }),
    ],
  ])('%s %s', (code, words, document) => {
    const { topology, findings } = read(document);
    expect(topology).toBeNull();
    expect(findings.map((finding) => finding.code)).toEqual([`topology.${code}`]);
    const [finding] = findings;
    expect(finding?.message).toMatch(words);
    expect(finding).toMatchObject({ level: 'error', file: 'gatehouse.json', remedy: expect.stringMatching(/.+/) });
    expect(finding?.line).toBeGreaterThan(0);
    expect(finding?.column).toBeGreaterThan(0);
  });

  test.each<[string, string, number, number]>([
    ['syntax', '{\n  "schema": 1,\n  oops\n}', 3, 3],
    ['syntax', '', 1, 1],
    ['trailing', `${JSON.stringify(shop())}\n\n  more`, 3, 3],
    [
      'duplicate-key',
      '{\n "schema": 1,\n "name": "x",\n "name": "y",\n "keyspaces": [], "backends": [], "tablets": [], "gateways": []}',
      4,
      2,
    ],
  ])('%s has its place', (code, text, line, column) => {
    const { topology, findings } = readTopology(Buffer.from(text), 'gatehouse.json');
    expect(topology).toBeNull();
    expect(findings).toEqual([expect.objectContaining({ code: `topology.${code}`, line, column })]);
  });

  test('bytes that are no text', () => {
    expect(readTopology(Buffer.from([0x7b, 0xff, 0x7d]), 'f').findings[0]?.code).toBe('topology.encoding');
  });

  test('all faults are found at once', () => {
    const document = changed('gateways.0.mysql.auth', 'magic');
    const [tablet] = document['tablets'] as Json[];
    document['tablets'] = [{ ...tablet, alias: 'x', colour: 1 }];
    document['cell'] = 7;
    delete document['backends'];
    expect(read(document).findings.map(({ code }) => code)).toEqual([
      'topology.type',
      'topology.alias',
      'topology.unknown-key',
      'topology.type',
      'topology.missing-key',
    ]);
    // What only shows when the parts are compared comes all at once too.
    const compared = changed('tablets.0.keyspace', 'none');
    (compared['gateways'] as Json[]).push({ name: 'main' });
    (compared['tablets'] as Json[])[0]!['backend'] = 'none';
    expect(
      read(compared)
        .findings.map(({ code }) => code)
        .sort(),
    ).toEqual([
      'topology.deaf-gateway',
      'topology.duplicate-name',
      'topology.unknown-backend',
      'topology.unknown-keyspace',
    ]);
  });

  test('whatever the bytes are: a topology or findings, never both, never a crash', () => {
    const source = sample('shop');
    const damaged = fc
      .tuple(fc.nat(source.length - 1), fc.nat(20), fc.uint8Array({ maxLength: 12 }))
      .map(([at, cut, put]) => Buffer.concat([source.subarray(0, at), Buffer.from(put), source.subarray(at + cut)]));
    const keys = ['schema', 'name', 'gateways', 'tablets', '__proto__', 'constructor', 'mysql', 'grpc', 'tls'];
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 0, 1, -1, 'x', '', '..', 'static'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 4 }),
      ),
    })).value;
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
      damaged,
      tree.map((value) => Buffer.from(JSON.stringify(value))),
    );
    let sound = 0;
    fc.assert(
      fc.property(bytes, (input) => {
        const { topology, findings } = readTopology(input, 'gatehouse.json');
        expect(topology === null).toBe(findings.length > 0);
        if (topology !== null) {
          sound += 1;
          for (const finding of findOpenDoors(topology, 'gatehouse.json')) expect(finding.level).toBe('warning');
        }
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 10_000) },
    );
    expect(sound).toBeGreaterThan(0);
  });
});

describe('doors that are left open', () => {
  const doors = (document: Json): [string, boolean][] => {
    const { topology, findings } = read(document);
    if (topology === null) throw new Error(JSON.stringify(findings));
    return findOpenDoors(topology, 'gatehouse.json').map(({ code, line }) => [
      code.slice('topology.'.length),
      line > 0,
    ]);
  };
  const mysql = 'gateways.0.mysql';
  const grpc = 'gateways.1.grpc';
  const link = 'gateways.0.tabletLink';

  test('in the shop only the claimed name of its batch program', () =>
    expect(doors(shop())).toEqual([['claimed-callers', true]]));

  test.each<[string, string, unknown]>([
    ['auth-none', `${mysql}.auth`, 'none'],
    ['tls-not-required', `${mysql}.requireSecureTransport`, false],
    ['tls-not-required', 'gateways.1.mysql.requireSecureTransport', false],
    ['clear-password', `${mysql}.allowClearTextWithoutTls`, true],
    ['proxy-protocol', `${mysql}.proxyProtocol`, true],
    ['kill-for-everybody', 'gateways.0.statements', { allowKill: true }],
    ['optional-tls-with-ca', `${grpc}.optionalTls`, true],
    ['grpc-tls-optional', 'gateways.0.grpc.optionalTls', true],
    ['groups-alone', `${grpc}.useEffectiveCallerId`, false],
    ['mtls-empty-substring', `${grpc}.authMode`, 'mtls'],
    ['link-plaintext', link, null],
    ['link-silently-plaintext', link, { serverName: 'x' }],
    ['link-without-ca', link, { cert: 'c-cert.pem', key: 'c-key.pem', serverName: 'x' }],
    ['link-half-pair', link, { ca: 'pki/root/ca-cert.pem', cert: 'c-cert.pem' }],
    ['tablet-plaintext', 'tablets.0.grpc.tls', null],
    ['tablet-open', 'tablets.0.grpc.tls', { cert: 'c', key: 'k' }],
    ['no-acl', 'tablets.0.acl', {}],
    ['no-acl', 'tablets.0.acl', { strict: true }],
    ['strict-off', 'tablets.0.acl.strict', false],
    ['dry-run', 'tablets.0.acl.dryRun', true],
    ['acl-not-enforced', 'tablets.0.acl.enforce', false],
    ['exempt', 'tablets.0.acl.exempt', 'operations'],
    ['exempt', 'tablets.0.acl.exempt', 'gRPC'],
  ])('%s: %s = %j', (code, path, value) => {
    const found = doors(changed(path, value));
    expect(found).toContainEqual([code, true]);
    // One setting opens one door.
    expect(found.filter(([name]) => name !== code)).toEqual([['claimed-callers', true]]);
  });

  test('without TLS several doors are open at once', () => {
    expect(doors(changed(`${mysql}.tls`, null)).map(([code]) => code)).toEqual(
      expect.arrayContaining(['mysql-plaintext', 'require-without-tls']),
    );
    const clear = doors(changed(`${grpc}.tls`, null)).map(([code]) => code);
    expect(clear).toEqual(['claimed-callers', 'grpc-plaintext', 'claimed-callers']);
    const mtls = changed(`${grpc}.authMode`, 'mtls');
    ((mtls['gateways'] as Json[])[1]?.['grpc'] as Json)['tls'] = null;
    expect(doors(mtls).map(([code]) => code)).toContain('mtls-without-ca');
  });

  test('a topology that was never a file has no places, and is examined all the same', () => {
    const { topology } = read(changed(`${mysql}.auth`, 'none'));
    const bare = JSON.parse(JSON.stringify(topology), (key, value: unknown) =>
      key === 'place' ? undefined : value,
    ) as Topology;
    expect(findOpenDoors(bare, 'f').map(({ code, line }) => [code, line])).toContainEqual(['topology.auth-none', 0]);
  });
});
