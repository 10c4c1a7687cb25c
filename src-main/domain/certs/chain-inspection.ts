import type { KeyObject } from 'node:crypto';

import type { Finding, FindingLevel } from '../kernel';
import type { ParsedCertificate } from './certificate';
import { speaksFor } from './host-name';
import { keysMatch } from './keys';
import { lintCertificate } from './lint';
import { printable, timeText } from './path-fault';
import type { PeerPurpose } from './types';
import { verifyPeer } from './verifier';

const DAY = 86_400_000;

/** What a server or client is about to present. */
export interface ChainInspection {
  /** As they stand in the file, leaf first. */
  readonly certificates: readonly ParsedCertificate[];
  readonly file: string;
  readonly now: Date;
  /** Lines of the certificates, in their order. */
  readonly lines?: readonly number[];
  readonly privateKey?: KeyObject;
  /** The CA file of the other side. */
  readonly anchors?: readonly ParsedCertificate[];
  /** Names under which clients dial. */
  readonly expectedNames?: readonly string[];
  readonly purpose?: PeerPurpose;
}

/**
 * Everything that is or will soon be wrong with a chain: faults of its certificates, validity, order, key, names,
 * purpose, and whether the other side will accept it. Codes are `chain.…` and `certificate.…`.
 */
export function inspectChain(input: ChainInspection): readonly Finding[] {
  const findings: Finding[] = [];
  const add = (index: number, code: string, level: FindingLevel, message: string, remedy: string): void => {
    const line = input.lines?.[index] ?? 0;
    findings.push({
      code: `chain.${code}`,
      level,
      file: input.file,
      line,
      column: line === 0 ? 0 : 1,
      message,
      remedy,
    });
  };
  const leaf = input.certificates[0];
  if (leaf === undefined) {
    add(
      0,
      'empty',
      'error',
      'there is no certificate',
      'Give a file with the certificate, followed by its intermediate authorities.',
    );
    return findings;
  }
  for (const [index, certificate] of input.certificates.entries()) {
    findings.push(...lintCertificate(certificate, { file: input.file, line: input.lines?.[index] ?? 0 }));
    judgeValidity(certificate, index, input.now, add);
  }
  judgeKey(input, leaf, add);
  judgeOrder(input.certificates, add);
  if (leaf.isCa)
    add(
      0,
      'authority-as-leaf',
      'warning',
      `${nameOf(leaf)} is an authority; its key should sign certificates and nothing else`,
      'Issue a certificate below it.',
    );
  for (const name of input.expectedNames ?? []) {
    if (!speaksFor(leaf, name)) {
      const names = [...leaf.dnsNames, ...leaf.ipAddresses].map(printable).join(', ');
      add(
        0,
        'name-mismatch',
        'error',
        `${nameOf(leaf)} does not speak for ${printable(name)}${names === '' ? '' : `, only for ${names}`}`,
        `Issue it with the name ${printable(name)}, or let clients check another one.`,
      );
    }
  }
  judgePurpose(leaf, input.purpose, add);
  judgeTrust(input, add);
  return findings;
}

type Add = (index: number, code: string, level: FindingLevel, message: string, remedy: string) => void;

const nameOf = (certificate: ParsedCertificate): string =>
  printable(certificate.subjectText || certificate.dnsNames.join(', ') || `serial ${certificate.serial}`);

/** "Soon" is a month, or a third of the lifetime of short-lived certificates. */
function judgeValidity(certificate: ParsedCertificate, index: number, now: Date, add: Add): void {
  const left = certificate.notAfter.getTime() - now.getTime();
  const lifetime = certificate.notAfter.getTime() - certificate.notBefore.getTime();
  if (now < certificate.notBefore) {
    add(
      index,
      'not-yet-valid',
      'error',
      `${nameOf(certificate)} is valid only from ${timeText(certificate.notBefore)}`,
      'Wait, mend the clock or issue it again.',
    );
  } else if (left < 0)
    add(index, 'expired', 'error', `${nameOf(certificate)} expired at ${timeText(certificate.notAfter)}`, 'Renew it.');
  else if (left < Math.min(30 * DAY, lifetime / 3)) {
    add(
      index,
      'expires-soon',
      'warning',
      `${nameOf(certificate)} expires at ${timeText(certificate.notAfter)}`,
      'Renew it before then.',
    );
  }
}

function judgeKey({ privateKey, certificates }: ChainInspection, leaf: ParsedCertificate, add: Add): void {
  if (privateKey === undefined || keysMatch(privateKey, leaf.publicKey)) return;
  const owner = certificates.findIndex((certificate) => keysMatch(privateKey, certificate.publicKey));
  if (owner > 0)
    add(
      owner,
      'leaf-not-first',
      'error',
      `the private key belongs to certificate ${owner + 1} of the file, not to the first`,
      'Put the certificate of the key first, then its authorities.',
    );
  else
    add(
      0,
      'key-mismatch',
      'error',
      `the private key does not belong to ${nameOf(leaf)}`,
      'Give the key that was made with the certificate, or issue a certificate for this key.',
    );
}

function judgeOrder(certificates: readonly ParsedCertificate[], add: Add): void {
  for (const [index, certificate] of certificates.entries()) {
    const child = certificates[index - 1];
    if (child === undefined) continue;
    if (!certificate.rawSubject.equals(child.rawIssuer)) {
      add(
        index,
        'order',
        'warning',
        `${nameOf(certificate)} did not issue the certificate before it`,
        'Let each certificate be followed by the authority that issued it, and remove others.',
      );
    } else if (child.notAfter > certificate.notAfter) {
      add(
        index,
        'outlives-issuer',
        'warning',
        `${nameOf(child)} is valid longer than its authority ${nameOf(certificate)}, which ends at ${timeText(certificate.notAfter)}`,
        'Renew the authority in time.',
      );
    }
    if (certificate.isCa && certificate.rawSubject.equals(certificate.rawIssuer)) {
      add(
        index,
        'root-included',
        'info',
        `the root ${nameOf(certificate)} need not be sent: the other side has it or does not trust it`,
        'Remove it from the file.',
      );
    }
  }
}

function judgePurpose(leaf: ParsedCertificate, purpose: PeerPurpose | undefined, add: Add): void {
  const purposes = leaf.extendedKeyUsage ?? [];
  if (purpose === undefined || purposes.length === 0 || purposes.includes('any')) return;
  const wanted = purpose === 'client' ? 'clientAuth' : 'serverAuth';
  if (!purposes.includes(wanted))
    add(
      0,
      'wrong-purpose',
      'error',
      `${nameOf(leaf)} may not be used by a ${purpose} (its extended key usage lacks ${wanted})`,
      'Issue it for that purpose.',
    );
}

/** Causes that have a finding of their own already. */
const reported = new Set(['expired', 'not-yet-valid', 'wrong-purpose', 'weak-key', 'unknown-critical-extension']);

function judgeTrust({ anchors, certificates, now, purpose }: ChainInspection, add: Add): void {
  if (anchors === undefined) return;
  const chain = certificates.map(({ der }) => der);
  const base = { chain, anchors, now, fidelity: { mode: 'hardened', version: '24.0.4' } } as const;
  const asClient = purpose === 'server' ? null : verifyPeer({ ...base, purpose: 'client' });
  const asServer = purpose === 'client' ? null : verifyPeer({ ...base, purpose: 'server', name: null });
  const refusal = [asClient, asServer].find((verdict) => verdict?.ok === false);
  if (asClient?.ok === true || asServer?.ok === true || refusal?.ok !== false || reported.has(refusal.cause)) return;
  if (refusal.cause === 'unknown-authority') {
    add(
      0,
      'missing-intermediate',
      'error',
      `the other side cannot connect this chain to an authority it trusts: ${refusal.message}`,
      'Add the missing intermediate certificates to the file, or the authority to the CA file of the other side.',
    );
  } else
    add(
      0,
      refusal.cause,
      'error',
      `the other side refuses this chain: ${refusal.message}`,
      'Mend or issue again what the message names.',
    );
}
