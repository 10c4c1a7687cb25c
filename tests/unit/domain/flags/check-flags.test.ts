import { describe, expect, it, test } from 'vitest';
import { checkFlags, type FlagReport, type VitessMajor, type VitessProgram } from '../../../../src-main/domain/flags';

const check = (text: string, component?: VitessProgram, version?: VitessMajor): FlagReport => {
  const report = checkFlags(text, {
    ...(component === undefined ? {} : { component }),
    ...(version === undefined ? {} : { versions: [version] }),
  });
  if (!report.ok) throw new Error(report.failure.code);
  return report.value;
};
const one = (text: string): string[] => {
  const flag = check(text).commands[0]?.flags[0];
  if (flag === undefined) throw new Error('no flag');
  return (['22', '23', '24'] as const).map((version) => {
    const { status, write } = flag.verdicts[version];
    return write === null ? status : `${status} ${write}`;
  });
};

describe('names', () => {
  test.each<[string, string[]]>([
    ['vtgate --grpc_cert=x', ['taken', 'old-spelling --grpc-cert', 'old-spelling --grpc-cert']],
    ['vtgate --grpc-cert=x', ['unknown --grpc_cert', 'taken', 'taken']],
    [
      'vtgate --grpc_use-effective-callerid',
      [
        'unknown --grpc_use_effective_callerid',
        'unknown --grpc-use-effective-callerid',
        'unknown --grpc-use-effective-callerid',
      ],
    ],
    [
      'vtgate --tablet_client_cert=x',
      ['unknown --tablet_grpc_cert', 'unknown --tablet-grpc-cert', 'unknown --tablet-grpc-cert'],
    ],
    [
      'vtgate --tablet_server_ca x',
      ['unknown --tablet_grpc_ca', 'unknown --tablet-grpc-ca', 'unknown --tablet-grpc-ca'],
    ],
    [
      'vttablet --throttler_client_grpc_ca x',
      ['unknown --tablet_manager_grpc_ca', 'unknown --tablet-manager-grpc-ca', 'unknown --tablet-manager-grpc-ca'],
    ],
    ['vtgate --mysql_default_auth_method x', ['unknown', 'unknown', 'unknown']],
    [
      'vtgate --mysql-server-ssl-cer=x',
      ['unknown --mysql_server_ssl_cert', 'unknown --mysql-server-ssl-cert', 'unknown --mysql-server-ssl-cert'],
    ],
    [
      'vttablet --strict-table-acl',
      [
        'unknown --queryserver-config-strict-table-acl',
        'unknown --queryserver-config-strict-table-acl',
        'unknown --queryserver-config-strict-table-acl',
      ].map((text) => text),
    ],
    ['vtgate -grpc_cert=x', ['single-dash --grpc_cert', 'single-dash --grpc-cert', 'single-dash --grpc-cert']],
    ['vtgate --table-acl-config=x', ['other-program', 'other-program', 'other-program']],
    ['vttablet --twopc_enable', ['ignored', 'ignored', 'ignored']],
    [
      'vttablet --watch_replication_stream',
      ['taken', 'old-spelling --watch-replication-stream', 'ignored --track-schema-versions'],
    ],
    ['vtgate --enable-binlog-dump', ['unknown', 'unknown', 'taken']],
    ['vtgate --grpc-send-session-in-streaming', ['deprecated', 'deprecated', 'unknown']],
    ['vtgate --log_dir=/x', ['taken', 'taken', 'deprecated --log-structured']],
    ['vtgate --vtctld_addr=x', ['unknown', 'unknown', 'unknown']],
    ['vtgate --constructor=x', ['unknown', 'unknown', 'unknown']],
    ['vtgate --__proto__=x', ['unknown', 'unknown', 'unknown']],
  ])('%s', (text, expected) => {
    expect(one(text)).toEqual(expected);
  });

  it('say which releases would start', () => {
    expect(check('vtgate --grpc_cert=x --grpc_key=y').commands[0]?.starts).toEqual(['22', '23', '24']);
    expect(check('vtgate --grpc-cert=x --grpc_key=y').commands[0]?.starts).toEqual(['23', '24']);
    expect(check('vtgate --tablet_client_cert=x').commands[0]?.starts).toEqual([]);
    expect(check('vttablet --enforce-tableacl-config false').commands[0]?.starts).toEqual([]);
  });

  it('tell whose flags they are where the text does not', () => {
    expect(check('--table-acl-config=x').commands[0]).toMatchObject({ program: 'vttablet', guessed: true });
    expect(check('--grpc-cert=x').commands[0]).toMatchObject({ program: null, guessed: false });
    expect(check('--grpc-cert=x', 'vtgate').commands[0]).toMatchObject({ program: 'vtgate', guessed: false });
  });

  it('leave out other programs and say so', () => {
    const report = check('vtorc --topo_implementation etcd2\nvtgate --cell z');
    expect(report.commands.map(({ program }) => program)).toEqual(['vtgate']);
    expect(report.notLookedAt).toEqual(['vtorc']);
  });
});

describe('refusals', () => {
  it('name what is too much and what is nothing', () => {
    const code = (text: string): string | undefined => {
      const report = checkFlags(text);
      return report.ok ? undefined : report.failure.code;
    };
    expect(code('x'.repeat(300_000))).toBe('flags.too-long');
    expect(code('vtgate '.concat('--a '.repeat(3_000)))).toBe('flags.too-many');
    expect(code('hello')).toBe('flags.none');
    expect(code('')).toBe('flags.none');
  });
});

describe('what could be a secret is not repeated', () => {
  test.each([
    'vttablet --db_app_password=hunter2 --db_dba_password hunter2',
    'vtgate --mysql_auth_server_static_string \'{"u":[{"Password":"hunter2"}]}\'',
    'vtgate -phunter2 --cell z',
    'vtgate --password hunter2',
    'vtgate --secret=hunter2',
    'vtgate hunter2 --cell z',
    'vttablet --db_app_password --hunter2',
    'vttablet --enforce-tableacl-config hunter2',
    'vtgate --mysql-auth-server-impl=hunter2 --grpc-auth-mode=hunter2 --mysql-server-tls-min-version=hunter2',
    'vttablet --db-ssl-mode=hunter2 --security-policy=hunter2 --queryserver-config-acl-exempt-acl=hunter2,x',
    'extraFlags:\n  db_app_password: hunter2\n',
    'vtgate --hunter2/hunter2==',
  ])('%s', (text) => {
    expect(JSON.stringify(checkFlags(text))).not.toContain('hunter2');
  });
});
