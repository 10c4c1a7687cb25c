import { createHash, type KeyObject, X509Certificate } from 'node:crypto';

import { fail, type Result, succeed } from '../kernel';
import { decode, DerError, type DerNode, encode, tag } from './der';
import { DerFields, explicitValue, readBitStringBytes, readIntegerHex, readSmallInteger, readTime } from './der-reader';
import { type DistinguishedName, readName } from './distinguished-name';
import { type CertificateExtensions, readCertificateExtensions, readExtensionList } from './extensions';
import { type PublicKeyInfo, readPublicKeyInfo, toPublicKey } from './keys';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signatures';
import type { ExtendedKeyUsage, KeyUsage, NameConstraintsSpec } from './types';

/** A certificate as data. Everything but the key object is read and checked when it is made; nothing throws later. */
export interface ParsedCertificate {
  readonly der: Buffer;
  /** SHA-256 of `der`, lower-case hex. */
  readonly fingerprint: string;
  /** 1 to 3. */
  readonly version: number;
  /** Lower-case hex without leading zeros. */
  readonly serial: string;
  /** Go's pkix.Name.String(): what vtgate's gRPC mtls authorisation looks into (vitess-behaviour §1.7). */
  readonly subjectText: string;
  readonly issuerText: string;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  /** The caller's name: the last CN, '' if there is none (vitess-behaviour §4.1). */
  readonly lastCommonName: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly emails: readonly string[];
  /** Null when the extension is missing. */
  readonly keyUsage: readonly KeyUsage[] | null;
  /** Null when the extension is missing. */
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[] | null;
  readonly isCa: boolean;
  /** Null when the certificate sets no limit. */
  readonly pathLength: number | null;
  readonly nameConstraints: NameConstraintsSpec | null;
  readonly subjectKeyId: string | null;
  readonly authorityKeyId: string | null;
  readonly crlDistributionPoints: readonly string[];
  readonly key: PublicKeyInfo;
  /** e.g. `ecdsa-sha256`, `rsa-sha1`; a dotted OID when unknown. */
  readonly signatureAlgorithm: string;
  /** Critical extensions that nobody here understands, dotted OIDs. */
  readonly unknownCriticalExtensions: readonly string[];
  /** Null when node:crypto cannot use the key. Made at first use. */
  readonly publicKey: KeyObject | null;
  readonly rawSubject: Buffer;
  readonly rawIssuer: Buffer;
  /** SubjectPublicKeyInfo. */
  readonly rawPublicKey: Buffer;
  /** What the signature covers. */
  readonly rawToBeSigned: Buffer;
  readonly signature: Buffer;
  readonly algorithm: SignatureAlgorithm;
  readonly extensions: CertificateExtensions;
}

/** More than any certificate needs; a limit for hostile input. */
const MAX_BYTES = 128 * 1024;

class ReadCertificate implements ParsedCertificate {
  readonly fingerprint: string;
  readonly version: number;
  readonly serial: string;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly key: PublicKeyInfo;
  readonly rawSubject: Buffer;
  readonly rawIssuer: Buffer;
  readonly rawPublicKey: Buffer;
  readonly rawToBeSigned: Buffer;
  readonly signature: Buffer;
  readonly algorithm: SignatureAlgorithm;
  readonly extensions: CertificateExtensions;
  readonly #publicKeyNode: DerNode;
  #publicKey: KeyObject | null | undefined;

  /** @throws DerError */
  constructor(readonly der: Buffer) {
    if (der.length > MAX_BYTES) throw new DerError('a certificate that is too large');
    const outer = new DerFields(decode(der), 'certificate');
    const toBeSigned = outer.take(tag.sequence, 'certificate body');
    const outerAlgorithm = outer.take(tag.sequence, 'signature algorithm');
    this.signature = readBitStringBytes(outer.take(tag.bitString, 'signature'), 'the signature');
    outer.end();

    const fields = new DerFields(toBeSigned, 'certificate body');
    const versionNode = fields.optional(tag.contextConstructed(0));
    this.version =
      1 + (versionNode === undefined ? 0 : readSmallInteger(explicitValue(versionNode, 'version'), 'version'));
    if (this.version > 3) throw new DerError('a certificate version that does not exist');
    this.serial = readIntegerHex(fields.take(tag.integer, 'serial number'));
    if (this.serial.startsWith('-')) throw new DerError('a negative serial number');
    const innerAlgorithm = fields.take(tag.sequence, 'signature algorithm');
    if (!encode(innerAlgorithm).equals(encode(outerAlgorithm)))
      throw new DerError('two signature algorithms that differ');
    this.algorithm = readSignatureAlgorithm(innerAlgorithm);
    const issuerNode = fields.take(tag.sequence, 'issuer');
    const validity = new DerFields(fields.take(tag.sequence, 'validity'), 'validity');
    this.notBefore = readTime(validity.any('start of validity'), 'the start of validity');
    this.notAfter = readTime(validity.any('end of validity'), 'the end of validity');
    validity.end();
    const subjectNode = fields.take(tag.sequence, 'subject');
    this.issuer = readName(issuerNode);
    this.subject = readName(subjectNode);
    this.#publicKeyNode = fields.take(tag.sequence, 'public key');
    this.key = readPublicKeyInfo(this.#publicKeyNode).info;
    fields.optional(tag.context(1));
    fields.optional(tag.context(2));
    const extensionsNode = fields.optional(tag.contextConstructed(3));
    fields.end();
    if (extensionsNode !== undefined && this.version !== 3)
      throw new DerError('extensions in a certificate of an old version');
    this.extensions = readCertificateExtensions(
      extensionsNode === undefined ? [] : readExtensionList(explicitValue(extensionsNode, 'extensions')),
    );

    this.rawSubject = encode(subjectNode);
    this.rawIssuer = encode(issuerNode);
    this.rawPublicKey = encode(this.#publicKeyNode);
    this.rawToBeSigned = encode(toBeSigned);
    this.fingerprint = createHash('sha256').update(der).digest('hex');
  }

  get subjectText(): string {
    return this.subject.text;
  }
  get issuerText(): string {
    return this.issuer.text;
  }
  get lastCommonName(): string {
    return this.subject.commonName;
  }
  get dnsNames(): readonly string[] {
    return this.extensions.names.dnsNames;
  }
  get ipAddresses(): readonly string[] {
    return this.extensions.names.ipAddresses;
  }
  get uris(): readonly string[] {
    return this.extensions.names.uris;
  }
  get emails(): readonly string[] {
    return this.extensions.names.emails;
  }
  get keyUsage(): readonly KeyUsage[] | null {
    return this.extensions.keyUsage;
  }
  get extendedKeyUsage(): readonly ExtendedKeyUsage[] | null {
    return this.extensions.extendedKeyUsage;
  }
  get isCa(): boolean {
    return this.extensions.basicConstraints?.ca ?? false;
  }
  get pathLength(): number | null {
    return this.extensions.basicConstraints?.pathLength ?? null;
  }
  get nameConstraints(): NameConstraintsSpec | null {
    return this.extensions.nameConstraints;
  }
  get subjectKeyId(): string | null {
    return this.extensions.subjectKeyId;
  }
  get authorityKeyId(): string | null {
    return this.extensions.authorityKeyId;
  }
  get crlDistributionPoints(): readonly string[] {
    return this.extensions.crlDistributionPoints;
  }
  get signatureAlgorithm(): string {
    return this.algorithm.name;
  }
  get unknownCriticalExtensions(): readonly string[] {
    return this.extensions.unknownCritical;
  }
  get publicKey(): KeyObject | null {
    this.#publicKey ??= this.key.algorithm === 'unknown' ? null : toPublicKey(this.#publicKeyNode);
    return this.#publicKey;
  }
}

/**
 * Reads one DER certificate (RFC 5280 §4). Strict: what is not DER, or what Go's crypto/x509 refuses to read, fails with
 * `certs.malformed-certificate`. Never throws.
 */
export function readCertificate(der: Uint8Array): Result<ParsedCertificate> {
  try {
    return succeed(new ReadCertificate(Buffer.from(der)));
  } catch (error) {
    return fail({
      code: 'certs.malformed-certificate',
      summary: 'This is not a certificate that can be read; get it from its authority again.',
      detail: error instanceof Error ? error.message : String(error),
    });
  }
}

/** Node's own view of the same certificate, for TLS options and tests. */
export const toX509 = (certificate: ParsedCertificate): X509Certificate => new X509Certificate(certificate.der);

/** A `CERTIFICATE` block with a final newline. */
export const certificatePem = (certificate: { readonly der: Uint8Array }): string =>
  pemBlock('CERTIFICATE', certificate.der);

/** One PEM block (RFC 7468): 64 characters a line, final newline. */
export function pemBlock(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
