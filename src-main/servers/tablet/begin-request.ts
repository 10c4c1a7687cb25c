import type { CallContext } from '../rpc';
import type { Bound, Engines, ExecRequest } from './exec-request';
import { noVariables, TabletRequest, type RequestHead } from './tablet-request';

async function runPostBegin(
  { engine, transactions }: Engines,
  request: TabletRequest,
  head: RequestHead,
  statements: readonly string[],
  transactionId: bigint,
): Promise<void> {
  try {
    for (const sql of statements) {
      const { method, context, traceId, options } = request;
      const own = new TabletRequest(method, context, traceId, head, sql, noVariables, options);
      await engine.execute(own, { transactionId, reservedId: 0n });
      request.planType = own.planType;
      request.queries += own.queries;
      request.rewritten.push(...own.rewritten);
    }
  } catch (error) {
    // Nobody learns the id of this transaction.
    await transactions.conclude(request, transactionId, 'rollback').catch(() => undefined);
    throw error;
  }
}

/** Begins, and runs `postBegin`, statements of vtgate's own: savepoints, which the log shows with the begin. */
export async function beginRequest(
  exec: ExecRequest,
  engines: Engines,
  message: Bound,
  context: CallContext,
  preQueries: readonly string[],
  postBegin: readonly string[],
  reservedId: bigint,
): Promise<bigint> {
  const { engine, transactions } = engines;
  return exec.answer(exec.plain('Begin', message, context, 'begin', message.options), message, async (request) => {
    const transactionId = await exec.quietly(request, () => {
      if (reservedId !== 0n) return transactions.beginOn(request, reservedId);
      engine.checkSettings(preQueries);
      return transactions.begin(request, preQueries);
    });
    if (postBegin.length > 0) await runPostBegin(engines, request, message, postBegin, transactionId);
    return transactionId;
  });
}
