import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import {
  exportedCluster,
  exportEntries,
  withFixedPorts,
  type ExportedProgram,
} from '../../../../src-main/domain/exports';
import { checkFlags, vitessMajors, type VitessMajor } from '../../../../src-main/domain/flags';
import { readTopology, type Topology } from '../../../../src-main/domain/topology';

const sample = (name: string): Topology => {
  const { topology } = readTopology(
    readFileSync(new URL(`../../../../resources/samples/${name}/gatehouse.json`, import.meta.url)),
    'gatehouse.json',
  );
  if (topology === null) throw new Error(name);
  return topology;
};
const programs = (topology: Topology, version: VitessMajor): readonly ExportedProgram[] =>
  exportedCluster(topology, { version, at: (path) => `/w/${path}`, topo: 'etcd:2379' }).programs;

/** Everything that a topology can say at once. */
const everything = (): Topology => {
  const shop = sample('shop');
  const tls = {
    cert: 'c.pem',
    key: 'k.pem',
    clientCa: 'a.pem',
    crl: 'r.pem',
    serverCa: 's.pem',
    minVersion: 'TLSv1.3',
  } as const;
  const link = { ca: 'a.pem', cert: 'c.pem', key: 'k.pem', crl: 'r.pem', serverName: 'vttablet server instance' };
  return {
    ...shop,
    backends: [
      { kind: 'external', name: 'local', host: 'db', port: 3306, user: 'vt', passwordSecret: 'db', tls: link },
    ],
    tablets: shop.tablets.map((tablet) => ({
      ...tablet,
      grpc: { ...tablet.grpc, tls, authMode: 'static', usersFile: 'grpc-users.json' },
      acl: { file: 'acl.json', enforce: true, strict: true, dryRun: true, exempt: 'dba', reloadSeconds: 5 },
    })),
    gateways: [
      {
        ...shop.gateways[0]!,
        mysql: {
          ...shop.gateways[0]!.mysql!,
          tls,
          allowClearTextWithoutTls: true,
          proxyProtocol: true,
          requireSecureTransport: true,
          unixSocket: true,
        },
        grpc: {
          ...shop.gateways[0]!.grpc!,
          tls,
          optionalTls: true,
          authMode: 'mtls',
          allowedSubstrings: ['CN=a', 'b'],
          useEffectiveGroups: true,
          useStaticAuthenticationCallerId: true,
        },
        tabletLink: link,
        tabletCredentialsFile: 'creds.json',
      },
      {
        ...shop.gateways[1]!,
        mysql: { ...shop.gateways[1]!.mysql!, clientCertMethod: 'dialog' },
        grpc: { ...shop.gateways[1]!.grpc!, authMode: 'static', usersFile: 'grpc-users.json' },
      },
    ],
  };
};

describe('exported flags', () => {
  test.each(
    vitessMajors.flatMap((version) =>
      ['reference', 'user-guide', 'shop', 'everything'].map((name) => [version, name] as const),
    ),
  )('%s takes every name for %s, and none twice', (version, name) => {
    const topology = name === 'everything' ? everything() : sample(name);
    for (const { program, flags } of programs(topology, version)) {
      const report = checkFlags([program, ...flags].join('\0'), { component: program, versions: [version] });
      if (!report.ok) throw new Error(report.failure.code);
      const [command] = report.value.commands;
      expect(command?.flags).toHaveLength(flags.length);
      expect(command?.flags.filter(({ verdicts }) => verdicts[version].status !== 'taken')).toEqual([]);
      expect(command?.starts).toContain(version);
      expect(command?.findings.filter(({ code }) => /repeated|stray|value/.test(code))).toEqual([]);
    }
  });

  it('are spelled with underscores for 22 and with dashes from 23 on', () => {
    const of = (version: VitessMajor): readonly string[] => programs(sample('shop'), version)[1]!.flags;
    expect(of('22')).toContain('--mysql_server_ssl_cert=/w/pki/gateways/main-cert.pem');
    expect(of('23')).toContain('--mysql-server-ssl-cert=/w/pki/gateways/main-cert.pem');
    expect(of('24')).toEqual(of('23'));
    const tablet = programs(sample('shop'), '22')[0]!.flags;
    expect(tablet).toContain('--table-acl-config=/w/acl.json');
    expect(tablet).toContain('--grpc_ca=/w/pki/tablet-clients/ca-cert.pem');
  });

  it('come in the order in which the programs start: vtgate waits for its tablets', () => {
    expect(programs(sample('shop'), '24').map(({ program }) => program)).toEqual(['vttablet', 'vtgate', 'vtgate']);
  });

  it('take every port from the caller who asks for it', () => {
    let port = 30_000;
    const { topology, programs: given } = exportedCluster(sample('shop'), {
      ...{ version: '24', at: (path) => path, topo: 'etcd:2379' },
      nextPort: () => (port += 1),
    });
    const ports = given.flatMap(({ flags }) => flags.flatMap((flag) => /^--[a-z-]*port=(\d+)$/.exec(flag)?.[1] ?? []));
    expect(new Set(ports).size).toBe(ports.length);
    expect(ports.every((one) => Number(one) > 30_000)).toBe(true);
    expect(ports).toContain(String(topology.tablets[0]?.grpc.listen.port));
  });

  it('have what only a real program needs', () => {
    const [tablet, gateway] = programs(sample('shop'), '24');
    expect(gateway?.flags).toEqual(
      expect.arrayContaining([
        '--cell=zone1',
        '--tablet-types-to-wait=PRIMARY',
        '--topo-global-server-address=etcd:2379',
      ]),
    );
    expect(tablet?.flags).toEqual(expect.arrayContaining(['--tablet-path=zone1-100', '--tablet-hostname=127.0.0.1']));
    for (const { flags } of programs(sample('shop'), '24')) {
      expect(flags).toContain('--security-policy=read-only');
      expect(flags).toContain('--bind-address=127.0.0.1');
    }
  });

  it('log in to somebody else’s MySQL with its user and never with a password on the command line', () => {
    const flags = programs(everything(), '24')[0]!.flags;
    expect(flags).toContain('--db-credentials-file=/w/db-credentials-local.json');
    for (const user of ['app', 'dba', 'allprivs', 'filtered', 'repl']) expect(flags).toContain(`--db-${user}-user=vt`);
    expect(flags.filter((flag) => flag.includes('password'))).toEqual([
      '--grpc-auth-static-password-file=/w/grpc-users.json',
    ]);
  });
});

describe('ports', () => {
  it('are fixed where the workspace leaves them free, and never meet', () => {
    const shop = sample('shop');
    const given: Topology = {
      ...shop,
      gateways: shop.gateways.map((gateway, index) =>
        index === 0 ? { ...gateway, grpc: { ...gateway.grpc!, listen: { host: '127.0.0.1', port: 15306 } } } : gateway,
      ),
    };
    const { topology, pages } = withFixedPorts(given);
    expect(topology.gateways[0]?.grpc?.listen.port).toBe(15306);
    const all = [
      ...topology.gateways.flatMap(({ mysql, grpc }) => [mysql?.listen.port, grpc?.listen.port]),
      ...topology.tablets.map(({ grpc }) => grpc.listen.port),
      ...pages.gateways.values(),
      ...pages.tablets.values(),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(all).not.toContain(0);
  });
});

describe('exported files', () => {
  it('are those that a flag names, and MySQL’s own', () => {
    const flags = programs(everything(), '24')
      .flatMap((program) => program.flags)
      .join('\n');
    for (const { path } of exportEntries(everything())) expect(flags).toContain(`/w/${path}`);
    const shop = exportEntries(sample('shop')).map(({ path }) => path);
    expect(shop).toContain('pki/mysql/server-cert.pem');
    expect(shop).not.toContain('schema.sql');
    expect(shop.filter((path) => path.startsWith('pki/callers/'))).toEqual([
      'pki/callers/ca-cert.pem',
      'pki/callers/crl.pem',
    ]);
  });

  it('let nobody else read keys, passwords and hashes', () => {
    for (const { path, kind, mode } of exportEntries(everything()))
      expect(mode, path).toBe(['key', 'users', 'grpc-users', 'grpc-credentials'].includes(kind) ? 0o600 : 0o644);
    // A file that is key and certificate at once is a key.
    const both = sample('shop');
    const tls = { ...both.gateways[0]!.mysql!.tls!, cert: 'both.pem', key: 'both.pem' };
    const topology = { ...both, gateways: [{ ...both.gateways[0]!, mysql: { ...both.gateways[0]!.mysql!, tls } }] };
    expect(exportEntries(topology).find(({ path }) => path === 'both.pem')).toMatchObject({ kind: 'key', mode: 0o600 });
  });

  it('leave a revocation list out that no flag names', () => {
    const shop = sample('shop');
    const tls = { ...shop.gateways[1]!.mysql!.tls!, clientCa: null };
    const topology = {
      ...shop,
      gateways: [{ ...shop.gateways[1]!, mysql: { ...shop.gateways[1]!.mysql!, tls }, grpc: null }],
    };
    expect(exportEntries(topology).map(({ kind }) => kind)).not.toContain('crl');
  });
});
