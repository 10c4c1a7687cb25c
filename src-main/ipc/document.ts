import { implement } from '@orpc/server';
import { documentContract } from '../contract/areas/document';
import type { CallContext } from './base';

const os = implement(documentContract).$context<CallContext>();

export const documentRouter = os.router({
  undo: os.undo.handler(({ context }) => context.session.workspace.document.undo()),
  redo: os.redo.handler(({ context }) => context.session.workspace.document.redo()),
});
