import { describe, expect, it, test } from 'vitest';
import { flagMeant, knownFlags, readName, spellingIn } from '../../../../src-main/domain/flags';
import {
  bothSpellingsIn22,
  introduced,
  lastKnown,
  neverExisted,
  removedBefore22,
  retired,
} from '../../../../src-main/domain/flags/flag-versions';

describe('the table of flags', () => {
  it('has what each program lists, by release', () => {
    const count = (program: 'vtgate' | 'vttablet' | 'vtctld', since: readonly string[]): number =>
      [...knownFlags.values()].filter((flag) => flag.programs.includes(program) && since.includes(flag.since)).length;
    // 22 lists 224, 390 (without five double spellings) and 159; the hidden ones of vtgate and vttablet come on top.
    expect([count('vtgate', ['22']), count('vttablet', ['22']), count('vtctld', ['22'])]).toEqual([225, 391, 159]);
    expect([count('vtgate', ['23']), count('vttablet', ['23']), count('vtctld', ['23'])]).toEqual([4, 7, 2]);
  });

  it('names in its exceptions only flags that it has', () => {
    for (const name of [
      ...Object.keys(introduced),
      ...Object.keys(lastKnown),
      ...Object.keys(retired),
      ...bothSpellingsIn22,
    ])
      expect(knownFlags.has(name), name).toBe(true);
    for (const { instead } of Object.values(retired)) if (instead !== null) expect(knownFlags.has(instead)).toBe(true);
  });

  it('has none of the names that no release has had, and every one that is offered for them', () => {
    for (const [name, right] of Object.entries(neverExisted)) {
      expect(flagMeant(name), name).toBeUndefined();
      if (right !== null) expect(knownFlags.has(right), right).toBe(true);
    }
    for (const [name, { instead }] of Object.entries(removedBefore22)) {
      expect(flagMeant(name), name).toBeUndefined();
      if (instead !== undefined) expect(knownFlags.has(instead), instead).toBe(true);
    }
  });
});

describe('spelling (vitess-behaviour §0.1)', () => {
  test.each([
    ['grpc-cert', 'grpc_cert'],
    ['mysql-server-ssl-ca', 'mysql_server_ssl_ca'],
    ['tablet-grpc-server-name', 'tablet_grpc_server_name'],
    ['db-ssl-mode', 'db_ssl_mode'],
    ['topo-etcd-tls-ca', 'topo_etcd_tls_ca'],
    // These always had dashes.
    ['queryserver-config-strict-table-acl', 'queryserver-config-strict-table-acl'],
    ['table-acl-config', 'table-acl-config'],
    ['enforce-tableacl-config', 'enforce-tableacl-config'],
    ['db-credentials-file', 'db-credentials-file'],
    ['grpc-use-effective-groups', 'grpc-use-effective-groups'],
    ['tablet-path', 'tablet-path'],
  ])('%s is %s in 22', (name, in22) => {
    const flag = knownFlags.get(name);
    if (flag === undefined) throw new Error(name);
    expect(spellingIn(flag, '22')).toBe(in22);
    expect(spellingIn(flag, '24')).toBe(name);
  });

  test.each([
    ['grpc_cert', '22', 'known'],
    ['grpc-cert', '22', 'unknown'],
    ['grpc-cert', '23', 'known'],
    ['grpc_cert', '23', 'old-spelling'],
    ['grpc_use-effective-callerid', '24', 'unknown'],
    ['table_acl_config', '22', 'unknown'],
    ['table_acl_config', '24', 'old-spelling'],
    ['enable_consolidator', '22', 'known'],
    ['enable-consolidator', '22', 'known'],
    ['log_dir', '24', 'known'],
    ['log-dir', '24', 'unknown'],
    ['reuse-port', '23', 'unknown'],
    ['reuse-port', '24', 'known'],
    ['grpc-send-session-in-streaming', '23', 'known'],
    ['grpc-send-session-in-streaming', '24', 'unknown'],
  ] as const)('--%s in %s is %s', (written, version, reading) => {
    const flag = flagMeant(written);
    if (flag === undefined) throw new Error(written);
    expect(readName(written, flag, version)).toBe(reading);
  });
});
