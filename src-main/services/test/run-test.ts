import { judge, openWireTap, type Attempt, type CallerTls, type Capture, type DialTarget } from '../../clients';
import { meets, Predictor, type Cell, type Expectation } from '../../domain/probes';
import { buildTrace, type Trace } from '../../domain/trace';
import type { SecretStore } from '../../servers/store';
import type { ClusterAddresses } from '../cluster/cluster';
import { ProbeRunner } from '../verify/probe-runner';
import type { TraceSource } from '../verify/verify-service';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';
import { recordedSteps } from './recorded-steps';
import { traceWorld } from './trace-world';
import { predictionHolds } from './prediction-holds';

/** A running cluster as a test needs it. */
export interface TestGround {
  /** What is in force. */
  readonly workspace: Workspace;
  readonly addresses: ClusterAddresses;
  readonly secrets: SecretStore;
  readonly traces: TraceSource;
  /** Folders with the private keys of callers, in the order in which they are looked into; default: the workspace's own. */
  readonly keyFolders?: readonly string[] | undefined;
}

export interface RunTestOptions {
  /** Typed instead of what the cell says; never kept. */
  readonly password?: string | undefined;
  /** Null: nothing is expected. */
  readonly expected: Expectation | null;
  /** Stands a listener between client and gateway. */
  readonly listen?: boolean;
  /** Somebody else who stands between the two, and the address from which the gateway hears of it. */
  readonly via?: { readonly target: DialTarget; readonly outgoing: () => string | null };
  /** Stands above what the cell makes of TLS. */
  readonly tls?: Partial<CallerTls>;
  /** The authentication method that a MySQL client names first. */
  readonly method?: string;
  readonly signal?: AbortSignal | undefined;
  readonly now?: Date;
}

export interface TestRun {
  readonly trace: Trace;
  readonly traceId: string | null;
  readonly attempt: Attempt;
  /** What the listener read; null: there was none. */
  readonly capture: Capture | null;
  /** The password that was used, so that it can be looked for in the capture; goes nowhere else. */
  readonly typed: string;
}

/** Rows that a single test keeps to be shown. */
const ROWS_SHOWN = 50;

/** Predictions for a workspace, from its files alone. */
export const predictorFor = (workspace: Workspace, now: Date): Predictor =>
  new Predictor({
    topology: workspace.topology,
    files: new Map([...workspace.certificates, ...workspace.files]),
    users: workspace.users,
    grpcUsers: workspace.grpcUsers,
    acls: workspace.acls,
    queryRules: workspace.queryRules,
    now,
    fidelityOf: (gateway) => fidelityOf(workspace, gateway),
  });

/**
 * One real connection and one statement, with everything that both ends and the parts between them saw of it. Throws
 * GatehouseError when the test itself cannot be made: no such gateway, no password, an unreadable certificate; the run's
 * outcome, whatever it is, is data.
 */
export async function runTest(ground: TestGround, cell: Cell, options: RunTestOptions): Promise<TestRun> {
  const { workspace, addresses, secrets, traces } = ground;
  const runner = new ProbeRunner(workspace, addresses, secrets, ground.keyFolders);
  const typed = options.password ?? runner.passwordFor(cell.caller, cell.password);
  const target = runner.targetOf(cell);
  const tap = options.listen === true && !('failure' in target) ? await openTap(ground, target) : null;
  const between = options.via ?? tap;
  try {
    const startedAt = options.now ?? new Date();
    const begun = performance.now();
    const begunMicros = (performance.timeOrigin + begun) * 1000;
    const made = await runner.run(cell, options.signal, ROWS_SHOWN, {
      password: typed,
      ...(between === null ? {} : { via: between.target }),
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      ...(options.method === undefined ? {} : { method: options.method }),
    });
    const milliseconds = performance.now() - begun;
    const attempt = between === null ? made : throughTap(made, target, between.target);
    options.signal?.throwIfAborted();
    const found = await recordedSteps(traces, {
      gateway: cell.caller.gateway,
      way: cell.transport.startsWith('mysql-') ? 'mysql' : 'grpc',
      peer: between === null ? attempt.localAddress : between.outgoing(),
      attempt,
      begunMicros,
    });
    const actual = judge(attempt);
    const predicted = predictorFor(workspace, startedAt).predict(cell, { password: typed });
    const trace = buildTrace({
      cell,
      startedAt: new Date(begunMicros / 1000),
      milliseconds,
      attempt,
      recorded: found?.steps ?? null,
      actual,
      predicted,
      asPredicted: predictionHolds(predicted, actual),
      expected: options.expected,
      asExpected: options.expected === null ? null : meets(actual, options.expected),
      world: traceWorld(workspace),
    });
    return { trace, traceId: found?.traceId ?? null, attempt, capture: tap?.capture() ?? null, typed };
  } finally {
    await tap?.close();
  }
}

/** The attempt as if the gateway had been dialled, with the listener named that stood between. */
function throughTap(attempt: Attempt, target: object, via: DialTarget): Attempt {
  const listener = 'port' in via ? `127.0.0.1:${via.port}` : via.socketPath;
  const steps = attempt.steps.map((step) =>
    step.name === 'connected' ? { ...step, data: { ...target, listener } } : step,
  );
  return { ...attempt, steps };
}

/** A tap before a listener: on loopback TCP, or on a socket of its own in the run folder for a Unix socket. */
function openTap(ground: TestGround, target: Parameters<typeof openWireTap>[0]): ReturnType<typeof openWireTap> {
  if ('port' in target) return openWireTap(target);
  return openWireTap(target, ground.workspace.paths.socket(`tap-${process.hrtime.bigint().toString(36)}`));
}
