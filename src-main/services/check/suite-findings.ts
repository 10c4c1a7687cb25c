import type { Finding, JsonPlace } from '../../domain/kernel';
import type { Suite } from '../../domain/probes';
import type { Topology } from '../../domain/topology';

/** What a suite is compared with. */
export interface SuiteWorld {
  readonly topology: Topology;
  /** Whether a file of the workspace is there. */
  has(path: string): boolean;
}

/** Names in a suite that the workspace does not have: gateways, listeners, certificates with their keys, CA bundles. */
export function suiteFindings(suite: Suite, file: string, world: SuiteWorld): Finding[] {
  const findings: Finding[] = [];
  const note = (part: object, code: string, message: string, remedy: string): void => {
    const place = (part as { readonly place?: JsonPlace }).place;
    findings.push({
      code: `suite.${code}`,
      level: 'error',
      file,
      line: place?.line ?? 0,
      column: place?.column ?? 0,
      message,
      remedy,
    });
  };
  const needFile = (part: object, path: string | null, what: string): void => {
    if (path !== null && !world.has(path))
      note(part, 'file-missing', `${what} ${path} is not there`, 'Make the file, or mend its name.');
  };
  const needCertificate = (part: object, path: string | null): void => {
    if (path === null) return;
    if (!path.endsWith('-cert.pem')) {
      note(part, 'certificate-name', `${path} is no certificate file`, 'Name a file that ends with -cert.pem.');
      return;
    }
    needFile(part, path, 'the certificate');
    needFile(part, path.replace(/-cert\.pem$/, '-key.pem'), 'the private key');
  };
  needFile(suite, suite.gatewayTrust, 'the CA bundle');
  for (const caller of suite.callers) {
    const gateway = world.topology.gateways.find(({ name }) => name === caller.gateway);
    if (gateway === undefined)
      note(
        caller,
        'unknown-gateway',
        `the caller "${caller.name}" uses the gateway "${caller.gateway}", which gatehouse.json does not have`,
        `Name one of: ${world.topology.gateways.map(({ name }) => name).join(', ') || 'none is defined'}.`,
      );
    else
      for (const way of ['mysql', 'grpc'] as const)
        if (gateway[way] === null && caller.transports.some((transport) => transport.startsWith(way)))
          note(
            caller,
            'no-listener',
            `the caller "${caller.name}" uses ${way} at the gateway "${gateway.name}", which has no such listener`,
            `Give the gateway "${way}", or the caller other transports.`,
          );
    needCertificate(caller, caller.certificate);
  }
  for (const test of suite.admissions) {
    for (const certificate of test.certificates) needCertificate(test, certificate);
    needFile(test, test.trust, 'the CA bundle');
  }
  return findings;
}
