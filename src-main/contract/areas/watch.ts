import { oc } from '@orpc/contract';
import { z } from 'zod';
import type { AuditFault, AuditNote, AuditRecord } from '../../domain/audit';
import type { CounterRow, WatchRow } from '../../domain/watch';

export const watchVerdictIds = ['allowed', 'denied', 'would-be-denied', 'not-enforced', 'failed', 'answered'] as const;
export type WatchVerdictId = (typeof watchVerdictIds)[number];

const text = z.string().max(256);

export const watchFilter = z.object({
  part: z.enum(['all', 'gateway', 'tablet']),
  caller: text,
  /** A table or a table group. */
  table: text,
  verdicts: z.array(z.enum(watchVerdictIds)),
  text,
});
export type WatchFilterInput = z.infer<typeof watchFilter>;

const places = z.record(z.string().max(512), z.object({ epoch: z.string().max(64), taken: z.number().int().min(0) }));
export type WatchPlaces = z.infer<typeof places>;

/** Whose queries are seen. */
export type WatchedCluster =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'running' }
  /** Another program holds the workspace and tells over its control socket. */
  | { readonly kind: 'attached'; readonly program: string; readonly pid: number }
  /** Another program holds the workspace and tells nothing; `reason` says why. */
  | { readonly kind: 'silent'; readonly program: string; readonly pid: number; readonly reason: string };

export interface WatchNext {
  readonly cluster: WatchedCluster;
  /** By time, oldest first. */
  readonly rows: readonly WatchRow[];
  readonly places: WatchPlaces;
  /** Records that were gone before anybody looked at them. */
  readonly missed: number;
  /** Records that pass the filter and were more than one answer holds. */
  readonly left: number;
  /** Of a first question: records of before that were never made or are not kept. */
  readonly before: number;
}

export interface WatchCounters {
  readonly cluster: WatchedCluster;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly rows: readonly CounterRow[];
}

export interface WatchTrace {
  readonly steps: readonly {
    readonly part: string;
    readonly name: string;
    readonly outcome: 'ok' | 'info' | 'refused' | 'failed';
    /** Since the first step, microseconds. */
    readonly micros: number;
    readonly data: Readonly<Record<string, unknown>>;
  }[];
}

export interface AuditPage {
  readonly file: string;
  readonly intact: boolean;
  readonly total: number;
  readonly head: string | null;
  readonly faults: readonly AuditFault[];
  readonly notes: readonly AuditNote[];
  /** Line of the record with the head that was asked for; null: not asked, or not there. */
  readonly knownHead: number | null;
  /** Newest first. */
  readonly records: readonly { readonly line: number; readonly record: AuditRecord }[];
  /** State of the file; given back it makes the next call wait for another one. */
  readonly seen: string;
}

export const watchContract = {
  /** The next records; waits up to two seconds when there are none. */
  next: oc
    .input(
      z.object({
        places,
        filter: watchFilter,
        values: z.boolean(),
        known: z.enum(['stopped', 'running', 'attached', 'silent']).nullable(),
      }),
    )
    .output(z.custom<WatchNext>()),
  counters: oc.input(z.void()).output(z.custom<WatchCounters>()),
  /** What the cluster recorded of a connection; null: nothing any more. */
  trace: oc.input(z.object({ traceId: z.string().regex(/^[0-9a-f]{24}$/) })).output(z.custom<WatchTrace | null>()),
  /** The newest records of the audit log with the verdict on the whole of it. With `seen`, waits for a change. */
  audit: oc
    .input(
      z.object({
        limit: z.number().int().min(1).max(5_000),
        head: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .nullable(),
        seen: z.string().max(128).nullable(),
      }),
    )
    .output(z.custom<AuditPage>()),
};
