import { inspectChain, openPrivateKey, parsePem } from '../../domain/certs';
import type { Finding } from '../../domain/kernel';
import type { ClientTls, ServerTls, Topology } from '../../domain/topology';

interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly purpose: 'client' | 'server';
}

/** Every finding about the certificates, keys, bundles and CRLs that a topology names. */
export function certificateFindings(topology: Topology, files: ReadonlyMap<string, Buffer>, now: Date): Finding[] {
  const identities = new Map<string, Identity>();
  const bundles = new Set<string>();
  const crls = new Set<string>();
  const server = (tls: ServerTls | null | undefined): void => {
    if (tls == null) return;
    identities.set(`${tls.cert}\0${tls.key}`, { cert: tls.cert, key: tls.key, purpose: 'server' });
    for (const bundle of [tls.clientCa, tls.serverCa]) if (bundle !== null) bundles.add(bundle);
    if (tls.crl !== null) crls.add(tls.crl);
  };
  const client = (tls: ClientTls | null | undefined): void => {
    if (tls == null) return;
    if (tls.cert !== null && tls.key !== null)
      identities.set(`${tls.cert}\0${tls.key}`, { cert: tls.cert, key: tls.key, purpose: 'client' });
    if (tls.ca !== null) bundles.add(tls.ca);
    if (tls.crl !== null) crls.add(tls.crl);
  };
  for (const gateway of topology.gateways) {
    server(gateway.mysql?.tls);
    server(gateway.grpc?.tls);
    client(gateway.tabletLink);
  }
  for (const tablet of topology.tablets) server(tablet.grpc.tls);
  for (const backend of topology.backends) {
    if (backend.kind === 'external') client(backend.tls);
    else if (backend.tls !== null) {
      identities.set(`${backend.tls.cert}\0${backend.tls.key}`, {
        cert: backend.tls.cert,
        key: backend.tls.key,
        purpose: 'server',
      });
      bundles.add(backend.tls.ca);
    }
  }

  const findings: Finding[] = [];
  const seen = new Set<string>();
  const take = (list: readonly Finding[]): void => {
    for (const finding of list) {
      const id = `${finding.code}\0${finding.file}\0${finding.line}\0${finding.message}`;
      if (!seen.has(id)) findings.push(finding);
      seen.add(id);
    }
  };
  for (const { cert, key, purpose } of identities.values()) {
    const certBytes = files.get(cert);
    const keyBytes = files.get(key);
    if (certBytes === undefined || keyBytes === undefined) continue;
    const reading = parsePem(certBytes.toString('utf8'), cert, 'certificates');
    take(reading.findings);
    const keyReading = parsePem(keyBytes.toString('utf8'), key, 'private-key');
    take(keyReading.findings);
    if (reading.certificates.length === 0) continue;
    const opened = openPrivateKey(keyBytes.toString('utf8'));
    take(
      inspectChain({
        certificates: reading.certificates,
        file: cert,
        now,
        purpose,
        ...(opened.ok ? { privateKey: opened.value } : {}),
      }),
    );
  }
  for (const path of bundles) {
    const bytes = files.get(path);
    if (bytes !== undefined) take(parsePem(bytes.toString('utf8'), path, 'certificates').findings);
  }
  for (const path of crls) {
    const bytes = files.get(path);
    if (bytes === undefined) continue;
    const reading = parsePem(bytes.toString('utf8'), path, 'crl');
    take(reading.findings);
    for (const crl of reading.crls)
      if (crl.nextUpdate !== null && crl.nextUpdate < now)
        take([
          {
            code: 'crl.expired',
            level: 'error',
            file: path,
            line: 0,
            column: 0,
            message: `the CRL of ${crl.issuerText} expired on ${crl.nextUpdate.toISOString().slice(0, 10)}`,
            remedy: 'Issue a new one: "gatehouse certs crl".',
          },
        ]);
  }
  return findings;
}
