import type { Fidelity } from '../fidelity/fidelity';
import type { ParsedCertificate } from './certificate';
import type { ParsedCrl } from './crl';
import { describe, type PathFault, printable, timeText } from './path-fault';
import { type CertificatePath, lacksUsage } from './path-search';
import type { SignatureMemory } from './signature-memory';

/** What Vitess logs about an expired list (go/vt/vttls/crl.go). */
export const EXPIRED_CRL_WARNING =
  'The current Certificate Revocation List (CRL) is past expiry date and must be updated. Revoked certificates will still be rejected in this state.';

interface RevocationInput {
  readonly paths: readonly CertificatePath[];
  readonly crls: readonly ParsedCrl[];
  readonly anchors: readonly ParsedCertificate[];
  readonly now: Date;
  readonly fidelity: Fidelity;
  readonly memory: SignatureMemory;
}

/** Paths that remain, and why none does. */
export interface RevocationVerdict {
  readonly paths: readonly CertificatePath[];
  readonly fault: PathFault | null;
  readonly warnings: readonly string[];
}

/** Is this a list of this authority: may it sign lists, and did it? Go accepts SHA-1 here, MD5 never. */
export function isSignedBy(crl: ParsedCrl, authority: ParsedCertificate, memory: SignatureMemory): boolean {
  const constraints = authority.extensions.basicConstraints;
  const mayNot = constraints === null ? authority.version === 3 : !constraints.ca;
  return (
    !mayNot &&
    !lacksUsage(authority, 'cRLSign') &&
    !crl.signatureAlgorithm.includes('md5') &&
    memory.signed(crl, authority)
  );
}

/** Past its end, or without one (Go's HasExpired takes a missing end for the year 1). */
export const isExpired = (crl: ParsedCrl, now: Date): boolean =>
  crl.nextUpdate === null || now.getTime() >= crl.nextUpdate.getTime();

/**
 * Looks the certificates of each path up in the lists (vitess-behaviour §3.7). `24.0-recorded`: every list that verifies
 * with the next certificate counts, and one revoked certificate on any path refuses the peer. `24.0.4`: only the newest
 * complete list of an authority counts, and one clean path is enough; an anchor is looked up only when its own issuer is
 * an anchor too. Hardened mode refuses when an authority of the path has no list or only an expired one.
 */
export function judgeRevocation(input: RevocationInput): RevocationVerdict {
  if (input.crls.length === 0) return { paths: input.paths, fault: null, warnings: [] };
  const warnings = new Set<string>();
  const clean: CertificatePath[] = [];
  let fault: PathFault | null = null;
  for (const path of input.paths) {
    const found =
      input.fidelity.version === '24.0.4' ? judgePath(path, input, warnings) : judgeRecordedPath(path, input, warnings);
    if (found === null) clean.push(path);
    else if (fault === null || (found.cause === 'revoked' && fault.cause !== 'revoked')) fault = found;
  }
  const enough = input.fidelity.version === '24.0.4' ? clean.length > 0 : fault === null;
  return { paths: enough ? clean : [], fault: enough ? null : fault, warnings: [...warnings] };
}

function judgeRecordedPath(path: CertificatePath, input: RevocationInput, warnings: Set<string>): PathFault | null {
  for (const [index, authority] of path.entries()) {
    const certificate = path[index - 1];
    if (certificate === undefined) continue;
    const lists = input.crls.filter((crl) => isSignedBy(crl, authority, input.memory));
    for (const crl of lists) {
      if (isExpired(crl, input.now)) warnings.add(EXPIRED_CRL_WARNING);
      if (crl.revoked.has(certificate.serial)) return revoked(certificate, crl);
    }
    const missing = hardenedFault(certificate, authority, newest(lists), input);
    if (missing !== null) return missing;
  }
  return null;
}

function judgePath(path: CertificatePath, input: RevocationInput, warnings: Set<string>): PathFault | null {
  for (const [index, authority] of path.entries()) {
    const certificate = path[index - 1];
    if (certificate === undefined) continue;
    const crl = listOf(authority, input);
    if (crl !== undefined) {
      if (isExpired(crl, input.now)) warnings.add(EXPIRED_CRL_WARNING);
      if (crl.revoked.has(certificate.serial)) return revoked(certificate, crl);
    }
    const missing = hardenedFault(certificate, authority, crl, input);
    if (missing !== null) return missing;
  }
  const anchor = path[path.length - 1];
  if (anchor === undefined) return null;
  for (const above of input.anchors) {
    if (above.fingerprint === anchor.fingerprint || !above.rawSubject.equals(anchor.rawIssuer)) continue;
    const crl = listOf(above, input);
    if (crl?.revoked.has(anchor.serial) === true && input.memory.signed(anchor, above)) return revoked(anchor, crl);
  }
  return null;
}

/** The newest complete list of an authority. */
const listOf = (authority: ParsedCertificate, { crls, memory }: RevocationInput): ParsedCrl | undefined =>
  newest(
    crls.filter(
      (crl) =>
        !crl.isDelta &&
        !crl.isIndirect &&
        !crl.isPartial &&
        crl.rawIssuer.equals(authority.rawSubject) &&
        isSignedBy(crl, authority, memory),
    ),
  );

function newest(crls: readonly ParsedCrl[]): ParsedCrl | undefined {
  let best: ParsedCrl | undefined;
  for (const crl of crls) {
    const later = best === undefined ? 1 : crl.thisUpdate.getTime() - best.thisUpdate.getTime();
    if (later > 0 || (later === 0 && (crl.number ?? 0n) > (best?.number ?? 0n))) best = crl;
  }
  return best;
}

/** Rules crl-expired-refused and crl-missing-refused. */
function hardenedFault(
  certificate: ParsedCertificate,
  authority: ParsedCertificate,
  crl: ParsedCrl | undefined,
  input: RevocationInput,
): PathFault | null {
  if (input.fidelity.mode !== 'hardened') return null;
  if (crl === undefined) {
    return {
      cause: 'crl-missing',
      kind: 'other',
      message: `Nobody can tell whether ${describe(certificate)} is revoked: the CRL file has no list of ${printable(authority.subjectText)}; add it.`,
      goText: '',
    };
  }
  if (!isExpired(crl, input.now)) return null;
  return {
    cause: 'crl-expired',
    kind: 'other',
    message: `Nobody can tell whether ${describe(certificate)} is revoked: the list of ${printable(authority.subjectText)} ${crl.nextUpdate === null ? 'names no end' : `ended at ${timeText(crl.nextUpdate)}`}; make a new one.`,
    goText: EXPIRED_CRL_WARNING,
  };
}

function revoked(certificate: ParsedCertificate, crl: ParsedCrl): PathFault {
  const entry = crl.revoked.get(certificate.serial);
  const since =
    entry === undefined ? '' : ` at ${timeText(entry.date)}${entry.reason === undefined ? '' : ` (${entry.reason})`}`;
  return {
    cause: 'revoked',
    kind: 'other',
    message: `${describe(certificate)} was revoked${since}; issue a new one.`,
    goText: `Certificate revoked: CommonName=${certificate.lastCommonName}`,
  };
}
