import { implement } from '@orpc/server';
import { exportsContract } from '../contract/areas/exports';
import { checkPasted } from '../services/flags/check-pasted';
import { writtenData } from '../services/export/export-service';
import type { CallContext } from './base';

const os = implement(exportsContract).$context<CallContext>();

export const exportsRouter = os.router({
  prove: os.prove.handler(({ input, context: { session } }) =>
    session.workspace.exports.prove(input.version, (title, work, cancel) => session.task(title, work, cancel)),
  ),
  fileText: os.fileText.handler(async ({ input, context }) => ({
    text: await context.session.workspace.exports.fileText(input.version, input.path),
  })),
  write: os.write.handler(async ({ input, context }) =>
    writtenData(await context.session.workspace.exports.write(input)),
  ),
  checkFlags: os.checkFlags.handler(({ input }) => checkPasted(input)),
});
