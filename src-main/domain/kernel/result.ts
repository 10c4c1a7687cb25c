import type { Failure } from './failure';

/** Either a value or a failure that is data; nothing is thrown for what a caller must be able to handle. */
export type Result<T, E = Failure> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: E };

/** A successful result. */
export const succeed = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** A failed result. */
export const fail = <E>(failure: E): { readonly ok: false; readonly failure: E } => ({ ok: false, failure });
