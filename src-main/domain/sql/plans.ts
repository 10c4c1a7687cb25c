import type { Fidelity } from '../fidelity/fidelity';
import { PermissionList } from './permissions';
import type { ReadOptions } from './options';
import type { PlanName } from './plan-name';
import type { Plan } from './reading';
import type { FromClause, Query, Statement } from './tree';

/** Both plans of a statement that was read. */
export interface Plans {
  readonly execute: Plan;
  readonly stream: Plan;
}

/** What vttablet answers to a statement kind that it has no plan for. */
export const invalidSql: Plan = { kind: 'refused', code: 'INVALID_ARGUMENT', message: 'invalid SQL' };

/**
 * Plans of a statement (go/vt/vttablet/tabletserver/planbuilder: Build and BuildStreaming).
 * `doubt` is why what MySQL makes of the text may differ from what was read, or null.
 */
export function planStatement(tree: Statement, options: ReadOptions, doubt: string | null): Plans {
  const { fidelity } = options;
  const list = new PermissionList(scoping(fidelity), options.knownTables);
  const opaque = collect(list, tree, fidelity) ?? doubt;
  list.finish();
  const { permissions } = list;
  const dualOnly = isDualOnly(tree, options, opaque === null && permissions.every(({ table }) => table === 'dual'));
  const plan = (name: PlanName): Plan => ({ kind: 'plan', name, permissions, undetermined: opaque, dualOnly });
  return { execute: executePlan(tree, options, plan), stream: streamPlan(tree, fidelity, plan) };
}

/** Plans of a text whose tables cannot be determined at all. */
export function undeterminedPlans(reason: string): Plans {
  const plan = (name: PlanName): Plan => ({
    kind: 'plan',
    name,
    permissions: [],
    undetermined: reason,
    dualOnly: false,
  });
  return { execute: plan('OtherRead'), stream: plan('SelectStream') };
}

const scoping = ({ mode, version }: Fidelity): 'recorded' | 'correct' | 'strict' =>
  mode === 'hardened' ? 'strict' : version === '24.0-recorded' ? 'recorded' : 'correct';

/** Collects the questions; returns why they are not all, or null. */
function collect(list: PermissionList, tree: Statement, fidelity: Fidelity): string | null {
  const strict = fidelity.mode === 'hardened';
  const closed = strict || fidelity.version === '24.0.4';
  list.ask(tree.asks);
  list.writes(tree);
  let opaque = closed ? tree.opaque : null;
  if (closed) {
    for (const query of tree.laterReads) list.reads(query, new Set());
    if (tree.explained !== null) opaque = collect(list, tree.explained, fidelity) ?? opaque;
  }
  if (!strict) return opaque;
  list.ask(tree.strictAsks);
  return opaque ?? tree.strictOpaque;
}

function executePlan(tree: Statement, options: ReadOptions, plan: (name: PlanName) => Plan): Plan {
  switch (tree.execute) {
    case 'invalid':
      return invalidSql;
    case 'select':
      return selectPlan(tree.reads[0] as Query, options, plan);
    case 'update':
    case 'delete': {
      const { from, limit } = tree.written as NonNullable<Statement['written']>;
      const limited = !limit && options.passthroughDmls !== true && knownSingle(from, options) !== null;
      if (tree.execute === 'update') return plan(limited ? 'UpdateLimit' : 'Update');
      return plan(limited ? 'DeleteLimit' : 'Delete');
    }
    default:
      return plan(tree.execute);
  }
}

function selectPlan(query: Query, options: ReadOptions, plan: (name: PlanName) => Plan): Plan {
  if (query.sequence !== null) {
    const name = knownSingle(query.from, options);
    if (name === null || options.knownTables?.isSequence?.(name) === false) {
      return { kind: 'refused', code: 'INVALID_ARGUMENT', message: `${query.sequence} is not a sequence` };
    }
    return plan('Nextval');
  }
  if (query.impossible) return plan('SelectImpossible');
  return plan(query.locks ? 'SelectLockFunc' : 'Select');
}

function streamPlan(tree: Statement, fidelity: Fidelity, plan: (name: PlanName) => Plan): Plan {
  switch (tree.stream) {
    case 'refused':
      return { kind: 'refused', code: 'FAILED_PRECONDITION', message: `${tree.type} not allowed for streaming` };
    case 'panic':
      return fidelity.mode === 'hardened' ? invalidSql : { kind: 'panic' };
    default:
      return plan(tree.stream);
  }
}

/** The only table of a FROM list that the schema engine knows, or null (lookupTables in planbuilder/builder.go). */
export function knownSingle(from: FromClause, { knownTables }: ReadOptions): string | null {
  const known = from.plain.filter(
    ({ name, qualifier }) => qualifier === null && (name === 'dual' || (knownTables?.has(name) ?? true)),
  );
  return known.length === 1 ? (known[0]?.name ?? null) : null;
}

/** Tree M skips the check when the statement's table is `dual`, whatever its subqueries read; later versions when it reads nothing else. */
function isDualOnly(tree: Statement, options: ReadOptions, nothingElse: boolean): boolean {
  const from =
    tree.written?.from ?? (tree.execute === 'select' && tree.reads[0]?.kind === 'select' ? tree.reads[0].from : null);
  if (from === null || knownSingle(from, options) !== 'dual') return false;
  const { mode, version } = options.fidelity;
  return mode === 'vitess' && version === '24.0-recorded' ? true : nothingElse;
}
