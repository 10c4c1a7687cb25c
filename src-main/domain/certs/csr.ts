import type { KeyObject } from 'node:crypto';

import { fail, type Result, succeed } from '../kernel';
import { pemBlock } from './certificate';
import {
  bitString,
  constructed,
  decode,
  DerError,
  type DerNode,
  encode,
  integer,
  oid,
  sequence,
  setOf,
  tag,
} from './der';
import { childrenOf, DerFields, readBitStringBytes, readOid, readSmallInteger } from './der-reader';
import { type DistinguishedName, readName, writeName } from './distinguished-name';
import { readExtensionList, writeExtension } from './extensions';
import { type AlternativeNames, noNames, readGeneralNames, writeGeneralNames } from './general-names';
import { issueCertificate } from './issue';
import { generateKey, type PublicKeyInfo, publicKeyInfoOfPair, readPublicKeyInfo, toPublicKey } from './keys';
import { extensionOids } from './oids';
import { checkSignature, readSignatureAlgorithm, signBytes, signingAlgorithm } from './signatures';
import type { CertificateRequest, IssuedCertificate, KeyPair, KeySpec, SubjectSpec } from './types';

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const MAX_BYTES = 64 * 1024;

/** A certificate request as data: somebody asks for these names and has shown to hold the key. */
export interface ParsedCsr {
  readonly der: Buffer;
  readonly subject: DistinguishedName;
  readonly subjectText: string;
  readonly rawSubject: Buffer;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly emails: readonly string[];
  readonly key: PublicKeyInfo;
  readonly publicKey: KeyObject;
  readonly signatureAlgorithm: string;
}

/** What a request asks for. */
export interface CsrRequest {
  readonly subject: SubjectSpec;
  readonly key?: KeySpec | KeyPair;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly uris?: readonly string[];
  readonly emails?: readonly string[];
}

/**
 * Writes a PKCS#10 request (RFC 2986) with its names as an extension request.
 * @throws GatehouseError when something asked for cannot be written
 */
export function createCsr(request: CsrRequest): {
  readonly pem: string;
  readonly der: Buffer;
  readonly privateKey: KeyObject;
} {
  const pair = typeof request.key === 'object' ? request.key : generateKey(request.key);
  const names = writeGeneralNames(request);
  const attributes: DerNode[] =
    names === null
      ? []
      : [
          sequence([
            oid(EXTENSION_REQUEST),
            setOf([sequence([writeExtension(extensionOids.subjectAltName, false, names)])]),
          ]),
        ];
  const algorithm = signingAlgorithm(pair.privateKey).identifier;
  const body = sequence([
    integer(0),
    writeName(request.subject),
    decode(publicKeyInfoOfPair(pair)),
    constructed(tag.contextConstructed(0), attributes),
  ]);
  const der = encode(sequence([body, algorithm, bitString(signBytes(pair.privateKey, encode(body)))]));
  return { pem: pemBlock('CERTIFICATE REQUEST', der), der, privateKey: pair.privateKey };
}

/**
 * Reads a request and checks its signature, which shows that its author holds the key. Fails with `certs.malformed-csr`
 * or `certs.csr-signature`; never throws.
 */
export function readCsr(der: Uint8Array): Result<ParsedCsr> {
  try {
    return parseCsr(Buffer.from(der));
  } catch (error) {
    return fail({
      code: 'certs.malformed-csr',
      summary: 'This is not a certificate request that can be read; make it again.',
      detail: error instanceof Error ? error.message : String(error),
    });
  }
}

function parseCsr(der: Buffer): Result<ParsedCsr> {
  if (der.length > MAX_BYTES) throw new DerError('a request that is too large');
  const outer = new DerFields(decode(der), 'request');
  const body = outer.take(tag.sequence, 'request body');
  const algorithm = readSignatureAlgorithm(outer.take(tag.sequence, 'signature algorithm'));
  const signature = readBitStringBytes(outer.take(tag.bitString, 'signature'), 'the signature');
  outer.end();
  const fields = new DerFields(body, 'request body');
  if (readSmallInteger(fields.take(tag.integer, 'version'), 'version') !== 0)
    throw new DerError('a request version that does not exist');
  const subjectNode = fields.take(tag.sequence, 'subject');
  const subject = readName(subjectNode);
  const keyNode = fields.take(tag.sequence, 'public key');
  const { info } = readPublicKeyInfo(keyNode);
  const attributes = fields.optional(tag.contextConstructed(0));
  fields.end();
  const names = attributes === undefined ? noNames : readRequestedNames(attributes);
  const publicKey = toPublicKey(keyNode);
  if (publicKey === null || algorithm.weak || !checkSignature(algorithm, encode(body), signature, publicKey)) {
    return fail({
      code: 'certs.csr-signature',
      summary: algorithm.weak
        ? `The request of ${subject.text} is signed with ${algorithm.name}, which is not accepted; make it again with SHA-256.`
        : `The signature of the request of ${subject.text} does not hold, so nobody knows whether its author has the key; make it again.`,
    });
  }
  return succeed({
    der,
    subject,
    subjectText: subject.text,
    rawSubject: encode(subjectNode),
    dnsNames: names.dnsNames,
    ipAddresses: names.ipAddresses,
    uris: names.uris,
    emails: names.emails,
    key: info,
    publicKey,
    signatureAlgorithm: algorithm.name,
  });
}

/** Only names are looked at: an authority decides about usages, never the applicant. */
function readRequestedNames(attributes: DerNode): AlternativeNames {
  for (const attribute of childrenOf(attributes, 'attributes', tag.contextConstructed(0))) {
    const fields = new DerFields(attribute, 'attribute');
    if (readOid(fields.take(tag.oid, 'attribute type')) !== EXTENSION_REQUEST) continue;
    const extensions = childrenOf(fields.take(tag.set, 'extension request'), 'extension request', tag.set)[0];
    const list = extensions === undefined ? [] : readExtensionList(extensions);
    const names = list.find((extension) => extension.oid === extensionOids.subjectAltName);
    if (names !== undefined) return readGeneralNames(decode(names.value));
  }
  return noNames;
}

/** What an authority decides about a request; subject and names come from the request unless they are given here. */
export type CsrIssuance = Omit<CertificateRequest, 'subject' | 'key' | 'publicKey'> & {
  readonly subject?: SubjectSpec;
};

/** Issues the certificate that a request asks for. @throws GatehouseError as `issueCertificate` */
export function issueFromCsr(csr: ParsedCsr, issuance: CsrIssuance): IssuedCertificate {
  return issueCertificate({
    dnsNames: csr.dnsNames,
    ipAddresses: csr.ipAddresses,
    uris: csr.uris,
    emails: csr.emails,
    ...issuance,
    subject: issuance.subject ?? csr.subject.attributes.map(({ oid: type, value }) => ({ type, value })),
    publicKey: csr.publicKey,
  });
}
