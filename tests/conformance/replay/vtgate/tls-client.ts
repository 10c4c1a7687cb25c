import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { Ground } from './ground';

/** TLS settings of a recorded client, as the recordings write them. */
export interface RecordedTls {
  readonly min?: string;
  readonly max?: string;
  readonly ciphers?: string;
  readonly cert?: string;
  readonly alpn?: readonly string[];
  readonly sni?: string;
  readonly verify?: boolean;
}

const versions: Readonly<Record<string, ConnectionOptions['minVersion']>> = {
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
};

/** What Node's client is told for it. Old versions and suites need OpenSSL's lowest level. */
export function clientOptions(tls: RecordedTls, ground: Ground, session?: Buffer): ConnectionOptions {
  const { min, max, ciphers, cert, alpn, sni, verify } = tls;
  const old = min === '1.0' || min === '1.1' || ciphers !== undefined;
  return {
    ...(min === undefined ? {} : { minVersion: versions[min] }),
    ...(max === undefined ? {} : { maxVersion: versions[max] }),
    ...(old ? { ciphers: `${ciphers ?? 'DEFAULT'}:@SECLEVEL=0` } : {}),
    ...(cert === undefined ? {} : ground.identity(cert)),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
    ...(sni === undefined ? {} : { servername: sni }),
    ...(verify === true
      ? { ca: ground.pem('server-ca.pem'), rejectUnauthorized: true, servername: 'localhost' }
      : { rejectUnauthorized: false }),
    ...(session === undefined ? {} : { session }),
  };
}

/** Version, suite and protocol as agreed; `alpn` only where the client offered any. */
export function agreed(socket: TLSSocket, tls: RecordedTls) {
  const version = socket.getProtocol() ?? '';
  const alpn = tls.alpn === undefined ? {} : { alpn: socket.alpnProtocol === false ? null : socket.alpnProtocol };
  // Python, which made the recordings, writes TLSv1 for 1.0 as Node does.
  return { version, cipher: socket.getCipher().name, ...alpn };
}

/** Alerts by number, RFC 8446 §6. */
const alerts: Readonly<Record<number, string>> = {
  10: 'unexpected_message',
  40: 'handshake_failure',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  50: 'decode_error',
  51: 'decrypt_error',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  112: 'unrecognized_name',
  116: 'certificate_required',
  120: 'no_application_protocol',
};

/** The alert by which the server ended TLS, or null. */
export function alertOf(error: Error | null): string | null {
  const number = /SSL alert number (\d+)/.exec(error?.message ?? '')?.[1];
  return number === undefined ? null : (alerts[Number(number)] ?? `alert ${number}`);
}
