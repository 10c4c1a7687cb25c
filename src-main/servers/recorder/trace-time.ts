import { systemClock, type Clock } from '../../domain/kernel';

/** Wall time as steps have it: that of the last `anchor`, carried on by the monotonic clock. */
export interface TraceTime {
  /** Microseconds since the Unix epoch, finer than the wall clock says it and never going back between two anchors. */
  micros(): number;
  /** Takes the wall time anew when it has parted from the monotonic clock, which stands still while a laptop sleeps. */
  anchor(): void;
  /** Hands the same time to another thread. */
  readonly shared: SharedArrayBuffer;
}

/** Milliseconds by the machine's monotonic clock, which all threads read alike; `performance.now()` begins with its thread. */
const machineMs = (): number => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
};

/** How far the two clocks may part before the wall clock is believed, milliseconds. */
const APART_MS = 1_000;
/** A thread may be held up between reading the two clocks: of so many readings the one that took least is taken. */
const READINGS = 5;

/** @param shared of another thread's time: both then order their steps alike, which two anchors a millisecond apart would not */
export function createTraceTime(clock: Clock = systemClock, shared?: SharedArrayBuffer): TraceTime {
  const monotonic = clock === systemClock ? machineMs : () => clock.monotonicMs();
  const buffer = shared ?? new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  /** What is to be added to the monotonic milliseconds. */
  const offset = new Float64Array(buffer);
  const take = (): void => {
    let took = Number.POSITIVE_INFINITY;
    for (let reading = 0; reading < READINGS; reading += 1) {
      const before = monotonic();
      const wall = clock.now().getTime();
      const after = monotonic();
      if (after - before >= took) continue;
      took = after - before;
      offset[0] = wall - before;
    }
  };
  if (shared === undefined) take();
  const micros = (): number => Math.round((offset[0]! + monotonic()) * 1000);
  return {
    micros,
    anchor: () => {
      if (Math.abs(clock.now().getTime() - micros() / 1000) >= APART_MS) take();
    },
    shared: buffer,
  };
}
