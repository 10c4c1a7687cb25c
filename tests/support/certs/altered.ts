import { type KeyObject, sign } from 'node:crypto';
import { readCertificate, type KeyUsage, type ParsedCertificate } from '../../../src-main/domain/certs';

/** Minimal DER for tests: independent of the code under test, so that it can write what that refuses to write. */
export function tlv(identifier: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
  const length = content.length;
  const header =
    length < 0x80
      ? [length]
      : length < 0x100
        ? [0x81, length]
        : length < 0x10000
          ? [0x82, length >> 8, length & 0xff]
          : [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
  return Buffer.concat([Buffer.from([identifier, ...header]), content]);
}

/** OBJECT IDENTIFIER. */
export function oidTlv(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return tlv(0x06, Buffer.from(bytes));
}

/** Splits the content of one constructed value into its parts. */
export function partsOf(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let at = contentStart(bytes, 0);
  while (at < bytes.length) {
    const end = valueEnd(bytes, at);
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return parts;
}

function contentStart(bytes: Buffer, at: number): number {
  const first = bytes[at + 1] ?? 0;
  return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
}

function valueEnd(bytes: Buffer, at: number): number {
  const first = bytes[at + 1] ?? 0;
  const start = contentStart(bytes, at);
  return start + (first < 0x80 ? first : bytes.readUIntBE(at + 2, first & 0x7f));
}

interface Alterations {
  /** Adds an extension with the value NULL, or replaces the one of this OID. */
  readonly extension?: { readonly oid: string; readonly critical: boolean; readonly value?: Buffer };
  readonly removeExtension?: string;
  readonly keyUsage?: readonly KeyUsage[];
  readonly notAnAuthority?: boolean;
  readonly versionOne?: boolean;
  readonly publicKey?: Buffer;
  readonly serial?: Buffer;
  /** UTCTime texts of both ends. */
  readonly validity?: readonly [string, string];
}

const usageBits: readonly KeyUsage[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
];

/** The identity with an altered body, self-signed where it has a key; `resign` signs it for another authority. */
export function certificateWith<T extends { readonly der: Uint8Array; readonly privateKey?: KeyObject }>(
  identity: T,
  alterations: Alterations,
): T & { readonly certificate: ParsedCertificate } {
  const [body = Buffer.alloc(0), algorithm = Buffer.alloc(0), signature = Buffer.alloc(0)] = partsOf(
    Buffer.from(identity.der),
  );
  const fields = partsOf(body);
  const extensionsAt = fields.length - 1;
  let extensions = partsOf(partsOf(fields[extensionsAt] as Buffer)[0] as Buffer);
  const put = (oid: string, critical: boolean, value: Buffer): void => {
    const wanted = oidTlv(oid);
    extensions = extensions.filter((extension) => !(partsOf(extension)[0] as Buffer).equals(wanted));
    extensions.push(tlv(0x30, wanted, ...(critical ? [tlv(0x01, '\xff')] : []), tlv(0x04, value)));
  };
  const { extension, keyUsage } = alterations;
  if (extension !== undefined) put(extension.oid, extension.critical, extension.value ?? tlv(0x05));
  if (alterations.removeExtension !== undefined) {
    const unwanted = oidTlv(alterations.removeExtension);
    extensions = extensions.filter((one) => !(partsOf(one)[0] as Buffer).equals(unwanted));
  }
  if (keyUsage !== undefined) {
    const bits = keyUsage.reduce((sum, usage) => sum | (0x80 >> usageBits.indexOf(usage)), 0);
    put('2.5.29.15', true, tlv(0x03, Buffer.of(0, bits)));
  }
  if (alterations.notAnAuthority === true) put('2.5.29.19', true, tlv(0x30));
  fields[extensionsAt] = tlv(0xa3, tlv(0x30, ...extensions));
  if (alterations.publicKey !== undefined) fields[6] = alterations.publicKey;
  if (alterations.serial !== undefined) fields[1] = tlv(0x02, alterations.serial);
  if (alterations.validity !== undefined) fields[4] = tlv(0x30, ...alterations.validity.map((text) => tlv(0x17, text)));
  const altered = alterations.versionOne === true ? fields.slice(1, extensionsAt) : fields;
  const der = tlv(0x30, tlv(0x30, ...altered), algorithm, signature);
  const unsigned = { ...identity, der };
  return identity.privateKey === undefined
    ? withCertificate(unsigned)
    : resign(unsigned, { privateKey: identity.privateKey });
}

const algorithms: Readonly<Record<string, Buffer>> = {
  'ec sha256': tlv(0x30, oidTlv('1.2.840.10045.4.3.2')),
  'ec sha1': tlv(0x30, oidTlv('1.2.840.10045.4.1')),
  'ec sha3-256': tlv(0x30, oidTlv('2.16.840.1.101.3.4.3.10')),
  'rsa sha256': tlv(0x30, oidTlv('1.2.840.113549.1.1.11'), tlv(0x05)),
  'rsa sha1': tlv(0x30, oidTlv('1.2.840.113549.1.1.5'), tlv(0x05)),
  'rsa md5': tlv(0x30, oidTlv('1.2.840.113549.1.1.4'), tlv(0x05)),
};

/** Signs the body anew, with the algorithm named inside and outside; works for certificates and lists. */
export function signBody(der: Uint8Array, key: KeyObject, hash: string): Buffer {
  const [body = Buffer.alloc(0)] = partsOf(Buffer.from(der));
  const algorithm = algorithms[`${key.asymmetricKeyType} ${hash}`];
  if (algorithm === undefined) throw new Error(`no algorithm for ${key.asymmetricKeyType} ${hash}`);
  const fields = partsOf(body).map((field) => (isAlgorithm(field) ? algorithm : field));
  const signed = tlv(0x30, ...fields);
  return tlv(0x30, signed, algorithm, tlv(0x03, Buffer.of(0), sign(hash, signed, key)));
}

/** Signature algorithms are the only SEQUENCE of the body that begins with an OID and is short. */
const isAlgorithm = (field: Buffer): boolean => field[0] === 0x30 && field.length < 24 && field[2] === 0x06;

/** The identity signed by an authority's key. */
export function resign<T extends { readonly der: Uint8Array }>(
  identity: T,
  issuer: { readonly privateKey: KeyObject },
  hash = 'sha256',
): T & { readonly certificate: ParsedCertificate } {
  return withCertificate({ ...identity, der: signBody(identity.der, issuer.privateKey, hash) });
}

function withCertificate<T extends { readonly der: Uint8Array }>(
  identity: T,
): T & { readonly certificate: ParsedCertificate } {
  const reading = readCertificate(identity.der);
  if (!reading.ok) throw new Error(reading.failure.detail ?? reading.failure.summary);
  return { ...identity, certificate: reading.value };
}
