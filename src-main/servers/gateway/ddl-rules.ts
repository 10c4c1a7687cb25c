import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { alterVschema, type StatementReading, type VschemaChange } from '../../domain/sql';
import type { GatewayBehaviour } from './behaviour';
import { emptyResult, ownResult, type StatementResult } from './result';
import { noDatabase, type Router } from './router';
import type { GatewaySession } from './session';
import { unknownDatabase, type SessionTarget } from './target';
import { states, VitessError } from './vitess-error';
import type { Vschema } from './vschema';

const databaseForm = /^\s*(create|drop)\s+(?:database|schema)\s+(if\s+(?:not\s+)?exists\s+)?`?([^`\s;]+)/i;
const alterDatabaseForm = /^\s*alter\s+(?:database|schema)\b/i;
const foreignKeyForm = /\bforeign\s+key\b|\breferences\s+[`\w]/i;
const onlineVerbs = /^\s*(?:create|alter|drop)\s+(?:table|view)\b/i;

/** Who asks, for DDL that the gateway answers. */
export interface DdlCaller {
  readonly username: string;
  readonly target: SessionTarget;
  /** Milliseconds that a statement may take; 0 = any time. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Whether `username` may change VSchema and metadata. */
export const mayChangeVschema = ({ vschemaDdlUsers = [] }: GatewayBehaviour, username: string): boolean =>
  vschemaDdlUsers.includes('%') || vschemaDdlUsers.includes(username);

/** Makes the change of an ALTER VSCHEMA for those who may. Throws VitessError. */
function changeVschema(
  change: VschemaChange,
  router: Router,
  vschema: Vschema,
  behaviour: GatewayBehaviour,
  { username, target }: DdlCaller,
): StatementResult {
  if (!mayChangeVschema(behaviour, username)) {
    const message = `User '${username}' is not authorized to perform vschema operations`;
    throw new VitessError('PERMISSION_DENIED', message, states.accessDenied);
  }
  const keyspace = change.keyspace ?? router.keyspaceOf(target);
  if (!router.hasKeyspace(keyspace)) throw unknownDatabase(keyspace);
  vschema.apply(change, keyspace);
  return emptyResult;
}

/**
 * With a plugin that does nothing vtgate waits until a keyspace has come or gone, which never happens
 * (go/vt/vtgate/engine/dbddl.go).
 */
async function waitInVain(verb: string, { timeoutMs, signal }: DdlCaller): Promise<never> {
  const longest = 2_147_483_647;
  await wait(timeoutMs === 0 ? longest : timeoutMs, undefined, { ref: false, ...(signal && { signal }) }).catch(
    () => undefined,
  );
  const what = verb === 'create' ? 'destination not resolved' : 'keyspace still available in vschema';
  throw new VitessError('DEADLINE_EXCEEDED', `could not validate ${verb} database: ${what}`);
}

/** What CREATE and DROP DATABASE and ALTER VSCHEMA come to in the gateway; null for other DDL. Throws VitessError. */
export async function ownDdl(
  sql: string,
  router: Router,
  vschema: Vschema,
  behaviour: GatewayBehaviour,
  caller: DdlCaller,
): Promise<StatementResult | null> {
  const change = alterVschema(sql);
  if (change !== null) return changeVschema(change, router, vschema, behaviour, caller);
  if (alterDatabaseForm.test(sql)) throw new VitessError('UNIMPLEMENTED', 'VT12001: unsupported: ALTER DATABASE');
  const database = databaseForm.exec(sql.slice(0, 4096));
  if (database === null) return null;
  const [, verb = '', condition, name = ''] = database;
  const drops = verb.toLowerCase() === 'drop';
  const known = router.hasKeyspace(name);
  if (drops && !known) {
    if (condition !== undefined) return emptyResult;
    const message = `VT05001: cannot drop database '${name}'; database does not exists`;
    throw new VitessError('NOT_FOUND', message, states.dropDatabase);
  }
  if (!drops && known) {
    if (condition !== undefined) return emptyResult;
    const message = `VT06001: cannot create database '${name}'; database exists`;
    throw new VitessError('ALREADY_EXISTS', message, states.createDatabase);
  }
  if (behaviour.databaseDdl === 'noop') return waitInVain(verb.toLowerCase(), caller);
  throw new VitessError('UNIMPLEMENTED', `VT12001: unsupported: ${verb.toLowerCase()} database by failDBDDL`);
}

/** Throws VitessError for DDL that the gateway's flags forbid. */
export function demandAllowedDdl(sql: string, session: GatewaySession, behaviour: GatewayBehaviour): void {
  if (behaviour.foreignKeys === 'disallow' && foreignKeyForm.test(sql))
    throw new VitessError('ABORTED', 'VT10001: foreign key constraints are not allowed');
  if (isOnline(sql, session)) {
    if (behaviour.onlineDdl === false) throw new VitessError('FAILED_PRECONDITION', 'online DDL is disabled');
  } else if (behaviour.directDdl === false && onlineVerbs.test(sql))
    throw new VitessError('FAILED_PRECONDITION', 'direct DDL is disabled');
}

const dropsView = /^(?:\s|\/\*[\s\S]*?\*\/)*drop\s+view\b/i;
const creates = /^(?:\s|\/\*[\s\S]*?\*\/)*create\b/i;
/** Behind the name of what is created; a schema there belongs to what it reads. */
const behindCreated = /\(|\b(?:as|select|like|on)\b/i;

/**
 * Throws VitessError where vtgate's planner finds no keyspace for DDL: the object is in a schema that is none, or a view
 * without a schema, of which a gateway with several keyspaces knows only what its primaries list among their tables
 * (go/vt/vtgate/planbuilder/ddl.go, buildDropView).
 */
export async function demandRoutableDdl(
  sql: string,
  { qualifiers, execute }: StatementReading,
  router: Router,
): Promise<void> {
  const end = creates.test(sql) ? (behindCreated.exec(sql)?.index ?? sql.length) : sql.length;
  for (const { name, start } of qualifiers)
    if (start < end && router.keyspaceNamed(name) === null) throw unknownDatabase(name);
  if (!dropsView.test(sql) || qualifiers.length > 0 || router.keyspaces.length < 2 || execute.kind !== 'plan') return;
  for (const { table } of execute.permissions) if (!(await router.hasTable(table))) throw noDatabase();
}

/** Whether a statement goes the way of online DDL under the session's `ddl_strategy`. */
export const isOnline = (sql: string, { ddlStrategy }: GatewaySession): boolean =>
  !/^(?:direct)?$/i.test(ddlStrategy.trim().split(/\s+/)[0] ?? '') && onlineVerbs.test(sql);

/** The answer to DDL under an online strategy: the migration's id. There is no migration here, the change is made at once. */
export const migrationAnswer = (): StatementResult => ownResult(['uuid'], [[randomUUID().replaceAll('-', '_')]]);
