import { judge, type Attempt } from '../../clients';
import { expandSuite, meets, Predictor, type Cell, type CellResult, type Outcome } from '../../domain/probes';
import { bindingIn, shownVerdict, type ShownVerdict } from '../../domain/trace';
import type { SecretStore } from '../../servers/store';
import type { TraceStep } from '../../servers/recorder';
import type { ClusterAddresses } from '../cluster/cluster';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';
import { Admissions } from './admissions';
import { ProbeRunner } from './probe-runner';

/** Where the servers' own steps of a connection are found. */
export interface TraceSource {
  /** Steps of the connection that gateway `gateway` accepted from `peer`; null when none is known. */
  find(
    gateway: string,
    way: 'mysql' | 'grpc',
    peer: string | null,
    connectionId: number | null,
  ): Promise<{ readonly traceId: string; readonly steps: readonly TraceStep[] } | null>;
}

export interface VerifyOptions {
  readonly workspace: Workspace;
  readonly addresses: ClusterAddresses;
  readonly secrets: SecretStore;
  readonly traces?: TraceSource;
  /** Cells at work at once; default 8. */
  readonly concurrency?: number;
  /** Only cells whose id this accepts. */
  readonly only?: (id: string) => boolean;
  readonly signal?: AbortSignal;
  readonly onCell?: (result: CellResult, done: number, total: number) => void;
  readonly now?: Date;
}

/** A finished cell with what its trace needs. */
export interface VerifiedCell extends CellResult {
  /** The word on screen; where no trace tells whether the tablet's answer binds, the outcome's own. */
  readonly shown: ShownVerdict;
  readonly attempt: Attempt;
}

export interface VerifyReport {
  readonly results: readonly VerifiedCell[];
  readonly milliseconds: number;
  readonly totals: {
    readonly cells: number;
    readonly asExpected: number;
    readonly differsFromExpectation: number;
    readonly differsFromPrediction: number;
    readonly allowed: number;
    readonly stopped: number;
  };
}

/** All cells of a workspace's suites, in file order. */
export function cellsOf(workspace: Workspace): Cell[] {
  const { gateways } = workspace.topology;
  return workspace.suites.flatMap((suite) =>
    expandSuite(suite, (name) => fidelityOf(workspace, gateways.find((gateway) => gateway.name === name) ?? null).mode),
  );
}

/** How far the clocks of two parts of one machine may lie apart, microseconds. */
const CLOCK_SLACK_MICROS = 2_000;

/**
 * Runs every cell over a real connection, a few at once, and compares what happened with the expectation written by a
 * human and with the offline prediction. A failed prediction is an error of Gatehouse and is reported as such.
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { workspace, signal } = options;
  const runner = new ProbeRunner(workspace, options.addresses, options.secrets);
  const predictor = new Predictor({
    topology: workspace.topology,
    files: new Map([...workspace.certificates, ...workspace.files]),
    users: workspace.users,
    grpcUsers: workspace.grpcUsers,
    acls: workspace.acls,
    queryRules: workspace.queryRules,
    now: options.now ?? new Date(),
    fidelityOf: (gateway) => fidelityOf(workspace, gateway),
  });
  const admissions = new Admissions(predictor, (cell) => runner.passwordFor(cell.caller, cell.password));
  const cells = cellsOf(workspace).filter((cell) => options.only?.(cell.id) ?? true);
  const results: VerifiedCell[] = new Array<VerifiedCell>(cells.length);
  const start = performance.now();
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const index = next++;
      const cell = cells[index];
      if (cell === undefined) return;
      signal?.throwIfAborted();
      const begun = performance.now();
      const begunMicros = (performance.timeOrigin + begun) * 1000;
      const attempt = await runner.run(cell, signal);
      const milliseconds = performance.now() - begun;
      signal?.throwIfAborted();
      const actual = judge(attempt);
      const predicted = admissions.predict(cell);
      const differences = [
        ...(meets(actual, cell.expected) ? [] : (['expected'] as const)),
        ...(agrees(predicted, actual) ? [] : (['predicted'] as const)),
      ];
      const connection = attempt.steps.find((step) => step.name === 'mysql.greeting')?.data['connectionId'];
      const found =
        (await options.traces?.find(
          cell.caller.gateway,
          cell.transport.startsWith('mysql-') ? 'mysql' : 'grpc',
          attempt.localAddress,
          typeof connection === 'number' ? connection : null,
        )) ?? null;
      // Systems give the same port again: a trace that began before this attempt is somebody else's.
      const trace = (found?.steps[0]?.atMicros ?? 0) < begunMicros - CLOCK_SLACK_MICROS ? null : found;
      const result: VerifiedCell = {
        cell,
        predicted,
        actual: { ...actual, rows: attempt.rows },
        shown: shownVerdict(actual, actual.verdict === 'allow' && trace !== null ? bindingIn(trace.steps) : null),
        differences,
        traceId: trace?.traceId ?? null,
        milliseconds,
        attempt,
      };
      results[index] = result;
      done += 1;
      options.onCell?.(result, done, cells.length);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(options.concurrency ?? 8, cells.length)) }, work));
  const count = (test: (result: VerifiedCell) => boolean): number => results.filter(test).length;
  return {
    results,
    milliseconds: performance.now() - start,
    totals: {
      cells: results.length,
      asExpected: count((result) => result.differences.length === 0),
      differsFromExpectation: count((result) => result.differences.includes('expected')),
      differsFromPrediction: count((result) => result.differences.includes('predicted')),
      allowed: count((result) => result.actual.verdict === 'allow'),
      stopped: count((result) => result.actual.verdict !== 'allow'),
    },
  };
}

/**
 * Whether a prediction holds. Verdict, place and codes must be the same; the words must be, where words were predicted. A
 * refused handshake may show itself as a connection that just ends, so `connect` and `tls` count as one place.
 */
export function agrees(predicted: Outcome, actual: Outcome): boolean {
  // Whether a query rule matches may hang on what only a run shows: then nothing was predicted.
  if (predicted.verdict === 'cannot-decide' && predicted.message === null) return true;
  const place = (outcome: Outcome): string | null => (outcome.stoppedAt === 'connect' ? 'tls' : outcome.stoppedAt);
  return (
    predicted.verdict === actual.verdict &&
    place(predicted) === place(actual) &&
    (predicted.message === null ||
      (predicted.message === actual.message &&
        predicted.code === actual.code &&
        predicted.sqlState === actual.sqlState))
  );
}
