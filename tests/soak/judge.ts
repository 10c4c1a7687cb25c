/** What was held at one moment: bytes on the heap and outside of it after a collection, and open files. */
export interface Sample {
  /** Since the start. */
  readonly minute: number;
  readonly held: number;
  /** Null where nobody counts them. */
  readonly files: number | null;
}

/** Growth of a straight line through points, by least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / spread;
}

const MEBIBYTE = 2 ** 20;
/** A program still fills its caches and learns its code in the first minutes: a shorter soak says nothing of growth. */
const LEAST_MINUTES = 5;

/**
 * Whether the second half of a soak held the bars: memory grows by less than 1 MiB a minute (the line through all samples),
 * and open files not at all (the fewest of the last quarter against the fewest of the one before). A soak of less than
 * five minutes is told apart and misses nothing.
 */
export function judge(
  samples: readonly Sample[],
  minutes: number,
): { readonly figures: readonly string[]; readonly missed: readonly string[] } {
  const half = samples.filter(({ minute }) => minute >= minutes / 2);
  if (half.length < 4) return { figures: [], missed: ['too few samples to judge; soak for longer'] };
  const growth = slope(half.map(({ minute, held }) => [minute, held / MEBIBYTE]));
  const fewest = (some: readonly Sample[]): number => Math.min(...some.map(({ files }) => files ?? 0));
  const middle = Math.floor(half.length / 2);
  const [before, after] = [fewest(half.slice(0, middle)), fewest(half.slice(middle))];
  const figures = [
    `memory over the second half: ${growth >= 0 ? '+' : ''}${growth.toFixed(2)} MiB a minute (bar: below 1)`,
    `files over the second half: ${before} to ${after} (bar: no more)`,
  ];
  if (minutes < LEAST_MINUTES)
    return {
      figures: [...figures, `too short to judge growth: soak for ${LEAST_MINUTES} minutes or more`],
      missed: [],
    };
  const missed = [
    ...(growth < 1 ? [] : ['missed: memory grows']),
    ...(after <= before ? [] : ['missed: files are left open']),
  ];
  return { figures, missed };
}
