import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../../domain/kernel';
import { redactSecrets } from './redact';
import { Sampling } from './sampling';
import type { TraceEvent, TraceWishes } from './sent-recorder';
import { createTraceTime, type TraceTime } from './trace-time';
import type { Recorder, TraceOutcome, TracePart, TraceStep, TraceValue } from './trace-step';

/** gRPC metadata key under which a gateway hands its trace id to the tablet. */
export const traceMetadataKey = 'gatehouse-trace';

const traceIdForm = /^[0-9a-f]{24}$/;

export interface RecorderOptions {
  readonly clock?: Clock;
  /** Traces kept; the one that was quiet for longest goes first. Default 2,000. */
  readonly capacity?: number;
  /** Steps kept of one trace: its beginning (a quarter) and its latest. Default 256. */
  readonly stepsPerTrace?: number;
  /** Once a trace is full: milliseconds between two samples of it. Default 250. */
  readonly sampleEveryMs?: number;
}

/** A recorder whose steps can be read. */
export interface TraceRecorder extends Recorder {
  enable(part: TracePart): void;
  /** Nothing of `part` is kept from here on: its hop reads "not recorded". */
  disable(part: TracePart): void;
  /** The kept steps of one trace by time, oldest first; empty for an unknown id. */
  steps(traceId: string): readonly TraceStep[];
  /** How many steps of a trace were left out because it had too many. */
  dropped(traceId: string): number;
  /** Trace of the latest connection that `listener` accepted from `peer` (as given to `open`), or null. */
  findByPeer(listener: string, peer: string): string | null;
  /**
   * The id under which a tablet records a call that came over connection `own`: the gateway's id from metadata
   * `gatehouse-trace` when it has the right form, else `own`.
   */
  adopt(claimed: string | undefined, own: string): string;
  /** Calls `listener` with every step as it is recorded; the result ends that. */
  subscribe(listener: (step: TraceStep) => void): () => void;
  /** Takes what recorders in other threads sent. */
  take(events: readonly TraceEvent[]): void;
  /** Calls `listener` with what recorders in other threads should send, now and at each change; the result ends that. */
  onWishes(listener: (wishes: TraceWishes) => void): () => void;
  /** The time of its steps, for recorders in other threads. */
  readonly time: TraceTime;
}

interface Trace {
  key: string | null;
  readonly first: TraceStep[];
  readonly latest: TraceStep[];
  /** Where in `latest` the next step goes once it is full. */
  next: number;
  dropped: number;
  readonly sampling: Sampling;
}

/** Keeps the steps of the latest traces in memory. */
export function createRecorder(options: RecorderOptions = {}): TraceRecorder {
  const clock = options.clock ?? systemClock;
  const capacity = Math.max(1, options.capacity ?? 2000);
  const stepsPerTrace = Math.max(4, options.stepsPerTrace ?? 256);
  const firstLimit = Math.floor(stepsPerTrace / 4);
  const latestLimit = stepsPerTrace - firstLimit;
  const sampleEveryMs = options.sampleEveryMs ?? 250;
  const disabled = new Set<TracePart>();
  const traces = new Map<string, Trace>();
  const byPeer = new Map<string, string>();
  const listeners = new Set<(step: TraceStep) => void>();
  const wishListeners = new Set<(wishes: TraceWishes) => void>();
  const time = createTraceTime(clock);

  const wishes = (): TraceWishes => ({ disabled: [...disabled], all: listeners.size > 0 });
  const wish = (): void => wishListeners.forEach((listener) => listener(wishes()));

  const drop = (traceId: string): void => {
    const key = traces.get(traceId)?.key ?? null;
    traces.delete(traceId);
    if (key !== null && byPeer.get(key) === traceId) byPeer.delete(key);
  };

  const add = (traceId: string, key: string | null): Trace => {
    const trace: Trace = { key, first: [], latest: [], next: 0, dropped: 0, sampling: new Sampling() };
    traces.set(traceId, trace);
    if (traces.size > capacity) drop(traces.keys().next().value as string);
    return trace;
  };

  const touch = (traceId: string): Trace => {
    const trace = traces.get(traceId);
    if (trace === undefined) return add(traceId, null);
    traces.delete(traceId);
    traces.set(traceId, trace);
    return trace;
  };

  const keep = (trace: Trace, step: TraceStep): void => {
    if (trace.first.length < firstLimit) trace.first.push(step);
    else if (trace.latest.length < latestLimit) trace.latest.push(step);
    else {
      trace.latest[trace.next] = step;
      trace.next = (trace.next + 1) % latestLimit;
      trace.dropped += 1;
    }
  };

  const opened = (traceId: string, listener: string, peer: string): void => {
    const key = `${listener}\0${peer}`;
    // A tablet's steps may have come from its thread before word of the connection came from the gateway's.
    const known = traces.get(traceId);
    if (known === undefined) add(traceId, key);
    else known.key = key;
    byPeer.set(key, traceId);
  };

  const recorded = (step: TraceStep): void => {
    keep(touch(step.traceId), step);
    for (const listener of listeners) listener(step);
  };

  return {
    enabled(part, traceId) {
      if (disabled.has(part)) return false;
      if (traceId === undefined || listeners.size > 0) return true;
      const trace = traces.get(traceId);
      if (trace === undefined || trace.latest.length < latestLimit) return true;
      return trace.sampling.wants(time.micros() / 1000, sampleEveryMs);
    },
    enable(part) {
      if (disabled.delete(part)) wish();
    },
    disable(part) {
      disabled.add(part);
      wish();
    },
    open(listener, peer) {
      time.anchor();
      const traceId = randomBytes(12).toString('hex');
      opened(traceId, listener, peer);
      return traceId;
    },
    record(
      traceId: string,
      part: TracePart,
      name: string,
      outcome: TraceOutcome,
      data: { readonly [key: string]: TraceValue } = {},
    ) {
      if (traceId === '' || disabled.has(part)) return;
      recorded({ traceId, part, name, outcome, atMicros: time.micros(), data: redactSecrets(data) });
    },
    steps(traceId) {
      const trace = traces.get(traceId);
      if (trace === undefined) return [];
      const { first, latest, next } = trace;
      // Steps of other threads arrive later than they came about.
      return [...first, ...latest.slice(next), ...latest.slice(0, next)].sort((a, b) => a.atMicros - b.atMicros);
    },
    dropped: (traceId) => traces.get(traceId)?.dropped ?? 0,
    findByPeer: (listener, peer) => byPeer.get(`${listener}\0${peer}`) ?? null,
    adopt: (claimed, own) => (claimed !== undefined && traceIdForm.test(claimed) ? claimed : own),
    subscribe(listener) {
      listeners.add(listener);
      wish();
      return () => {
        listeners.delete(listener);
        wish();
      };
    },
    take(events) {
      for (const event of events)
        if (event.kind === 'opened') opened(event.traceId, event.listener, event.peer);
        else if (!disabled.has(event.step.part)) recorded(event.step);
    },
    onWishes(listener) {
      wishListeners.add(listener);
      listener(wishes());
      return () => void wishListeners.delete(listener);
    },
    time,
  };
}

/** Keeps nothing and costs nothing. */
export const noRecorder: Recorder = {
  enabled: () => false,
  open: () => '',
  record: () => undefined,
};
