import { implement } from '@orpc/server';
import { attackContract } from '../contract/areas/attack';
import type { CallContext } from './base';

const os = implement(attackContract).$context<CallContext>();
const serviceOf = ({ session }: CallContext) => session.workspace.attacks;

export const attackRouter = os.router({
  watch: os.watch.handler(({ context, signal }) => serviceOf(context).watch(signal)),
  run: os.run.handler(({ input, context }) => ({
    total: serviceOf(context).run(input.ids, (...task) => context.session.task(...task)),
  })),
  stop: os.stop.handler(({ context }) => serviceOf(context).stop()),
  trace: os.trace.handler(({ input, context }) => serviceOf(context).trace(input.id)),
  accept: os.accept.handler(({ input, context }) => serviceOf(context).accept(input.id, input.reason)),
  report: os.report.handler(({ input, context }) => serviceOf(context).report(input.format)),
});
