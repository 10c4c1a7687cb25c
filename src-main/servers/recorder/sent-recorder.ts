import { randomBytes } from 'node:crypto';
import { redactSecrets } from './redact';
import { Sampling } from './sampling';
import type { Recorder, TracePart, TraceStep } from './trace-step';
import type { TraceTime } from './trace-time';

/** What a recorder in another thread tells the one that keeps the steps. */
export type TraceEvent =
  | { readonly kind: 'opened'; readonly traceId: string; readonly listener: string; readonly peer: string }
  | { readonly kind: 'step'; readonly step: TraceStep };

/** What the one that keeps the steps wants to hear. */
export interface TraceWishes {
  /** Nothing of these parts. */
  readonly disabled: readonly TracePart[];
  /** Somebody listens: everything, also of traces that are full. */
  readonly all: boolean;
}

export interface SentRecorderOptions {
  /** The time of the thread that keeps the steps. */
  readonly time: TraceTime;
  /** Takes what was gathered, in order. */
  readonly send: (events: readonly TraceEvent[]) => void;
  /** Steps after which only samples of a trace are sent. Default 64: a connection's beginning. */
  readonly stepsPerTrace?: number;
  /** Milliseconds between two samples. Default 250. */
  readonly sampleEveryMs?: number;
}

/** A recorder that keeps nothing and sends everything on. */
export interface SentRecorder extends Recorder {
  wish(wishes: TraceWishes): void;
  /** Sends at once what was gathered. */
  flush(): void;
}

/** How long steps are gathered, milliseconds. A trace that is asked for is sent for at once. */
const GATHER_MS = 20;
/** Traces whose steps are counted; the one that was counted for longest without a pause goes first. */
const COUNTED_TRACES = 2_000;

/** Records for another thread: a step is handed over within 20 ms, or as soon as it is asked for. */
export function createSentRecorder(options: SentRecorderOptions): SentRecorder {
  const { time, send, stepsPerTrace = 64, sampleEveryMs = 250 } = options;
  const counted = new Map<string, { steps: number; readonly sampling: Sampling }>();
  let disabled = new Set<TracePart>();
  let all = false;
  let gathered: TraceEvent[] = [];
  let timer: NodeJS.Timeout | null = null;

  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (gathered.length === 0) return;
    const events = gathered;
    gathered = [];
    send(events);
  };
  const gather = (event: TraceEvent): void => {
    gathered.push(event);
    timer ??= setTimeout(flush, GATHER_MS).unref();
  };
  const count = (traceId: string): void => {
    const known = counted.get(traceId);
    if (known !== undefined) {
      known.steps += 1;
      return;
    }
    counted.set(traceId, { steps: 1, sampling: new Sampling() });
    if (counted.size > COUNTED_TRACES) counted.delete(counted.keys().next().value!);
  };

  return {
    enabled(part, traceId) {
      if (disabled.has(part)) return false;
      if (traceId === undefined || all) return true;
      const trace = counted.get(traceId);
      if (trace === undefined || trace.steps < stepsPerTrace) return true;
      return trace.sampling.wants(time.micros() / 1000, sampleEveryMs);
    },
    open(listener, peer) {
      time.anchor();
      const traceId = randomBytes(12).toString('hex');
      gather({ kind: 'opened', traceId, listener, peer });
      return traceId;
    },
    record(traceId, part, name, outcome, data = {}) {
      if (traceId === '' || disabled.has(part)) return;
      count(traceId);
      gather({
        kind: 'step',
        step: { traceId, part, name, outcome, atMicros: time.micros(), data: redactSecrets(data) },
      });
    },
    wish: (wishes) => {
      disabled = new Set(wishes.disabled);
      all = wishes.all;
    },
    flush,
  };
}
