import { implement } from '@orpc/server';
import { appContract } from '../contract/areas/app';
import { listFolders } from '../services/app/list-folders';
import type { CallContext } from './base';

const os = implement(appContract).$context<CallContext>();

export const appRouter = os.router({
  open: os.open.handler(({ input, context }) => context.session.openWorkspace(input.dir, input.passphrase)),
  create: os.create.handler(async ({ input, context }) => ({
    dir: await context.session.createWorkspace(input.sample, input.dir),
  })),
  close: os.close.handler(({ context }) => context.session.closeWorkspace()),
  forgetRecent: os.forgetRecent.handler(({ input, context }) => context.session.forgetRecent(input.dir)),
  listFolders: os.listFolders.handler(({ input }) => listFolders(input.dir)),
  pickFolder: os.pickFolder.handler(async ({ context }) => {
    const dir = await context.session.ports.pickFolder();
    return dir === null ? null : { dir };
  }),
  cancelTask: os.cancelTask.handler(({ input, context }) => context.session.cancelTask(input.id)),
  openLink: os.openLink.handler(({ input, context }) => context.session.openLink(input.url)),
});
