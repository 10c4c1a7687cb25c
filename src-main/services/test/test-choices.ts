import type { TestCaller, TestCertificate, TestGateway, TransportId } from '../../contract/areas/test';
import { parsePem, type ParsedCertificate, type ParsedCrl } from '../../domain/certs';
import type { Gateway } from '../../domain/topology';
import { immediateCallers, type CallerOrigin } from '../callers/immediate-callers';
import type { Workspace } from '../workspace/load-workspace';
import type { SavedPasswords } from './saved-password';

/** The ways in that a gateway's listeners leave open at all, whether or not somebody gets in by them. */
export function transportsOf({ mysql, grpc }: Gateway): TransportId[] {
  return [
    ...(mysql === null
      ? []
      : [
          'mysql-plain' as const,
          ...(mysql.tls === null ? [] : (['mysql-tls', 'mysql-tls-verified', 'mysql-mutual-tls'] as const)),
          ...(mysql.unixSocket ? (['mysql-unix'] as const) : []),
        ]),
    ...(grpc === null
      ? []
      : ['grpc-plain' as const, ...(grpc.tls === null ? [] : (['grpc-tls', 'grpc-mutual-tls'] as const))]),
  ];
}

/** The gateways with what a client may choose about them. */
export function testGateways(workspace: Workspace): TestGateway[] {
  return workspace.topology.gateways.map((gateway) => {
    const path = gateway.mysql?.tls?.cert ?? gateway.grpc?.tls?.cert ?? null;
    const bytes = path === null ? undefined : workspace.files.get(path);
    const [leaf] = bytes === undefined ? [] : parsePem(bytes.toString('utf8'), path ?? '').certificates;
    return {
      name: gateway.name,
      transports: transportsOf(gateway),
      names: leaf === undefined ? [] : [...leaf.dnsNames, ...leaf.ipAddresses],
      auth: gateway.mysql?.auth ?? `gRPC ${gateway.grpc?.authMode ?? 'none'}`,
    };
  });
}

interface Leaf {
  readonly file: string;
  readonly certificate: ParsedCertificate;
}

function leaves(workspace: Workspace): { readonly leaves: readonly Leaf[]; readonly crls: readonly ParsedCrl[] } {
  const found: Leaf[] = [];
  const crls: ParsedCrl[] = [];
  for (const [file, bytes] of [...workspace.files, ...workspace.certificates].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!file.endsWith('.pem') || file.endsWith('-key.pem')) continue;
    const read = parsePem(bytes.toString('utf8'), file);
    crls.push(...read.crls);
    const [first] = read.certificates;
    if (file.endsWith('-cert.pem') && first?.isCa === false) found.push({ file, certificate: first });
  }
  return { leaves: found, crls };
}

/** Every certificate that a caller could show, the faulty ones too, in path order. */
export function testCertificates(workspace: Workspace, now: Date): TestCertificate[] {
  const { leaves: all, crls } = leaves(workspace);
  return all.map(({ file, certificate }) => {
    const revoked = crls.some(
      (crl) => crl.rawIssuer.equals(certificate.rawIssuer) && crl.revoked.has(certificate.serial),
    );
    return {
      file,
      name: certificate.lastCommonName || certificate.dnsNames[0] || certificate.subjectText || file,
      issuer: certificate.issuer.commonName || certificate.issuerText,
      status: revoked
        ? 'revoked'
        : certificate.notAfter < now
          ? 'expired'
          : certificate.notBefore > now
            ? 'not-yet-valid'
            : 'valid',
    };
  });
}

/** Files of authorities that a client may trust. */
export const testAuthorities = (workspace: Workspace): string[] =>
  [...workspace.files, ...workspace.certificates]
    .filter(
      ([file, bytes]) =>
        file.endsWith('.pem') &&
        !file.endsWith('-key.pem') &&
        parsePem(bytes.toString('utf8'), file).certificates[0]?.isCa === true,
    )
    .map(([file]) => file)
    .sort();

const mysqlOrder: readonly TransportId[] = ['mysql-tls-verified', 'mysql-tls', 'mysql-plain', 'mysql-unix'];

/** Everybody who can be tested as: the callers of the tests first, then whoever else the workspace's files make possible. */
export function testCallers(workspace: Workspace, passwords: SavedPasswords, now: Date): TestCaller[] {
  const callers: TestCaller[] = [];
  const taken = new Set<string>();
  const claim = (gateway: string, user: string | null, certificate: string | null, claimed: string | null): boolean => {
    const key = JSON.stringify([gateway, user, certificate, claimed]);
    if (taken.has(key)) return false;
    taken.add(key);
    return true;
  };
  const passwordOf = (gateway: string, user: string | null, overMysql: boolean): TestCaller['password'] =>
    user === null ? 'none' : passwords.sourceFor(workspace, gateway, user, overMysql) === null ? 'typed' : 'saved';

  for (const suite of workspace.suites)
    for (const { name, gateway, user, certificate, claimed, transports } of suite.callers) {
      claim(gateway, user, certificate, claimed?.principal ?? null);
      const overMysql = transports[0]?.startsWith('mysql-') ?? true;
      const certified = overMysql && gatewayOf(workspace, gateway)?.mysql?.auth === 'clientcert';
      callers.push({
        id: `suite:${suite.name}/${name}`,
        name,
        kind:
          claimed !== null
            ? 'claimed'
            : certificate !== null
              ? user !== null && !certified
                ? 'both'
                : 'certificate'
              : user !== null
                ? 'user'
                : 'nobody',
        proof: proofWords(workspace, user, certificate, claimed?.principal ?? null, overMysql),
        gateway,
        user,
        password: certified ? 'none' : passwordOf(gateway, user, overMysql),
        certificate,
        claimed: claimed === null ? null : { principal: claimed.principal, groups: [...claimed.groups] },
        transports: [...transports],
      });
    }
  for (const { caller, origins } of immediateCallers(workspace, now))
    for (const origin of origins) {
      const made = fromOrigin(workspace, origin, caller.username, passwordOf);
      if (made !== null && claim(made.gateway, made.user, made.certificate, null)) callers.push(made);
    }
  for (const gateway of workspace.topology.gateways)
    callers.push({
      id: `nobody:${gateway.name}`,
      name: 'nobody',
      kind: 'nobody',
      proof: `shows nothing, gateway ${gateway.name}`,
      gateway: gateway.name,
      user: null,
      password: 'none',
      certificate: null,
      claimed: null,
      transports: transportsOf(gateway).filter((transport) => !transport.endsWith('mutual-tls')),
    });
  return callers;
}

const gatewayOf = (workspace: Workspace, name: string): Gateway | undefined =>
  workspace.topology.gateways.find((gateway) => gateway.name === name);

function proofWords(
  workspace: Workspace,
  user: string | null,
  certificate: string | null,
  claimed: string | null,
  overMysql: boolean,
): string {
  const ways = [
    ...(user === null ? [] : [`${overMysql ? 'user' : 'gRPC user'} ${user}`]),
    ...(certificate === null ? [] : [`certificate ${certificateName(workspace, certificate)}`]),
    ...(claimed === null ? [] : [`claims ${claimed}`]),
  ];
  return ways.length === 0 ? 'shows nothing' : ways.join(', ');
}

function certificateName(workspace: Workspace, file: string): string {
  const bytes = workspace.files.get(file) ?? workspace.certificates.get(file);
  const [leaf] = bytes === undefined ? [] : parsePem(bytes.toString('utf8'), file).certificates;
  return leaf?.lastCommonName || leaf?.dnsNames[0] || file;
}

function fromOrigin(
  workspace: Workspace,
  origin: CallerOrigin,
  username: string,
  passwordOf: (gateway: string, user: string | null, overMysql: boolean) => TestCaller['password'],
): TestCaller | null {
  const gateway = gatewayOf(workspace, origin.gateway);
  if (gateway === undefined) return null;
  const open = transportsOf(gateway);
  const common = { gateway: gateway.name, claimed: null };
  switch (origin.kind) {
    case 'user':
      return {
        ...common,
        id: `user:${gateway.name}/${origin.user}`,
        name: origin.user,
        kind: 'user',
        proof: `user ${origin.user}`,
        user: origin.user,
        password: passwordOf(gateway.name, origin.user, true),
        certificate: null,
        transports: mysqlOrder.filter((transport) => open.includes(transport)),
      };
    case 'certificate':
      return {
        ...common,
        id: `certificate:${gateway.name}/${origin.over}/${origin.file}`,
        name: username || certificateName(workspace, origin.file),
        kind: 'certificate',
        proof: `certificate ${certificateName(workspace, origin.file)}${origin.refusal === null ? '' : ', refused now'}`,
        user: origin.over === 'mysql' ? username : null,
        password: 'none',
        certificate: origin.file,
        transports: [origin.over === 'mysql' ? 'mysql-mutual-tls' : 'grpc-mutual-tls'],
      };
    case 'grpc-user':
      return {
        ...common,
        id: `grpc-user:${gateway.name}/${origin.user}`,
        name: origin.user,
        kind: 'user',
        proof: `gRPC user ${origin.user}`,
        user: origin.user,
        password: passwordOf(gateway.name, origin.user, false),
        certificate: null,
        transports: open.includes('grpc-tls') ? ['grpc-tls', 'grpc-plain'] : ['grpc-plain'],
      };
    case 'claimed':
    case 'no-authentication':
    case 'unnamed':
      return null;
  }
}
