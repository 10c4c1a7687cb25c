import { textIn, type NotedStep } from './input';
import { code, name, rich, type Rich } from './rich';

/** What a refused handshake comes down to. The causes are those of servers/tls, `client-…` those of the client's own check. */
export interface HandshakeFault {
  readonly cause: string;
  readonly reason: Rich;
  /** Who refused. */
  readonly by: 'client' | 'server';
}

interface Names {
  /** The certificate that was shown by the side that was refused; null: none. */
  readonly shown: string | null;
  readonly issuer: string | null;
  /** What it should have been checked by. */
  readonly authorities: string | null;
  readonly revocations: string | null;
  readonly demandedName: string;
  readonly serverNames: readonly string[];
  /** The words for the two ends: `gateway` and `client`, `tablet` and `gateway`. */
  readonly server: string;
}

/** How many characters of a library's own words are quoted. */
const QUOTED = 300;

const file = (path: string | null, otherwise: string): Rich =>
  path === null ? rich`${otherwise}` : rich`${code(path)}`;

/** Why the accepting side refused, by its own cause. */
export function serverReason(cause: string, names: Names): Rich {
  const shown = names.shown === null ? rich`the certificate` : rich`${name(names.shown)}`;
  const authorities = file(names.authorities, 'its authorities');
  switch (cause) {
    case 'certificate-required':
      return rich`The ${names.server} demands a certificate signed by ${authorities}, and none was sent.`;
    case 'expired':
      return rich`The certificate ${shown} is out of date. Signature and authority are fine.`;
    case 'not-yet-valid':
      return rich`The certificate ${shown} is not valid yet. Signature and authority are fine.`;
    case 'unknown-authority':
      return names.issuer === null
        ? rich`The ${names.server} trusts only ${authorities}, and ${shown} does not lead there.`
        : rich`The ${names.server} trusts only ${authorities}, and ${shown} was signed by ${name(names.issuer)}.`;
    case 'revoked':
      return rich`The revocation list ${file(names.revocations, 'in use')} names ${shown}. Everything else about it is fine.`;
    case 'crl-expired':
      return rich`The revocation list ${file(names.revocations, 'in use')} is out of date, so nobody can be checked against it.`;
    case 'crl-missing':
      return rich`No revocation list in ${file(names.revocations, 'use')} is of the authority that signed ${shown}.`;
    case 'wrong-purpose':
      return rich`${shown} was not issued for clients.`;
    case 'weak-key':
    case 'weak-signature':
    case 'bad-signature':
      return rich`The key or signature of ${shown} does not hold.`;
    case 'not-tls':
      return rich`This port speaks TLS, and the client began without it.`;
    case 'protocol-version':
      return rich`The two ends have no version of TLS in common.`;
    case 'no-shared-cipher':
      return rich`The two ends have no cipher in common.`;
    case 'closed':
      return rich`The client ended it: what it was shown did not satisfy it.`;
    case 'timeout':
      return rich`The handshake was not finished in time.`;
    default:
      return rich`The ${names.server} refused the handshake (${code(cause)}).`;
  }
}

/** Why the client's own check failed, from its library's words; null: it was not the client that refused. */
export function clientFault(message: string, names: Names): HandshakeFault | null {
  const shown = names.shown === null ? rich`the certificate` : rich`${name(names.shown)}`;
  const fault = (cause: string, reason: Rich): HandshakeFault => ({ cause, reason, by: 'client' });
  if (/does not match certificate's altnames|IP: .* is not in the cert's list/.test(message))
    return fault(
      'client-wrong-name',
      rich`The client asked for ${code(names.demandedName)}. ${shown} names ${code(names.serverNames.join(', '))}.`,
    );
  if (/unable to get (local )?issuer|self[- ]signed certificate|unable to verify the first/.test(message))
    return fault(
      'client-unknown-authority',
      rich`The client trusts only ${file(names.authorities, "the system's authorities")}, and ${shown} does not lead there.`,
    );
  if (/certificate has expired/.test(message))
    return fault('client-expired', rich`${shown}, which the ${names.server} shows, is out of date.`);
  if (/certificate is not yet valid/.test(message))
    return fault('client-not-yet-valid', rich`${shown}, which the ${names.server} shows, is not valid yet.`);
  if (/unsuitable certificate purpose|unsupported certificate purpose/.test(message))
    return fault('client-wrong-purpose', rich`${shown} was not issued for servers.`);
  if (/the server offers no TLS/.test(message))
    return fault('no-tls-offered', rich`The ${names.server} has no certificate here, so it offers no TLS.`);
  return null;
}

/** Whether a connection ended because the client's own check of the server failed, by its library's words. */
export const clientRefusal = (message: string): boolean =>
  clientFault(message, {
    ...{ shown: null, issuer: null, authorities: null, revocations: null },
    ...{ demandedName: '', serverNames: [], server: '' },
  }) !== null;

/** What the dialling side saw, in a sentence: the alert with its number, the library's words, or that it just ended. */
export function clientSaw(message: string, names: Pick<Names, 'server'>): Rich {
  const alert = /alert ([a-z ]+?):.*SSL alert number (\d+)/s.exec(message);
  if (alert !== null) return rich`Alert from the ${names.server}: ${code(`${alert[1] ?? ''} (${alert[2] ?? ''})`)}`;
  if (/the connection was closed|not gRPC|ECONNRESET|EPIPE|socket hang up|before the call was answered/.test(message))
    return rich`The ${names.server} closed the connection without a word`;
  return rich`${code(message.trim().slice(0, QUOTED))}`;
}

/** The alert that real Vitess sends where this program cannot (fidelity rule tls-alert-not-sendable). */
export function alertNote(refusal: NotedStep | undefined): Rich | null {
  const alert = textIn(refusal, 'alert');
  if (alert === '' || refusal?.data['alertSent'] === true) return null;
  return rich`Real Vitess sends the alert ${code(alert)} here; this program closes the connection.`;
}
