import type { DocumentPart } from '../../contract/areas/document';
import type { WorkspaceDocument } from './workspace-document';

/** What the window around the screens shows of the draft. */
export function documentView(document: WorkspaceDocument): DocumentPart {
  return {
    revision: document.revision,
    changedFiles: [...document.changedFiles],
    undoLabel: document.undoLabel,
    redoLabel: document.redoLabel,
    changes: document.changes.length,
    changedOnDisk: [...document.changedOnDisk],
    skipped: [...document.skipped],
  };
}
