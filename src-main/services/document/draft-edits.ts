import { cp, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GatehouseError } from '../../domain/kernel';
import { editedFile, editLabel, editText, type DraftEdit } from '../../domain/workspace';
import { isTrackedPath, putTracked, readTracked } from '../../servers/store';
import { loadWorkspace, type Workspace } from '../workspace/load-workspace';
import { WorkspacePaths } from '../workspace/workspace-paths';
import { accessImpact, type ImpactMark } from './impact';
import type { WorkspaceDocument } from './workspace-document';

const aclFileOf = ({ topology }: Pick<Workspace, 'topology'>): string | null =>
  topology.tablets.find(({ acl }) => acl.file !== null)?.acl.file ?? null;

/** Makes one typed edit in the working copy `dir`; rejects with GatehouseError, and writes nothing, when it cannot be made. */
export async function applyEdit(dir: string, edit: DraftEdit, aclFile: string | null): Promise<void> {
  const file = editedFile(edit, aclFile);
  const found = isTrackedPath(file) ? await readTracked(dir, file) : null;
  if (found === null || found === 'skip')
    throw new GatehouseError({ code: 'edit.no-file', summary: `The draft has no file ${file.slice(0, 120)}.` });
  const edited = editText(found.content.toString('utf8'), file, edit);
  const content = Buffer.from(edited);
  if (!content.equals(found.content)) await putTracked(dir, file, { ref: found.ref, content });
}

/** Makes a typed edit one step of the draft. */
export const editDraft = (document: WorkspaceDocument, edit: DraftEdit): Promise<void> =>
  document.edit(editLabel(edit), (dir) => applyEdit(dir, edit, aclFileOf(document.draft)));

/** What an edit would do to access. */
export interface EditImpact {
  readonly cells: number;
  readonly gains: number;
  readonly loses: number;
  /** What the changed cells become; what most become first. */
  readonly becomes: { readonly mark: ImpactMark; readonly cells: number }[];
}

/** What the edit would change, without making it: held against the draft. Rejects as `editDraft` does. */
export async function impactOf(document: WorkspaceDocument, edit: DraftEdit): Promise<EditImpact> {
  const { draft } = document;
  return document.read(async (dir) => {
    // A copy beside the draft, in the same private folder.
    const scratch = await mkdtemp(join(dir, '..', 'scratch-'));
    try {
      await cp(dir, scratch, { recursive: true });
      await applyEdit(scratch, edit, aclFileOf(draft));
      const loaded = await loadWorkspace(scratch);
      if (!loaded.ok) throw new GatehouseError(loaded.failure);
      const after = { ...loaded.value, paths: new WorkspacePaths(document.dir) };
      const { cells, gains, loses } = await accessImpact(draft, after, { secrets: document.secrets, now: new Date() });
      const becomes = new Map<ImpactMark, number>();
      for (const { after: mark } of cells) becomes.set(mark, (becomes.get(mark) ?? 0) + 1);
      return {
        cells: cells.length,
        gains,
        loses,
        becomes: [...becomes].map(([mark, number]) => ({ mark, cells: number })).sort((a, b) => b.cells - a.cells),
      };
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}
