import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

import { fail, type Failure, type Result, type Secret, succeed } from '../kernel';
import { type ParsedCertificate, readCertificate } from './certificate';
import { bytesOf, decodeBer, DerError, type DerNode, encode, tag, tagOf } from './der';
import { DerFields, explicitValue, readOid, readSmallInteger } from './der-reader';
import { keysMatch, readPrivateKey } from './keys';
import { decryptPbes2, UnknownEncryption, WrongPassword } from './pbes2';
import { deriveMacKey } from './pkcs12-key';
import { pkcs12Oids as ids } from './pkcs12-oids';

/** What a PKCS#12 file holds: the certificate of the key first, the others in the order of the file. */
export interface Pkcs12Contents {
  readonly certificates: readonly ParsedCertificate[];
  readonly privateKey: KeyObject | null;
}

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_NESTING = 8;
/** The rounds of the MAC run on this thread, though in turns. */
const MAX_MAC_ITERATIONS = 2_000_000;
/** Old encryptions are computed in JavaScript on this thread, in one go. */
const MAX_LEGACY_ITERATIONS = 300_000;

const macHashes: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  [ids.sha256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** pbeWithSHAAnd3-KeyTripleDES-CBC and pbeWithSHAAnd40BitRC2-CBC: what Windows and old tools write. */
const legacyEncryptions = new Set(['1.2.840.113549.1.12.1.3', '1.2.840.113549.1.12.1.6']);

const failures = {
  passphrase: {
    code: 'certs.passphrase-wrong',
    summary: 'The passphrase does not open the PKCS#12 file; check it, or get the file again if it is damaged.',
  },
  malformed: {
    code: 'certs.pkcs12-malformed',
    summary: 'This is not a PKCS#12 file that can be read; export it again.',
  },
  encryption: {
    code: 'certs.pkcs12-encryption',
    summary: 'The PKCS#12 file is encrypted in a way that is not known here; export it again with AES.',
  },
} satisfies Record<string, Failure>;

/**
 * Opens a PKCS#12 file (RFC 7292) of any common program: PBES2, and with node-forge the RC2 and 3DES of old ones, DER or
 * BER. Checks the MAC first. Never throws.
 */
export async function readPkcs12(data: Uint8Array, passphrase: Secret): Promise<Result<Pkcs12Contents>> {
  try {
    return succeed(await readFile(data, passphrase.reveal()));
  } catch (error) {
    const detail = error instanceof DerError || error instanceof UnknownEncryption ? { detail: error.message } : {};
    if (error instanceof WrongPassword) return fail(failures.passphrase);
    return fail({ ...(error instanceof UnknownEncryption ? failures.encryption : failures.malformed), ...detail });
  }
}

async function readFile(data: Uint8Array, password: string): Promise<Pkcs12Contents> {
  if (data.length > MAX_BYTES) throw new DerError('a file that is too large');
  const file = new DerFields(decodeBer(data), 'file');
  if (readSmallInteger(file.take(tag.integer, 'version'), 'version') !== 3)
    throw new DerError('a version that is not known');
  const content = new DerFields(file.take(tag.sequence, 'content'), 'content');
  if (readOid(content.take(tag.oid, 'content type')) !== ids.data)
    throw new DerError('integrity by signature, which nobody writes');
  const safe = octets(explicitValue(content.take(tag.contextConstructed(0), 'content'), 'content'));
  const mac = file.optional(tag.sequence);
  if (mac !== undefined) await checkMac(mac, safe, password);

  const bags: { certificates: ParsedCertificate[]; keys: KeyObject[] } = { certificates: [], keys: [] };
  for (const info of new DerFields(decodeBer(safe), 'safe').rest) {
    const fields = new DerFields(info, 'safe');
    const type = readOid(fields.take(tag.oid, 'content type'));
    const value = explicitValue(fields.take(tag.contextConstructed(0), 'content'), 'content');
    if (type === ids.data) await readBags(octets(value), password, bags, 0);
    else if (type === ids.encryptedData) await readBags(await openEncrypted(value, password), password, bags, 0);
    else throw new UnknownEncryption(type);
  }
  const key = bags.keys[0] ?? null;
  const leaf =
    key === null ? undefined : bags.certificates.find((certificate) => keysMatch(key, certificate.publicKey));
  const others = bags.certificates.filter((certificate) => certificate !== leaf);
  return { certificates: leaf === undefined ? others : [leaf, ...others], privateKey: key };
}

async function checkMac(node: DerNode, safe: Buffer, password: string): Promise<void> {
  const fields = new DerFields(node, 'MAC');
  const digestInfo = new DerFields(fields.take(tag.sequence, 'MAC'), 'MAC');
  const algorithm = readOid(
    new DerFields(digestInfo.take(tag.sequence, 'MAC algorithm'), 'MAC algorithm').take(tag.oid, 'MAC algorithm'),
  );
  const expected = octets(digestInfo.any('MAC'));
  const salt = octets(fields.any('salt'));
  const count = fields.optional(tag.integer);
  const iterations = count === undefined ? 1 : readSmallInteger(count, 'iterations');
  const hash = macHashes[algorithm];
  if (hash === undefined) throw new UnknownEncryption(algorithm);
  if (iterations < 1 || iterations > MAX_MAC_ITERATIONS)
    throw new DerError('a number of iterations that is out of range');
  const mac = createHmac(hash, await deriveMacKey(hash, password, salt, iterations))
    .update(safe)
    .digest();
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) throw new WrongPassword();
}

async function openEncrypted(node: DerNode, password: string): Promise<Buffer> {
  const fields = new DerFields(node, 'encrypted content');
  fields.take(tag.integer, 'version');
  const info = new DerFields(fields.take(tag.sequence, 'encrypted content'), 'encrypted content');
  info.take(tag.oid, 'content type');
  const algorithm = info.take(tag.sequence, 'encryption algorithm');
  return decrypt(algorithm, octets(info.any('ciphertext')), password);
}

async function readBags(
  bytes: Buffer,
  password: string,
  bags: { certificates: ParsedCertificate[]; keys: KeyObject[] },
  depth: number,
): Promise<void> {
  if (depth > MAX_NESTING) throw new DerError('bags within bags within bags');
  for (const bag of new DerFields(decodeBer(bytes), 'bags').rest) {
    const fields = new DerFields(bag, 'bag');
    const type = readOid(fields.take(tag.oid, 'bag type'));
    const value = explicitValue(fields.take(tag.contextConstructed(0), 'bag'), 'bag');
    if (type === ids.certBag) bags.certificates.push(...readCertificateBag(value));
    else if (type === ids.keyBag) bags.keys.push(keyFrom(encode(value)));
    else if (type === ids.shroudedKeyBag) {
      const encrypted = new DerFields(value, 'encrypted key');
      const algorithm = encrypted.take(tag.sequence, 'encryption algorithm');
      bags.keys.push(keyFrom(await decrypt(algorithm, octets(encrypted.any('ciphertext')), password)));
    } else if (type === ids.safeContentsBag) await readBags(encode(value), password, bags, depth + 1);
  }
}

function readCertificateBag(node: DerNode): readonly ParsedCertificate[] {
  const fields = new DerFields(node, 'certificate bag');
  if (readOid(fields.take(tag.oid, 'certificate type')) !== ids.x509Certificate) return [];
  const reading = readCertificate(
    octets(explicitValue(fields.take(tag.contextConstructed(0), 'certificate'), 'certificate')),
  );
  if (!reading.ok) throw new DerError(reading.failure.detail ?? 'a certificate that cannot be read');
  return [reading.value];
}

function keyFrom(bytes: Buffer): KeyObject {
  const key = readPrivateKey(bytes);
  bytes.fill(0);
  if (key === null) throw new DerError('a key that cannot be read');
  return key;
}

async function decrypt(algorithm: DerNode, ciphertext: Buffer, password: string): Promise<Buffer> {
  const fields = new DerFields(algorithm, 'encryption algorithm');
  const scheme = readOid(fields.take(tag.oid, 'encryption algorithm'));
  if (!legacyEncryptions.has(scheme)) return decryptPbes2(algorithm, ciphertext, password);
  const parameters = fields.take(tag.sequence, 'encryption parameters');
  const iterations = new DerFields(parameters, 'encryption parameters').rest[1];
  if (iterations === undefined || readSmallInteger(iterations, 'iterations') > MAX_LEGACY_ITERATIONS)
    throw new DerError('a number of iterations that is out of range');
  const [{ default: pbe }, { default: util }] = await Promise.all([
    import('node-forge/lib/pbe.js'),
    import('node-forge/lib/util.js'),
  ]);
  const cipher = pbe.getCipherForPKCS12PBE(scheme, parameters, password);
  cipher.update(util.createBuffer(ciphertext.toString('latin1')));
  if (!cipher.finish()) throw new WrongPassword();
  return Buffer.from(cipher.output.getBytes(), 'latin1');
}

/** Bytes of an OCTET STRING in one piece or, in BER, in several; implicit tags too. */
function octets(node: DerNode): Buffer {
  if (typeof node.value === 'string') return bytesOf(node);
  if (tagOf(node) === tag.sequence || tagOf(node) === tag.set) throw new DerError('a list where bytes are expected');
  return Buffer.concat(node.value.map(octets));
}
