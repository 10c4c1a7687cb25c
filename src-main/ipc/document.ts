import { implement } from '@orpc/server';
import { documentContract } from '../contract/areas/document';
import { editDraft, impactOf } from '../services/document/draft-edits';
import type { CallContext } from './base';

const os = implement(documentContract).$context<CallContext>();

export const documentRouter = os.router({
  undo: os.undo.handler(({ context }) => context.session.workspace.document.undo()),
  redo: os.redo.handler(({ context }) => context.session.workspace.document.redo()),
  edit: os.edit.handler(({ input, context }) => editDraft(context.session.workspace.document, input.edit)),
  impactOf: os.impactOf.handler(({ input, context }) => impactOf(context.session.workspace.document, input.edit)),
  review: os.review.handler(({ context }) => context.session.workspace.review.review()),
  undoChange: os.undoChange.handler(({ input, context }) => context.session.workspace.document.undoChange(input.id)),
  apply: os.apply.handler(({ input, context }) => context.session.workspace.review.apply(input.note, input.revision)),
  discard: os.discard.handler(({ context }) => context.session.workspace.document.discard()),
  history: os.history.handler(({ context }) => context.session.workspace.review.history()),
  compare: os.compare.handler(({ input, context }) => context.session.workspace.review.compare(input.version)),
  restore: os.restore.handler(({ input, context }) => context.session.workspace.document.restore(input.version)),
  checkDisk: os.checkDisk.handler(({ context }) => context.session.workspace.document.checkDisk()),
  compareDisk: os.compareDisk.handler(({ context }) => context.session.workspace.review.compareDisk()),
  resolveDisk: os.resolveDisk.handler(({ input, context }) =>
    context.session.workspace.review.resolveDisk(input.choice),
  ),
});
