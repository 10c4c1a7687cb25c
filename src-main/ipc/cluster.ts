import { implement } from '@orpc/server';
import { clusterContract } from '../contract/areas/cluster';
import type { CallContext } from './base';

const os = implement(clusterContract).$context<CallContext>();

export const clusterRouter = os.router({
  start: os.start.handler(({ context }) => context.session.workspace.cluster.start()),
  stop: os.stop.handler(({ context }) => context.session.workspace.cluster.stop()),
  restart: os.restart.handler(({ context }) => context.session.workspace.cluster.restart()),
  part: os.part.handler(({ input, context }) => context.session.workspace.cluster.part(input.id, input.action)),
});
