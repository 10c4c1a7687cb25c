import {
  type AuthorityRequest,
  type CertificateRequest,
  createAuthority,
  createCrl,
  type IssuedCrl,
  type IssuedIdentity,
  issueCertificate,
  type Issuer,
  type ParsedCertificate,
  type PeerVerdict,
  type PeerVerification,
  type RevokedEntry,
  Verifier,
} from '../../../src-main/domain/certs';
import type { Fidelity } from '../../../src-main/domain/fidelity/fidelity';

/** The moment at which the certificates of the tests are judged. */
export const now = new Date('2026-06-01T12:00:00Z');
export const day = 86_400_000;
export const daysFromNow = (days: number): Date => new Date(now.getTime() + days * day);

export const vitess: Fidelity = { mode: 'vitess', version: '24.0.4' };
export const recorded: Fidelity = { mode: 'vitess', version: '24.0-recorded' };
export const hardened: Fidelity = { mode: 'hardened', version: '24.0.4' };
export const hardenedRecorded: Fidelity = { mode: 'hardened', version: '24.0-recorded' };

/** An authority that is valid around `now`. */
export const authority = (commonName: string, request: Partial<AuthorityRequest> = {}): IssuedIdentity =>
  createAuthority({ subject: { commonName }, notBefore: daysFromNow(-100), days: 2000, ...request });

/** A client certificate that is valid around `now`. */
export const client = (issuer: Issuer, commonName: string, request: Partial<CertificateRequest> = {}): IssuedIdentity =>
  issueCertificate({
    issuer,
    role: 'caller',
    subject: { commonName },
    notBefore: daysFromNow(-10),
    days: 100,
    ...request,
  });

/** A server certificate that is valid around `now`. */
export const server = (
  issuer: Issuer,
  dnsNames: readonly string[],
  request: Partial<CertificateRequest> = {},
): IssuedIdentity =>
  issueCertificate({
    issuer,
    role: 'gateway-server',
    subject: { commonName: dnsNames[0] ?? 'server' },
    dnsNames,
    notBefore: daysFromNow(-10),
    days: 100,
    ...request,
  });

/** A list of an authority, current at `now` unless told otherwise. */
export const list = (
  issuer: Issuer,
  serials: readonly (string | RevokedEntry)[],
  times: { readonly thisUpdate?: Date; readonly nextUpdate?: Date; readonly number?: number } = {},
): IssuedCrl =>
  createCrl({
    issuer,
    thisUpdate: times.thisUpdate ?? daysFromNow(-1),
    nextUpdate: times.nextUpdate ?? daysFromNow(30),
    number: times.number ?? 1,
    revoked: serials.map((serial) => (typeof serial === 'string' ? { serial, date: daysFromNow(-2) } : serial)),
  });

interface Judging {
  readonly chain: readonly { readonly der: Uint8Array }[];
  readonly anchors: readonly { readonly certificate: ParsedCertificate }[];
  readonly crls?: readonly IssuedCrl[];
  readonly fidelity?: Fidelity;
  readonly now?: Date;
  readonly tlsVersion?: string;
}

const base = (input: Judging): Omit<PeerVerification, 'purpose'> => ({
  chain: input.chain.map(({ der }) => der),
  anchors: input.anchors.map(({ certificate }) => certificate),
  crls: (input.crls ?? []).map(({ crl }) => crl),
  now: input.now ?? now,
  fidelity: input.fidelity ?? vitess,
  ...(input.tlsVersion === undefined ? {} : { tlsVersion: input.tlsVersion }),
});

/** Judges a client with a verifier that remembers nothing. */
export const judgeClient = (input: Judging): PeerVerdict =>
  new Verifier().verifyPeer({ ...base(input), purpose: 'client' });

/** Judges a server with a verifier that remembers nothing. */
export const judgeServer = (input: Judging & { readonly name: string | null }): PeerVerdict =>
  new Verifier().verifyPeer({ ...base(input), purpose: 'server', name: input.name });
