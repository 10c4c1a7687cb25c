import { userInfo } from 'node:os';
import type { AuditEntry } from '../../domain/audit';
import { GatehouseError, systemClock, type Clock } from '../../domain/kernel';
import { appendAudit } from '../../servers/store';

/** Most things that a record lists one by one; the rest is counted. */
export const MOST_LISTED = 500;

/** Who this process is, for the audit log. */
let program = 'Gatehouse';

/** Says what this process is called in records from here on: `gatehouse certs issue`. */
export function nameAuditProgram(name: string): void {
  program = name;
}

/** The operating system's name of this user, or its number where there is no name. */
function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}

const faultListeners = new Set<(dir: string, summary: string) => void>();
const recordListeners = new Set<(dir: string) => void>();

/** Hears of what could not be recorded; the result ends that. */
export function onAuditFault(listener: (dir: string, summary: string) => void): () => void {
  faultListeners.add(listener);
  return () => void faultListeners.delete(listener);
}

/** Hears when this process has recorded something about a workspace; the result ends that. */
export function onAuditRecord(listener: (dir: string) => void): () => void {
  recordListeners.add(listener);
  return () => void recordListeners.delete(listener);
}

/**
 * Records what was done to the workspace in `dir`, in its audit log. Never rejects: what was done is done; that it is not
 * on record is told to `onAuditFault`.
 */
export async function recordAudit(dir: string, entry: AuditEntry, clock: Clock = systemClock): Promise<void> {
  try {
    await appendAudit(dir, entry, { who: osUser(), program, now: () => clock.now() });
    for (const listener of recordListeners) listener(dir);
  } catch (error) {
    const why = error instanceof GatehouseError ? error.failure.summary : String(error);
    for (const listener of faultListeners) listener(dir, `Not in the audit log: ${entry.summary} ${why}`);
  }
}

/** A list as a record keeps it: at most `MOST_LISTED` items, and how many more there were. */
export const listed = <T>(items: readonly T[]): { readonly items: readonly T[]; readonly more: number } => ({
  items: items.slice(0, MOST_LISTED),
  more: Math.max(0, items.length - MOST_LISTED),
});
