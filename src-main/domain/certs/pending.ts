import type { KeyObject } from 'node:crypto';

import type { Finding, Result, Secret } from '../kernel';
import type { ParsedCertificate } from './certificate';
import type { IssuingTools, KeyPair, KeySpec, SubjectSpec } from './types';

/** Opens a private key, encrypted or not. */
export declare function openPrivateKey(pem: string | Secret, passphrase?: Secret): Result<KeyObject>;
/** PBES2: PBKDF2-HMAC-SHA256, AES-256-CBC; 200,000 iterations unless more are asked for. */
export declare function encryptPrivateKey(
  pem: string | Secret,
  passphrase: Secret,
  tools?: IssuingTools & { readonly iterations?: number },
): Promise<Result<string>>;

export interface ParsedCsr {
  readonly der: Buffer;
  readonly subjectText: string;
  readonly rawSubject: Buffer;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly publicKey: KeyObject;
}
export declare function createCsr(request: {
  readonly subject: SubjectSpec;
  readonly key?: KeySpec | KeyPair;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly uris?: readonly string[];
}): { readonly pem: string; readonly der: Buffer; readonly privateKey: KeyObject };
/** Reads a request and checks that its author holds the key. */
export declare function readCsr(der: Uint8Array): Result<ParsedCsr>;

export declare function writePkcs12(request: {
  readonly certificates: readonly ParsedCertificate[];
  readonly privateKey: KeyObject;
  readonly passphrase: Secret;
  readonly friendlyName?: string;
}): Promise<Buffer>;
export declare function readPkcs12(
  data: Uint8Array,
  passphrase: Secret,
): Result<{ readonly certificates: readonly ParsedCertificate[]; readonly privateKey: KeyObject | null }>;

/** Six lines: kind, key, serial, subject with names, issuer, validity. */
export declare function inspectCertificate(certificate: ParsedCertificate, options?: { readonly now?: Date }): string;
/** What is or will be wrong with a chain as a server or client would present it. */
export declare function inspectChain(input: {
  readonly certificates: readonly ParsedCertificate[];
  readonly file: string;
  readonly now: Date;
  readonly privateKey?: KeyObject;
  readonly anchors?: readonly ParsedCertificate[];
  readonly expectedNames?: readonly string[];
  readonly purpose?: 'client' | 'server';
}): readonly Finding[];
/** Rules that keep a certificate usable under OpenSSL, BoringSSL and Go. */
export declare function lintCertificate(
  certificate: ParsedCertificate,
  place?: { readonly file: string; readonly line: number },
): readonly Finding[];
