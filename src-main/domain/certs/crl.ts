import { createHash } from 'node:crypto';

import { fail, type Result, succeed } from '../kernel';
import { decode, DerError, type DerNode, encode, tag, tagOf } from './der';
import {
  childrenOf,
  DerFields,
  explicitValue,
  readBitStringBytes,
  readIntegerHex,
  readSmallInteger,
  readTime,
} from './der-reader';
import { readName } from './distinguished-name';
import { type Extension, readAuthorityKeyId, readExtensionList } from './extensions';
import { extensionOids as ids, reasonName } from './oids';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signatures';
import type { RevokedEntry } from './types';

/** A certificate revocation list as data. */
export interface ParsedCrl {
  readonly der: Buffer;
  /** SHA-256 of `der`, lower-case hex. */
  readonly fingerprint: string;
  readonly issuerText: string;
  readonly rawIssuer: Buffer;
  readonly thisUpdate: Date;
  /** Null when the list names no end. */
  readonly nextUpdate: Date | null;
  readonly number: bigint | null;
  /** By serial number, lower-case hex. */
  readonly revoked: ReadonlyMap<string, RevokedEntry>;
  readonly authorityKeyId: string | null;
  readonly signatureAlgorithm: string;
  readonly algorithm: SignatureAlgorithm;
  readonly rawToBeSigned: Buffer;
  readonly signature: Buffer;
  /** Lists only what changed since another one. */
  readonly isDelta: boolean;
  /** Holds entries of other authorities. */
  readonly isIndirect: boolean;
  /** Limited to a kind of certificates or to some reasons. */
  readonly isPartial: boolean;
  /** Critical extensions of the list or an entry other than IssuingDistributionPoint. */
  readonly unknownCriticalExtensions: readonly string[];
}

/** A limit for hostile input; a list of a million entries is smaller. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Reads one DER list (RFC 5280 §5). Fails with `certs.malformed-crl`; never throws. */
export function readCrl(der: Uint8Array): Result<ParsedCrl> {
  try {
    return succeed(parseCrl(Buffer.from(der)));
  } catch (error) {
    return fail({
      code: 'certs.malformed-crl',
      summary: 'This is not a revocation list that can be read; make or fetch it again.',
      detail: error instanceof Error ? error.message : String(error),
    });
  }
}

function parseCrl(der: Buffer): ParsedCrl {
  if (der.length > MAX_BYTES) throw new DerError('a list that is too large');
  const outer = new DerFields(decode(der), 'list');
  const toBeSigned = outer.take(tag.sequence, 'list body');
  const outerAlgorithm = outer.take(tag.sequence, 'signature algorithm');
  const signature = readBitStringBytes(outer.take(tag.bitString, 'signature'), 'the signature');
  outer.end();

  const fields = new DerFields(toBeSigned, 'list body');
  if (readSmallInteger(fields.take(tag.integer, 'version'), 'version') !== 1)
    throw new DerError('a list version that does not exist');
  const innerAlgorithm = fields.take(tag.sequence, 'signature algorithm');
  if (!encode(innerAlgorithm).equals(encode(outerAlgorithm)))
    throw new DerError('two signature algorithms that differ');
  const issuerNode = fields.take(tag.sequence, 'issuer');
  const thisUpdate = readTime(fields.any('thisUpdate'), 'thisUpdate');
  const next = fields.peek();
  const nextUpdate =
    next === tag.utcTime || next === tag.generalizedTime ? readTime(fields.any('nextUpdate'), 'nextUpdate') : null;
  const entriesNode = fields.optional(tag.sequence);
  const extensionsNode = fields.optional(tag.contextConstructed(0));
  fields.end();

  const unknown = new Set<string>();
  const revoked = readEntries(entriesNode, unknown);
  const extensions = extensionsNode === undefined ? [] : readExtensionList(explicitValue(extensionsNode, 'extensions'));
  const find = (oid: string): Extension | undefined => extensions.find((extension) => extension.oid === oid);
  for (const { oid, critical } of extensions) if (critical && oid !== ids.issuingDistributionPoint) unknown.add(oid);
  const number = find(ids.crlNumber);
  const keyId = find(ids.authorityKeyIdentifier);
  const scope = readScope(find(ids.issuingDistributionPoint));
  const algorithm = readSignatureAlgorithm(innerAlgorithm);
  return {
    der,
    fingerprint: createHash('sha256').update(der).digest('hex'),
    issuerText: readName(issuerNode).text,
    rawIssuer: encode(issuerNode),
    thisUpdate,
    nextUpdate,
    number: number === undefined ? null : readNumber(decode(number.value)),
    revoked,
    authorityKeyId: keyId === undefined ? null : readAuthorityKeyId(keyId.value),
    signatureAlgorithm: algorithm.name,
    algorithm,
    rawToBeSigned: encode(toBeSigned),
    signature,
    isDelta: find(ids.deltaCrlIndicator) !== undefined,
    ...scope,
    unknownCriticalExtensions: [...unknown],
  };
}

function readNumber(node: DerNode): bigint {
  const hex = tagOf(node) === tag.integer ? readIntegerHex(node) : '-';
  if (hex.startsWith('-')) throw new DerError('a list number that is not a number');
  return BigInt(`0x${hex}`);
}

function readEntries(node: DerNode | undefined, unknown: Set<string>): ReadonlyMap<string, RevokedEntry> {
  const revoked = new Map<string, RevokedEntry>();
  for (const child of node === undefined ? [] : childrenOf(node, 'entries')) {
    const fields = new DerFields(child, 'entry');
    const serial = readIntegerHex(fields.take(tag.integer, 'serial number'));
    const date = readTime(fields.any('date of revocation'), 'the date of revocation');
    const extensionsNode = fields.optional(tag.sequence);
    fields.end();
    let entry: RevokedEntry = { serial, date };
    for (const { oid, critical, value } of extensionsNode === undefined ? [] : readExtensionList(extensionsNode)) {
      if (oid === ids.reasonCode) {
        const reasonNode = decode(value);
        if (tagOf(reasonNode) !== tag.enumerated) throw new DerError('a malformed reason');
        const reason = reasonName(readSmallInteger(reasonNode, 'reason'));
        if (reason !== undefined) entry = { ...entry, reason };
      }
      if (critical) unknown.add(oid);
    }
    revoked.set(serial, entry);
  }
  return revoked;
}

/** IssuingDistributionPoint (RFC 5280 §5.2.5): whether the list covers less, or more, than its issuer's certificates. */
function readScope(extension: Extension | undefined): { readonly isIndirect: boolean; readonly isPartial: boolean } {
  if (extension === undefined) return { isIndirect: false, isPartial: false };
  const present = new Set(childrenOf(decode(extension.value), 'issuing distribution point').map(tagOf));
  return {
    isIndirect: present.has(tag.context(4)),
    isPartial: [1, 2, 3, 5].some((number) => present.has(tag.context(number))),
  };
}
