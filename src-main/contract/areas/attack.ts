import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import type { AttackCard, AttackResult, AttackScore } from '../../domain/attacks';
import type { FailureData } from '../failure';
import type { TraceData } from './test';

const attackId = z.string().min(1).max(512);

/** A card as the page shows it. */
export type AttackCardData = AttackCard;
export type {
  AttackGroup,
  AttackOutcome,
  AttackScore,
  AttackSide,
  Evidence,
  ResponsibleSetting,
  Unscored,
} from '../../domain/attacks';

/** What came of an attack; its trace is asked for by itself. */
export type AttackResultData = Omit<AttackResult, 'trace'> & { readonly traced: boolean };

export interface AttackRunState {
  /** `opening`: the ground is being made and its cluster started. */
  readonly state: 'idle' | 'opening' | 'running' | 'finished' | 'cancelled' | 'failed';
  readonly done: number;
  readonly total: number;
  /** ISO 8601; null: never. */
  readonly at: string | null;
  readonly milliseconds: number;
  /** What is being opened, in words. */
  readonly detail: string;
  readonly failure: FailureData | null;
}

export interface AttackModel {
  readonly cards: readonly AttackCardData[];
  readonly results: Readonly<Record<string, AttackResultData>>;
  /** Ids of attacks that the applied files no longer plan; their last results stay until the next whole run. */
  readonly gone: readonly string[];
  /** Ids of results that were made with other files than are applied now. */
  readonly earlier: readonly string[];
  /** Reasons of attacks that may get through, by id, as applied: these the score goes by. */
  readonly accepted: Readonly<Record<string, string>>;
  /** Those of them that are no attack on this workspace: they accept nothing. */
  readonly unmatched: readonly string[];
  /** The same as in the draft. */
  readonly acceptedInDraft: Readonly<Record<string, string>>;
  readonly score: AttackScore;
  readonly run: AttackRunState;
}

/** First everything; everything again when files change; in between what a run changes, at most ten times a second. */
export type AttackMessage =
  | { readonly kind: 'model'; readonly model: AttackModel }
  | {
      readonly kind: 'results';
      /** Null: it is being performed at this moment. */
      readonly results: readonly (readonly [string, AttackResultData | null])[];
      readonly score: AttackScore;
      readonly run: AttackRunState;
    };

export const attackContract = {
  watch: oc.input(z.void()).output(eventIterator(z.custom<AttackMessage>())),
  /** Begins a run on a ground of its own; without ids everything. Failures: `attack.running`, `attack.nothing`, `workspace.*`. */
  run: oc
    .input(z.strictObject({ ids: z.array(attackId).min(1).max(5_000).optional() }))
    .output(z.object({ total: z.number() })),
  /** Ends the run; what was done is kept. */
  stop: oc.input(z.void()).output(z.void()),
  /** The connection of an attack hop by hop; it joins the runs of the screen Test. Failure: `attack.trace`. */
  trace: oc.input(z.strictObject({ id: attackId })).output(z.custom<TraceData>()),
  /** Says in the draft that an attack may get through, with the reason; null takes that back. */
  accept: oc
    .input(z.strictObject({ id: attackId, reason: z.string().trim().min(1).max(500).nullable() }))
    .output(z.void()),
  /** The last run as a report: plain text, JSON or JUnit. Failure: `attack.nothing`. */
  report: oc
    .input(z.strictObject({ format: z.enum(['text', 'json', 'junit']) }))
    .output(z.object({ text: z.string(), name: z.string() })),
};
