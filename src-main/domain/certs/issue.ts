import { randomBytes } from 'node:crypto';

import { systemClock } from '../kernel';
import { certificatePem, readCertificate, type ParsedCertificate } from './certificate';
import {
  bitString,
  constructed,
  decode,
  type DerNode,
  encode,
  integer,
  sequence,
  tag,
  time,
  unsignedInteger,
} from './der';
import { writeName } from './distinguished-name';
import {
  writeAuthorityKeyId,
  writeBasicConstraints,
  writeDistributionPoint,
  writeExtendedKeyUsage,
  writeExtension,
  writeKeyUsage,
  writeSubjectKeyId,
} from './extensions';
import { writeGeneralNames } from './general-names';
import {
  generateKey,
  keyIdentifier,
  privateKeyPem,
  publicKeyInfoOf,
  publicKeyInfoOfPair,
  readPublicKeyInfo,
} from './keys';
import { writeNameConstraints } from './name-constraints';
import { extensionOids } from './oids';
import { refuseRequest } from './request-refusal';
import { roleTemplates } from './roles';
import { signBytes, signingAlgorithm } from './signatures';
import type {
  AuthorityRequest,
  CertificateRequest,
  IssuedCertificate,
  IssuedIdentity,
  IssuingTools,
  KeyPair,
  KeySpec,
  KeyUsage,
  SubjectSpec,
} from './types';

const DAY = 86_400_000;
/** Certificates start a little early, for clocks that differ. */
const EARLIER = 300_000;
const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 365;

/** Everything that both kinds of certificates have. */
interface Issuance extends IssuingTools {
  readonly subject: SubjectSpec;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly days?: number;
  readonly serial?: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly uris?: readonly string[];
  readonly emails?: readonly string[];
  readonly crlDistributionPoint?: string;
}

/**
 * Makes an authority: a self-signed root, or an intermediate when `issuer` is given. Key usage is critical and names
 * keyCertSign, cRLSign and digitalSignature.
 * @throws GatehouseError with a `certs.…` code when something asked for cannot be written
 */
export function createAuthority(request: AuthorityRequest): IssuedIdentity {
  const pair = keyPairOf(request.key);
  const publicKey = publicKeyInfoOfPair(pair);
  const keyId = keyIdentifierOf(publicKey);
  const subject = writeName(request.subject);
  const issuer = request.issuer;
  if (issuer !== undefined) refuseUnlessAuthority(issuer.certificate);
  const constraints = request.nameConstraints === undefined ? null : writeNameConstraints(request.nameConstraints);
  const der = signCertificate({
    ...request,
    defaultDays: AUTHORITY_DAYS,
    subjectNode: subject,
    issuerNode: issuer === undefined ? subject : decode(issuer.certificate.rawSubject),
    publicKey,
    signer: issuer?.privateKey ?? pair.privateKey,
    extensions: [
      writeBasicConstraints(true, request.pathLength),
      writeKeyUsage(['digitalSignature', 'keyCertSign', 'cRLSign']),
      request.extendedKeyUsage?.length ? writeExtendedKeyUsage(request.extendedKeyUsage) : null,
      constraints && writeExtension(extensionOids.nameConstraints, true, constraints),
      writeSubjectKeyId(keyId),
      authorityKeyIdOf(issuer === undefined ? keyId.toString('hex') : issuer.certificate.subjectKeyId),
    ],
  });
  return identityOf(der, pair);
}

/**
 * Makes a leaf certificate, for a key made here, given, or somebody's public key. Key usage is critical and always has
 * digitalSignature unless overridden, since BoringSSL insists on it (libraries.md A4).
 * @throws GatehouseError with a `certs.…` code when something asked for cannot be written
 */
export function issueCertificate(
  request: CertificateRequest & { readonly publicKey: NonNullable<CertificateRequest['publicKey']> },
): IssuedCertificate;
export function issueCertificate(request: CertificateRequest): IssuedIdentity;
export function issueCertificate(request: CertificateRequest): IssuedCertificate | IssuedIdentity {
  refuseUnlessAuthority(request.issuer.certificate);
  const pair = request.publicKey === undefined ? keyPairOf(request.key) : null;
  const publicKey =
    pair === null ? publicKeyInfoOf(request.publicKey as KeyPair['publicKey']) : publicKeyInfoOfPair(pair);
  const info = readPublicKeyInfo(decode(publicKey)).info;
  const purposes =
    request.extendedKeyUsage ?? (request.role === undefined ? [] : roleTemplates[request.role].extendedKeyUsage);
  const keyUsage: readonly KeyUsage[] =
    request.keyUsage ??
    (info.algorithm === 'rsa' && purposes.includes('serverAuth')
      ? ['digitalSignature', 'keyEncipherment']
      : ['digitalSignature']);
  const der = signCertificate({
    ...request,
    defaultDays: LEAF_DAYS,
    subjectNode: writeName(request.subject),
    issuerNode: decode(request.issuer.certificate.rawSubject),
    publicKey,
    signer: request.issuer.privateKey,
    extensions: [
      writeBasicConstraints(false, undefined),
      keyUsage.length > 0 ? writeKeyUsage(keyUsage) : null,
      purposes.length > 0 ? writeExtendedKeyUsage(purposes) : null,
      writeSubjectKeyId(keyIdentifierOf(publicKey)),
      authorityKeyIdOf(request.issuer.certificate.subjectKeyId),
    ],
  });
  return pair === null ? issuedOf(der) : identityOf(der, pair);
}

interface Signing extends Issuance {
  readonly defaultDays: number;
  readonly subjectNode: DerNode;
  readonly issuerNode: DerNode;
  readonly publicKey: Buffer;
  readonly signer: KeyPair['privateKey'];
  readonly extensions: readonly (DerNode | null)[];
}

function signCertificate(request: Signing): Buffer {
  const { notBefore, notAfter } = validityOf(request, request.defaultDays);
  const names = writeGeneralNames(request);
  const emptySubject = Array.isArray(request.subjectNode.value) && request.subjectNode.value.length === 0;
  const algorithm = signingAlgorithm(request.signer).identifier;
  const toBeSigned = sequence([
    constructed(tag.contextConstructed(0), [integer(2)]),
    unsignedInteger(serialOf(request)),
    algorithm,
    request.issuerNode,
    sequence([time(notBefore), time(notAfter)]),
    request.subjectNode,
    decode(request.publicKey),
    constructed(tag.contextConstructed(3), [
      sequence([
        ...request.extensions,
        // RFC 5280 §4.2.1.6: critical when the subject is empty.
        names && writeExtension(extensionOids.subjectAltName, emptySubject, names),
        request.crlDistributionPoint === undefined ? null : writeDistributionPoint(request.crlDistributionPoint),
      ]),
    ]),
  ]);
  return encode(sequence([toBeSigned, algorithm, bitString(signBytes(request.signer, encode(toBeSigned)))]));
}

function validityOf(request: Issuance, defaultDays: number): { notBefore: Date; notAfter: Date } {
  const notBefore = request.notBefore ?? new Date((request.clock ?? systemClock).now().getTime() - EARLIER);
  const notAfter = request.notAfter ?? new Date(notBefore.getTime() + (request.days ?? defaultDays) * DAY);
  if (!(notAfter.getTime() > notBefore.getTime())) {
    throw refuseRequest(
      'certs.validity',
      'The certificate would end before it begins; choose a later end or more days.',
    );
  }
  return { notBefore, notAfter };
}

/** 126 random bits in 16 bytes: always positive and of the same length. */
function serialOf(request: Issuance): Buffer {
  if (request.serial !== undefined) {
    if (!/^[0-9a-fA-F]{1,40}$/.test(request.serial)) {
      throw refuseRequest(
        'certs.serial',
        `The serial number ${JSON.stringify(request.serial)} must be up to 40 hexadecimal digits.`,
      );
    }
    return Buffer.from(request.serial.padStart(request.serial.length + (request.serial.length % 2), '0'), 'hex');
  }
  const bytes = Buffer.from((request.random ?? randomBytes)(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

const keyPairOf = (key: KeySpec | KeyPair | undefined): KeyPair => (typeof key === 'object' ? key : generateKey(key));

const keyIdentifierOf = (publicKey: Buffer): Buffer => keyIdentifier(readPublicKeyInfo(decode(publicKey)).keyBits);

const authorityKeyIdOf = (id: string | null): DerNode | null =>
  id === null ? null : writeAuthorityKeyId(Buffer.from(id, 'hex'));

function refuseUnlessAuthority(certificate: ParsedCertificate): void {
  if (certificate.isCa) return;
  throw refuseRequest(
    'certs.not-an-authority',
    `${certificate.subjectText} is not an authority and cannot sign certificates; choose an authority.`,
  );
}

function issuedOf(der: Buffer): IssuedCertificate {
  const reading = readCertificate(der);
  if (!reading.ok) throw new Error(`a certificate written here cannot be read: ${reading.failure.detail ?? ''}`);
  return { certificate: reading.value, der, pem: certificatePem({ der }) };
}

function identityOf(der: Buffer, pair: KeyPair): IssuedIdentity {
  return { ...issuedOf(der), privateKey: pair.privateKey, privateKeyPem: privateKeyPem(pair.privateKey) };
}
