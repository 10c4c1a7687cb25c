import { describe, expect, it, test } from 'vitest';
import { checkFlags, type VitessMajor } from '../../../../src-main/domain/flags';

/** `level code` of what is found. */
const found = (text: string, version: VitessMajor = '24'): string[] => {
  const report = checkFlags(text, { versions: [version] });
  if (!report.ok) throw new Error(report.failure.code);
  return report.value.commands.flatMap(({ findings }) =>
    findings.map(({ level, code }) => `${level} ${code.slice(6)}`),
  );
};

const mysqlTls = '--mysql-server-ssl-cert=c --mysql-server-ssl-key=k';
const grpcTls = '--grpc-cert=c --grpc-key=k --grpc-ca=a';
const link = '--tablet-grpc-ca=a --tablet-grpc-cert=c --tablet-grpc-key=k';
const gate = (flags: string): string => `vtgate ${link} ${flags}`;
const guarded = '--table-acl-config=f --enforce-tableacl-config --queryserver-config-strict-table-acl';
const tablet = (flags: string): string => `vttablet ${guarded} ${flags}`;

describe('settings that hold are passed in silence', () => {
  test.each([
    gate(
      `--mysql-server-port=15306 ${mysqlTls} --mysql-server-ssl-ca=a --mysql-server-ssl-crl=r --mysql-server-require-secure-transport --mysql-server-tls-min-version=TLSv1.3 --mysql-auth-server-impl=static --mysql-auth-server-static-file=u --grpc-port=15991 ${grpcTls} --grpc-crl=r --grpc-auth-mode=mtls --grpc-auth-mtls-allowed-substrings=CN=a:CN=b --port=15001 --security-policy=deny-all`,
    ),
    tablet(
      `--grpc-port=16100 ${grpcTls} --grpc-auth-mode=static --grpc-auth-static-password-file=p --db-host=h --db-ssl-mode=verify_identity --db-ssl-ca=a --db-credentials-file=f --queryserver-config-acl-exempt-acl=dba --table-acl-config-reload-interval=30s`,
    ),
    `vtctld --grpc-port=15999 ${grpcTls} --tablet-manager-grpc-ca=a --topo-etcd-tls-ca=a --topo-etcd-tls-cert=c --topo-etcd-tls-key=k`,
    tablet('--db-socket=/s'),
    gate('--mysql-server-port=-1'),
  ])('%s', (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('settings that fail open are found', () => {
  test.each<[string, string]>([
    [gate(`--mysql-server-ssl-cert=c`), 'error half-a-certificate'],
    [gate(`--mysql-server-ssl-ca=a`), 'error ca-without-certificate'],
    [gate(`--mysql-server-require-secure-transport`), 'error secure-transport-ignored'],
    [gate(`--mysql-server-require-secure-transport --mysql-server-ssl-key=k`), 'error secure-transport-ignored'],
    [gate(mysqlTls), 'warning plain-text-logins'],
    [gate(`${mysqlTls} --mysql-server-require-secure-transport=false`), 'warning plain-text-logins'],
    [gate(`${mysqlTls} --mysql-server-ssl-ca=a`), 'error plain-text-logins'],
    [gate(`${mysqlTls} --mysql-server-ssl-crl=r`), 'error crl-without-ca'],
    [gate('--mysql-server-port=15306 --mysql-auth-server-static-file=u'), 'warning mysql-plain-text'],
    [gate(`${mysqlTls} --mysql-server-tls-min-version=TLSv1.0`), 'warning old-tls'],
    [gate(`${mysqlTls} --mysql-server-tls-min-version=SSLv3`), 'error value'],
    [gate(`${mysqlTls} --mysql-server-ssl-ca=a --mysql-server-socket-path=/s`), 'info socket-beside-tls'],
    [gate('--mysql-auth-server-impl=none'), 'error auth-none'],
    [gate('--mysql-auth-server-impl=any'), 'error value'],
    [gate('--mysql-server-port=15306'), 'error static-without-file'],
    [gate('--mysql-auth-server-impl=clientcert'), 'error clientcert-without-ca'],
    [gate('--mysql-auth-server-impl=none --mysql-auth-server-static-file=f'), 'error users-file-ignored'],
    [
      gate(`--mysql-server-port=15306 ${mysqlTls} --mysql-server-ssl-ca=a --mysql-clientcert-auth-method=other`),
      'error value',
    ],
    [
      gate("--mysql-server-port=1 --mysql-auth-server-static-file=f --mysql-auth-server-static-string='{}'"),
      'error two-sources-of-users',
    ],
    [gate('--mysql-server-port=1 --mysql-auth-server-impl=none --mysql-tcp-version=udp'), 'error value'],
    [gate('--mysql-server-port=1 --mysql-auth-server-impl=none --mysql-default-workload=none'), 'error value'],
    [gate("--mysql-auth-server-static-string='{}'"), 'warning users-on-command-line'],
    [gate('--mysql-allow-clear-text-without-tls'), 'error clear-text-passwords'],
    [gate('--proxy-protocol'), 'warning proxy-protocol'],
    [gate('--vschema-ddl-authorized-users=%'), 'warning vschema-everybody'],
    [gate('--enable-binlog-dump --binlog-dump-authorized-users=%'), 'error binlog-everybody'],
    [gate('--allow-kill-statement'), 'info kill'],
    [gate('--grpc-port=15991'), 'warning grpc-plain-text'],
    [tablet('--grpc-port=16100'), 'error grpc-plain-text'],
    [tablet('--grpc-cert=c'), 'error half-a-certificate'],
    [tablet('--grpc-ca=a'), 'error ca-without-certificate'],
    [tablet('--grpc-cert=c --grpc-key=k'), 'error grpc-no-client-ca'],
    [gate('--grpc-cert=c --grpc-key=k'), 'warning grpc-no-client-ca'],
    [tablet('--grpc-cert=c --grpc-key=k --grpc-crl=r'), 'error crl-without-ca'],
    [tablet(`${grpcTls} --grpc-enable-optional-tls`), 'error optional-tls'],
    [gate('--grpc-cert=c --grpc-key=k --grpc-enable-optional-tls'), 'warning optional-tls'],
    [tablet(`${grpcTls} --grpc-auth-mode=mtls`), 'error empty-substring'],
    [tablet(`${grpcTls} --grpc-auth-mode=mtls --grpc-auth-mtls-allowed-substrings=CN=a:`), 'error empty-substring'],
    [tablet('--grpc-auth-mode=mtls --grpc-auth-mtls-allowed-substrings=CN=a'), 'error mtls-without-ca'],
    [tablet(`${grpcTls} --grpc-auth-mode=static`), 'error static-without-file'],
    [tablet('--grpc-auth-mode=static --grpc-auth-static-password-file=f'), 'error grpc-passwords-in-clear'],
    [tablet(`${grpcTls} --grpc-auth-mode=basic`), 'error value'],
    [tablet(`${grpcTls} --grpc-auth-static-password-file=f`), 'error auth-ignored'],
    [tablet(`${grpcTls} --grpc-auth-mtls-allowed-substrings=CN=a`), 'error auth-ignored'],
    [gate('--grpc-use-effective-callerid'), 'error claimed-callers'],
    [gate(`${grpcTls} --grpc-enable-optional-tls --grpc-use-effective-callerid`), 'error claimed-callers'],
    [gate(`${grpcTls} --grpc-use-effective-callerid`), 'info claimed-without-name'],
    [gate('--grpc-use-effective-groups'), 'warning groups-ignored'],
    [gate('--grpc-use-static-authentication-callerid'), 'warning static-name-ignored'],
    ['vtgate --tablet-grpc-server-name=x', 'error server-name-alone'],
    ['vtgate --tablet-grpc-cert=x', 'error half-a-certificate'],
    ['vtgate --tablet-grpc-ca=a --tablet-grpc-cert=x', 'warning half-a-certificate'],
    ['vtgate --tablet-grpc-cert=c --tablet-grpc-key=k', 'warning system-roots'],
    ['vtgate --cell=z', 'warning link-plain-text'],
    ['vtgate --grpc-auth-static-client-creds=f', 'error grpc-passwords-in-clear'],
    [gate('--topo-etcd-tls-ca=a'), 'error etcd-plain-text'],
    ['vttablet --port=0', 'warning no-acl'],
    ['vttablet --table-acl-config=f --enforce-tableacl-config', 'error acl-not-strict'],
    [tablet('--queryserver-config-enable-table-acl-dry-run'), 'error acl-dry-run'],
    ['vttablet --queryserver-config-strict-table-acl', 'warning strict-without-file'],
    ['vttablet --enforce-tableacl-config', 'error enforce-without-file'],
    ['vttablet --table-acl-config=f --queryserver-config-strict-table-acl', 'warning acl-not-enforced'],
    ['vttablet --queryserver-config-acl-exempt-acl=x', 'warning exempt-ignored'],
    [tablet('--queryserver-config-acl-exempt-acl=gRPC'), 'error exempt-everybody'],
    [tablet('--queryserver-config-acl-exempt-acl=a,b'), 'warning exempt-list'],
    [tablet('--table-acl-config-reload-interval=-1s'), 'error value'],
    [tablet('--db-host=h'), 'error database-plain-text'],
    [tablet('--db-host=h --db-ssl-ca=a'), 'error database-plain-text'],
    [tablet('--db-host=h --db-ssl-mode=disabled'), 'error database-plain-text'],
    [tablet('--db-host=h --db-ssl-mode='), 'warning database-unverified'],
    [tablet('--db-host=h --db-ssl-mode=required'), 'warning database-unverified'],
    [tablet('--db-host=h --db-ssl-mode=VERIFY_CA'), 'warning database-any-name'],
    [tablet('--db-host=10.0.0.1 --db-ssl-mode=verify_identity'), 'warning database-address'],
    [tablet('--db-ssl-mode=on'), 'error value'],
    [tablet('--db-app-password=x'), 'warning password-on-command-line'],
    [tablet('--db-ssl-mode=required --db-app-use-ssl=false'), 'warning database-user-plain-text'],
    [tablet('--port=15100'), 'warning open-pages'],
    [tablet('--security-policy=closed'), 'info value'],
    [tablet('--pprof-http'), 'info profiles-open'],
    [tablet('--external-decompressor-use-manifest'), 'warning command-from-backup'],
    [tablet('--enforce-tableacl-config'), 'info repeated'],
    [tablet('--db-socket=/s stray'), 'error stray-word'],
    [tablet('--pprof-http true'), 'error stray-value'],
  ])('%s', (text, expected) => {
    expect(found(text)).toContain(expected);
  });

  it('whatever the spelling', () => {
    expect(found('vtgate --mysql_auth_server_impl=none', '22')).toContain('error auth-none');
  });
});

describe('releases differ', () => {
  it('a client with a CRL alone speaks TLS from 23.0.7 and 24.0.4 on', () => {
    expect(found('vtgate --tablet_grpc_crl=r', '22')).toContain('error crl-without-ca');
    expect(found('vtgate --tablet-grpc-crl=r', '24')).toContain('warning system-roots');
  });

  it('remedies are spelled as the release spells them, and one finding of all releases is told once', () => {
    const report = checkFlags('vtgate --grpc_port=1');
    if (!report.ok) throw new Error(report.failure.code);
    const [command] = report.value.commands;
    expect(command?.findings.filter(({ code }) => code === 'flags.grpc-plain-text')).toMatchObject([
      { versions: ['22', '23', '24'] },
    ]);
    const old = checkFlags('vtgate --grpc_port=1', { versions: ['22'] });
    if (!old.ok) throw new Error(old.failure.code);
    expect(old.value.commands[0]?.findings.find(({ code }) => code === 'flags.grpc-plain-text')?.remedy).toContain(
      '--grpc_cert',
    );
  });
});
