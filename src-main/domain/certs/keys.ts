import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';

import { Secret } from '../kernel';
import { bitString, bytesOf, decode, DerError, type DerNode, encode, oid, sequence, tag } from './der';
import { DerFields, readBitStringBytes, readOid } from './der-reader';
import { isOnCurve } from './curve-point';
import { curves, keyOids } from './oids';
import { refuseRequest } from './request-refusal';
import type { KeyPair, KeySpec } from './types';

const generateAsync = promisify(generateKeyPair) as unknown as (type: string, options: object) => Promise<KeyPair>;

function parametersOf(spec: KeySpec): readonly [string, object] {
  switch (spec) {
    case 'ecdsa-p256':
      return ['ec', { namedCurve: 'P-256' }];
    case 'ecdsa-p384':
      return ['ec', { namedCurve: 'P-384' }];
    case 'rsa-2048':
    case 'rsa-3072':
    case 'rsa-4096':
      return ['rsa', { modulusLength: Number(spec.slice(4)) }];
    case 'ed25519':
      return ['ed25519', {}];
    default:
      throw refuseRequest(
        'certs.key-kind',
        `The key kind ${JSON.stringify(spec)} is not known; use ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096 or ed25519.`,
      );
  }
}

/** Makes a key pair at once. RSA takes 80 ms (2048 bits) to more than a second (4096): use `generateKeyAsync` for it. */
export function generateKey(spec: KeySpec = 'ecdsa-p256'): KeyPair {
  const [type, options] = parametersOf(spec);
  return (generateKeyPairSync as unknown as (type: string, options: object) => KeyPair)(type, options);
}

/** Makes a key pair in the thread pool. */
export async function generateKeyAsync(spec: KeySpec = 'ecdsa-p256'): Promise<KeyPair> {
  const [type, options] = parametersOf(spec);
  return generateAsync(type, options);
}

/** The pair of a private key. */
export const pairOf = (privateKey: KeyObject): KeyPair => ({ privateKey, publicKey: createPublicKey(privateKey) });

/** PKCS#8 `PRIVATE KEY` block. */
export const privateKeyPem = (key: KeyObject): Secret =>
  new Secret(key.export({ type: 'pkcs8', format: 'pem' }) as string);

/** SubjectPublicKeyInfo of a public key. */
export const publicKeyInfoOf = (publicKey: KeyObject): Buffer => publicKey.export({ type: 'spki', format: 'der' });

/**
 * SubjectPublicKeyInfo of a pair. For ECDSA it is put together from the point, which the SEC 1 form of the private key
 * ends with (RFC 5915): OpenSSL 3 takes ten times as long to encode the same bytes.
 */
export function publicKeyInfoOfPair({ privateKey, publicKey }: KeyPair): Buffer {
  if (privateKey.asymmetricKeyType !== 'ec') return publicKeyInfoOf(publicKey);
  const sec1 = privateKey.export({ type: 'sec1', format: 'der' });
  const curve = writtenCurves.find(({ identifier }) => sec1.includes(identifier));
  const point = curve === undefined ? null : Buffer.from(sec1.subarray(sec1.length - curve.pointBytes));
  sec1.fill(0);
  if (curve === undefined || point === null || !isOnCurve(point, curve.name)) return publicKeyInfoOf(publicKey);
  return encode(sequence([sequence([oid(keyOids.ec), oid(curve.oid)]), bitString(point)]));
}

/** Curves of the keys made here, with the bytes that name them. */
const writtenCurves = [
  { name: 'P-256', oid: '1.2.840.10045.3.1.7', pointBytes: 65 },
  { name: 'P-384', oid: '1.3.132.0.34', pointBytes: 97 },
].map((curve) => ({ ...curve, identifier: encode(oid(curve.oid)) }));

/** True when a private key belongs to a public key. */
export const keysMatch = (privateKey: KeyObject, publicKey: KeyObject | null): boolean =>
  publicKey !== null && createPublicKey(privateKey).equals(publicKey);

/** Reads a private key in the clear: PKCS#8, PKCS#1 or SEC 1, PEM or DER. Null when it is none. */
export function readPrivateKey(data: string | Buffer): KeyObject | null {
  const attempts: readonly (() => KeyObject)[] =
    typeof data === 'string'
      ? [() => createPrivateKey({ key: data, format: 'pem' })]
      : (['pkcs8', 'pkcs1', 'sec1'] as const).map((type) => () => createPrivateKey({ key: data, format: 'der', type }));
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch {
      // Another form may fit.
    }
  }
  return null;
}

/** Kind and size of a public key. `bits` is the size of the modulus or of the curve, 0 when unknown. */
export interface PublicKeyInfo {
  readonly algorithm: 'rsa' | 'ecdsa' | 'ed25519' | 'unknown';
  readonly bits: number;
  /** Name of the curve of an ECDSA key; the algorithm's OID of an unknown one. */
  readonly curve?: string;
}

/**
 * Reads a SubjectPublicKeyInfo far enough to tell kind and size. Refuses what Go's crypto/x509 refuses to read: other
 * curves, RSA without NULL parameters, Ed25519 with any. @throws DerError
 */
export function readPublicKeyInfo(node: DerNode): { readonly info: PublicKeyInfo; readonly keyBits: Buffer } {
  const fields = new DerFields(node, 'public key');
  const algorithm = new DerFields(fields.take(tag.sequence, 'key algorithm'), 'key algorithm');
  const type = readOid(algorithm.take(tag.oid, 'key algorithm'));
  const keyNode = fields.take(tag.bitString, 'key bits');
  fields.end();
  const keyBits = readBitStringBytes(keyNode, 'the public key');
  switch (type) {
    case keyOids.rsa: {
      if (algorithm.peek() !== tag.null) throw new DerError('an RSA key without NULL parameters');
      return { info: { algorithm: 'rsa', bits: rsaModulusBits(keyBits) }, keyBits };
    }
    case keyOids.ec: {
      const curve = curves[readOid(algorithm.take(tag.oid, 'curve'))];
      if (curve === undefined) throw new DerError('an ECDSA key on a curve that is not supported');
      if (!isOnCurve(keyBits, curve.name)) throw new DerError('an ECDSA key that is not a point of its curve');
      return { info: { algorithm: 'ecdsa', bits: curve.bits, curve: curve.name }, keyBits };
    }
    case keyOids.ed25519: {
      if (algorithm.rest.length > 0 || keyBits.length !== 32) throw new DerError('a malformed Ed25519 key');
      return { info: { algorithm: 'ed25519', bits: 256 }, keyBits };
    }
    default:
      return { info: { algorithm: 'unknown', bits: 0, curve: type }, keyBits };
  }
}

/** Size of the modulus of a PKCS#1 RSAPublicKey. */
function rsaModulusBits(bytes: Buffer): number {
  const fields = new DerFields(decode(bytes), 'RSA key');
  const modulus = bytesOf(fields.take(tag.integer, 'RSA modulus'));
  const exponent = bytesOf(fields.take(tag.integer, 'RSA exponent'));
  fields.end();
  const start = modulus.findIndex((byte) => byte !== 0);
  if (start < 0 || (modulus[0] ?? 0) >= 0x80) throw new DerError('an RSA modulus that is not positive');
  if ((exponent[0] ?? 0x80) >= 0x80 || exponent.every((byte) => byte === 0))
    throw new DerError('an RSA exponent that is not positive');
  return (modulus.length - start) * 8 - Math.clz32(modulus[start] ?? 0) + 24;
}

/** Key identifier: the first 160 bits of SHA-256 over the key's bits (RFC 7093 §2, method 1). */
export const keyIdentifier = (keyBits: Uint8Array): Buffer =>
  createHash('sha256').update(keyBits).digest().subarray(0, 20);

/** A KeyObject for a SubjectPublicKeyInfo, null when node:crypto refuses it. */
export function toPublicKey(spki: DerNode): KeyObject | null {
  try {
    return createPublicKey({ key: encode(spki), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}
