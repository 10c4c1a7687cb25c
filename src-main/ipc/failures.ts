import { ORPCError, ValidationError } from '@orpc/server';
import { FAILURE, type FailureData } from '../contract/failure';
import { GatehouseError } from '../domain/kernel';

/** What went wrong in a call, as data for the page; `report` hears of what should not have happened. */
export function asCallError(error: unknown, report: (text: string) => void): ORPCError<string, FailureData> {
  const send = (failure: FailureData): ORPCError<string, FailureData> =>
    new ORPCError(FAILURE, { status: 400, message: failure.summary, data: failure });
  if (error instanceof GatehouseError) {
    const { code, summary, detail } = error.failure;
    return send({ code, summary, ...(detail === undefined ? {} : { detail }) });
  }
  if (error instanceof ORPCError && error.cause instanceof ValidationError) {
    const [issue] = error.cause.issues;
    const path = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.') ?? '';
    // Only the place is told: what was sent may hold a secret.
    return send({
      code: 'call.invalid',
      summary: `The call was refused: ${path === '' ? 'its input' : path} is not valid.`,
    });
  }
  report(`a call failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return send({
    code: 'internal',
    summary: 'Gatehouse failed at this. The draft is safe; the log has the details.',
    detail: String(error),
  });
}
