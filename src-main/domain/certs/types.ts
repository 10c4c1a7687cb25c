import type { KeyObject } from 'node:crypto';

import type { Clock, Secret } from '../kernel';
import type { Fidelity } from '../fidelity/fidelity';
import type { ParsedCertificate } from './certificate';
import type { ParsedCrl } from './crl';

/** Keys that Gatehouse makes. `ecdsa-p256` is the default everywhere; `ed25519` fails in TLS under BoringSSL. */
export type KeySpec = 'ecdsa-p256' | 'ecdsa-p384' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096' | 'ed25519';

/** A private key and the public key that belongs to it. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/**
 * Attributes of a distinguished name in the order of certificates made by openssl and Go: C, ST, L, STREET, POSTALCODE,
 * O, OU, CN, SERIALNUMBER. A list writes one RDN for each value.
 */
export interface SubjectFields {
  readonly commonName?: string | readonly string[];
  readonly organization?: string | readonly string[];
  readonly organizationalUnit?: string | readonly string[];
  readonly locality?: string | readonly string[];
  readonly state?: string | readonly string[];
  readonly country?: string | readonly string[];
  readonly streetAddress?: string | readonly string[];
  readonly postalCode?: string | readonly string[];
  readonly serialNumber?: string | readonly string[];
}

/** One attribute of a name: `type` is a short name (`CN`, `O`, …) or a dotted OID. */
export interface NameAttribute {
  readonly type: string;
  readonly value: string;
}

/** A subject: fields, or RDNs in the wanted order (an inner list is one multi-valued RDN). Empty = no subject. */
export type SubjectSpec = SubjectFields | readonly (NameAttribute | readonly NameAttribute[])[];

/** Bits of the key usage extension (RFC 5280 §4.2.1.3). */
export type KeyUsage =
  | 'digitalSignature'
  | 'nonRepudiation'
  | 'keyEncipherment'
  | 'dataEncipherment'
  | 'keyAgreement'
  | 'keyCertSign'
  | 'cRLSign'
  | 'encipherOnly'
  | 'decipherOnly';

/** Purposes of the extended key usage extension by name; others are dotted OIDs. */
export type ExtendedKeyUsage =
  | 'serverAuth'
  | 'clientAuth'
  | 'codeSigning'
  | 'emailProtection'
  | 'timeStamping'
  | 'OCSPSigning'
  | 'any'
  | (string & {});

/** What a leaf certificate is for; each role has its usages, see `roleTemplates`. */
export type CertificateRole =
  | 'gateway-server'
  | 'tablet-server'
  | 'gateway-as-tablet-client'
  | 'control-plane-client'
  | 'caller'
  | 'mysql-server'
  | 'mysql-client';

/** Names that an authority may sign (RFC 5280 §4.2.1.10). `dns` without a leading dot covers the host and all below it. */
export interface NameConstraintsSpec {
  readonly permitted?: NameSubtrees;
  readonly excluded?: NameSubtrees;
}

export interface NameSubtrees {
  readonly dns?: readonly string[];
  /** CIDR text, e.g. `10.0.0.0/8`. Chains with IP constraints and IP SANs fail under BoringSSL. */
  readonly ip?: readonly string[];
  readonly uri?: readonly string[];
  readonly email?: readonly string[];
}

/** Who signs: an authority's certificate and its private key. */
export interface Issuer {
  readonly certificate: ParsedCertificate;
  readonly privateKey: KeyObject;
}

/** Sources that tests replace. */
export interface IssuingTools {
  readonly clock?: Clock;
  /** Random bytes for serial numbers, salts and initialisation vectors; default `crypto.randomBytes`. */
  readonly random?: (size: number) => Buffer;
}

interface IssuanceBase extends IssuingTools {
  readonly subject: SubjectSpec;
  /** Start of validity; default: five minutes before the clock's time, for clocks that differ a little. */
  readonly notBefore?: Date;
  /** End of validity; wins over `days`. */
  readonly notAfter?: Date;
  /** Length of validity in days counted from `notBefore`. */
  readonly days?: number;
  /** Serial number as hexadecimal digits; default: 16 random bytes. */
  readonly serial?: string;
  /** DNS SANs, written as they are: spaces are possible, as Vitess's own tests use them. */
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly uris?: readonly string[];
  readonly emails?: readonly string[];
  /** Where the issuer's CRL can be fetched. */
  readonly crlDistributionPoint?: string;
}

/** What `createAuthority` makes: a self-signed root, or an intermediate when `issuer` is given. */
export interface AuthorityRequest extends IssuanceBase {
  readonly issuer?: Issuer;
  readonly key?: KeySpec | KeyPair;
  /** How many authorities may stand between this one and a leaf; absent = no limit. */
  readonly pathLength?: number;
  readonly nameConstraints?: NameConstraintsSpec;
  readonly extendedKeyUsage?: readonly ExtendedKeyUsage[];
}

/** What `issueCertificate` makes. Either a role or explicit usages; either a key (made or given) or somebody's public key. */
export interface CertificateRequest extends IssuanceBase {
  readonly issuer: Issuer;
  readonly role?: CertificateRole;
  /** Overrides the role's purposes; an empty list leaves the extension out. */
  readonly extendedKeyUsage?: readonly ExtendedKeyUsage[];
  /** Overrides the role's key usage; an empty list leaves the extension out. */
  readonly keyUsage?: readonly KeyUsage[];
  readonly key?: KeySpec | KeyPair;
  /** Certifies this key instead of making one; the result then has no private key. */
  readonly publicKey?: KeyObject;
}

/** A certificate that was just made. */
export interface IssuedCertificate {
  readonly certificate: ParsedCertificate;
  readonly der: Buffer;
  /** One `CERTIFICATE` block with a final newline. */
  readonly pem: string;
}

/** A certificate with the key that was made for it or given. */
export interface IssuedIdentity extends IssuedCertificate {
  readonly privateKey: KeyObject;
  /** PKCS#8 `PRIVATE KEY` block. */
  readonly privateKeyPem: Secret;
}

/** Reasons of RFC 5280 §5.3.1. `unspecified` writes no reason, as the RFC asks. */
export type RevocationReason =
  | 'unspecified'
  | 'keyCompromise'
  | 'cACompromise'
  | 'affiliationChanged'
  | 'superseded'
  | 'cessationOfOperation'
  | 'certificateHold'
  | 'removeFromCRL'
  | 'privilegeWithdrawn'
  | 'aACompromise';

export interface RevokedEntry {
  /** Lower-case hexadecimal, without leading zeros. */
  readonly serial: string;
  readonly date: Date;
  readonly reason?: RevocationReason;
}

export interface CrlRequest {
  readonly issuer: Issuer;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** CRL number; must grow with each list of an issuer. */
  readonly number: number | bigint;
  readonly revoked: readonly RevokedEntry[];
}

export interface IssuedCrl {
  readonly crl: ParsedCrl;
  readonly der: Buffer;
  /** One `X509 CRL` block with a final newline. */
  readonly pem: string;
}

/** What a peer's certificate is used for: a server judges a `client`, a client judges a `server`. */
export type PeerPurpose = 'client' | 'server';

interface PeerVerificationBase {
  /** DER certificates as the peer sent them, leaf first. */
  readonly chain: readonly Uint8Array[];
  /** The CA bundle. Each certificate in it is a trust anchor, intermediates and leaves too, as in Go. */
  readonly anchors: readonly ParsedCertificate[];
  readonly crls?: readonly ParsedCrl[];
  readonly now: Date;
  readonly fidelity: Fidelity;
  /** Decides which alert a missing certificate gets; default TLSv1.3. */
  readonly tlsVersion?: string;
}

/** Everything a verdict depends on. `name: null` = the name is not looked at (db-ssl-mode verify_ca and weaker). */
export type PeerVerification =
  | (PeerVerificationBase & { readonly purpose: 'client' })
  | (PeerVerificationBase & { readonly purpose: 'server'; readonly name: string | null });

/** A peer that was accepted; the shape of servers/tls VerifiedPeer. */
export interface AcceptedPeer {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly serial: string;
  readonly subjects: readonly string[];
  readonly chain: readonly Buffer[];
}

/** Stable causes of a refusal by `verifyPeer`. */
export type PeerRefusalCause =
  | 'certificate-required'
  | 'malformed-certificate'
  | 'too-many-certificates'
  | 'unsupported-key'
  | 'weak-key'
  | 'weak-signature'
  | 'bad-signature'
  | 'unknown-authority'
  | 'not-an-authority'
  | 'path-too-long'
  | 'path-search-limit'
  | 'expired'
  | 'not-yet-valid'
  | 'unknown-critical-extension'
  | 'name-constraint'
  | 'wrong-purpose'
  | 'wrong-name'
  | 'revoked'
  | 'crl-expired'
  | 'crl-missing';

export interface PeerRefusal {
  readonly stage: 'certificate' | 'revocation' | 'name';
  readonly cause: PeerRefusalCause;
  /** The alert that Vitess (Go's crypto/tls) sends, RFC 8446 spelling. */
  readonly alert: string;
  /** A sentence for people: names subject, issuer and remedy, never key material. */
  readonly message: string;
  /** What vtgate writes into its log, where it is known: Go's words (vitess-behaviour §2.2, recordings). */
  readonly vitessText: string;
}

export type PeerVerdict =
  | {
      readonly ok: true;
      /** Every path that holds, leaf first, anchor last. At least one. */
      readonly paths: readonly (readonly ParsedCertificate[])[];
      readonly peer: AcceptedPeer;
      /** What was let pass though somebody should act: an expired CRL, for instance. */
      readonly warnings: readonly string[];
    }
  | ({ readonly ok: false } & PeerRefusal);
