const usualRuns = 10_000;

/** How long a test that fuzzes may take, milliseconds: `usual` in CI, and as long as it needs when more cases are asked for. */
export const patience = (usual: number): number =>
  Number(process.env['FUZZ_RUNS'] ?? usualRuns) > usualRuns ? 4 * 3_600_000 : usual;
