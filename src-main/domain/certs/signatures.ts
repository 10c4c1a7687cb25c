import { constants, type KeyObject, sign, verify } from 'node:crypto';

import { DerError, type DerNode, nullValue, oid, sequence, tag } from './der';
import { DerFields, explicitValue, readOid, readSmallInteger } from './der-reader';
import type { PublicKeyInfo } from './keys';

/** A signature algorithm as certificates name it. */
export interface SignatureAlgorithm {
  /** e.g. `ecdsa-sha256`; the dotted OID of an algorithm that is not known here. */
  readonly name: string;
  readonly key: PublicKeyInfo['algorithm'];
  /** Null for Ed25519, which has no separate hash. */
  readonly hash: string | null;
  readonly pss?: boolean;
  /** MD5 and SHA-1: broken, refused for certificates as in Go. */
  readonly weak: boolean;
}

const known: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.4': { name: 'rsa-md5', key: 'rsa', hash: 'md5', weak: true },
  '1.2.840.113549.1.1.5': { name: 'rsa-sha1', key: 'rsa', hash: 'sha1', weak: true },
  '1.2.840.113549.1.1.11': { name: 'rsa-sha256', key: 'rsa', hash: 'sha256', weak: false },
  '1.2.840.113549.1.1.12': { name: 'rsa-sha384', key: 'rsa', hash: 'sha384', weak: false },
  '1.2.840.113549.1.1.13': { name: 'rsa-sha512', key: 'rsa', hash: 'sha512', weak: false },
  '1.2.840.10045.4.1': { name: 'ecdsa-sha1', key: 'ecdsa', hash: 'sha1', weak: true },
  '1.2.840.10045.4.3.2': { name: 'ecdsa-sha256', key: 'ecdsa', hash: 'sha256', weak: false },
  '1.2.840.10045.4.3.3': { name: 'ecdsa-sha384', key: 'ecdsa', hash: 'sha384', weak: false },
  '1.2.840.10045.4.3.4': { name: 'ecdsa-sha512', key: 'ecdsa', hash: 'sha512', weak: false },
  '1.3.101.112': { name: 'ed25519', key: 'ed25519', hash: null, weak: false },
};

const PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
const hashes: Readonly<Record<string, { readonly name: string; readonly size: number }>> = {
  '2.16.840.1.101.3.4.2.1': { name: 'sha256', size: 32 },
  '2.16.840.1.101.3.4.2.2': { name: 'sha384', size: 48 },
  '2.16.840.1.101.3.4.2.3': { name: 'sha512', size: 64 },
};

const unknownAlgorithm = (name: string): SignatureAlgorithm => ({ name, key: 'unknown', hash: null, weak: false });

/** Reads an AlgorithmIdentifier of a signature. @throws DerError */
export function readSignatureAlgorithm(node: DerNode): SignatureAlgorithm {
  const fields = new DerFields(node, 'signature algorithm');
  const dotted = readOid(fields.take(tag.oid, 'signature algorithm'));
  if (dotted === PSS) return readPss(fields) ?? unknownAlgorithm(dotted);
  const algorithm = known[dotted] ?? unknownAlgorithm(dotted);
  if (algorithm.key === 'ed25519' && fields.rest.length > 0) return unknownAlgorithm(dotted);
  return algorithm;
}

/** The parameter sets Go knows: one SHA-2 hash for message and mask, a salt of the hash's length, trailer 1 (RFC 4055). */
function readPss(fields: DerFields): SignatureAlgorithm | null {
  const parameters = new DerFields(fields.take(tag.sequence, 'PSS parameters'), 'PSS parameters');
  const hashNode = parameters.optional(tag.contextConstructed(0));
  const maskNode = parameters.optional(tag.contextConstructed(1));
  const saltNode = parameters.optional(tag.contextConstructed(2));
  const trailerNode = parameters.optional(tag.contextConstructed(3));
  if (hashNode === undefined || maskNode === undefined || saltNode === undefined) return null;
  const hash = hashOf(explicitValue(hashNode, 'PSS hash'));
  const mask = new DerFields(explicitValue(maskNode, 'PSS mask'), 'PSS mask');
  const maskType = readOid(mask.take(tag.oid, 'PSS mask'));
  const maskHash = hashOf(mask.any('PSS mask hash'));
  const salt = readSmallInteger(explicitValue(saltNode, 'PSS salt'), 'PSS salt');
  const trailer =
    trailerNode === undefined ? 1 : readSmallInteger(explicitValue(trailerNode, 'PSS trailer'), 'PSS trailer');
  if (hash === undefined || maskType !== MGF1 || maskHash !== hash || salt !== hash.size || trailer !== 1) return null;
  return { name: `rsa-pss-${hash.name}`, key: 'rsa', hash: hash.name, pss: true, weak: false };
}

const hashOf = (node: DerNode): { readonly name: string; readonly size: number } | undefined =>
  hashes[readOid(new DerFields(node, 'hash').take(tag.oid, 'hash'))];

/** Checks a signature. False for anything that cannot be checked. */
export function checkSignature(
  algorithm: SignatureAlgorithm,
  signed: Uint8Array,
  signature: Uint8Array,
  key: KeyObject,
): boolean {
  try {
    if (key.asymmetricKeyType !== (algorithm.key === 'ecdsa' ? 'ec' : algorithm.key)) return false;
    if (algorithm.pss === true) {
      return verify(
        algorithm.hash,
        signed,
        { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
        signature,
      );
    }
    return verify(algorithm.hash, signed, key, signature);
  } catch {
    return false;
  }
}

const rsaSha256 = sequence([oid('1.2.840.113549.1.1.11'), nullValue()]);
const ecdsaSha256 = sequence([oid('1.2.840.10045.4.3.2')]);
const ecdsaSha384 = sequence([oid('1.2.840.10045.4.3.3')]);
const ecdsaSha512 = sequence([oid('1.2.840.10045.4.3.4')]);
const ed25519 = sequence([oid('1.3.101.112')]);

/** How a private key signs here: SHA-256, or the hash that fits a larger curve. */
export function signingAlgorithm(key: KeyObject): { readonly identifier: DerNode; readonly hash: string | null } {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { identifier: rsaSha256, hash: 'sha256' };
    case 'ec': {
      const curve = key.asymmetricKeyDetails?.namedCurve;
      if (curve === 'secp384r1') return { identifier: ecdsaSha384, hash: 'sha384' };
      if (curve === 'secp521r1') return { identifier: ecdsaSha512, hash: 'sha512' };
      return { identifier: ecdsaSha256, hash: 'sha256' };
    }
    case 'ed25519':
      return { identifier: ed25519, hash: null };
    default:
      throw new DerError(`keys of the type ${key.asymmetricKeyType ?? 'unknown'} do not sign certificates here`);
  }
}

/** Signs bytes with the algorithm that `signingAlgorithm` names. */
export const signBytes = (key: KeyObject, bytes: Uint8Array): Buffer => sign(signingAlgorithm(key).hash, bytes, key);
