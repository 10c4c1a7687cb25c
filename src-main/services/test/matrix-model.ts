import type { AdmissionRow, CellLetter, CellMark, MatrixColumn, MatrixRow } from '../../contract/areas/test';
import { lookupTable } from '../../domain/acl';
import type { ImmediateCaller } from '../../domain/identity';
import type { Cell, Expectation, Outcome, Predictor, UserEntryPlace } from '../../domain/probes';
import { shownVerdict, type ShownVerdict } from '../../domain/trace';
import type { SecretStore } from '../../servers/store';
import { Admissions } from '../verify/admissions';
import { ProbeRunner } from '../verify/probe-runner';
import { cellsOf } from '../verify/verify-service';
import type { Workspace } from '../workspace/load-workspace';
import type { CellFailure, CellOutcome } from './run-cells';
import { predictorFor } from './run-test';

const ROLES = ['read', 'write', 'admin'] as const;

/** The letter of each word. */
export const letterOf: Readonly<Record<ShownVerdict, CellLetter>> = {
  allowed: 'a',
  denied: 'd',
  refused: 'r',
  'would-be-denied': 'w',
  'not-enforced': 'n',
};

/** What an expectation is shown as. */
export const expectedVerdict = (expectation: Expectation): ShownVerdict => shownVerdict(expectation, null);

export type CellResults = ReadonlyMap<string, CellOutcome | CellFailure>;

/** The letter and the mark of a result. */
export function letters(result: CellOutcome | CellFailure | undefined): {
  readonly letter: CellLetter;
  readonly mark: CellMark;
} {
  if (result === undefined) return { letter: '.', mark: '.' };
  if ('failure' in result) return { letter: 'x', mark: '!' };
  const expected = result.differs.includes('expected');
  const predicted = result.differs.includes('predicted');
  return { letter: letterOf[result.shown], mark: expected ? (predicted ? 'b' : 'e') : predicted ? 'p' : '=' };
}

/** Where a cell stands in the model: a row and a position in its strings, or an admission. */
export type CellPlace = { readonly row: number; readonly at: number } | { readonly admission: number };

/** The matrix without results: who asks for what, what is expected and what is predicted. */
export interface MatrixPlan {
  readonly cells: readonly Cell[];
  readonly places: ReadonlyMap<string, CellPlace>;
  readonly rows: readonly Omit<MatrixRow, 'actual' | 'marks'>[];
  readonly columns: readonly MatrixColumn[];
  readonly admissions: readonly Omit<AdmissionRow, 'actual' | 'mark'>[];
  /** The prediction of one cell, with what it was made from. */
  predict(cell: Cell): PlannedPrediction;
}

export interface PlannedPrediction {
  readonly outcome: Outcome;
  readonly shown: ShownVerdict;
  readonly immediate: ImmediateCaller | null;
  /** The entry of a users file that lets the caller in; null: none does, or none decides. */
  readonly entry: UserEntryPlace | null;
  readonly decision: ReturnType<Predictor['predictAdmitted']>['decision'];
}

/** How a caller of the matrix proves who it is. Where the certificate names the caller, the login name says nothing more. */
const proofOf = ({ caller, certificate, transport }: Cell, workspace: Workspace): string => {
  const gateway = workspace.topology.gateways.find(({ name }) => name === caller.gateway);
  const named = certificate !== null && (transport.startsWith('grpc-') || gateway?.mysql?.auth === 'clientcert');
  const ways = [
    ...(caller.user === null || named ? [] : [`user ${caller.user}`]),
    ...(certificate === null ? [] : ['certificate']),
    ...(caller.claimed === null ? [] : [`claims ${caller.claimed.principal}`]),
  ];
  return ways.length === 0 ? 'shows nothing' : ways.join(', ');
};

/** Plans the matrix of a workspace's suites. Tables that one table group covers stand together. */
export function planMatrix(workspace: Workspace, secrets: SecretStore, now: Date): MatrixPlan {
  const cells = cellsOf(workspace);
  const predictor = predictorFor(workspace, now);
  const runner = new ProbeRunner(workspace, { gateways: [], tablets: [], backends: [] }, secrets);
  const admissions = new Admissions(predictor, (cell) => passwordOf(runner, cell));
  const predict = (cell: Cell): PlannedPrediction => {
    const admission = admissions.admit(cell);
    if ('verdict' in admission)
      return { outcome: admission, shown: shownVerdict(admission, null), immediate: null, entry: null, decision: null };
    const { outcome, decision } = predictor.predictAdmitted(cell, admission.immediate);
    const binding = decision === null ? null : { enforcement: decision.enforcement, wouldBe: decision.wouldBe ?? null };
    return { outcome, shown: shownVerdict(outcome, binding), ...admission, decision };
  };

  const tables = new Set(cells.flatMap(({ table }) => (table === null ? [] : [table])));
  const columns = columnsOf([...tables], workspace);
  const columnAt = new Map(columns.map(({ table }, index) => [table, index]));
  const places = new Map<string, CellPlace>();
  const drafts: {
    head: Omit<MatrixRow, 'expected' | 'predicted' | 'actual' | 'marks'>;
    expected: string[];
    predicted: string[];
  }[] = [];
  const ways: Omit<AdmissionRow, 'actual' | 'mark'>[] = [];
  let last: { readonly caller: Cell['caller']; readonly transport: string; readonly row: number } | null = null;
  for (const cell of cells) {
    const { shown } = predict(cell);
    const column = cell.table === null ? undefined : columnAt.get(cell.table);
    if (column === undefined || cell.role === null) {
      places.set(cell.id, { admission: ways.length });
      ways.push(admissionRow(cell, shown, workspace));
      continue;
    }
    let row: number | null = last?.caller === cell.caller && last.transport === cell.transport ? last.row : null;
    if (row === null) {
      row = drafts.length;
      const blank = (): string[] => new Array<string>(columns.length * ROLES.length).fill(' ');
      const { suite, transport, caller } = cell;
      drafts.push({
        head: {
          id: `${suite}/${caller.name}/${transport}`,
          suite,
          caller: caller.name,
          proof: proofOf(cell, workspace),
          gateway: caller.gateway,
          transport,
        },
        expected: blank(),
        predicted: blank(),
      });
      last = { caller, transport, row };
    }
    const at = column * ROLES.length + ROLES.indexOf(cell.role);
    const draft = drafts[row];
    if (draft === undefined) continue;
    draft.expected[at] = letterOf[expectedVerdict(cell.expected)];
    draft.predicted[at] = letterOf[shown];
    places.set(cell.id, { row, at });
  }
  return {
    cells,
    places,
    columns,
    admissions: ways,
    rows: drafts.map(({ head, expected, predicted }) => ({
      ...head,
      expected: expected.join(''),
      predicted: predicted.join(''),
    })),
    predict,
  };
}

/** A password that is missing makes the login a wrong one; the run itself says what is missing. */
function passwordOf(runner: ProbeRunner, cell: Cell): string {
  try {
    return runner.passwordFor(cell.caller, cell.password);
  } catch {
    return '';
  }
}

function columnsOf(tables: readonly string[], workspace: Workspace): MatrixColumn[] {
  const file = workspace.topology.tablets[0]?.acl.file ?? null;
  const acl = file === null ? undefined : workspace.acls.get(file);
  const columns = tables.map((table): MatrixColumn => {
    const match = acl === undefined ? null : lookupTable(acl, table);
    return { table, group: match === null ? null : match.group.name || match.entry.text };
  });
  const first = new Map<string, number>();
  columns.forEach(({ group }, index) => {
    if (group !== null && !first.has(group)) first.set(group, index);
  });
  const rank = ({ group }: MatrixColumn, index: number): number =>
    group === null ? index : (first.get(group) ?? index);
  return columns
    .map((column, index) => ({ column, rank: rank(column, index), index }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ column }) => column);
}

/** `callers/expired` for `pki/callers/expired-cert.pem`. */
const nameOf = (path: string): string => path.replace(/^pki\//, '').replace(/-cert\.pem$/, '');

function admissionRow(
  cell: Cell,
  predicted: ShownVerdict,
  workspace: Workspace,
): Omit<AdmissionRow, 'actual' | 'mark'> {
  const head = `${cell.suite}/admission/`;
  const test = cell.id.slice(head.length, cell.id.lastIndexOf(`/${cell.caller.name}/${cell.transport}/`));
  const suite = workspace.suites.find(({ name }) => name === cell.suite);
  const variant = [
    ...(cell.serverName === suite?.gatewayName ? [] : [`server name ${cell.serverName}`]),
    ...(cell.trust === null || cell.trust === suite?.gatewayTrust ? [] : [`trusts ${nameOf(cell.trust)}`]),
    ...(cell.password === 'right' ? [] : [`${cell.password} password`]),
    ...(cell.certificate === null || cell.certificate === cell.caller.certificate ? [] : [nameOf(cell.certificate)]),
  ];
  return {
    id: cell.id,
    suite: cell.suite,
    test,
    caller: cell.caller.name,
    transport: cell.transport,
    variant: variant.join(', '),
    expected: letterOf[expectedVerdict(cell.expected)],
    predicted: letterOf[predicted],
  };
}
