import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { flagsOf } from '../../../../src-main/domain/exports';
import { readTopology } from '../../../../src-main/domain/topology';

type Json = { [key: string]: unknown };
const shop = (): Json =>
  JSON.parse(
    readFileSync(new URL('../../../../resources/samples/shop/gatehouse.json', import.meta.url), 'utf8'),
  ) as Json;
const flags = (document: Json): Map<string, string[]> => {
  const { topology, findings } = readTopology(Buffer.from(JSON.stringify(document)), 'gatehouse.json');
  if (topology === null) throw new Error(JSON.stringify(findings));
  return flagsOf(topology, (path) => `/w/${path}`);
};
const set = (path: string, value: unknown): Json => {
  const document = shop();
  const keys = path.split('.');
  let at = document;
  for (const key of keys.slice(0, -1)) at = at[key] as Json;
  at[keys.at(-1) ?? ''] = value;
  return document;
};

/** vitess-behaviour §10: what each setting adds to the flags of its program, and that it takes nothing else along. */
describe('each setting and its flags', () => {
  const base = flags(shop());
  test.each<[string, string, unknown, string[], string[]]>([
    [
      'vtgate main',
      'gateways.0.mysql.listen',
      { host: '::1', port: 15306 },
      ['--mysql-server-port=15306', '--mysql-server-bind-address=::1'],
      ['--mysql-server-port=0', '--mysql-server-bind-address=127.0.0.1'],
    ],
    ['vtgate main', 'gateways.0.mysql.unixSocket', false, [], ['--mysql-server-socket-path=/w/main.sock']],
    [
      'vtgate main',
      'gateways.0.mysql.auth',
      'none',
      ['--mysql-auth-server-impl=none'],
      [
        '--mysql-auth-server-impl=static',
        '--mysql-auth-server-static-file=/w/users.json',
        '--mysql-auth-static-reload-interval=30s',
      ],
    ],
    [
      'vtgate main',
      'gateways.0.mysql.tls',
      null,
      [],
      [
        '--mysql-server-ssl-cert=/w/pki/gateways/main-cert.pem',
        '--mysql-server-ssl-key=/w/pki/gateways/main-key.pem',
        '--mysql-server-tls-min-version=TLSv1.2',
      ],
    ],
    [
      'vtgate main',
      'gateways.0.mysql.tls.minVersion',
      'TLSv1.3',
      ['--mysql-server-tls-min-version=TLSv1.3'],
      ['--mysql-server-tls-min-version=TLSv1.2'],
    ],
    ['vtgate main', 'gateways.0.mysql.tls.serverCa', 'c.pem', ['--mysql-server-ssl-server-ca=/w/c.pem'], []],
    ['vtgate main', 'gateways.0.mysql.requireSecureTransport', false, [], ['--mysql-server-require-secure-transport']],
    ['vtgate main', 'gateways.0.mysql.allowClearTextWithoutTls', true, ['--mysql-allow-clear-text-without-tls'], []],
    ['vtgate main', 'gateways.0.mysql.proxyProtocol', true, ['--proxy-protocol'], []],
    [
      'vtgate main',
      'gateways.0.mysql.usersReloadSeconds',
      5,
      ['--mysql-auth-static-reload-interval=5s'],
      ['--mysql-auth-static-reload-interval=30s'],
    ],
    ['vtgate main', 'gateways.0.mysql.usersReloadSeconds', 0, [], ['--mysql-auth-static-reload-interval=30s']],
    ['vtgate main', 'gateways.0.mysql.readTimeoutMs', 1500, ['--mysql-server-read-timeout=1500ms'], []],
    ['vtgate main', 'gateways.0.mysql.writeTimeoutMs', 1500, ['--mysql-server-write-timeout=1500ms'], []],
    ['vtgate main', 'gateways.0.statements', { allowKill: true }, ['--allow-kill-statement'], []],
    ['vtgate main', 'gateways.0.statements', { queryTimeoutMs: 50 }, ['--mysql-server-query-timeout=50ms'], []],
    ['vtgate main', 'gateways.0.statements', { maxMemoryRows: 10 }, ['--max-memory-rows=10'], []],
    ['vtgate main', 'gateways.0.statements', { databaseDdl: 'noop' }, ['--dbddl-plugin=noop'], []],
    ['vtgate main', 'gateways.0.statements', { directDdl: false }, ['--enable-direct-ddl=false'], []],
    ['vtgate main', 'gateways.0.statements', { onlineDdl: false }, ['--enable-online-ddl=false'], []],
    ['vtgate main', 'gateways.0.statements', { foreignKeys: 'disallow' }, ['--foreign-key-mode=disallow'], []],
    ['vtgate main', 'gateways.0.statements', { terseErrors: true }, ['--vtgate-config-terse-errors'], []],
    ['vttablet zone1-100', 'tablets.0.acl.reloadSeconds', 7, ['--table-acl-config-reload-interval=7s'], []],
    ['vtgate certs', 'gateways.1.mysql.clientCertMethod', 'dialog', ['--mysql-clientcert-auth-method=dialog'], []],
    ['vtgate certs', 'gateways.1.mysql.tls.crl', null, [], ['--mysql-server-ssl-crl=/w/pki/callers/crl.pem']],
    ['vtgate certs', 'gateways.1.grpc.tls.crl', null, [], ['--grpc-crl=/w/pki/callers/crl.pem']],
    ['vtgate main', 'gateways.0.grpc.listen', { port: 15991 }, ['--grpc-port=15991'], ['--grpc-port=0']],
    [
      'vtgate main',
      'gateways.0.grpc',
      null,
      [],
      [
        '--service-map=grpc-vtgateservice',
        '--grpc-port=0',
        '--grpc-bind-address=127.0.0.1',
        '--grpc-cert=/w/pki/gateways/main-cert.pem',
        '--grpc-key=/w/pki/gateways/main-key.pem',
        '--grpc-auth-mode=static',
        '--grpc-auth-static-password-file=/w/grpc-users.json',
        '--grpc-use-effective-callerid',
      ],
    ],
    [
      'vtgate main',
      'gateways.0.grpc.authMode',
      'none',
      [],
      ['--grpc-auth-mode=static', '--grpc-auth-static-password-file=/w/grpc-users.json'],
    ],
    ['vtgate main', 'gateways.0.grpc.optionalTls', true, ['--grpc-enable-optional-tls'], []],
    ['vtgate main', 'gateways.0.grpc.tls.clientCa', 'c.pem', ['--grpc-ca=/w/c.pem'], []],
    ['vtgate main', 'gateways.0.grpc.tls.serverCa', 'c.pem', ['--grpc-server-ca=/w/c.pem'], []],
    ['vtgate main', 'gateways.0.grpc.useEffectiveCallerId', false, [], ['--grpc-use-effective-callerid']],
    ['vtgate main', 'gateways.0.grpc.useEffectiveGroups', true, ['--grpc-use-effective-groups'], []],
    [
      'vtgate main',
      'gateways.0.grpc.useStaticAuthenticationCallerId',
      true,
      ['--grpc-use-static-authentication-callerid'],
      [],
    ],
    ['vtgate main', 'gateways.0.tabletLink.crl', 'c.pem', ['--tablet-grpc-crl=/w/c.pem'], []],
    [
      'vtgate main',
      'gateways.0.tabletLink.serverName',
      null,
      [],
      ['--tablet-grpc-server-name=tablet-100.shop.internal'],
    ],
    ['vtgate main', 'gateways.0.tabletCredentialsFile', 'c.json', ['--grpc-auth-static-client-creds=/w/c.json'], []],
    ['vttablet zone1-100', 'tablets.0.grpc.tls.crl', 'c.pem', ['--grpc-crl=/w/c.pem'], []],
    ['vttablet zone1-100', 'tablets.0.acl.enforce', false, [], ['--enforce-tableacl-config']],
    ['vttablet zone1-100', 'tablets.0.acl.strict', false, [], ['--queryserver-config-strict-table-acl']],
    ['vttablet zone1-100', 'tablets.0.acl.dryRun', true, ['--queryserver-config-enable-table-acl-dry-run'], []],
    ['vttablet zone1-100', 'tablets.0.acl.exempt', 'ops', ['--queryserver-config-acl-exempt-acl=ops'], []],
    ['vttablet zone1-100', 'tablets.0.acl.file', null, [], ['--table-acl-config=/w/acl.json']],
    [
      'vttablet zone1-100',
      'backends.0',
      { kind: 'external', name: 'local', host: 'db', passwordSecret: 's' },
      ['--db-host=db', '--db-port=3306', '--db-app-user=vt_app', '--db-ssl-mode=disabled'],
      [],
    ],
    [
      'vttablet zone1-100',
      'backends.0',
      {
        kind: 'external',
        name: 'local',
        host: 'db',
        passwordSecret: 's',
        tls: { ca: 'c', cert: 'd', key: 'k', serverName: 'n' },
      },
      [
        '--db-host=db',
        '--db-port=3306',
        '--db-app-user=vt_app',
        '--db-ssl-mode=verify_identity',
        '--db-ssl-ca=/w/c',
        '--db-ssl-cert=/w/d',
        '--db-ssl-key=/w/k',
        '--db-server-name=n',
      ],
      [],
    ],
  ])('%s: %s = %j', (program, path, value, added, removed) => {
    const before = base.get(program) ?? [];
    const after = flags(set(path, value)).get(program) ?? [];
    expect(after.filter((flag) => !before.includes(flag))).toEqual(added);
    expect(before.filter((flag) => !after.includes(flag))).toEqual(removed);
  });

  test('mtls authorisation names its substrings, joined by colons', () => {
    const document = set('gateways.1.grpc.authMode', 'mtls');
    ((document['gateways'] as Json[])[1]?.['grpc'] as Json)['allowedSubstrings'] = ['CN=a', 'CN=b'];
    const all = flags(document).get('vtgate certs') ?? [];
    expect(all).toEqual(
      expect.arrayContaining(['--grpc-auth-mode=mtls', '--grpc-auth-mtls-allowed-substrings=CN=a:CN=b']),
    );
  });

  test('never a secret, never a setting that is not Vitess’s own', () => {
    for (const list of base.values())
      for (const flag of list) {
        expect(flag).toMatch(/^--[a-z0-9]+(-[a-z0-9]+)*(=.*)?$/);
        expect(flag).not.toMatch(/password=|fidelity|gatehouse/);
      }
  });
});
