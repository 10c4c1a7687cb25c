import { receivedAlert } from './alerts';
import type { TlsRefusal } from './types';

interface LocalCause {
  readonly pattern: RegExp;
  readonly cause: string;
  readonly stage: TlsRefusal['stage'];
  /** The alert that the TLS library sent when it met this; null: none. */
  readonly alert: string | null;
  readonly text: (side: TlsRefusal['side']) => string;
}

const peerName = (side: TlsRefusal['side']): string => (side === 'server' ? 'client' : 'server');

/** Reasons as OpenSSL and BoringSSL name them; the names differ between the two, so nothing but the trace depends on them. */
const localCauses: readonly LocalCause[] = [
  {
    pattern: /PEER_DID_NOT_RETURN_A_CERTIFICATE/,
    cause: 'certificate-required',
    stage: 'certificate',
    alert: 'certificate_required',
    text: () => 'The client sent no certificate, but this listener admits only clients with one from its authorities.',
  },
  {
    pattern:
      /UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|VERSION_TOO_LOW|NO_SUPPORTED_VERSIONS_ENABLED|INAPPROPRIATE_FALLBACK/,
    cause: 'protocol-version',
    stage: 'handshake',
    alert: 'protocol_version',
    text: (side) => `The ${peerName(side)} offers only TLS versions that this side does not accept.`,
  },
  {
    pattern:
      /NO_SHARED_CIPHER|NO_SHARED_GROUP|NO_SUITABLE_(SIGNATURE|KEY_SHARE|GROUPS)|NO_COMMON_SIGNATURE|NO_SHARED_SIGNATURE|NO_CIPHERS/,
    cause: 'no-shared-cipher',
    stage: 'handshake',
    alert: 'handshake_failure',
    text: (side) => `This side and the ${peerName(side)} have no cipher suite, group or signature method in common.`,
  },
  {
    pattern: /NO_APPLICATION_PROTOCOL/,
    cause: 'no-application-protocol',
    stage: 'handshake',
    alert: 'no_application_protocol',
    text: (side) => `The ${peerName(side)} offers none of the application protocols (ALPN) of this side.`,
  },
  {
    pattern:
      /WRONG_VERSION_NUMBER|HTTPS?_(PROXY_)?REQUEST|UNKNOWN_PROTOCOL|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|BAD_PACKET/,
    cause: 'not-tls',
    stage: 'handshake',
    alert: null,
    text: (side) => `The ${peerName(side)} does not speak TLS on this connection.`,
  },
  {
    pattern: /NO_RENEGOTIATION/,
    cause: 'renegotiation',
    stage: 'handshake',
    alert: 'handshake_failure',
    text: (side) => `The ${peerName(side)} wanted to renegotiate, which is never allowed.`,
  },
];

/**
 * What an error of a TLS socket means, for errors that the TLS library itself raised: before the handshake was complete,
 * or after it (in TLS 1.3 a client learns of its refusal only with its first read). `tlsVersion` is the negotiated
 * version where it is known.
 */
export function explainTlsError(error: Error, side: TlsRefusal['side'], tlsVersion: string | null): TlsRefusal {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const alert = receivedAlert(code, error.message);
  if (alert !== null) {
    const who = side === 'server' ? 'client' : 'server';
    const message = `The ${who} refused this side with the TLS alert ${alert}.`;
    return { side, stage: 'handshake', cause: 'refused-by-peer', alert, alertSent: false, message };
  }
  const haystack = `${code} ${error.message.toUpperCase().replaceAll(' ', '_')}`;
  const local = localCauses.find(({ pattern }) => pattern.test(haystack));
  if (local !== undefined) {
    const sent = local.alert === 'certificate_required' && tlsVersion !== 'TLSv1.3' ? 'handshake_failure' : local.alert;
    const { stage, cause, text } = local;
    return { side, stage, cause, alert: sent, alertSent: sent !== null, message: text(side) };
  }
  if (/^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE)$/.test(code)) return closedDuringHandshake(side);
  const message = `The TLS handshake with the ${peerName(side)} failed: ${code === '' ? error.message : code}.`;
  return { side, stage: 'handshake', cause: 'handshake-failed', alert: null, alertSent: false, message };
}

/** The other side went away before the handshake was complete. */
export const closedDuringHandshake = (side: TlsRefusal['side']): TlsRefusal => ({
  side,
  stage: 'handshake',
  cause: 'closed',
  alert: null,
  alertSent: false,
  message: `The ${peerName(side)} closed the connection before the TLS handshake was complete.`,
});

/** The other side took too long. */
export const handshakeTimedOut = (side: TlsRefusal['side'], ms: number): TlsRefusal => ({
  side,
  stage: 'timeout',
  cause: 'timeout',
  alert: null,
  alertSent: false,
  message: `The TLS handshake with the ${peerName(side)} was not complete after ${ms} ms.`,
});
