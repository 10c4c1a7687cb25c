import { isIPv6 } from 'node:net';
import type { TlsRefusedError } from '../tls';
import { explainTlsError, type TlsRefusal } from '../tls';
import type { ConnectionFailure } from './types';

/** Go's names of alerts (crypto/tls, alert.go), by RFC 8446 name. */
const goAlerts: Readonly<Record<string, string>> = {
  close_notify: 'close notify',
  unexpected_message: 'unexpected message',
  bad_record_mac: 'bad record MAC',
  handshake_failure: 'handshake failure',
  bad_certificate: 'bad certificate',
  unsupported_certificate: 'unsupported certificate',
  certificate_revoked: 'revoked certificate',
  certificate_expired: 'expired certificate',
  certificate_unknown: 'unknown certificate',
  illegal_parameter: 'illegal parameter',
  unknown_ca: 'unknown certificate authority',
  access_denied: 'access denied',
  decode_error: 'error decoding message',
  decrypt_error: 'error decrypting message',
  protocol_version: 'protocol version not supported',
  insufficient_security: 'insufficient security level',
  internal_error: 'internal error',
  no_application_protocol: 'no application protocol',
  certificate_required: 'certificate required',
};

const describe = (text: string): string => `connection error: desc = "${text}"`;

/** What Go says for the causes that a client of ours finds itself (crypto/x509 verify.go, crypto/tls conn.go). */
function goReason(refusal: TlsRefusal): string {
  switch (refusal.cause) {
    case 'unknown-authority':
      return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    case 'not-tls':
      return 'tls: first record does not look like a TLS handshake';
    case 'closed':
      return 'EOF';
    case 'timeout':
      return 'context deadline exceeded';
    default:
      return refusal.message;
  }
}

const remoteAlert = (alert: string): string => `remote error: tls: ${goAlerts[alert] ?? alert.replaceAll('_', ' ')}`;

/** The failure of a TLS handshake in grpc-go's words; with a reason of ours where Go's wording needs facts that only Go has. */
export function handshakeFailure(error: TlsRefusedError, at: Date): ConnectionFailure {
  const { refusal } = error;
  const reason =
    refusal.cause === 'refused-by-peer' && refusal.alert !== null ? remoteAlert(refusal.alert) : goReason(refusal);
  return { message: describe(`transport: authentication handshake failed: ${reason}`), refusal, at };
}

/** The failure of a TCP connection in grpc-go's words. */
export function dialFailure(error: Error, host: string, port: number, at: Date): ConnectionFailure {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connect: connection refused',
    ETIMEDOUT: 'i/o timeout',
    EHOSTUNREACH: 'connect: no route to host',
    ENETUNREACH: 'connect: network is unreachable',
    ECONNRESET: 'connect: connection reset by peer',
    ENOTFOUND: `lookup ${host}: no such host`,
    EAI_AGAIN: `lookup ${host}: server misbehaving`,
  };
  const dialled = dialledAddress(error) ?? host;
  const address = `${isIPv6(dialled) ? `[${dialled}]` : dialled}:${port}`;
  const reason = reasons[code ?? ''] ?? (code === undefined ? error.message : `${syscall ?? 'connect'}: ${code}`);
  return { message: describe(`transport: Error while dialing: dial tcp ${address}: ${reason}`), refusal: null, at };
}

/** The address that a name stood for, which is what grpc-go names; of several an IPv4 one. Undefined when none was dialled. */
function dialledAddress(error: Error): string | undefined {
  const attempts: readonly { readonly address?: string }[] = error instanceof AggregateError ? error.errors : [error];
  const addresses = attempts.flatMap(({ address }) => (address === undefined ? [] : [address]));
  return addresses.find((one) => !isIPv6(one)) ?? addresses[0];
}

/**
 * The failure of a connection before its server had said anything in HTTP/2. In TLS 1.3 this is where a client learns
 * that its certificate was refused.
 */
export function prefaceFailure(error: Error | null, secured: boolean, at: Date): ConnectionFailure {
  const refusal = error !== null && secured ? explainTlsError(error, 'client', 'TLSv1.3') : null;
  const alert = refusal?.cause === 'refused-by-peer' ? refusal.alert : null;
  if (alert !== null) return { message: describe(`error reading server preface: ${remoteAlert(alert)}`), refusal, at };
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const reset =
    code === 'ECONNRESET' ? 'read: connection reset by peer' : code === 'EPIPE' ? 'write: broken pipe' : 'EOF';
  return { message: describe(`error reading server preface: ${reset}`), refusal: null, at };
}

/** The failure of a server that is silent after the connection stands. */
export const prefaceTimeout = (at: Date): ConnectionFailure => ({
  message: describe('error reading server preface: i/o timeout'),
  refusal: null,
  at,
});

/** A connection that stood and was lost. */
export const connectionLost = (at: Date): ConnectionFailure => ({
  message: 'error reading from server: EOF',
  refusal: null,
  at,
});
