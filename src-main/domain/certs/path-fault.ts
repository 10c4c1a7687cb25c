import type { ParsedCertificate } from './certificate';
import type { PeerPurpose, PeerRefusal, PeerRefusalCause } from './types';

/** How Go's crypto/tls sorts what crypto/x509 reports; it decides the alert. */
export type FaultKind = 'required' | 'unreadable' | 'unsupported' | 'unknown-authority' | 'expired' | 'other';

/** Why a peer is refused, before it is put into words. */
export interface PathFault {
  readonly cause: PeerRefusalCause;
  readonly kind: FaultKind;
  /** A sentence for people. */
  readonly message: string;
  /** Go's text without its `tls:` prefix. */
  readonly goText: string;
}

/** `subject (serial 1a2b, issued by issuer)` for messages; a certificate without subject is named by its DNS names. */
export function describe(certificate: ParsedCertificate): string {
  const subject = certificate.subjectText || certificate.dnsNames.join(', ') || 'a certificate without subject';
  const serial = certificate.serial.length > 12 ? `${certificate.serial.slice(0, 12)}…` : certificate.serial;
  return `${printable(subject)} (serial ${serial}, issued by ${printable(certificate.issuerText || 'an authority without name')})`;
}

/** Text of somebody else's with control and direction characters written out, so that it cannot disguise itself. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`);

/** `visible` text of bounded length, for messages. */
export function printable(text: string): string {
  const shown = visible(text);
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}

/** Time as messages and Go's errors print it: RFC 3339 without fractions. */
export const timeText = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z');

/** The alert that Go's crypto/tls sends (vitess-behaviour §2.2): a client has only one word for nearly everything. */
function alertOf(kind: FaultKind, purpose: PeerPurpose, tlsVersion: string): string {
  switch (kind) {
    case 'required':
      if (purpose === 'server') return 'decode_error';
      return tlsVersion === 'TLSv1.3' ? 'certificate_required' : 'handshake_failure';
    case 'unreadable':
      return 'decode_error';
    case 'unsupported':
      return 'unsupported_certificate';
    case 'unknown-authority':
      return purpose === 'client' ? 'unknown_ca' : 'bad_certificate';
    case 'expired':
      return purpose === 'client' ? 'certificate_expired' : 'bad_certificate';
    default:
      return 'bad_certificate';
  }
}

/** Stages as the trace names them. */
function stageOf(cause: PeerRefusalCause): PeerRefusal['stage'] {
  if (cause === 'wrong-name') return 'name';
  return cause === 'revoked' || cause === 'crl-expired' || cause === 'crl-missing' ? 'revocation' : 'certificate';
}

/** The refusal as callers see it. */
export function refusalOf(fault: PathFault, purpose: PeerPurpose, tlsVersion: string): PeerRefusal {
  return {
    stage: stageOf(fault.cause),
    cause: fault.cause,
    alert: alertOf(fault.kind, purpose, tlsVersion),
    message: fault.message,
    vitessText: fault.goText,
  };
}
