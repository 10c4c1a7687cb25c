import { implement } from '@orpc/server';
import { testContract } from '../contract/areas/test';
import { explainText } from '../services/test/explain-text';
import type { CallContext } from './base';

const os = implement(testContract).$context<CallContext>();
const serviceOf = ({ session }: CallContext) => session.workspace.test;

export const testRouter = os.router({
  single: os.single.handler(({ input, context }) => serviceOf(context).single(input)),
  compare: os.compare.handler(({ input, context }) => serviceOf(context).compare(input.request, input.transports)),
  cell: os.cell.handler(({ input, context }) => serviceOf(context).cell(input.id)),
  stopSingle: os.stopSingle.handler(({ context }) => serviceOf(context).stopSingle()),
  watchMatrix: os.watchMatrix.handler(({ context, signal }) => serviceOf(context).watchMatrix(signal)),
  runMatrix: os.runMatrix.handler(({ input, context }) => ({
    total: serviceOf(context).runMatrix(input, (...task) => context.session.task(...task)),
  })),
  stopMatrix: os.stopMatrix.handler(({ context }) => serviceOf(context).matrix.stop()),
  cellDetails: os.cellDetails.handler(({ input, context }) => serviceOf(context).details(input.id)),
  expect: os.expect.handler(({ input, context }) => serviceOf(context).expect(input.cells, input.expectation)),
  acceptable: os.acceptable.handler(({ context }) => serviceOf(context).acceptable()),
  acceptAll: os.acceptAll.handler(({ context }) => serviceOf(context).acceptAll()),
  tables: os.tables.handler(({ context }) => serviceOf(context).edits.tables()),
  addTable: os.addTable.handler(({ input, context }) => serviceOf(context).edits.addTable(input.table)),
  addCaller: os.addCaller.handler(({ input, context }) => serviceOf(context).addCaller(input.id, input.transports)),
  coverage: os.coverage.handler(({ context }) => serviceOf(context).coverage()),
  addTestFor: os.addTestFor.handler(({ input, context }) => serviceOf(context).addTestFor(input.file, input.item)),
  exportMatrix: os.exportMatrix.handler(({ input, context }) => serviceOf(context).exportMatrix(input.form)),
  createSuite: os.createSuite.handler(({ context }) => serviceOf(context).createSuite()),
  run: os.run.handler(({ input, context }) => serviceOf(context).runs.shown(input.id)),
  report: os.report.handler(({ input, context }) => serviceOf(context).runs.report(input.id, input.json === true)),
  copyAs: os.copyAs.handler(({ input, context }) => serviceOf(context).copyAs(input)),
  explain: os.explain.handler(({ input }) => explainText(input.text)),
  forgetRuns: os.forgetRuns.handler(({ context }) => serviceOf(context).runs.forget()),
});
