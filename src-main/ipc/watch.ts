import { implement } from '@orpc/server';
import { watchContract } from '../contract/areas/watch';
import type { CallContext } from './base';

const os = implement(watchContract).$context<CallContext>();
const serviceOf = ({ session }: CallContext) => session.workspace.watch;

export const watchRouter = os.router({
  next: os.next.handler(({ input, context, signal }) => serviceOf(context).next(input, signal)),
  counters: os.counters.handler(({ context }) => serviceOf(context).counters()),
  trace: os.trace.handler(({ input, context }) => serviceOf(context).trace(input.traceId)),
  audit: os.audit.handler(({ input, context, signal }) => serviceOf(context).audit(input, signal)),
});
