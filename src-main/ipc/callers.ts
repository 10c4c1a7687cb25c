import { implement } from '@orpc/server';
import { callersContract } from '../contract/areas/callers';
import { addUsersGateway } from '../services/callers/users-gateway';
import type { CallContext } from './base';

const os = implement(callersContract).$context<CallContext>();

export const callersRouter = os.router({
  addUsersGateway: os.addUsersGateway.handler(async ({ context }) => ({
    file: await addUsersGateway(context.session.workspace.document),
  })),
  addUser: os.addUser.handler(({ input: { file, name, ...entry }, context }) =>
    context.session.workspace.callers.editor.addUser(file, name, entry),
  ),
  renameUser: os.renameUser.handler(({ input, context }) =>
    context.session.workspace.callers.editor.renameUser(input.file, input.from, input.to),
  ),
  deleteUser: os.deleteUser.handler(({ input, context }) =>
    context.session.workspace.callers.editor.deleteUser(input.file, input.name),
  ),
  addEntry: os.addEntry.handler(({ input: { file, user, ...entry }, context }) =>
    context.session.workspace.callers.editor.addEntry(file, user, entry),
  ),
  removeEntry: os.removeEntry.handler(({ input, context }) =>
    context.session.workspace.callers.editor.removeEntry(input),
  ),
  moveEntry: os.moveEntry.handler(({ input, context }) =>
    context.session.workspace.callers.editor.moveEntry(input.entry, input.to),
  ),
  changeEntry: os.changeEntry.handler(({ input: { entry, ...change }, context }) =>
    context.session.workspace.callers.editor.changeEntry(entry, change),
  ),
  reveal: os.reveal.handler(({ input, context }) => context.session.workspace.callers.reveal(input)),
  strength: os.strength.handler(({ input, context }) => context.session.workspace.callers.strength(input.password)),
  previewImport: os.previewImport.handler(({ input: { file, text, existing, hashClear }, context }) =>
    context.session.workspace.callers.previewImport(file, text, existing, hashClear),
  ),
  import: os.import.handler(({ input: { file, text, existing, hashClear }, context }) =>
    context.session.workspace.callers.import(file, text, existing, hashClear),
  ),
  reach: os.reach.handler(({ input, context }) => context.session.workspace.callers.reach(input.callers)),
  addClaimed: os.addClaimed.handler(async ({ input, context }) => ({
    file: await context.session.workspace.callers.addClaimed(input),
  })),
  removeClaimed: os.removeClaimed.handler(({ input, context }) =>
    context.session.workspace.callers.removeClaimed(input.id),
  ),
  startRotation: os.startRotation.handler(({ input: { entry, password, ...rights }, context }) =>
    context.session.workspace.callers.startRotation(entry, password, rights),
  ),
  testRotation: os.testRotation.handler(({ input: { id, ...typed }, context }) =>
    context.session.workspace.callers.testRotation(id, typed),
  ),
  watchRotation: os.watchRotation.handler(({ input, context }) =>
    context.session.workspace.callers.watchRotation(input.id),
  ),
  finishRotation: os.finishRotation.handler(({ input: { id, ...options }, context }) =>
    context.session.workspace.callers.finishRotation(id, options),
  ),
  cancelRotation: os.cancelRotation.handler(({ input, context }) =>
    context.session.workspace.callers.cancelRotation(input.id),
  ),
});
