import {
  bytesOf,
  decode,
  DerError,
  type DerNode,
  octetString,
  boolean,
  encode,
  oid,
  sequence,
  constructed,
  primitive,
  namedBits,
  tag,
  tagOf,
  integer,
} from './der';
import {
  childrenOf,
  DerFields,
  explicitValue,
  readBoolean,
  readNamedBits,
  readOid,
  readSmallInteger,
} from './der-reader';
import { type AlternativeNames, noNames, readAscii, readGeneralNames } from './general-names';
import { type ReadNameConstraints, readNameConstraints } from './name-constraints';
import { extensionOids as ids, keyUsageBits, purposeName, purposeOids } from './oids';
import { refuseRequest } from './request-refusal';
import type { ExtendedKeyUsage, KeyUsage } from './types';

/** One extension as it stands in a certificate or CRL. */
export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** DER of the value. */
  readonly value: Buffer;
}

/** Reads Extensions (RFC 5280 §4.2); the same extension twice is an error. @throws DerError */
export function readExtensionList(node: DerNode): readonly Extension[] {
  const extensions: Extension[] = [];
  const seen = new Set<string>();
  for (const child of childrenOf(node, 'extensions')) {
    const fields = new DerFields(child, 'extension');
    const type = readOid(fields.take(tag.oid, 'extension type'));
    const criticalNode = fields.optional(tag.boolean);
    const value = bytesOf(fields.take(tag.octetString, 'extension value'));
    fields.end();
    if (seen.has(type)) throw new DerError(`the extension ${type} appears twice`);
    seen.add(type);
    extensions.push({ oid: type, critical: criticalNode !== undefined && readBoolean(criticalNode), value });
  }
  return extensions;
}

/** What the extensions of a certificate say; defaults stand for missing ones. */
export interface CertificateExtensions {
  readonly names: AlternativeNames;
  /** DER of the subjectAltName, null when it is missing. */
  readonly rawNames: Buffer | null;
  readonly basicConstraints: { readonly ca: boolean; readonly pathLength: number | null } | null;
  readonly keyUsage: readonly KeyUsage[] | null;
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[] | null;
  readonly nameConstraints: ReadNameConstraints | null;
  readonly subjectKeyId: string | null;
  readonly authorityKeyId: string | null;
  readonly crlDistributionPoints: readonly string[];
  /** Critical extensions that nobody here understands. */
  readonly unknownCritical: readonly string[];
  /** Policy constraints and mappings: not processed, so a path with them cannot be decided. */
  readonly policyRules: boolean;
}

/** Reads the extensions of a certificate. @throws DerError for malformed ones, also where Go's crypto/x509 is strict */
export function readCertificateExtensions(list: readonly Extension[]): CertificateExtensions {
  const unknownCritical: string[] = [];
  let names = noNames;
  let rawNames: Buffer | null = null;
  let basicConstraints: CertificateExtensions['basicConstraints'] = null;
  let keyUsage: KeyUsage[] | null = null;
  let extendedKeyUsage: ExtendedKeyUsage[] | null = null;
  let nameConstraints: ReadNameConstraints | null = null;
  let subjectKeyId: string | null = null;
  let authorityKeyId: string | null = null;
  let crlDistributionPoints: readonly string[] = [];
  let policyRules = false;

  for (const { oid: type, critical, value } of list) {
    let understood = true;
    switch (type) {
      case ids.subjectAltName:
        names = readGeneralNames(decode(value));
        rawNames = value;
        understood = names.dnsNames.length + names.ipAddresses.length + names.uris.length + names.emails.length > 0;
        break;
      case ids.basicConstraints:
        basicConstraints = readBasicConstraints(decode(value));
        break;
      case ids.keyUsage:
        keyUsage = readNamedBits(decode(value), 'key usage').flatMap((bit) => keyUsageBits[bit] ?? []);
        break;
      case ids.extendedKeyUsage:
        extendedKeyUsage = childrenOf(decode(value), 'extended key usage').map((child) => purposeName(readOid(child)));
        break;
      case ids.nameConstraints:
        nameConstraints = readNameConstraints(decode(value));
        understood = !nameConstraints.unhandled;
        break;
      case ids.subjectKeyIdentifier: {
        const node = decode(value);
        if (critical || new DerFields(sequence([node]), type).peek() !== tag.octetString)
          throw new DerError('a malformed subject key identifier');
        subjectKeyId = bytesOf(node).toString('hex');
        break;
      }
      case ids.authorityKeyIdentifier:
        if (critical) throw new DerError('an authority key identifier that is marked critical');
        authorityKeyId = readAuthorityKeyId(value);
        break;
      case ids.crlDistributionPoints:
        crlDistributionPoints = readDistributionPoints(decode(value));
        break;
      case ids.certificatePolicies:
        childrenOf(decode(value), 'certificate policies');
        break;
      case ids.policyConstraints:
      case ids.policyMappings:
      case ids.inhibitAnyPolicy:
        policyRules = true;
        understood = false;
        break;
      case ids.authorityInfoAccess:
        if (critical) throw new DerError('authority information access that is marked critical');
        childrenOf(decode(value), 'authority information access');
        break;
      default:
        understood = false;
    }
    if (critical && !understood) unknownCritical.push(type);
  }
  return {
    names,
    rawNames,
    basicConstraints,
    keyUsage,
    extendedKeyUsage,
    nameConstraints,
    subjectKeyId,
    authorityKeyId,
    crlDistributionPoints,
    unknownCritical,
    policyRules,
  };
}

function readBasicConstraints(node: DerNode): { ca: boolean; pathLength: number | null } {
  const fields = new DerFields(node, 'basic constraints');
  const ca = fields.optional(tag.boolean);
  const length = fields.optional(tag.integer);
  fields.end();
  return {
    ca: ca !== undefined && readBoolean(ca),
    pathLength: length === undefined ? null : readSmallInteger(length, 'path length'),
  };
}

/** Key identifier of an authorityKeyIdentifier value, null when it names none. @throws DerError */
export function readAuthorityKeyId(value: Uint8Array): string | null {
  const fields = new DerFields(decode(value), 'authority key identifier');
  const key = fields.optional(tag.context(0));
  return key === undefined ? null : bytesOf(key).toString('hex');
}

function readDistributionPoints(node: DerNode): readonly string[] {
  const uris: string[] = [];
  for (const point of childrenOf(node, 'CRL distribution points')) {
    const name = new DerFields(point, 'CRL distribution point').optional(tag.contextConstructed(0));
    if (name === undefined) continue;
    const full = explicitValue(name, 'CRL distribution point');
    if (tagOf(full) !== tag.contextConstructed(0) || typeof full.value === 'string')
      throw new DerError('a malformed CRL distribution point');
    for (const child of full.value) {
      if (child.tagClass === 0x80 && child.type === 6 && !child.constructed)
        uris.push(readAscii(child, 'a CRL address'));
    }
  }
  return uris;
}

/** One extension as it is written. */
export const writeExtension = (type: string, critical: boolean, value: DerNode): DerNode =>
  sequence([oid(type), critical ? boolean(true) : null, octetString(encode(value))]);

export const writeBasicConstraints = (ca: boolean, pathLength: number | undefined): DerNode =>
  writeExtension(
    ids.basicConstraints,
    true,
    sequence([ca ? boolean(true) : null, ca && pathLength !== undefined ? integer(pathLength) : null]),
  );

export const writeKeyUsage = (usages: readonly KeyUsage[]): DerNode =>
  writeExtension(ids.keyUsage, true, namedBits(usages.map((usage) => keyUsageBits.indexOf(usage))));

/** Extended key usage, by name or dotted OID. */
export function writeExtendedKeyUsage(purposes: readonly ExtendedKeyUsage[]): DerNode {
  const oids = purposes.map((purpose) => {
    const dotted = purposeOids[purpose] ?? purpose;
    if (!/^[0-2](\.\d+)+$/.test(dotted)) {
      throw refuseRequest(
        'certs.purpose',
        `The purpose ${JSON.stringify(purpose)} is not known; use ${Object.keys(purposeOids).join(', ')} or a dotted OID.`,
      );
    }
    return oid(dotted);
  });
  return writeExtension(ids.extendedKeyUsage, false, sequence(oids));
}

export const writeSubjectKeyId = (id: Uint8Array): DerNode =>
  writeExtension(ids.subjectKeyIdentifier, false, octetString(id));

export const writeAuthorityKeyId = (id: Uint8Array): DerNode =>
  writeExtension(ids.authorityKeyIdentifier, false, sequence([primitive(tag.context(0), id)]));

/** One distribution point with one address. */
export const writeDistributionPoint = (uri: string): DerNode =>
  writeExtension(
    ids.crlDistributionPoints,
    false,
    sequence([
      sequence([
        constructed(tag.contextConstructed(0), [
          constructed(tag.contextConstructed(0), [primitive(tag.context(6), uri)]),
        ]),
      ]),
    ]),
  );
