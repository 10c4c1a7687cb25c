import { implement } from '@orpc/server';
import { queryRulesContract } from '../contract/areas/query-rules';
import type { CallContext } from './base';

const os = implement(queryRulesContract).$context<CallContext>();

export const queryRulesRouter = os.router({
  edit: os.edit.handler(({ input, context }) => context.session.workspace.queryRules.edit(input.file, input.edit)),
  setText: os.setText.handler(({ input, context }) =>
    context.session.workspace.queryRules.setText(input.file, input.text, input.base),
  ),
  createFile: os.createFile.handler(async ({ input, context }) => ({
    file: await context.session.workspace.queryRules.createFile(input.tablet),
  })),
  setTablet: os.setTablet.handler(({ input: { tablet, ...change }, context }) =>
    context.session.workspace.queryRules.setTablet(tablet, change),
  ),
  effect: os.effect.handler(({ input, context }) =>
    context.session.workspace.queryRules.effect(input.tablet, input.text),
  ),
});
