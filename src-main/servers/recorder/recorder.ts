import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../../domain/kernel';
import { redactSecrets } from './redact';
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
}

interface Trace {
  readonly key: string | null;
  readonly first: TraceStep[];
  readonly latest: TraceStep[];
  /** Where in `latest` the next step goes once it is full. */
  next: number;
  dropped: number;
  /** Monotonic milliseconds: until when steps of the running sample are taken, and when the next one may begin. */
  sampleEnds: number;
  sampleNext: number;
}

/** How long one sample of a full trace lasts: a statement's way through all parts. */
const SAMPLE_MS = 10;

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
  let anchorWall = clock.now().getTime();
  let anchorMonotonic = clock.monotonicMs();

  const micros = (): number => Math.round((anchorWall + clock.monotonicMs() - anchorMonotonic) * 1000);

  /** The monotonic clock stands still while a laptop sleeps; wall time is taken anew when they part by a second. */
  const anchor = (): void => {
    const wall = clock.now().getTime();
    if (Math.abs(wall - micros() / 1000) < 1000) return;
    anchorWall = wall;
    anchorMonotonic = clock.monotonicMs();
  };

  const drop = (traceId: string): void => {
    const key = traces.get(traceId)?.key ?? null;
    traces.delete(traceId);
    if (key !== null && byPeer.get(key) === traceId) byPeer.delete(key);
  };

  const add = (traceId: string, key: string | null): Trace => {
    const trace: Trace = { key, first: [], latest: [], next: 0, dropped: 0, sampleEnds: 0, sampleNext: 0 };
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

  return {
    enabled(part, traceId) {
      if (disabled.has(part)) return false;
      if (traceId === undefined || listeners.size > 0) return true;
      const trace = traces.get(traceId);
      if (trace === undefined || trace.latest.length < latestLimit) return true;
      const now = clock.monotonicMs();
      if (now < trace.sampleEnds) return true;
      if (now < trace.sampleNext) return false;
      trace.sampleEnds = now + SAMPLE_MS;
      trace.sampleNext = now + sampleEveryMs;
      return true;
    },
    enable: (part) => void disabled.delete(part),
    disable: (part) => void disabled.add(part),
    open(listener, peer) {
      anchor();
      const traceId = randomBytes(12).toString('hex');
      const key = `${listener}\0${peer}`;
      add(traceId, key);
      byPeer.set(key, traceId);
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
      const step: TraceStep = { traceId, part, name, outcome, atMicros: micros(), data: redactSecrets(data) };
      keep(touch(traceId), step);
      for (const listener of listeners) listener(step);
    },
    steps(traceId) {
      const trace = traces.get(traceId);
      if (trace === undefined) return [];
      const { first, latest, next } = trace;
      return [...first, ...latest.slice(next), ...latest.slice(0, next)];
    },
    dropped: (traceId) => traces.get(traceId)?.dropped ?? 0,
    findByPeer: (listener, peer) => byPeer.get(`${listener}\0${peer}`) ?? null,
    adopt: (claimed, own) => (claimed !== undefined && traceIdForm.test(claimed) ? claimed : own),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Keeps nothing and costs nothing. */
export const noRecorder: Recorder = {
  enabled: () => false,
  open: () => '',
  record: () => undefined,
};
