import { pemBlock } from './certificate';
import { readCrl } from './crl';
import {
  bitString,
  constructed,
  decode,
  encode,
  integer,
  primitive,
  sequence,
  tag,
  time,
  unsignedInteger,
} from './der';
import { writeAuthorityKeyId, writeExtension } from './extensions';
import { extensionOids, reasonNumbers } from './oids';
import { refuseRequest } from './request-refusal';
import { signBytes, signingAlgorithm } from './signatures';
import type { CrlRequest, IssuedCrl, RevokedEntry } from './types';

/**
 * Signs a revocation list (RFC 5280 §5), version 2, with authority key identifier and number. The block is labelled
 * `X509 CRL`, the only label Vitess and OpenSSL take.
 * @throws GatehouseError when the issuer may not sign lists or something cannot be written
 */
export function createCrl(request: CrlRequest): IssuedCrl {
  const { certificate, privateKey } = request.issuer;
  if (!certificate.isCa || (certificate.keyUsage !== null && !certificate.keyUsage.includes('cRLSign'))) {
    throw refuseRequest(
      'certs.crl-issuer',
      `${certificate.subjectText} may not sign revocation lists; choose its authority.`,
    );
  }
  if (!(request.nextUpdate.getTime() > request.thisUpdate.getTime())) {
    throw refuseRequest('certs.crl-validity', 'The list would end before it begins; choose a later end.');
  }
  const algorithm = signingAlgorithm(privateKey).identifier;
  const toBeSigned = sequence([
    integer(1),
    algorithm,
    decode(certificate.rawSubject),
    time(request.thisUpdate),
    time(request.nextUpdate),
    request.revoked.length === 0 ? null : sequence(request.revoked.map(writeEntry)),
    constructed(tag.contextConstructed(0), [
      sequence([
        certificate.subjectKeyId === null ? null : writeAuthorityKeyId(Buffer.from(certificate.subjectKeyId, 'hex')),
        writeExtension(extensionOids.crlNumber, false, integer(request.number)),
      ]),
    ]),
  ]);
  const der = encode(sequence([toBeSigned, algorithm, bitString(signBytes(privateKey, encode(toBeSigned)))]));
  const reading = readCrl(der);
  if (!reading.ok) throw new Error(`a list written here cannot be read: ${reading.failure.detail ?? ''}`);
  return { crl: reading.value, der, pem: pemBlock('X509 CRL', der) };
}

function writeEntry({ serial, date, reason = 'unspecified' }: RevokedEntry): ReturnType<typeof sequence> {
  if (!/^[0-9a-fA-F]+$/.test(serial))
    throw refuseRequest('certs.serial', `The serial number ${JSON.stringify(serial)} must be hexadecimal digits.`);
  const number = reasonNumbers[reason];
  if (number === undefined)
    throw refuseRequest(
      'certs.reason',
      `The reason ${JSON.stringify(reason)} is not one of ${Object.keys(reasonNumbers).join(', ')}.`,
    );
  return sequence([
    unsignedInteger(Buffer.from(serial.padStart(serial.length + (serial.length % 2), '0'), 'hex')),
    time(date),
    // RFC 5280 §5.3.1: an unspecified reason is left out.
    number === 0
      ? null
      : sequence([writeExtension(extensionOids.reasonCode, false, primitive(tag.enumerated, Buffer.of(number)))]),
  ]);
}
