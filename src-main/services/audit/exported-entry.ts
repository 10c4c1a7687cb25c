import type { AuditEntry } from '../../domain/audit';

/** A certificate that was given out in some form; `secret`: with its private key. */
export const exportedEntry = (file: string, format: string, secret: boolean): AuditEntry => ({
  what: 'certificates.exported',
  summary: `${file} was exported as ${format}${secret ? ', with its private key' : ''}.`,
  facts: { file, format, withKey: secret },
});
