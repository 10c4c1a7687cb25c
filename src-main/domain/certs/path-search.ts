import type { ParsedCertificate } from './certificate';
import { describe, type PathFault, printable, timeText } from './path-fault';
import type { SignatureMemory } from './signature-memory';

/** Signatures that one search may check; Go's crypto/x509 stops at the same number. */
const MAX_CHECKS = 100;

/** A certificate path, leaf first, trust anchor last. */
export type CertificatePath = readonly ParsedCertificate[];

/** RSA keys below this size verify nothing in Go since 1.24. */
const MIN_RSA_BITS = 1024;

/**
 * Faults of one certificate in its place of a path (crypto/x509 isValid): critical extensions, validity, and for
 * authorities the right to sign and the number of authorities below.
 */
export function judgeCertificate(
  certificate: ParsedCertificate,
  place: 'leaf' | 'intermediate' | 'anchor',
  below: CertificatePath,
  now: Date,
): PathFault | null {
  if (certificate.unknownCriticalExtensions.length > 0) {
    return {
      cause: 'unknown-critical-extension',
      kind: 'other',
      message: `${describe(certificate)} has the critical extension ${certificate.unknownCriticalExtensions.join(', ')}, which nobody here understands; have it issued without.`,
      goText: 'x509: unhandled critical extension',
    };
  }
  if (certificate.extensions.policyRules) {
    return {
      cause: 'unknown-critical-extension',
      kind: 'other',
      message: `${describe(certificate)} has rules about certificate policies, which are not evaluated here; have it issued without.`,
      goText: 'x509: unhandled critical extension',
    };
  }
  if (now.getTime() < certificate.notBefore.getTime()) {
    return {
      cause: 'not-yet-valid',
      kind: 'expired',
      message: `${describe(certificate)} is valid only from ${timeText(certificate.notBefore)}; wait, mend the clock or renew it.`,
      goText: `x509: certificate has expired or is not yet valid: current time ${timeText(now)} is before ${timeText(certificate.notBefore)}`,
    };
  }
  if (now.getTime() > certificate.notAfter.getTime()) {
    return {
      cause: 'expired',
      kind: 'expired',
      message: `${describe(certificate)} expired at ${timeText(certificate.notAfter)}; renew it.`,
      goText: `x509: certificate has expired or is not yet valid: current time ${timeText(now)} is after ${timeText(certificate.notAfter)}`,
    };
  }
  if (place === 'intermediate' && !certificate.isCa) {
    return {
      cause: 'not-an-authority',
      kind: 'other',
      message: `${describe(certificate)} is not an authority but has signed a certificate; have that one issued by an authority.`,
      goText: 'x509: certificate is not authorized to sign other certificates',
    };
  }
  const length = certificate.pathLength;
  if (length !== null && below.length - 1 > length) {
    return {
      cause: 'path-too-long',
      kind: 'other',
      message: `${describe(certificate)} allows ${length} authorities below it, but the chain has ${below.length - 1}; issue the certificate closer to it.`,
      goText: 'x509: too many intermediates for path length constraint',
    };
  }
  return null;
}

/** Finds every path from a leaf to a trust anchor as Go's crypto/x509 does (buildChains), with its limits. */
export class PathSearch {
  #checks = 0;
  readonly #intermediates: readonly ParsedCertificate[];

  constructor(
    readonly memory: SignatureMemory,
    readonly anchors: readonly ParsedCertificate[],
    presented: readonly ParsedCertificate[],
    readonly now: Date,
  ) {
    this.#intermediates = distinct(presented);
  }

  /** Paths, or the fault that Go reports: the last one met, or that no authority is known. */
  from(leaf: ParsedCertificate): { readonly paths: readonly CertificatePath[]; readonly fault: PathFault | null } {
    if (this.anchors.some((anchor) => anchor.der.equals(leaf.der))) return { paths: [[leaf]], fault: null };
    return this.#extend([leaf]);
  }

  #extend(path: CertificatePath): { paths: readonly CertificatePath[]; fault: PathFault | null } {
    const child = path[path.length - 1] as ParsedCertificate;
    const paths: CertificatePath[] = [];
    let fault: PathFault | null = null;
    let hint: { readonly fault: PathFault; readonly authority: ParsedCertificate } | null = null;
    for (const { authority, place } of this.#candidates(child)) {
      this.#checks += 1;
      if (this.#checks > MAX_CHECKS) {
        fault = {
          cause: 'path-search-limit',
          kind: 'other',
          message: `The chain of ${describe(child)} has too many ways to an authority; send only the certificates between it and its authority.`,
          goText: 'x509: signature check attempts limit reached while verifying certificate chain',
        };
        break;
      }
      if (authority.key.algorithm === 'unknown' || isInPath(authority, path)) continue;
      const refusal = this.#signatureFault(child, authority);
      if (refusal !== null) {
        hint ??= { fault: refusal, authority };
        continue;
      }
      fault = judgeCertificate(authority, place, path, this.now);
      if (fault !== null) {
        hint ??= { fault, authority };
        continue;
      }
      if (place === 'anchor') paths.push([...path, authority]);
      else {
        const further = this.#extend([...path, authority]);
        paths.push(...further.paths);
        fault = further.fault;
      }
    }
    if (paths.length > 0) return { paths, fault: null };
    return { paths, fault: fault ?? unknownAuthority(child, hint) };
  }

  /** Authorities that bear the issuer's name, anchors first; those whose key identifier fits come before the others. */
  *#candidates(
    child: ParsedCertificate,
  ): Generator<{ authority: ParsedCertificate; place: 'anchor' | 'intermediate' }> {
    for (const [place, pool] of [
      ['anchor', this.anchors],
      ['intermediate', this.#intermediates],
    ] as const) {
      const named = distinct(pool.filter((candidate) => candidate.rawSubject.equals(child.rawIssuer)));
      const rank = ({ subjectKeyId }: ParsedCertificate): number =>
        subjectKeyId === child.authorityKeyId ? 0 : subjectKeyId === null || child.authorityKeyId === null ? 1 : 2;
      if (named.length > 1) named.sort((a, b) => rank(a) - rank(b));
      for (const authority of named) yield { authority, place };
    }
  }

  /** May this authority sign certificates, and did it sign this one (crypto/x509 CheckSignatureFrom)? */
  #signatureFault(child: ParsedCertificate, authority: ParsedCertificate): PathFault | null {
    const constraints = authority.extensions.basicConstraints;
    const mayNot = constraints === null ? authority.version === 3 : !constraints.ca;
    if (mayNot || lacksUsage(authority, 'keyCertSign')) {
      return {
        cause: 'not-an-authority',
        kind: 'unknown-authority',
        message: `${describe(child)} is signed by ${printable(authority.subjectText)}, which may not sign certificates (${mayNot ? 'it is no authority' : 'its key usage lacks keyCertSign'}); have it issued by an authority.`,
        goText: 'x509: invalid signature: parent certificate cannot sign this kind of certificate',
      };
    }
    if (child.algorithm.weak || child.algorithm.key === 'unknown') {
      return {
        cause: 'weak-signature',
        kind: 'unknown-authority',
        message: `${describe(child)} is signed with ${child.signatureAlgorithm}, which is not accepted; have it issued again with SHA-256.`,
        goText: child.algorithm.weak
          ? `x509: cannot verify signature: insecure algorithm ${goAlgorithmName(child.signatureAlgorithm)}`
          : 'x509: cannot verify signature: algorithm unimplemented',
      };
    }
    if (authority.key.algorithm === 'rsa' && authority.key.bits < MIN_RSA_BITS) {
      return {
        cause: 'weak-key',
        kind: 'unknown-authority',
        message: `${printable(authority.subjectText)} signs with an RSA key of only ${authority.key.bits} bits; make the authority again with ECDSA P-256 or RSA 2048.`,
        goText: `crypto/rsa: ${authority.key.bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)`,
      };
    }
    if (this.memory.signed(child, authority)) return null;
    const sameKey = child.authorityKeyId !== null && child.authorityKeyId === authority.subjectKeyId;
    return {
      cause: sameKey ? 'bad-signature' : 'unknown-authority',
      kind: 'unknown-authority',
      message: sameKey
        ? `The signature of ${describe(child)} does not hold: the certificate was changed after it was issued; get it again.`
        : `${describe(child)} is signed by an authority that has the name of a known one but another key; use a certificate of the known authority or add the other to the CA file.`,
      goText:
        authority.key.algorithm === 'rsa'
          ? 'crypto/rsa: verification error'
          : `x509: ${authority.key.algorithm === 'ecdsa' ? 'ECDSA' : 'Ed25519'} verification failure`,
    };
  }
}

/** True when a key usage extension is there and does not name the usage; an empty one says nothing, as in Go. */
export const lacksUsage = ({ keyUsage }: ParsedCertificate, usage: 'keyCertSign' | 'cRLSign'): boolean =>
  keyUsage !== null && keyUsage.length > 0 && !keyUsage.includes(usage);

const goAlgorithmName = (name: string): string => {
  const [key = '', hash = ''] = name.split('-');
  return key === 'ecdsa' ? `ECDSA-${hash.toUpperCase()}` : `${hash.toUpperCase()}-${key.toUpperCase()}`;
};

function distinct(certificates: readonly ParsedCertificate[]): ParsedCertificate[] {
  if (certificates.length < 2) return [...certificates];
  const seen = new Set<string>();
  return certificates.filter(({ fingerprint }) => !seen.has(fingerprint) && seen.add(fingerprint));
}

/** The same authority again: subject, key and alternative names (crypto/x509 alreadyInChain). */
function isInPath(candidate: ParsedCertificate, path: CertificatePath): boolean {
  for (const certificate of path) {
    if (
      !candidate.rawSubject.equals(certificate.rawSubject) ||
      !candidate.rawPublicKey.equals(certificate.rawPublicKey)
    )
      continue;
    const names = candidate.extensions.rawNames;
    const others = certificate.extensions.rawNames;
    if (names === null || others === null) return names === others;
    if (names.equals(others)) return true;
  }
  return false;
}

function unknownAuthority(
  child: ParsedCertificate,
  hint: { readonly fault: PathFault; readonly authority: ParsedCertificate } | null,
): PathFault {
  const text = 'x509: certificate signed by unknown authority';
  if (hint !== null) {
    const name =
      hint.authority.lastCommonName || hint.authority.subjectText || `serial:${BigInt(`0x${hint.authority.serial}`)}`;
    return {
      ...hint.fault,
      kind: 'unknown-authority',
      goText: `${text} (possibly because of ${JSON.stringify(hint.fault.goText)} while trying to verify candidate authority certificate ${JSON.stringify(name)})`,
    };
  }
  const selfIssued = child.rawIssuer.equals(child.rawSubject);
  return {
    cause: 'unknown-authority',
    kind: 'unknown-authority',
    message: selfIssued
      ? `${describe(child)} is self-signed and not in the CA file; use a certificate of a known authority or add this one to the CA file.`
      : `The authority ${printable(child.issuerText)} of ${describe(child)} is neither in the CA file nor sent along; send the intermediate certificates or add the authority to the CA file.`,
    goText: text,
  };
}
