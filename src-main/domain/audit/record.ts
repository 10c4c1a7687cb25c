import { createHash } from 'node:crypto';
import { canonicalJson, type AuditValue } from './canonical';

/** What a record of the audit log says happened; a word for programs, dotted and stable. */
export type AuditWhat =
  | 'workspace.created'
  | 'version.applied'
  | 'version.not-applied'
  | 'version.restored'
  | 'version.taken-from-disk'
  | 'certificates.changed'
  | 'certificates.exported'
  | 'secrets.changed'
  | 'secrets.locked'
  | 'settings.changed'
  | 'cluster.started'
  | 'cluster.reloaded'
  | 'cluster.stopped'
  | 'export.written'
  | 'attacks.run'
  | 'log.fragment';

/** What is to be recorded; never a secret's value. */
export interface AuditEntry {
  readonly what: AuditWhat;
  /** One sentence for people. */
  readonly summary: string;
  readonly facts: { readonly [key: string]: AuditValue };
}

/** One line of `.gatehouse/audit.ndjson`. */
export interface AuditRecord extends Omit<AuditEntry, 'what'> {
  readonly schema: 1;
  /** From 1, without gaps. */
  readonly seq: number;
  /** ISO time. */
  readonly at: string;
  /** The operating system's user. */
  readonly who: string;
  /** `Gatehouse`, `gatehouse certs issue`, … */
  readonly program: string;
  /** An `AuditWhat`; other versions of Gatehouse may know more. */
  readonly what: string;
  /** Hash of the record before; of the first one 64 zeros. */
  readonly previous: string;
  /** SHA-256 over `previous`, a line feed and this record without both, in canonical JSON. */
  readonly hash: string;
}

/** What the first record follows. */
export const chainStart = '0'.repeat(64);
/** Longest line, bytes; a longer one is no record. */
export const MAX_AUDIT_LINE = 1024 * 1024;

export const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** The hash that a record must have. */
export function auditHash(record: Omit<AuditRecord, 'hash'>): string {
  const { previous, hash: _, ...body } = record as AuditRecord;
  return createHash('sha256')
    .update(`${previous}\n${canonicalJson(body)}`)
    .digest('hex');
}

/** The record that follows `last` (null: the first of a chain), and its line without the line feed. */
export function nextRecord(
  last: Pick<AuditRecord, 'seq' | 'hash'> | null,
  entry: AuditEntry,
  { at, who, program }: Pick<AuditRecord, 'at' | 'who' | 'program'>,
): { readonly record: AuditRecord; readonly line: string } {
  const body = {
    schema: 1 as const,
    seq: (last?.seq ?? 0) + 1,
    ...{ at, who, program },
    what: entry.what,
    summary: entry.summary,
    // What is undefined, or no JSON, must not be in the hash and out of the line.
    facts: JSON.parse(canonicalJson(entry.facts)) as AuditEntry['facts'],
    previous: last?.hash ?? chainStart,
  };
  const record = { ...body, hash: auditHash(body) };
  return { record, line: canonicalJson(record) };
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const isText = (value: unknown): value is string => typeof value === 'string';

/** A line as a record, or null when it is none or is written otherwise than Gatehouse writes it; its hash is not judged. */
export function readAuditLine(bytes: Uint8Array): AuditRecord | null {
  if (bytes.length === 0 || bytes.length > MAX_AUDIT_LINE) return null;
  try {
    const text = decoder.decode(bytes);
    const value = JSON.parse(text) as Partial<AuditRecord> | null;
    if (
      typeof value !== 'object' ||
      value?.schema !== 1 ||
      !Number.isSafeInteger(value.seq) ||
      (value.seq as number) < 1 ||
      ![value.at, value.who, value.program, value.what, value.summary].every(isText) ||
      typeof value.facts !== 'object' ||
      value.facts === null ||
      Array.isArray(value.facts) ||
      !isHash(value.previous) ||
      !isHash(value.hash) ||
      canonicalJson(value) !== text
    )
      return null;
    return value as AuditRecord;
  } catch {
    // Not UTF-8, not JSON, or nested so deeply that it cannot be walked.
    return null;
  }
}
