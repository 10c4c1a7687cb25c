import { aclMatrix, type AclLetter, type TableAcl } from '../../domain/acl';
import type { ImmediateCaller } from '../../domain/identity';
import {
  aclSettings,
  expandSuite,
  meets,
  Predictor,
  type Cell,
  type Outcome,
  type ProbeRole,
  type StatementPrediction,
  type Transport,
} from '../../domain/probes';
import type { Gain } from '../../domain/workspace';
import type { SecretStore } from '../../servers/store';
import { callerKey, immediateCallers } from '../callers/immediate-callers';
import { schemaTables } from '../workspace/schema-tables';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';

/** An outcome as a mark shows it: what passes only because nothing is enforced is no plain Allowed. */
export type ImpactMark = 'allow' | 'deny' | 'refuse' | 'would-deny' | 'not-enforced' | 'unknown';

/** One cell of access that a change alters. */
export interface ImpactCell {
  /** The suite that tests it; null: no test covers it, the files alone say so. */
  readonly suite: string | null;
  /** The sign-in test, where it is one. */
  readonly test: string | null;
  /** The test's caller, or the immediate caller where no test covers it. */
  readonly caller: string;
  /** Who the caller is for the tablet, after the change or else before; null: nobody gets that far. */
  readonly immediate: string | null;
  /** Login name of the test's caller; null: none. */
  readonly user: string | null;
  /** Ways in on which it is the same change. */
  readonly transports: readonly Transport[];
  readonly table: string | null;
  readonly role: ProbeRole | null;
  readonly before: ImpactMark;
  readonly after: ImpactMark;
  /** What somebody wrote down as expected, in the draft; null: nothing. */
  readonly expected: ImpactMark | null;
  /** The new outcome is not the expected one; of a test that the draft adds also where `before` and `after` are the same. */
  readonly contradicts: boolean;
}

export interface AccessImpact {
  /** Changed cells only; those that contradict an expectation first. */
  readonly cells: readonly ImpactCell[];
  readonly gains: number;
  readonly loses: number;
}

export interface ImpactOptions {
  readonly secrets: Pick<SecretStore, 'get'>;
  readonly now: Date;
}

/** Whether somebody gets through, whatever the reason. */
export const passes = (mark: ImpactMark): boolean =>
  mark === 'allow' || mark === 'would-deny' || mark === 'not-enforced';

/**
 * What somebody has after the change and had not before, as `wideningSentence` takes it. A sign-in test is a way in; where
 * it got as far as the tablet before, its tables are told of by other cells.
 */
export function gainsOf({ cells }: Pick<AccessImpact, 'cells'>): Gain[] {
  const gained = cells.filter(({ before, after }) => !passes(before) && passes(after));
  const told = gained.filter(({ table, before }) => table !== null || before === 'refuse');
  return (told.length > 0 ? told : gained).map(({ caller, immediate, table, role }) => ({
    who: table === null ? caller : (immediate ?? caller),
    table,
    role,
  }));
}

const WRONG_PASSWORD = 'incorrect_password';

/**
 * What a change does to access, predicted from the files of both versions: every cell of the suites, and beyond them
 * every caller that the files make possible on every table they name. Nothing is connected to. Lets other work pass in
 * between: the cluster runs in the same process.
 */
export async function accessImpact(before: Workspace, after: Workspace, options: ImpactOptions): Promise<AccessImpact> {
  const tested = await suiteCells(before, after, options);
  const cells = [
    ...mergeTransports(tested.cells),
    ...untestedCells(before, after, options.now, new Set(tested.covered)),
  ].sort((a, b) => Number(b.contradicts) - Number(a.contradicts));
  return {
    cells,
    gains: cells.filter((cell) => !passes(cell.before) && passes(cell.after)).length,
    loses: cells.filter((cell) => passes(cell.before) && !passes(cell.after)).length,
  };
}

const coverKey = (caller: ImmediateCaller, table: string, role: ProbeRole | null): string =>
  JSON.stringify([callerKey(caller), table, role]);

/** One version as predictions look at it. */
class Side {
  readonly predictor: Predictor;
  readonly cells: ReadonlyMap<string, Cell>;
  readonly #admitted = new Map<string, Outcome | { readonly immediate: ImmediateCaller }>();

  constructor(
    readonly workspace: Workspace,
    readonly options: ImpactOptions,
  ) {
    this.predictor = new Predictor({
      topology: workspace.topology,
      files: new Map([...workspace.certificates, ...workspace.files]),
      users: workspace.users,
      grpcUsers: workspace.grpcUsers,
      acls: workspace.acls,
      queryRules: workspace.queryRules,
      now: options.now,
      fidelityOf: (gateway) => fidelityOf(workspace, gateway),
    });
    const { gateways } = workspace.topology;
    const cells = workspace.suites.flatMap((suite) =>
      expandSuite(suite, (name) => fidelityOf(workspace, gateways.find((one) => one.name === name) ?? null).mode),
    );
    this.cells = new Map(cells.map((cell) => [cell.id, cell]));
  }

  /** The way in of a cell, worked out once for all statements of a caller. */
  admit(cell: Cell): Outcome | { readonly immediate: ImmediateCaller } {
    const { caller, transport, password, certificate, trust, serverName } = cell;
    const key = JSON.stringify([caller, transport, password, certificate, trust, serverName]);
    let known = this.#admitted.get(key);
    if (known === undefined) {
      known = this.predictor.admit(cell, { password: this.#password(cell) });
      this.#admitted.set(key, known);
    }
    return known;
  }

  predict(cell: Cell): {
    readonly mark: ImpactMark;
    readonly outcome: Outcome;
    readonly immediate: ImmediateCaller | null;
  } {
    const admitted = this.admit(cell);
    if ('verdict' in admitted)
      return { mark: markOf({ outcome: admitted, decision: null }), outcome: admitted, immediate: null };
    const prediction = this.predictor.predictAdmitted(cell, admitted.immediate);
    return { mark: markOf(prediction), outcome: prediction.outcome, immediate: admitted.immediate };
  }

  #password({ caller, password }: Cell): string {
    if (password === 'empty' || caller.password === null) return '';
    if (password === 'wrong') return WRONG_PASSWORD;
    if ('text' in caller.password) return caller.password.text;
    return this.options.secrets.get(caller.password.secret)?.reveal() ?? '';
  }
}

function markOf({ outcome, decision }: StatementPrediction): ImpactMark {
  if (outcome.verdict === 'deny') return 'deny';
  if (outcome.verdict === 'allow') {
    if (decision === null || decision.wouldBe === undefined) return 'allow';
    return decision.enforcement === 'dry-run' ? 'would-deny' : 'not-enforced';
  }
  return outcome.verdict === 'refused' || outcome.verdict === 'invalid' ? 'refuse' : 'unknown';
}

/** What a statement may get is the same in both versions for whoever comes in as the same caller. */
const sameDecisions = (before: Workspace, after: Workspace): boolean => {
  const rules = ({ topology, files, acls, queryRules, overrides }: Workspace): string =>
    JSON.stringify([
      topology.tablets.map(({ acl, queryRules: path }) => [
        path === null ? null : [files.get(path)?.toString('base64'), queryRules.has(path)],
        acl,
        acl.file === null ? null : [files.get(acl.file)?.toString('base64'), acls.has(acl.file)],
      ]),
      topology.vitess,
      topology.fidelity,
      overrides,
    ]);
  return rules(before) === rules(after);
};

/** How long predictions may keep the process to themselves, milliseconds. */
const BREATH_MS = 20;

async function suiteCells(
  before: Workspace,
  after: Workspace,
  options: ImpactOptions,
): Promise<{ cells: ImpactCell[]; covered: string[] }> {
  const [old, fresh] = [new Side(before, options), new Side(after, options)];
  const unchanged = sameDecisions(before, after);
  const cells: ImpactCell[] = [];
  const covered = new Set<string>();
  let breath = performance.now();
  for (const id of new Set([...fresh.cells.keys(), ...old.cells.keys()])) {
    if (performance.now() - breath > BREATH_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      breath = performance.now();
    }
    const now = fresh.cells.get(id) ?? old.cells.get(id);
    const then = old.cells.get(id) ?? now;
    if (now === undefined || then === undefined) continue;
    const [wayThen, wayNow] = [old.admit(then), fresh.admit(now)];
    for (const way of [wayThen, wayNow])
      if ('immediate' in way && now.table !== null) covered.add(coverKey(way.immediate, now.table, now.role));
    const sameWay = JSON.stringify(wayThen) === JSON.stringify(wayNow);
    const expected = fresh.cells.has(id) ? now.expected : null;
    const isNew = expected !== null && !old.cells.has(id);
    if (!isNew && sameWay && then.sql === now.sql && (unchanged || 'verdict' in wayNow)) continue;
    const [was, is] = [old.predict(then), fresh.predict(now)];
    const contradicts = expected !== null && !meets(is.outcome, expected);
    // A test that the draft adds fails after applying even where access is as it was.
    if (was.mark === is.mark && !(isNew && contradicts)) continue;
    cells.push({
      suite: now.suite,
      test: now.table === null ? (id.split('/admission/')[1]?.split(`/${now.caller.name}/`)[0] ?? id) : null,
      caller: now.caller.name,
      immediate: (is.immediate ?? was.immediate)?.username ?? null,
      user: now.caller.user,
      transports: [now.transport],
      table: now.table,
      role: now.role,
      before: was.mark,
      after: is.mark,
      expected: expected === null ? null : markOfVerdict(expected.verdict),
      contradicts,
    });
  }
  return { cells, covered: [...covered] };
}

const markOfVerdict = (verdict: Outcome['verdict']): ImpactMark =>
  verdict === 'allow' || verdict === 'deny' ? verdict : verdict === 'cannot-decide' ? 'unknown' : 'refuse';

/** The same change of the same caller over several transports is one cell. */
function mergeTransports(cells: readonly ImpactCell[]): ImpactCell[] {
  const merged = new Map<string, ImpactCell>();
  for (const cell of cells) {
    const key = JSON.stringify({ ...cell, transports: null });
    const known = merged.get(key);
    merged.set(
      key,
      known === undefined ? cell : { ...known, transports: [...new Set([...known.transports, ...cell.transports])] },
    );
  }
  return [...merged.values()];
}

const ROLES: readonly ProbeRole[] = ['read', 'write', 'admin'];
const letterMarks: Readonly<Record<AclLetter, ImpactMark>> = {
  A: 'allow',
  D: 'deny',
  W: 'would-deny',
  N: 'not-enforced',
  E: 'not-enforced',
};

/** Callers and tables that the files name, whether or not a test does. */
function untestedCells(before: Workspace, after: Workspace, now: Date, covered: ReadonlySet<string>): ImpactCell[] {
  const callersOf = (workspace: Workspace): Map<string, ImmediateCaller> =>
    new Map(
      immediateCallers(workspace, now).flatMap(({ key, caller, occurs }): [string, ImmediateCaller][] =>
        occurs ? [[key, caller]] : [],
      ),
    );
  const [old, fresh] = [callersOf(before), callersOf(after)];
  const callers = new Map([...old, ...fresh]);
  const tables = [...new Set([...tablesOf(before), ...tablesOf(after)])];
  const list = [...callers.values()];
  const [was, is] = [matrixOf(before, list, tables), matrixOf(after, list, tables)];
  const cells: ImpactCell[] = [];
  [...callers].forEach(([key, caller], row) => {
    const came = !old.has(key);
    const went = !fresh.has(key);
    if (was[row] === is[row] && !came && !went) return;
    tables.forEach((table, column) =>
      ROLES.forEach((role, offset) => {
        const at = column * ROLES.length + offset;
        const first = came ? 'refuse' : letterMarks[(was[row]?.[at] ?? 'D') as AclLetter];
        const second = went ? 'refuse' : letterMarks[(is[row]?.[at] ?? 'D') as AclLetter];
        // Somebody new who is denied has neither won nor lost anything, and likewise somebody who is gone.
        if (
          covered.has(coverKey(caller, table, role)) ||
          first === second ||
          (passes(first) === passes(second) && (came || went))
        )
          return;
        cells.push({
          suite: null,
          test: null,
          caller: caller.username,
          immediate: caller.username,
          user: null,
          transports: [],
          table,
          role,
          before: first,
          after: second,
          expected: null,
          contradicts: false,
        });
      }),
    );
  });
  return cells;
}

function tablesOf({ suites, topology, files, acls }: Workspace): string[] {
  const known = new Set(suites.flatMap((suite) => suite.tables.map(({ name }) => name)));
  for (const { schemaFile } of topology.keyspaces) {
    const schema = schemaFile === null ? undefined : files.get(schemaFile);
    if (schema !== undefined) for (const table of schemaTables(schema.toString('utf8'))) known.add(table);
  }
  const covers = (entry: string): boolean =>
    entry.endsWith('%') && [...known].some((table) => table.startsWith(entry.slice(0, -1)));
  for (const acl of acls.values())
    for (const { entries } of acl.groups) for (const { text } of entries) if (!covers(text)) known.add(text);
  return [...known];
}

function matrixOf(workspace: Workspace, callers: readonly ImmediateCaller[], tables: readonly string[]): string[] {
  const [tablet] = workspace.topology.tablets;
  const acl: TableAcl | null = tablet?.acl.file == null ? null : (workspace.acls.get(tablet.acl.file) ?? null);
  return tablet === undefined
    ? callers.map(() => 'D'.repeat(tables.length * ROLES.length))
    : aclMatrix({ acl, aclFileGiven: tablet.acl.file !== null, settings: aclSettings(tablet), callers, tables });
}
