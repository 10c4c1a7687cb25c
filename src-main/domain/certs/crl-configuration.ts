import type { Fidelity } from '../fidelity/fidelity';
import type { Failure } from '../kernel';
import type { ParsedCertificate } from './certificate';
import type { ParsedCrl } from './crl';
import { readCrl } from './crl';
import { lacksUsage } from './path-search';
import { printable, timeText } from './path-fault';
import { splitPem } from './pem-blocks';
import { EXPIRED_CRL_WARNING, isExpired } from './revocation';
import { SignatureMemory } from './signature-memory';

/** Where and with what a CRL is configured. */
export interface CrlConfiguration {
  /** Text of the CRL file; null when none is configured. */
  readonly crlText: string | null;
  /** Certificates of the CA file; null when none is configured. A client without one passes its system roots. */
  readonly anchors: readonly ParsedCertificate[] | null;
  readonly hasCertAndKey: boolean;
  readonly now: Date;
  readonly fidelity: Fidelity;
  /** A client needs neither certificate nor key; default `server`. */
  readonly side?: 'server' | 'client';
}

/** Lists to give to `verifyPeer`, or why Vitess does not start. */
export interface CrlConfigurationVerdict {
  readonly failure: Failure | null;
  readonly crls: readonly ParsedCrl[];
  readonly warnings: readonly string[];
}

/** Clocks may differ by this much before a list counts as made in the future. */
const CLOCK_SKEW = 5 * 60_000;

const refuse = (what: string, summary: string, detail?: string): Failure => ({
  code: `certs.crl-${what}`,
  summary,
  ...(detail === undefined ? {} : { detail }),
});

/**
 * May a process start with this CRL (vitess-behaviour §3.7)? 24.0.4 and hardened mode refuse every list that could not
 * do its work (the table's rows 1 to 11); 24.0-recorded refuses only a block that cannot be read. `failure.detail` has
 * Vitess's words where they are known.
 */
export function checkCrlConfiguration(input: CrlConfiguration): CrlConfigurationVerdict {
  if (input.crlText === null) return { failure: null, crls: [], warnings: [] };
  const strict = input.fidelity.version === '24.0.4' || input.fidelity.mode === 'hardened';
  const server = (input.side ?? 'server') === 'server';
  const failed = (failure: Failure): CrlConfigurationVerdict => ({ failure, crls: [], warnings: [] });
  if (strict && server && !input.hasCertAndKey) {
    return failed(
      refuse(
        'without-certificate',
        'A CRL is configured without certificate and key, so that the port has no TLS and the list no effect; configure both or remove the CRL.',
        'a CRL is configured without a certificate and a key: the server is not configured for TLS, so the CRL could not apply',
      ),
    );
  }
  if (strict && input.anchors === null) {
    return failed(
      refuse(
        'without-ca',
        'A CRL is configured without a CA file, so that nobody is asked for a certificate; configure the CA file or remove the CRL.',
      ),
    );
  }
  const crls: ParsedCrl[] = [];
  for (const block of splitPem(input.crlText).blocks) {
    if (block.label !== 'X509 CRL') continue;
    const reading = block.der === null ? null : readCrl(block.der);
    if (reading === null || !reading.ok) {
      const why = reading === null ? 'its base64 is damaged' : (reading.failure.detail ?? 'it is damaged');
      return failed(
        refuse(
          'malformed',
          `The CRL in line ${block.line} cannot be read (${why}); make it again.`,
          'x509: malformed crl',
        ),
      );
    }
    crls.push(reading.value);
  }
  if (!strict)
    return {
      failure: null,
      crls: input.anchors === null || (server && !input.hasCertAndKey) ? [] : crls,
      warnings: [],
    };
  if (crls.length === 0) {
    return failed(
      refuse(
        'empty',
        'The CRL file has no block "X509 CRL", so that nobody could be refused; give a file with one or remove the setting.',
      ),
    );
  }
  const memory = new SignatureMemory();
  const warnings = new Set<string>();
  for (const crl of crls) {
    const failure = judgeList(crl, input.anchors ?? [], input.now, memory);
    if (failure !== null) return failed(failure);
    if (isExpired(crl, input.now)) warnings.add(EXPIRED_CRL_WARNING);
  }
  for (const warning of revokedAnchors(crls, input.anchors ?? [], memory)) warnings.add(warning);
  return { failure: null, crls, warnings: [...warnings] };
}

/** Rows 4 to 11. */
function judgeList(
  crl: ParsedCrl,
  anchors: readonly ParsedCertificate[],
  now: Date,
  memory: SignatureMemory,
): Failure | null {
  const name = printable(crl.issuerText);
  if (crl.algorithm.key === 'unknown' || crl.signatureAlgorithm.includes('md5')) {
    return refuse(
      'algorithm',
      `The CRL of ${name} is signed with ${crl.signatureAlgorithm}, which is not supported; make it again with SHA-256.`,
    );
  }
  if (crl.isDelta)
    return refuse('delta', `The CRL of ${name} lists only changes (a delta CRL); give the complete list.`);
  if (crl.isIndirect)
    return refuse(
      'indirect',
      `The CRL of ${name} holds entries of other authorities (an indirect CRL); give each authority's own list.`,
    );
  if (crl.isPartial)
    return refuse('partial', `The CRL of ${name} covers only some certificates or reasons; give the complete list.`);
  if (crl.unknownCriticalExtensions.length > 0) {
    return refuse(
      'critical-extension',
      `The CRL of ${name} has the critical extension ${crl.unknownCriticalExtensions.join(', ')}, which nobody here understands; make it without.`,
    );
  }
  if (crl.thisUpdate.getTime() > now.getTime() + CLOCK_SKEW) {
    return refuse(
      'future',
      `The CRL of ${name} begins only at ${timeText(crl.thisUpdate)}; mend the clock or make it again.`,
    );
  }
  const signers = anchors.filter((anchor) => anchor.isCa && memory.signed(crl, anchor));
  if (signers.length === 0) {
    const sameName = anchors.some((anchor) => anchor.rawSubject.equals(crl.rawIssuer));
    return refuse(
      'unknown-issuer',
      sameName
        ? `The CRL of ${name} is signed with another key than that of the authority in the CA file (a separate signer perhaps); have the authority itself sign it.`
        : `The CRL of ${name} is signed by no authority of the CA file; add that authority or give its own list.`,
    );
  }
  const allowed = signers.filter((anchor) => !lacksUsage(anchor, 'cRLSign'));
  if (allowed.length === 0)
    return refuse(
      'no-crl-sign',
      `The authority ${name} may not sign CRLs (its key usage lacks cRLSign); issue the authority again with it.`,
    );
  const named = allowed.filter((anchor) => anchor.rawSubject.equals(crl.rawIssuer));
  if (named.length === 0) {
    return refuse(
      'issuer-name',
      `The CRL names its issuer ${name} in other bytes than the authority in the CA file does; make it again with that authority's certificate.`,
    );
  }
  if (
    crl.authorityKeyId !== null &&
    named.every((anchor) => anchor.subjectKeyId !== null && anchor.subjectKeyId !== crl.authorityKeyId)
  ) {
    return refuse(
      'key-identifier',
      `The CRL of ${name} has another key identifier than the authority in the CA file; make it again with that authority's certificate.`,
    );
  }
  return null;
}

/** Anchors that another anchor has revoked: 24.0.4 refuses peers below them and says so at start. */
function revokedAnchors(
  crls: readonly ParsedCrl[],
  anchors: readonly ParsedCertificate[],
  memory: SignatureMemory,
): readonly string[] {
  return anchors
    .filter((anchor) =>
      anchors.some(
        (above) =>
          above.fingerprint !== anchor.fingerprint &&
          above.rawSubject.equals(anchor.rawIssuer) &&
          crls.some((crl) => crl.rawIssuer.equals(above.rawSubject) && crl.revoked.has(anchor.serial)) &&
          memory.signed(anchor, above),
      ),
    )
    .map(
      (anchor) =>
        `${printable(anchor.subjectText)} is in the CA file but revoked by its own authority: whoever depends on it is refused.`,
    );
}
