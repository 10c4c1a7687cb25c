import type { FailureData } from '../../src-main/contract/failure';
import { FAILURE } from '../../src-main/contract/words';

/** A call that was refused or failed, with what is to be told. */
export class PageFailure extends Error implements FailureData {
  readonly code: string;
  readonly summary: string;
  readonly detail?: string;

  constructor(failure: FailureData) {
    super(failure.summary);
    this.name = 'PageFailure';
    this.code = failure.code;
    this.summary = failure.summary;
    if (failure.detail !== undefined) this.detail = failure.detail;
  }
}

const isFailureData = (value: unknown): value is FailureData =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as FailureData).code === 'string' &&
  typeof (value as FailureData).summary === 'string';

/** Whatever a call threw, as a failure that can be shown. */
export function asFailure(error: unknown): PageFailure {
  if (error instanceof PageFailure) return error;
  const data = (error as { code?: unknown; data?: unknown } | null)?.data;
  if ((error as { code?: unknown } | null)?.code === FAILURE && isFailureData(data)) return new PageFailure(data);
  // The transport itself answers a path that no handler has.
  if ((error as { code?: unknown } | null)?.code === 'NOT_FOUND')
    return new PageFailure({ code: 'call.unknown', summary: 'This version of Gatehouse has no such call.' });
  return new PageFailure({
    code: 'bridge.broken',
    summary: 'The connection to Gatehouse was lost during this call. Nothing typed is lost; try again.',
    detail: String(error),
  });
}
