/** TLS alert descriptions by number (RFC 8446 §6, RFC 5246 §7.2), RFC spelling. */
const alertNames: ReadonlyMap<number, string> = new Map([
  [0, 'close_notify'],
  [10, 'unexpected_message'],
  [20, 'bad_record_mac'],
  [22, 'record_overflow'],
  [40, 'handshake_failure'],
  [42, 'bad_certificate'],
  [43, 'unsupported_certificate'],
  [44, 'certificate_revoked'],
  [45, 'certificate_expired'],
  [46, 'certificate_unknown'],
  [47, 'illegal_parameter'],
  [48, 'unknown_ca'],
  [49, 'access_denied'],
  [50, 'decode_error'],
  [51, 'decrypt_error'],
  [70, 'protocol_version'],
  [71, 'insufficient_security'],
  [80, 'internal_error'],
  [86, 'inappropriate_fallback'],
  [90, 'user_canceled'],
  [109, 'missing_extension'],
  [110, 'unsupported_extension'],
  [112, 'unrecognized_name'],
  [116, 'certificate_required'],
  [120, 'no_application_protocol'],
]);

/** An alert's name in RFC spelling; `alert_N` for a number that no RFC names. */
export const alertName = (number: number): string => alertNames.get(number) ?? `alert_${number}`;

/** `protocol_version (70)`; the name alone where no RFC numbers it. */
export function alertNumber(name: string): string {
  const found = [...alertNames].find(([, known]) => known === name);
  return found === undefined ? name : `${name} (${found[0]})`;
}

const knownNames = new Set(alertNames.values());

/**
 * The alert that the other side sent, as OpenSSL (`SSL alert number 48`, `ERR_SSL_TLSV1_ALERT_UNKNOWN_CA`) and BoringSSL
 * (`TLSV1_ALERT_UNKNOWN_CA`) put it into an error, or null when the error is not about an alert received.
 */
export function receivedAlert(code: string, message: string): string | null {
  const number = /SSL alert number (\d+)/.exec(message)?.[1];
  if (number !== undefined) return alertName(Number(number));
  const name = /(?:TLSV1|TLSV13|SSLV3)_ALERT_([A-Z_]+)/.exec(
    `${code} ${message.toUpperCase().replaceAll(' ', '_')}`,
  )?.[1];
  if (name === undefined) return null;
  const spelled = name.toLowerCase();
  return [...knownNames].find((known) => spelled.startsWith(known)) ?? spelled;
}
