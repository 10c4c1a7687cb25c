import { constants } from 'node:crypto';
import { createSecureContext, rootCertificates, type SecureContext, type SecureVersion } from 'node:tls';
import { checkCrlConfiguration, parsePem, type ParsedCertificate, type ParsedCrl } from '../../domain/certs';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import { GatehouseError } from '../../domain/kernel';
import type { ClientTlsConfig, ServerTlsConfig } from './types';

/** Go's default TLS 1.2 suites (vitess-behaviour §3.5): forward secrecy always, no static RSA, no 3DES. */
const tls12Suites = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
];

/** TLS 1.3 in Go's order of preference; OpenSSL's own begins with AES-256. BoringSSL takes no such list. */
const tls13Suites = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

const versionOrder: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** True when `version` (as a TLS socket names it) is older than `minimum`. */
export function olderThan(version: string, minimum: SecureVersion): boolean {
  return versionOrder.indexOf(version as SecureVersion) < versionOrder.indexOf(minimum);
}

/** Whom a side trusts: parsed once for each configuration. */
export interface Trust {
  /** Null: peers are not asked for a certificate. */
  readonly anchors: readonly ParsedCertificate[] | null;
  readonly crls: readonly ParsedCrl[];
}

/**
 * A TLS 1.2 peer could change its certificate after it was judged. BoringSSL never renegotiates as a server and has no
 * such constant.
 */
const noRenegotiation = constants.SSL_OP_NO_RENEGOTIATION ?? 0;
/** Go takes ChaCha20 first from clients that do. BoringSSL has no such constant. */
const prioritizeChaCha = constants.SSL_OP_PRIORITIZE_CHACHA ?? 0;

/** One side's configuration, loaded and checked. */
export interface LoadedTls {
  readonly context: SecureContext;
  readonly trust: Trust;
  readonly minVersion: SecureVersion;
}

const badConfiguration = (summary: string, cause?: unknown): GatehouseError =>
  new GatehouseError(
    { code: 'tls.bad-configuration', summary, ...(cause instanceof Error ? { detail: cause.message } : {}) },
    { cause },
  );

let systemAnchors: readonly ParsedCertificate[] | null = null;

/** The public authorities that Node carries: Go's system pool has its equivalent here. */
function publicAnchors(): readonly ParsedCertificate[] {
  systemAnchors ??= parsePem(rootCertificates.join('\n'), 'public authorities', 'certificates').certificates;
  return systemAnchors;
}

function readAnchors(pem: string, what: string): readonly ParsedCertificate[] {
  const { certificates, findings } = parsePem(pem, what, 'certificates');
  const fault = findings.find((finding) => finding.level === 'error');
  if (fault !== undefined) throw badConfiguration(`${what}: ${fault.message}`);
  if (certificates.length === 0) throw badConfiguration(`${what} holds no certificate.`);
  return certificates;
}

function readCrls(
  crl: string | undefined,
  anchors: Trust['anchors'],
  hasCertAndKey: boolean,
  now: Date,
  fidelity: Fidelity,
) {
  const { failure, crls } = checkCrlConfiguration({ crlText: crl ?? null, anchors, hasCertAndKey, now, fidelity });
  if (failure !== null) throw new GatehouseError(failure);
  return crls;
}

function buildContext(
  options: Parameters<typeof createSecureContext>[0] & object,
  minVersion: SecureVersion,
  what: string,
) {
  // OpenSSL 3 refuses TLS 1.0 and 1.1 above security level 0; BoringSSL does not know levels.
  const old = olderThan(minVersion, 'TLSv1.2');
  const suites = [...tls13Suites, ...tls12Suites].join(':');
  const base = { ...options, minVersion, secureOptions: (options.secureOptions ?? 0) | noRenegotiation };
  try {
    return createSecureContext({ ...base, ciphers: old ? `${suites}:@SECLEVEL=0` : suites });
  } catch (error) {
    if (old && error instanceof Error && /cipher|command/i.test(error.message)) {
      return createSecureContext({ ...base, ciphers: suites });
    }
    throw badConfiguration(`The certificate, key or authorities of ${what} do not load.`, error);
  }
}

/**
 * Loads what a listener presents and demands. Throws GatehouseError `tls.bad-configuration` (or the CRL's own code) and
 * changes nothing else.
 */
export function loadServerTls(
  config: ServerTlsConfig,
  what: string,
  now: Date,
  fidelity: Fidelity,
  sessionIdContext: string,
): LoadedTls {
  const minVersion = config.minVersion ?? 'TLSv1.2';
  const anchors =
    config.clientCa === undefined ? null : readAnchors(config.clientCa, `the client authorities of ${what}`);
  const crls = readCrls(config.crl, anchors, true, now, fidelity);
  const cert = config.serverCa === undefined ? config.cert : `${config.cert.trimEnd()}\n${config.serverCa}`;
  // Without `ca` the request names no authorities, so clients send what they have and verifyPeer judges it. With it OpenSSL
  // would complete the presented chain from them: an intermediate that was forgotten would go unnoticed here and fail with
  // real Vitess. The empty list keeps the public authorities out.
  // As Go, the server chooses: its own first suite, unless the client's first is ChaCha20.
  const preference = { honorCipherOrder: true, secureOptions: prioritizeChaCha };
  const context = buildContext({ cert, key: config.key, ca: [], sessionIdContext, ...preference }, minVersion, what);
  return { context, trust: { anchors, crls }, minVersion };
}

/** Loads what a dialling side presents and demands; without `ca` public authorities are trusted (vitess-behaviour §3.6). */
export function loadClientTls(config: ClientTlsConfig, what: string, now: Date, fidelity: Fidelity): LoadedTls {
  const minVersion = config.minVersion ?? 'TLSv1.2';
  const anchors = config.ca === undefined ? publicAnchors() : readAnchors(config.ca, `the authorities of ${what}`);
  const crls = readCrls(config.crl, anchors, true, now, fidelity);
  const identity = config.cert !== undefined && config.key !== undefined ? { cert: config.cert, key: config.key } : {};
  const context = buildContext({ ...identity, ca: [] }, minVersion, what);
  return { context, trust: { anchors, crls }, minVersion };
}
