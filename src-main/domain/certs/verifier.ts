import type { Fidelity } from '../fidelity/fidelity';
import type { ParsedCertificate } from './certificate';
import { speaksFor } from './host-name';
import { parseIp } from './ip-address';
import { checkNameConstraints } from './name-constraint-check';
import { describe, type PathFault, printable, refusalOf } from './path-fault';
import { type CertificatePath, judgeCertificate, PathSearch } from './path-search';
import { judgeRevocation } from './revocation';
import { SignatureMemory } from './signature-memory';
import type { PeerVerdict, PeerVerification } from './types';

/** More than any chain needs; every one costs work before anybody is known. */
const MAX_PRESENTED = 32;
/** Larger RSA keys are refused by Go's crypto/tls: their signatures take too long to check. */
const MAX_RSA_BITS = 8192;
/** Hardened mode's least RSA size (rule weak-key-refused). */
const HARDENED_RSA_BITS = 2048;

/**
 * Judges peers and remembers parsed certificates and checked signatures. One object for each listener, or one for all:
 * nothing it remembers depends on who asks.
 */
export class Verifier {
  readonly #memory: SignatureMemory;

  constructor(limits: { readonly certificates?: number; readonly signatures?: number } = {}) {
    this.#memory = new SignatureMemory(limits);
  }

  /**
   * May this peer pass? Decides as Vitess does (Go's crypto/tls and crypto/x509, then the CRL check of go/vt/vttls), in
   * the same order, so that the same alert results; hardened mode adds the rules of domain/fidelity/rules/certs. Never
   * throws; what cannot be decided is refused.
   */
  verifyPeer(input: PeerVerification): PeerVerdict {
    try {
      const outcome = judge(input, this.#memory);
      return 'cause' in outcome
        ? { ok: false, ...refusalOf(outcome, input.purpose, input.tlsVersion ?? 'TLSv1.3') }
        : outcome;
    } catch (error) {
      const fault: PathFault = {
        cause: 'malformed-certificate',
        kind: 'other',
        message: `The certificate could not be judged and is refused (${printable(error instanceof Error ? error.message : String(error))}).`,
        goText: '',
      };
      return { ok: false, ...refusalOf(fault, input.purpose, input.tlsVersion ?? 'TLSv1.3') };
    }
  }
}

const shared = new Verifier();

/** `Verifier.verifyPeer` with a memory shared by the whole process. */
export const verifyPeer = (input: PeerVerification): PeerVerdict => shared.verifyPeer(input);

function judge(input: PeerVerification, memory: SignatureMemory): Extract<PeerVerdict, { ok: true }> | PathFault {
  const { anchors, now, fidelity } = input;
  const presented = readChain(input.chain, memory);
  if ('cause' in presented) return presented;
  const leaf = presented[0];
  if (leaf === undefined) return noCertificate(input.purpose);
  if (!Number.isFinite(now.getTime())) throw new Error('the time is not known');

  const leafFault = judgeCertificate(leaf, 'leaf', [], now);
  if (leafFault !== null) return leafFault;
  if (input.purpose === 'server' && input.name !== null && !speaksFor(leaf, input.name))
    return wrongName(leaf, input.name);

  const search = new PathSearch(memory, anchors, presented.slice(1), now).from(leaf);
  if (search.fault !== null) return search.fault;
  const usable = narrow(search.paths, leaf, input.purpose, fidelity);
  if ('cause' in usable) return usable;
  if (leaf.key.algorithm === 'unknown') return unsupportedKey(leaf);

  const revocation = judgeRevocation({ paths: usable, crls: input.crls ?? [], anchors, now, fidelity, memory });
  if (revocation.fault !== null) return revocation.fault;
  return {
    ok: true,
    paths: revocation.paths,
    warnings: revocation.warnings,
    peer: {
      commonName: leaf.lastCommonName,
      dnsNames: leaf.dnsNames,
      serial: leaf.serial,
      subjects: presented.map((certificate) => certificate.subjectText),
      chain: presented.map((certificate) => certificate.der),
    },
  };
}

function readChain(chain: readonly Uint8Array[], memory: SignatureMemory): readonly ParsedCertificate[] | PathFault {
  if (chain.length > MAX_PRESENTED) {
    return {
      cause: 'too-many-certificates',
      kind: 'other',
      message: `The peer sent ${chain.length} certificates; at most ${MAX_PRESENTED} are looked at. Send only the chain.`,
      goText: '',
    };
  }
  const certificates: ParsedCertificate[] = [];
  for (const [index, der] of chain.entries()) {
    const certificate = memory.read(der);
    if (typeof certificate === 'string') {
      return {
        cause: 'malformed-certificate',
        kind: 'unreadable',
        message: `Certificate ${index + 1} of the peer cannot be read (${certificate}); have it issued again.`,
        goText: `failed to parse client certificate: x509: ${certificate}`,
      };
    }
    if (certificate.key.algorithm === 'rsa' && certificate.key.bits > MAX_RSA_BITS) {
      return {
        cause: 'unsupported-key',
        kind: 'other',
        message: `${describe(certificate)} has an RSA key of ${certificate.key.bits} bits; at most ${MAX_RSA_BITS} are accepted.`,
        goText: `client sent certificate containing RSA key larger than ${MAX_RSA_BITS} bits`,
      };
    }
    certificates.push(certificate);
  }
  return certificates;
}

/** Paths whose purposes, names and, in hardened mode, keys hold; the fault Go reports when none does. */
function narrow(
  paths: readonly CertificatePath[],
  leaf: ParsedCertificate,
  purpose: PeerVerification['purpose'],
  fidelity: Fidelity,
): readonly CertificatePath[] | PathFault {
  const wanted = purpose === 'client' ? 'clientAuth' : 'serverAuth';
  let constraintFault: PathFault | null = null;
  let hardenedFault: PathFault | null = null;
  const usable = paths.filter((path) => {
    if (!path.every((certificate) => servesPurpose(certificate, wanted))) return false;
    const names = checkNameConstraints(path);
    if (names !== null) {
      constraintFault ??= {
        cause: 'name-constraint',
        kind: 'other',
        message: `${describe(leaf)} has a name that its authorities may not certify: ${printable(names)}.`,
        goText: `x509: a root or intermediate certificate is not authorized to sign for this name: ${names}`,
      };
      return false;
    }
    const fault = fidelity.mode === 'hardened' ? weakness(path) : null;
    hardenedFault ??= fault;
    return fault === null;
  });
  if (usable.length > 0) return usable;
  return (
    constraintFault ??
    hardenedFault ?? {
      cause: 'wrong-purpose',
      kind: 'other',
      message: `${describe(leaf)} may not be used ${purpose === 'client' ? 'by a client' : 'by a server'}: the extended key usage of the chain lacks ${wanted}; issue it for that purpose.`,
      goText: 'x509: certificate specifies an incompatible key usage',
    }
  );
}

/** No extended key usage, an empty one or `any` allow everything, on every level of the path. */
const servesPurpose = ({ extendedKeyUsage: purposes }: ParsedCertificate, wanted: string): boolean =>
  purposes === null || purposes.length === 0 || purposes.includes('any') || purposes.includes(wanted);

/** Rules weak-key-refused and unread-name-constraint-refused. */
function weakness(path: CertificatePath): PathFault | null {
  for (const certificate of path) {
    const { algorithm, bits } = certificate.key;
    if ((algorithm === 'rsa' && bits < HARDENED_RSA_BITS) || (algorithm === 'ecdsa' && bits < 256)) {
      return {
        cause: 'weak-key',
        kind: 'other',
        message: `${describe(certificate)} has a key that is too weak (${algorithm === 'rsa' ? 'RSA' : 'ECDSA'}, ${bits} bits); make it again with ECDSA P-256 or RSA 2048.`,
        goText: '',
      };
    }
    if (certificate.extensions.nameConstraints?.unhandled === true) {
      return {
        cause: 'name-constraint',
        kind: 'other',
        message: `${describe(certificate)} constrains kinds of names that are not understood here; have it issued without.`,
        goText: '',
      };
    }
  }
  return null;
}

const noCertificate = (purpose: PeerVerification['purpose']): PathFault => ({
  cause: 'certificate-required',
  kind: 'required',
  message: `The ${purpose} sent no certificate; give it one of an authority in the CA file.`,
  goText: purpose === 'client' ? "client didn't provide a certificate" : 'received empty certificates message',
});

const unsupportedKey = (leaf: ParsedCertificate): PathFault => ({
  cause: 'unsupported-key',
  kind: 'unsupported',
  message: `${describe(leaf)} has a key of a kind that TLS cannot use here (${leaf.key.curve ?? 'unknown'}); use ECDSA P-256 or RSA.`,
  goText: 'client certificate contains an unsupported public key',
});

function wrongName(leaf: ParsedCertificate, name: string): PathFault {
  const names = [...leaf.dnsNames, ...leaf.ipAddresses].map(printable).join(', ');
  return {
    cause: 'wrong-name',
    kind: 'other',
    message: `${describe(leaf)} does not speak for ${JSON.stringify(printable(name))}${names === '' ? ': it has no names' : `, only for ${names}`}; dial one of its names or issue it with this one.`,
    goText: goNameMismatch(leaf, name),
  };
}

/** Go's crypto/x509 HostnameError. */
function goNameMismatch(leaf: ParsedCertificate, name: string): string {
  const isAddress = parseIp(name) !== null;
  const names = isAddress ? leaf.ipAddresses : leaf.dnsNames;
  if (names.length > 0) return `x509: certificate is valid for ${names.join(', ')}, not ${name}`;
  return isAddress
    ? `x509: cannot validate certificate for ${name} because it doesn't contain any IP SANs`
    : `x509: certificate is not valid for any names, but wanted to match ${name}`;
}
