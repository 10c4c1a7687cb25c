/**
 * What the page uses of the contract at run time: lists of words, without schemas. The schemas stay on this side of the line, and
 * with them the library they are made with, which is a fifth of the page's size.
 */

/** Code of every oRPC error that carries a `FailureData`. */
export const FAILURE = 'FAILURE';

/** The steps of the tour, in order; each does real work in the workspace. */
export const tourStepIds = ['backend', 'trust', 'callers', 'guard', 'start', 'prove', 'break', 'take'] as const;
export type TourStepId = (typeof tourStepIds)[number];

/** What step 7 of the tour can break: one thing at a time. */
export const breakages = ['expired', 'other-authority', 'not-strict'] as const;
export type Breakage = (typeof breakages)[number];
