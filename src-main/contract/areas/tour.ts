import { oc } from '@orpc/contract';
import { z } from 'zod';
import { breakages, tourStepIds } from '../words';
import { shownVerdict } from './test';

export { breakages, tourStepIds, type Breakage, type TourStepId } from '../words';
export const tourStepId = z.enum(tourStepIds);
export const breakage = z.enum(breakages);

/** The four tests of the tour. */
export const tourTestIds = ['client-1', 'client-2', 'no-certificate', 'claimed'] as const;
export type TourTestId = (typeof tourTestIds)[number];

const protection = z.enum(['mutual-tls', 'tls', 'plain', 'socket', 'unknown']);

/** One of the four tests as it ran last. */
export const tourResult = z.object({
  id: z.enum(tourTestIds),
  verdict: shownVerdict,
  asExpected: z.boolean(),
  /** Where the run ended: hop A to E; null: it got through. */
  stoppedAt: z.enum(['A', 'B', 'C', 'D', 'E']).nullable(),
  protection: z.object({ A: protection, C: protection, E: protection }),
  /** Differs from the run before something was broken. */
  changed: z.boolean(),
  runId: z.string(),
});
export type TourResult = z.infer<typeof tourResult>;

/** The tour of this workspace; null in the state: it has none. */
export const tourPart = z.object({
  /** Which step is shown. */
  step: tourStepId,
  done: z.array(tourStepId),
  skipped: z.array(tourStepId),
  /** The pane is closed; the tour can be continued. */
  left: z.boolean(),
  finished: z.boolean(),
  /** What is under way; null: nothing. */
  busy: z.string().nullable(),
  backend: z.object({ found: z.string().nullable(), path: z.string().nullable(), advice: z.string().nullable() }),
  certificates: z.number(),
  user: z.boolean(),
  addresses: z.array(z.object({ gateway: z.string(), protocol: z.enum(['MySQL', 'gRPC']), address: z.string() })),
  broken: breakage.nullable(),
  results: z.array(tourResult),
});
export type TourPart = z.infer<typeof tourPart>;

export const tourContract = {
  /** Makes a workspace for the tour, opens it and shows the first step. */
  begin: oc.input(z.void()).output(z.object({ dir: z.string() })),
  /** Looks again for a MySQL. */
  look: oc.input(z.void()).output(z.void()),
  /** Does the work of a step and applies it; the next step is shown. Failures leave everything as it was. */
  work: oc.input(z.strictObject({ step: tourStepId })).output(z.void()),
  /** Takes the work of the last step that was done back. */
  undo: oc.input(z.void()).output(z.void()),
  show: oc.input(z.strictObject({ step: tourStepId })).output(z.void()),
  /** Goes on without doing an optional step. */
  skip: oc.input(z.strictObject({ step: tourStepId })).output(z.void()),
  break: oc.input(z.strictObject({ what: breakage })).output(z.void()),
  /** Takes back what was broken. */
  mend: oc.input(z.void()).output(z.void()),
  leave: oc.input(z.void()).output(z.void()),
  resume: oc.input(z.void()).output(z.void()),
  finish: oc.input(z.void()).output(z.void()),
};
