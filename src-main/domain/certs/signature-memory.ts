import { readCertificate, type ParsedCertificate } from './certificate';
import type { ParsedCrl } from './crl';
import { LruMap } from './lru-map';
import { checkSignature } from './signatures';

/** Larger certificates are read again each time, so that strangers cannot fill the memory. */
const MAX_REMEMBERED = 8192;

/** What a process learns about certificates and need not learn again: parsed bytes and checked signatures. */
export class SignatureMemory {
  readonly #certificates: LruMap<string, ParsedCertificate>;
  readonly #signatures: LruMap<string, boolean>;

  constructor(limits: { readonly certificates?: number; readonly signatures?: number } = {}) {
    this.#certificates = new LruMap(limits.certificates ?? 512);
    this.#signatures = new LruMap(limits.signatures ?? 2048);
  }

  /** The certificate in these bytes, or the reason why there is none. */
  read(der: Uint8Array): ParsedCertificate | string {
    const key = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('latin1');
    const seen = this.#certificates.get(key);
    if (seen !== undefined) return seen;
    const reading = readCertificate(der);
    if (!reading.ok) return reading.failure.detail ?? reading.failure.summary;
    if (der.length <= MAX_REMEMBERED) this.#certificates.set(key, reading.value);
    return reading.value;
  }

  /** Does the signature of `signed` verify with the key of `authority`? Says nothing about whether it may sign. */
  signed(signed: ParsedCertificate | ParsedCrl, authority: ParsedCertificate): boolean {
    const key = `${signed.fingerprint}${authority.fingerprint}`;
    const seen = this.#signatures.get(key);
    if (seen !== undefined) return seen;
    const publicKey = authority.publicKey;
    const holds =
      publicKey !== null && checkSignature(signed.algorithm, signed.rawToBeSigned, signed.signature, publicKey);
    this.#signatures.set(key, holds);
    return holds;
  }
}
