import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  certificatePem,
  encryptPrivateKey,
  openPrivateKey,
  writePkcs12,
  type ParsedCertificate,
} from '../../domain/certs';
import { GatehouseError, type Secret } from '../../domain/kernel';
import { readFaulty } from './faulty-record';
import { fault, isIssuer, keyFileOf, type PkiFolder } from './pki-folder';

/**
 * `pem`: the file as it is sent, with its intermediates; `chain`: the same up to the root; `key`: the private key in
 * clear; the others hold certificate and key.
 */
export const exportFormats = ['pem', 'chain', 'pkcs12', 'kubernetes', 'encrypted-key', 'key'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportedCertificate {
  readonly content: string | Buffer;
  /** True when a private key is in it. */
  readonly secret: boolean;
}

/**
 * A certificate of the workspace in the form asked for. What is faulty on purpose is refused (`certs.faulty`) unless
 * `faulty` says that it is wanted.
 */
export async function exportCertificate(
  pki: PkiFolder,
  file: string,
  options: { readonly format: ExportFormat; readonly passphrase: Secret | undefined; readonly faulty: boolean },
): Promise<ExportedCertificate> {
  const { format, passphrase } = options;
  const withoutKey = format === 'pem' || format === 'chain';
  const path = withoutKey ? await pki.inside(file) : await pki.certificateFile(file);
  const { certificates } = await pki.pem(path);
  const [leaf] = certificates;
  if (leaf === undefined) throw fault('none', `${file} holds no certificate.`);
  if (!options.faulty && (await readFaulty(pki.dir)).has(leaf.fingerprint))
    throw fault('faulty', `${file} is faulty on purpose. Say that it is wanted to export it all the same.`);
  const chain = certificates.map((certificate) => certificatePem(certificate)).join('');
  if (format === 'pem') return { content: chain, secret: false };
  if (format === 'chain') return { content: chain + (await rootAbove(pki, certificates)), secret: false };
  const keyFile = keyFileOf(path);
  const keyText = await readFile(join(pki.dir, keyFile), 'utf8').catch(() => {
    throw fault('missing', `${keyFile}, the private key of ${path}, cannot be read.`);
  });
  const key = openPrivateKey(keyText, pki.passphrase ?? passphrase);
  if (!key.ok) throw new GatehouseError(key.failure);
  const clearKey = key.value.export({ type: 'pkcs8', format: 'pem' }).toString();
  if (format === 'key') return { content: clearKey, secret: true };
  if (format === 'kubernetes') return { content: kubernetesSecret(path, chain, clearKey), secret: true };
  if (passphrase === undefined) throw fault('passphrase', 'This format is protected by a passphrase. Give one.');
  if (format === 'encrypted-key') {
    const encrypted = await encryptPrivateKey(clearKey, passphrase);
    if (!encrypted.ok) throw new GatehouseError(encrypted.failure);
    return { content: encrypted.value, secret: true };
  }
  return { content: await writePkcs12({ certificates, privateKey: key.value, passphrase }), secret: true };
}

/** A Secret of type kubernetes.io/tls, named after the file. */
function kubernetesSecret(path: string, chain: string, key: string): string {
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const name = path
    .slice('pki/'.length)
    .replace(/-cert\.pem$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-');
  return [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `  name: ${name}`,
    'type: kubernetes.io/tls',
    'data:',
    `  tls.crt: ${encode(chain)}`,
    `  tls.key: ${encode(key)}`,
    '',
  ].join('\n');
}

/** What is missing above the last of `certificates`, up to the root, as far as it is here. */
async function rootAbove(pki: PkiFolder, certificates: readonly ParsedCertificate[]): Promise<string> {
  const authorities = await pki.authorities();
  const above: ParsedCertificate[] = [];
  let at = certificates.at(-1);
  while (at !== undefined && !at.rawSubject.equals(at.rawIssuer) && above.length < 10) {
    const below: ParsedCertificate = at;
    at = authorities.find(({ certificate }) => isIssuer(certificate, below))?.certificate;
    if (at !== undefined) above.push(at);
  }
  return above.map((certificate) => certificatePem(certificate)).join('');
}
