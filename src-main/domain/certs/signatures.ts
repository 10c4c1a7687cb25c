import type { KeyObject } from 'node:crypto';

import type { Failure, Finding, Result, Secret } from '../kernel';
import type { Fidelity } from '../fidelity/fidelity';
import type { ParsedCertificate } from './certificate';
import type { ParsedCrl } from './crl';
import type {
  AuthorityRequest,
  CertificateRequest,
  IssuedCertificate,
  IssuedIdentity,
  IssuingTools,
  KeyPair,
  KeySpec,
  PeerVerdict,
  PeerVerification,
  SubjectSpec,
} from './types';

/** Makes a key pair. RSA takes 80 ms (2048) to more than a second (4096): use the asynchronous form for it. */
export declare function generateKey(spec?: KeySpec): KeyPair;
export declare function generateKeyAsync(spec?: KeySpec): Promise<KeyPair>;
/** PKCS#8 `PRIVATE KEY` block. */
export declare function privateKeyPem(key: KeyObject): Secret;

export declare function createAuthority(request: AuthorityRequest): IssuedIdentity;
export declare function issueCertificate(request: CertificateRequest & { publicKey: KeyObject }): IssuedCertificate;
export declare function issueCertificate(request: CertificateRequest): IssuedIdentity;

/** Judges peers and remembers parsed certificates and checked signatures; one object for each listener or for all. */
export declare class Verifier {
  constructor(limits?: { readonly certificates?: number; readonly signatures?: number });
  verifyPeer(input: PeerVerification): PeerVerdict;
}
/** The same with a verifier shared by the whole process. */
export declare function verifyPeer(input: PeerVerification): PeerVerdict;

/** Configurations that Vitess refuses at start (vitess-behaviour §3.7): the first one met, or null. */
export declare function checkCrlConfiguration(input: {
  /** Text of the CRL file; null when none is configured. */
  readonly crlText: string | null;
  /** Null when no CA file is configured. */
  readonly anchors: readonly ParsedCertificate[] | null;
  readonly hasCertAndKey: boolean;
  readonly now: Date;
  readonly fidelity: Fidelity;
}): { readonly failure: Failure | null; readonly crls: readonly ParsedCrl[]; readonly warnings: readonly string[] };

export type PemBlock =
  | { readonly kind: 'certificate'; readonly line: number; readonly certificate: ParsedCertificate }
  | { readonly kind: 'crl'; readonly line: number; readonly crl: ParsedCrl }
  | { readonly kind: 'private-key'; readonly line: number; readonly encrypted: boolean; readonly text: Secret }
  | {
      readonly kind: 'public-key' | 'certificate-request' | 'other';
      readonly line: number;
      readonly label: string;
      readonly der: Buffer;
    };
export interface PemReading {
  readonly blocks: readonly PemBlock[];
  readonly certificates: readonly ParsedCertificate[];
  readonly crls: readonly ParsedCrl[];
  readonly findings: readonly Finding[];
}
/** Reads a PEM text; `expect` adds findings for what should have been there. */
export declare function parsePem(
  text: string,
  file: string,
  expect?: 'certificate' | 'certificates' | 'private-key' | 'crl' | 'any',
): PemReading;
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
