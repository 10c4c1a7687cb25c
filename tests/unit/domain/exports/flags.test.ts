import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flagsOf } from '../../../../src-main/domain/exports';
import { readTopology } from '../../../../src-main/domain/topology';

const flags = (sample: string): Map<string, string[]> => {
  const { topology } = readTopology(
    readFileSync(new URL(`../../../../resources/samples/${sample}/gatehouse.json`, import.meta.url)),
    'gatehouse.json',
  );
  if (topology === null) throw new Error('no topology');
  return flagsOf(topology, (path) => `/w/${path}`);
};

describe('flags of the reference sample (vitess-behaviour §8.1)', () => {
  it('are those of the three vtgates', () => {
    const link = [
      '--tablet-grpc-ca=/w/pki/vttablet-server/ca-cert.pem',
      '--tablet-grpc-cert=/w/pki/vttablet-client/client-1-cert.pem',
      '--tablet-grpc-key=/w/pki/vttablet-client/client-1-key.pem',
      '--tablet-grpc-server-name=vttablet server instance',
    ];
    const port = ['--service-map=grpc-vtgateservice', '--grpc-port=0', '--grpc-bind-address=127.0.0.1'];
    expect(flags('reference').get('vtgate mutual-tls')).toEqual([
      ...port,
      '--grpc-cert=/w/pki/vtgate-server/instance-cert.pem',
      '--grpc-key=/w/pki/vtgate-server/instance-key.pem',
      '--grpc-ca=/w/pki/vtgate-client/ca-cert.pem',
      ...link,
    ]);
    expect(flags('reference').get('vtgate override')).toEqual([...port, '--grpc-use-effective-callerid', ...link]);
    expect(flags('reference').get('vtgate override-groups')).toEqual([
      ...port,
      '--grpc-use-effective-callerid',
      '--grpc-use-effective-groups',
      ...link,
    ]);
  });

  it('are those of the vttablet', () => {
    const all = flags('reference').get('vttablet zone1-100') ?? [];
    expect(all).toContain('--table-acl-config=/w/acl.json');
    expect(all).toContain('--queryserver-config-strict-table-acl');
    expect(all).toContain('--grpc-ca=/w/pki/vttablet-client/ca-cert.pem');
    expect(all).not.toContain('--enforce-tableacl-config');
  });
});

describe('flags of the shop sample', () => {
  it('never name a certificate without its key, nor a CRL without a CA', () => {
    for (const list of flags('shop').values()) {
      const names = list.map((flag) => flag.replace(/=.*/, ''));
      for (const name of names) {
        if (name.endsWith('-cert')) expect(names).toContain(name.replace(/-cert$/, '-key'));
        if (name.endsWith('-crl')) expect(names).toContain(name.replace(/-crl$/, '-ca'));
      }
    }
  });
});
