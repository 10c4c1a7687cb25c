import { parsePem, type ParsedCertificate } from '../../domain/certs';
import type { TraceWorld } from '../../domain/trace';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';

/** A certificate by the name that people know it by. */
const nameOf = (certificate: ParsedCertificate): string =>
  certificate.lastCommonName || certificate.dnsNames[0] || certificate.subjectText || certificate.serial;

/** Longest chain that is named; certificates that issue each other would go on for ever. */
const LONGEST_CHAIN = 8;

/** What a trace may look up in the workspace that is in force. Reads each certificate file once, when it is asked for. */
export function traceWorld(workspace: Workspace): TraceWorld {
  const read = new Map<string, readonly ParsedCertificate[]>();
  const certificatesOf = (path: string): readonly ParsedCertificate[] => {
    let known = read.get(path);
    if (known === undefined) {
      const bytes = workspace.files.get(path) ?? workspace.certificates.get(path);
      known = bytes === undefined ? [] : parsePem(bytes.toString('utf8'), path).certificates;
      read.set(path, known);
    }
    return known;
  };
  let authorities: Map<string, ParsedCertificate> | null = null;
  const authorityOf = (certificate: ParsedCertificate): ParsedCertificate | null => {
    if (authorities === null) {
      authorities = new Map();
      for (const path of [...workspace.files.keys(), ...workspace.certificates.keys()])
        if (path.endsWith('-cert.pem'))
          for (const candidate of certificatesOf(path))
            if (candidate.isCa) authorities.set(candidate.rawSubject.toString('hex'), candidate);
    }
    return authorities.get(certificate.rawIssuer.toString('hex')) ?? null;
  };
  return {
    topology: workspace.topology,
    users: workspace.users,
    acls: workspace.acls,
    fidelityOf: (gateway) => fidelityOf(workspace, gateway),
    chainNames(path) {
      const names: string[] = [];
      let [certificate]: readonly (ParsedCertificate | null | undefined)[] = certificatesOf(path);
      while (certificate != null && names.length < LONGEST_CHAIN) {
        names.push(nameOf(certificate));
        const issuer: ParsedCertificate | null = authorityOf(certificate);
        if (issuer === null) {
          const text = certificate.issuer.commonName || certificate.issuerText;
          if (text !== '' && text !== names.at(-1)) names.push(text);
          break;
        }
        certificate = issuer.fingerprint === certificate.fingerprint ? null : issuer;
      }
      return names;
    },
    namesOf(path) {
      const [leaf] = certificatesOf(path);
      return leaf === undefined ? [] : [...leaf.dnsNames, ...leaf.ipAddresses];
    },
  };
}
