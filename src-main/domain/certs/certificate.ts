import type { KeyObject } from 'node:crypto';

import type { Result } from '../kernel';
import type { ExtendedKeyUsage, KeyUsage, NameConstraintsSpec } from './types';

/** Kind and size of a public key. `bits` is the modulus or the curve's size. */
export interface PublicKeyInfo {
  readonly algorithm: 'rsa' | 'ecdsa' | 'ed25519' | 'unknown';
  readonly bits: number;
  readonly curve?: string;
}

/** A certificate as data. Everything is read and checked when it is made; nothing throws later. */
export interface ParsedCertificate {
  readonly der: Buffer;
  /** SHA-256 of `der`, lower-case hex. */
  readonly fingerprint: string;
  readonly version: number;
  /** Lower-case hex without leading zeros; a leading `-` for a negative number. */
  readonly serial: string;
  /** Go's pkix.Name.String(): what vtgate's gRPC mtls authorisation looks into (vitess-behaviour §1.7). */
  readonly subjectText: string;
  readonly issuerText: string;
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
  /** Null when node:crypto cannot use the key. */
  readonly publicKey: KeyObject | null;
  readonly rawSubject: Buffer;
  readonly rawIssuer: Buffer;
}

/** Reads one DER certificate (RFC 5280). Fails with `certs.malformed`; never throws. */
export declare function readCertificate(der: Uint8Array): Result<ParsedCertificate>;
