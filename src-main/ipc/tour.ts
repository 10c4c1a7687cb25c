import { implement } from '@orpc/server';
import { tourContract } from '../contract/areas/tour';
import type { CallContext } from './base';

const os = implement(tourContract).$context<CallContext>();

export const tourRouter = os.router({
  begin: os.begin.handler(async ({ context }) => ({ dir: await context.session.beginTour() })),
  look: os.look.handler(({ context }) => context.session.workspace.tour.look()),
  work: os.work.handler(({ input, context }) => context.session.workspace.tour.work(input.step)),
  undo: os.undo.handler(({ context }) => context.session.workspace.tour.undo()),
  show: os.show.handler(({ input, context }) => context.session.workspace.tour.show(input.step)),
  skip: os.skip.handler(({ input, context }) => context.session.workspace.tour.skip(input.step)),
  break: os.break.handler(({ input, context }) => context.session.workspace.tour.break(input.what)),
  mend: os.mend.handler(({ context }) => context.session.workspace.tour.mend()),
  leave: os.leave.handler(({ context }) => context.session.workspace.tour.leave()),
  resume: os.resume.handler(({ context }) => context.session.workspace.tour.resume()),
  finish: os.finish.handler(({ context }) => context.session.workspace.tour.finish()),
});
