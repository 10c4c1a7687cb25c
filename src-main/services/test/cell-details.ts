import type { CellDetails } from '../../contract/areas/test';
import type { Cell } from '../../domain/probes';
import { proofOf, whyCell, type ShownVerdict } from '../../domain/trace';
import type { Workspace } from '../workspace/load-workspace';
import { expectedVerdict, type PlannedPrediction } from './matrix-model';
import type { CellFailure, CellOutcome } from './run-cells';
import { traceWorld } from './trace-world';

const words: Readonly<Record<ShownVerdict, string>> = {
  allowed: 'Allowed',
  denied: 'Denied',
  refused: 'Refused',
  'would-be-denied': 'Would be denied',
  'not-enforced': 'Allowed, not enforced',
};
const stages: Readonly<Record<string, string>> = {
  connect: 'no connection',
  tls: 'TLS handshake',
  login: 'sign-in',
  gateway: 'gateway',
  link: 'between gateway and tablet',
  tablet: 'tablet',
  backend: 'MySQL',
};

const worded = (shown: ShownVerdict, stoppedAt: string | null): string =>
  shown === 'refused' && stoppedAt !== null ? `${words.refused} (${stages[stoppedAt] ?? stoppedAt})` : words[shown];

const doing = { read: 'reads', write: 'writes', admin: 'changes the definition of' } as const;

/** One cell in full: what is expected, predicted and what happened, and why it is predicted so. */
export function cellDetails(
  workspace: Workspace,
  cell: Cell,
  predicted: PlannedPrediction,
  result: CellOutcome | CellFailure | undefined,
): CellDetails {
  const gateway = workspace.topology.gateways.find(({ name }) => name === cell.caller.gateway);
  const overMysql = cell.transport.startsWith('mysql-');
  const why = whyCell(
    {
      acls: workspace.acls,
      tablet: workspace.topology.tablets[0] ?? null,
      user: cell.caller.user,
      nameFromUsersFile: overMysql && gateway?.mysql?.auth === 'static',
    },
    predicted.immediate,
    predicted.decision,
    predicted.outcome,
  );
  const ran = result !== undefined && !('failure' in result) ? result : null;
  const expected = expectedVerdict(cell.expected);
  const access = cell.table !== null && cell.role !== null;
  return {
    id: cell.id,
    title: access ? `${cell.caller.name} ${doing[cell.role]} ${cell.table}` : cell.caller.name,
    proof: proofOf({ cell, world: traceWorld(workspace), overMysql }),
    transport: cell.transport,
    sql: cell.sql,
    expected: { verdict: expected, text: worded(expected, cell.expected.stoppedAt) },
    predicted: { verdict: predicted.shown, text: worded(predicted.shown, predicted.outcome.stoppedAt) },
    actual:
      ran === null
        ? null
        : {
            verdict: ran.shown,
            text: worded(ran.shown, ran.outcome.stoppedAt),
            message: ran.outcome.message,
            at: ran.at,
            milliseconds: ran.milliseconds,
          },
    failure: result !== undefined && 'failure' in result ? result.failure : null,
    differs: ran?.differs ?? [],
    why: [...why.lines],
    place: why.place,
    remediesTitle: why.remediesTitle,
    remedies: [...why.remedies],
  };
}
