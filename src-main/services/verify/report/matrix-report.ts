import type { Coverage } from '../../../domain/probes';
import { explainDecision } from '../../../domain/acl';
import type { Cell, Expectation, Outcome, PasswordChoice } from '../../../domain/probes';
import type { ShownVerdict } from '../../../domain/trace';
import type { MatrixPlan } from '../../test/matrix-model';
import type { Workspace } from '../../workspace/load-workspace';
import { fidelityOf } from '../../workspace/load-workspace';
import { hiddenSecrets, type HiddenSecrets } from './hidden-secrets';
import { shareableHashes } from './shareable-hashes';

/** What came of one cell, as a report needs it. */
export interface ReportedResult {
  readonly shown: ShownVerdict;
  readonly outcome: Outcome;
  readonly rows: number | null;
  readonly milliseconds: number;
  readonly differs: readonly ('expected' | 'predicted')[];
  readonly traceId: string | null;
}

/** One cell as every form of the report has it. Nothing in it is secret: a password is only right, wrong or empty. */
export interface ReportCell {
  /** From 1, in the order of the suites. */
  readonly number: number;
  readonly id: string;
  readonly suite: string;
  readonly caller: string;
  readonly gateway: string;
  readonly transport: Cell['transport'];
  readonly password: PasswordChoice;
  readonly certificate: string | null;
  readonly sql: string;
  readonly table: string | null;
  readonly role: Cell['role'];
  readonly expected: Expectation;
  readonly predicted: Outcome;
  /** Null: not run. */
  readonly actual: (Outcome & { readonly rows: number | null }) | null;
  /** The word on screen: tells allowed from "not enforced". Null: not run. */
  readonly shown: ShownVerdict | null;
  readonly predictedShown: ShownVerdict;
  readonly differences: readonly ('expected' | 'predicted')[];
  /** Why the test itself could not be made; null: it could, or was not tried. */
  readonly failure: string | null;
  /** Why it is predicted so, in one sentence; null where the way in ends it without a word. */
  readonly reason: string | null;
  readonly traceId: string | null;
  readonly milliseconds: number | null;
}

export interface ReportTotals {
  readonly cells: number;
  readonly run: number;
  readonly asExpected: number;
  readonly differsFromExpectation: number;
  readonly differsFromPrediction: number;
  readonly allowed: number;
  readonly stopped: number;
  readonly failed: number;
}

/** A run of the matrix, ready to be written in any form. */
export interface MatrixReport {
  /** The workspace's name. */
  readonly name: string;
  /** When the run began, ISO 8601; null: nothing was run. */
  readonly at: string | null;
  readonly milliseconds: number;
  /** The emulated release and mode. */
  readonly vitess: string;
  readonly fidelity: string;
  /** Tables in the order of the grid, with the table group that covers each. */
  readonly tables: readonly { readonly table: string; readonly group: string | null }[];
  readonly cells: readonly ReportCell[];
  readonly totals: ReportTotals;
  readonly files: ReturnType<typeof shareableHashes>;
  readonly warnings: readonly string[];
  /** Which lines of the files the tests went through; null: not asked for. */
  readonly coverage: Coverage | null;
}

export interface ReportOptions {
  readonly workspace: Workspace;
  readonly plan: MatrixPlan;
  readonly results: ReadonlyMap<string, ReportedResult | { readonly failure: string }>;
  readonly at: string | null;
  readonly milliseconds: number;
  /** Passwords that must not be in it, whatever a statement or a server says. */
  readonly secrets: Iterable<string>;
  /** Only these cells. */
  readonly only?: ((id: string) => boolean) | undefined;
  readonly warnings?: readonly string[] | undefined;
  readonly coverage?: Coverage | null | undefined;
}

/** Puts plan and results together. Texts that a workspace or a server wrote are cleared of the passwords that are known. */
export function matrixReport(options: ReportOptions): MatrixReport {
  const { workspace, plan, results, only } = options;
  const hide = hiddenSecrets(workspace, options.secrets);
  const cells = plan.cells.flatMap((cell, index) =>
    only?.(cell.id) === false ? [] : [reportCell(cell, index + 1, plan, results.get(cell.id), hide)],
  );
  const { mode, version } = fidelityOf(workspace, null);
  return {
    name: workspace.topology.name,
    at: options.at,
    milliseconds: options.milliseconds,
    vitess: version,
    fidelity: mode,
    tables: plan.columns,
    cells,
    totals: totalsOf(cells),
    files: shareableHashes(workspace),
    warnings: options.warnings ?? [],
    coverage: options.coverage ?? null,
  };
}

function reportCell(
  cell: Cell,
  number: number,
  plan: MatrixPlan,
  result: ReportedResult | { readonly failure: string } | undefined,
  hide: HiddenSecrets,
): ReportCell {
  const predicted = plan.predict(cell);
  const ran = result === undefined || 'failure' in result ? null : result;
  const said = (outcome: Outcome): Outcome => ({
    ...outcome,
    message: outcome.message === null ? null : hide(outcome.message),
  });
  return {
    number,
    id: cell.id,
    suite: cell.suite,
    caller: cell.caller.name,
    gateway: cell.caller.gateway,
    transport: cell.transport,
    password: cell.password,
    certificate: cell.certificate,
    sql: hide(cell.sql),
    table: cell.table,
    role: cell.role,
    expected: cell.expected,
    predicted: said(predicted.outcome),
    actual: ran === null ? null : { ...said(ran.outcome), rows: ran.rows },
    shown: ran?.shown ?? null,
    predictedShown: predicted.shown,
    differences: ran?.differs ?? [],
    failure: result !== undefined && 'failure' in result ? hide(result.failure) : null,
    reason:
      predicted.decision === null
        ? (said(predicted.outcome).message?.trim() ?? null)
        : hide(explainDecision(predicted.decision)),
    traceId: ran?.traceId ?? null,
    milliseconds: ran === null ? null : Math.round(ran.milliseconds * 1000) / 1000,
  };
}

function totalsOf(cells: readonly ReportCell[]): ReportTotals {
  const count = (test: (cell: ReportCell) => boolean): number => cells.filter(test).length;
  return {
    cells: cells.length,
    run: count(({ actual }) => actual !== null),
    asExpected: count(({ actual, differences }) => actual !== null && differences.length === 0),
    differsFromExpectation: count(({ differences }) => differences.includes('expected')),
    differsFromPrediction: count(({ differences }) => differences.includes('predicted')),
    allowed: count(({ actual }) => actual?.verdict === 'allow'),
    stopped: count(({ actual }) => actual !== null && actual.verdict !== 'allow'),
    failed: count(({ failure }) => failure !== null),
  };
}

/** Whether a cell needs a look: it differs, or could not be tested. */
export const needsLook = ({ differences, failure }: ReportCell): boolean => differences.length > 0 || failure !== null;
