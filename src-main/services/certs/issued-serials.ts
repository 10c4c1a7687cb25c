import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ParsedCertificate } from '../../domain/certs';

/** One certificate that an authority has issued; nothing in it is secret. */
export interface IssuedSerial {
  /** Lower-case hexadecimal, without leading zeros. */
  readonly serial: string;
  readonly subject: string;
  readonly notAfter: string;
  /** Where the certificate was written to; another one may be there by now. */
  readonly file: string;
}

/** The record of an authority, a JSON object a line, workspace-relative. */
export const issuedFile = (authority: string): string => `pki/${authority}/issued.jsonl`;

/** Everything on record for `authority`, oldest first; lines that cannot be read are left out. */
export async function readIssued(dir: string, authority: string): Promise<IssuedSerial[]> {
  const text = await readFile(join(dir, issuedFile(authority)), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      const entry = JSON.parse(line) as IssuedSerial | null;
      return typeof entry?.serial === 'string' ? [entry] : [];
    } catch {
      return [];
    }
  });
}

/** Keeps what is needed to revoke `certificate` when its file is gone; a serial is kept once. */
export async function recordIssued(
  dir: string,
  authority: string,
  certificate: ParsedCertificate,
  file: string,
): Promise<void> {
  const { serial, subjectText: subject, notAfter } = certificate;
  if ((await readIssued(dir, authority)).some((entry) => entry.serial === serial)) return;
  const entry: IssuedSerial = { serial, subject, notAfter: notAfter.toISOString(), file };
  await appendFile(join(dir, issuedFile(authority)), `${JSON.stringify(entry)}\n`, { mode: 0o644 });
}

/**
 * A serial as a person writes it (`0x`, colons, upper case, leading zeros) in the form of a CRL, or null when it is none:
 * at most 20 bytes and not zero (RFC 5280 section 4.1.2.2).
 */
export function readSerial(written: string): string | null {
  const digits = written.trim().replace(/^0x/i, '').replaceAll(':', '').toLowerCase().replace(/^0+/, '');
  return /^[0-9a-f]{1,40}$/.test(digits) ? digits : null;
}
