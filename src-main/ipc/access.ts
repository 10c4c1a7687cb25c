import { implement } from '@orpc/server';
import { accessContract } from '../contract/areas/access';
import type { CallContext } from './base';

const os = implement(accessContract).$context<CallContext>();

export const accessRouter = os.router({
  edit: os.edit.handler(({ input, context }) => context.session.workspace.access.edit(input.file, input.edit)),
  setText: os.setText.handler(({ input, context }) =>
    context.session.workspace.access.setText(input.file, input.text, input.base),
  ),
  format: os.format.handler(({ input, context }) => context.session.workspace.access.format(input.file)),
  restoreGood: os.restoreGood.handler(({ input, context }) => context.session.workspace.access.restoreGood(input.file)),
  setMode: os.setMode.handler(({ input, context }) =>
    context.session.workspace.access.setMode(input.tablet, input.mode),
  ),
  setSettings: os.setSettings.handler(({ input: { tablet, ...settings }, context }) =>
    context.session.workspace.access.setSettings(tablet, settings),
  ),
  createFile: os.createFile.handler(async ({ input, context }) => ({
    file: await context.session.workspace.access.createFile(input.tablet),
  })),
  useFile: os.useFile.handler(({ input, context }) =>
    context.session.workspace.access.useFile(input.tablet, input.file),
  ),
  inspectImport: os.inspectImport.handler(({ input, context }) =>
    context.session.workspace.access.inspectImport(input.tablet, input.name, input.content),
  ),
  import: os.import.handler(({ input, context }) =>
    context.session.workspace.access.import(input.tablet, input.name, input.content),
  ),
  preview: os.preview.handler(({ input, context }) =>
    context.session.workspace.access.preview(input.tablet, input.text, input.tables),
  ),
  why: os.why.handler(({ input, context }) =>
    context.session.workspace.access.why(input.tablet, input.text, input.caller, input.table, input.role),
  ),
  listTables: os.listTables.handler(({ context }) => context.session.workspace.access.tables.refresh()),
});
