import { vtCodes } from '../../domain/kernel';
import { idleSpans, Oversize, oversizeText } from '../../domain/sql';
import { DropConnectionError } from '../mysql-wire/types';
import { sqlUser, type ImmediateCaller } from '../../domain/identity';
import { Canonical, type CanonicalStatement } from './canonical';
import { digestEdits, piEdits } from './digests';
import {
  applyEdits,
  parameterEdits,
  qualifierEdits,
  sessionCallEdits,
  unsetVariableEdits,
  variableEdits,
  type Edit,
} from './rewrite';
import type { Router } from './router';
import { scanSql } from './scan-sql';
import type { GatewaySession } from './session';
import { withSchemaNames } from './schema-names';
import { withSettingHints } from './setting-hints';
import type { StatementCall } from './statement-call';
import type { StatementPlan, StatementPlanner } from './statement-plan';
import { isSystemSchema } from './target';
import { fromTabletStatus, type VitessError } from './vitess-error';

/** Kinds of statements that vtgate prints anew. */
const printed = new Set<StatementPlan['kind']>(['select', 'select-no-table', 'dml', 'call']);

/** `sql_select_limit` of the session, as vtgate puts it into a SELECT that has no limit of its own. */
function limited(sql: string, { options }: GatewaySession): string {
  const limit = options.sqlSelectLimit ?? 0n;
  if (limit <= 0n || /\blimit\b/i.test(sql)) return sql;
  return `(${sql.replace(/;\s*$/, '')}\n) limit ${limit}`;
}

const idle = /\binto\b|\bdual\b/i;
const idleEdits = (sql: string): Edit[] =>
  idle.test(sql) ? idleSpans(sql).map((span) => ({ ...span, text: '' })) : [];

/** A text as it goes to the tablet. */
interface Outgoing {
  readonly sql: string;
  readonly binds: StatementCall['binds'];
  readonly keyspace: string | null;
}

/**
 * Makes of a statement the text that goes to its tablet: in vtgate's printing with bind variables, or as it was written
 * with the session's own values in it.
 */
export class StatementRewriter {
  readonly #canonical: Canonical;

  constructor(
    private readonly router: Router,
    private readonly serverVersion: string,
    private readonly planner: StatementPlanner,
  ) {
    this.#canonical = new Canonical((name) => router.keyspaceNamed(name));
  }

  /** Whether vtgate computes the statement for this session: not with a shard in the target, and not under a limit. */
  isComputed(plan: StatementPlan, { target, options, systemVariables }: GatewaySession): boolean {
    if (!plan.isComputed || target.shard !== null || (options.sqlSelectLimit ?? 0n) > 0n) return false;
    return plan.mysqlVariables.every((name) => systemVariables.has(name));
  }

  /** `text` with the session's own values in place of the system variables it reads. */
  withVariables(text: string, session: GatewaySession): string {
    if (!text.includes('@@')) return text;
    const edits: Edit[] = [];
    variableEdits(`,${text}+`, scanSql(`,${text}+`), session, this.serverVersion, edits);
    return applyEdits(`,${text}+`, edits).slice(1, -1);
  }

  /** The session's variables as hints of the statement; a statement that takes none makes them settings. */
  #hinted(sql: string, plan: StatementPlan, session: GatewaySession): string {
    const { systemVariables, hintable } = session;
    if (systemVariables.size === 0 || plan.usesLocks || plan.kind === 'show') return sql;
    const hinted = plan.kind === 'select' || plan.kind === 'select-no-table' || plan.kind === 'dml';
    if (session.usesSettings) {
      const some = new Map([...systemVariables].filter(([name]) => hintable.has(name)));
      return hinted && some.size > 0 ? (withSettingHints(sql, some) ?? sql) : sql;
    }
    const text = hinted ? withSettingHints(sql, systemVariables) : null;
    if (text === null) session.usesSettings = true;
    return text ?? sql;
  }

  /**
   * With `mysql` or another system schema as the default database a bare name in a query means a table there, but at the
   * tablet it would mean one of the keyspace. DDL goes to the keyspace, as vtgate's does.
   */
  #schemaEdits({ session, sql }: StatementCall, plan: StatementPlan, edits: Edit[]): void {
    const { keyspace } = session.target;
    const queries = plan.kind === 'select' || plan.kind === 'select-no-table';
    if (!isSystemSchema(keyspace) || (!queries && plan.kind !== 'dml')) return;
    const { bareTables } = plan.reading ?? this.planner.reading(sql);
    if (bareTables.length === 0) return;
    // Recorded: real vtgate panics, of which a client sees the closed connection.
    if (plan.kind === 'dml') throw new DropConnectionError('a change of a table of a system schema');
    for (const { start } of bareTables) edits.push({ start, end: start, text: `${keyspace}.` });
  }

  /** What vtgate says of a statement whose message to its tablet has at least so many bytes, before it is made. */
  oversize({ target }: GatewaySession, bytes: number): VitessError {
    return fromTabletStatus(this.router.route(target).prefix, vtCodes.RESOURCE_EXHAUSTED, oversizeText(bytes));
  }

  #canonicalOf(
    { sql, session }: StatementCall,
    how: { readonly prepared: boolean; readonly limited: boolean },
  ): CanonicalStatement | null {
    try {
      return this.#canonical.of(sql, session, this.serverVersion, how);
    } catch (error) {
      throw error instanceof Oversize ? this.oversize(session, error.bytes) : error;
    }
  }

  /** The names of the columns of a statement that is computed here, or null where they stay. */
  computedNames(call: StatementCall): readonly string[] | null {
    const how = { prepared: call.prepared === true, limited: false };
    return this.#canonicalOf(call, how)?.columns ?? null;
  }

  /** The statement in vtgate's printing with bind variables, or null where it must go as written. */
  asPrinted(call: StatementCall, plan: StatementPlan): Outgoing | null {
    if (!printed.has(plan.kind) || isSystemSchema(call.session.target.keyspace)) return null;
    const prepared = call.prepared === true;
    const how = { prepared, limited: plan.kind === 'select' };
    const canonical = this.#canonicalOf(call, how);
    if (canonical === null || canonical.keyspaces.size > 1) return null;
    const binds = call.binds === undefined ? canonical.binds : { ...call.binds, ...canonical.binds };
    if (call.counted !== undefined && !prepared) call.counted.canonical = { sql: canonical.sql, binds };
    if (this.isComputed(plan, call.session)) return null;
    const [keyspace = null] = canonical.keyspaces;
    return { sql: this.#hinted(canonical.sql, plan, call.session), binds, keyspace };
  }

  /** The statement as it was written, but for what only the gateway knows. Throws VitessError for names of no keyspace. */
  asWritten(call: StatementCall, plan: StatementPlan, rewritten: boolean): Outgoing {
    const { session, caller, prepared } = call;
    let { sql } = call;
    let keyspace: string | null = null;
    const inSchema = isSystemSchema(session.target.keyspace);
    if (!rewritten && (plan.reading !== null || plan.marks.length > 0 || plan.isComputed || inSchema)) {
      const edits: Edit[] = [];
      this.#schemaEdits(call, plan, edits);
      if (plan.reading !== null) {
        const user = sqlUser(caller.immediate as ImmediateCaller);
        const isComputed = this.isComputed(plan, session);
        keyspace = qualifierEdits(plan.reading, this.router, edits);
        sessionCallEdits(plan.reading, session, user, isComputed, this.serverVersion, edits);
      }
      variableEdits(sql, plan.marks, session, this.serverVersion, edits);
      unsetVariableEdits(sql, plan, session, edits);
      if (plan.isComputed) digestEdits(sql, edits);
      if (plan.isComputed) piEdits(sql, edits);
      if (this.isComputed(plan, session)) edits.push(...idleEdits(sql));
      if (prepared === true) parameterEdits(plan.marks, edits);
      sql = applyEdits(sql, edits);
    }
    sql = this.#hinted(sql, plan, session);
    if (plan.kind === 'select') sql = limited(sql, session);
    const named = withSchemaNames(sql, call.binds, (name) => this.router.hasKeyspace(name), session.target.keyspace);
    return { ...named, keyspace };
  }
}
