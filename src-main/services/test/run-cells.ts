import { judge } from '../../clients';
import { meets, type Cell, type Outcome } from '../../domain/probes';
import { bindingIn, shownVerdict, type ShownVerdict } from '../../domain/trace';
import { Admissions } from '../verify/admissions';
import { ProbeRunner } from '../verify/probe-runner';
import { predictionHolds } from './prediction-holds';
import { recordedSteps } from './recorded-steps';
import { predictorFor, type TestGround } from './run-test';

/** What came of one cell. */
export interface CellOutcome {
  readonly shown: ShownVerdict;
  readonly outcome: Outcome;
  readonly rows: number | null;
  readonly milliseconds: number;
  /** ISO 8601. */
  readonly at: string;
  readonly differs: readonly ('expected' | 'predicted')[];
}

/** The test itself could not be made; not a verdict. */
export interface CellFailure {
  readonly failure: string;
  readonly at: string;
}

export interface RunCellsOptions {
  readonly signal: AbortSignal;
  readonly onBegin: (cell: Cell) => void;
  readonly onEnd: (cell: Cell, result: CellOutcome | CellFailure) => void;
  /** Cells at work at once; default 8. */
  readonly concurrency?: number;
  readonly now: () => Date;
}

/**
 * Runs cells over real connections, a few at once, until all are done or `signal` ends it; what was finished is told and
 * stays true. Never rejects: a cell that cannot be tested has a failure.
 */
export async function runCells(ground: TestGround, cells: readonly Cell[], options: RunCellsOptions): Promise<void> {
  const { signal } = options;
  const runner = new ProbeRunner(ground.workspace, ground.addresses, ground.secrets, ground.keyFolders);
  const admissions = new Admissions(predictorFor(ground.workspace, options.now()), (cell) =>
    runner.passwordFor(cell.caller, cell.password),
  );
  const one = async (cell: Cell): Promise<CellOutcome | CellFailure> => {
    const begun = performance.now();
    const attempt = await runner.run(cell, signal);
    const milliseconds = performance.now() - begun;
    const outcome = judge(attempt);
    const predicted = admissions.predict(cell);
    const recorded =
      outcome.verdict !== 'allow'
        ? null
        : await recordedSteps(ground.traces, {
            gateway: cell.caller.gateway,
            way: cell.transport.startsWith('mysql-') ? 'mysql' : 'grpc',
            peer: attempt.localAddress,
            attempt,
            begunMicros: (performance.timeOrigin + begun) * 1000,
          });
    return {
      shown: shownVerdict(outcome, recorded === null ? null : bindingIn(recorded.steps)),
      outcome,
      rows: attempt.rows,
      milliseconds,
      at: options.now().toISOString(),
      differs: [
        ...(meets(outcome, cell.expected) ? [] : (['expected'] as const)),
        ...(predictionHolds(predicted, outcome) === false ? (['predicted'] as const) : []),
      ],
    };
  };
  let next = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const cell = cells[next++];
      if (cell === undefined || signal.aborted) return;
      options.onBegin(cell);
      try {
        const result = await one(cell);
        // What an ending run cut off says nothing about the caller.
        if (!signal.aborted) options.onEnd(cell, result);
      } catch (error) {
        if (signal.aborted) return;
        const failure = error instanceof Error ? error.message : String(error);
        options.onEnd(cell, { failure, at: options.now().toISOString() });
      }
    }
  };
  const concurrency = Math.max(1, Math.min(options.concurrency ?? 8, cells.length));
  await Promise.all(Array.from({ length: concurrency }, work));
}
