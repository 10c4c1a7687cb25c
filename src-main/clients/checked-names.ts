import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/**
 * What Node's name check (`tls.checkServerIdentity`) reads of a certificate: its alternative names, and the common name
 * where these name no host. Node would make objects of the whole chain for it, which took an eighth of the time of a matrix.
 */
export function checkedNames(certificate: X509Certificate | undefined, name: string): object {
  if (certificate === undefined) return {};
  const { subjectAltName } = certificate;
  const enough = isIP(name) !== 0 || /(^|, )DNS:/.test(subjectAltName ?? '');
  return enough ? { subject: {}, subjectaltname: subjectAltName } : certificate.toLegacyObject();
}
