/** One measured figure beside its bar and its peer. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'µs' | '/s' | 'KiB' | 'MiB' | 'ratio';
  /** What issue and design ask for; null where there is none. */
  readonly bar: number | null;
  /** Whether less or more is better. */
  readonly better: 'less' | 'more';
  /** What was measured beside it in the same run. */
  readonly peer: { readonly name: string; readonly value: number } | null;
  readonly detail?: string;
}

/** A figure that could not be measured here, with the reason. */
export interface NotMeasured {
  readonly name: string;
  readonly reason: string;
}

export type Measurement = Figure | NotMeasured;

export const isFigure = (measurement: Measurement): measurement is Figure => 'value' in measurement;

/** Whether a figure reaches its bar; true where there is none. */
export const reaches = (figure: Figure): boolean =>
  figure.bar === null || (figure.better === 'less' ? figure.value <= figure.bar : figure.value >= figure.bar);

/** The middle of several values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
