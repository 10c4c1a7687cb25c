import type { AuditEntry, AuditWhat } from '../../domain/audit';
import { GatehouseError } from '../../domain/kernel';
import type { DescribedChange } from '../../domain/workspace';
import { redactText } from '../../servers/recorder';
import { changedPaths, type Manifest, type VersionRecord } from '../../servers/store';
import { fileFacts, sentenceFacts } from '../audit';

/** Two versions of a workspace's files. */
export interface Sides {
  readonly before: Manifest;
  readonly after: Manifest;
}

/** An edit of the draft that is recorded by itself; null: it changed no file. */
export function editEntry(what: AuditWhat, label: string, { before, after }: Sides): AuditEntry | null {
  if (changedPaths(before, after).length === 0) return null;
  return { what, summary: `${label}, in the draft.`, facts: { label, where: 'draft', ...fileFacts(before, after) } };
}

export function appliedEntry(
  { number, changes: count, note, cells }: VersionRecord,
  changes: readonly DescribedChange[],
  { before, after }: Sides,
): AuditEntry {
  return {
    what: 'version.applied',
    summary: `Version ${number} was applied: ${count === 1 ? 'one change' : `${count} changes`}.`,
    facts: {
      version: number,
      note: redactText(note),
      cells: { ...cells },
      ...sentenceFacts(changes),
      ...fileFacts(before, after),
    },
  };
}

export function notAppliedEntry(
  error: unknown,
  changes: readonly DescribedChange[],
  { before, after }: Sides,
): AuditEntry {
  return {
    what: 'version.not-applied',
    summary: error instanceof GatehouseError ? error.failure.summary : 'Not applied.',
    facts: { ...sentenceFacts(changes), ...fileFacts(before, after) },
  };
}

export const restoredEntry = (version: number, { before, after }: Sides): AuditEntry => ({
  what: 'version.restored',
  summary: `Version ${version} was taken back into the draft.`,
  facts: { version, where: 'draft', ...fileFacts(before, after) },
});

export const fromDiskEntry = ({ before, after }: Sides): AuditEntry => ({
  what: 'version.taken-from-disk',
  summary: 'Files that were changed outside Gatehouse were taken over as what is applied.',
  facts: fileFacts(before, after),
});
