import { implement } from '@orpc/server';
import { stateContract } from '../contract/state';
import type { CallContext } from './base';

const os = implement(stateContract).$context<CallContext>();

export const stateRouter = os.router({
  watch: os.watch.handler(({ context, signal }) => context.session.hub.watch(signal)),
});
