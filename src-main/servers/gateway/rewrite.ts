import type { StatementReading } from '../../domain/sql';
import type { SqlMark } from './scan-sql';
import type { GatewaySession } from './session';
import type { Router } from './router';
import type { StatementPlan } from './statement-plan';
import { isSystemSchema, unknownDatabase } from './target';
import { VitessError } from './vitess-error';

/** A stretch of a statement's text and what is put in its place. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies edits that do not overlap. */
export function applyEdits(sql: string, edits: Edit[]): string {
  if (edits.length === 0) return sql;
  edits.sort((a, b) => a.start - b.start);
  let result = '';
  let at = 0;
  for (const { start, end, text } of edits) {
    if (start < at) continue;
    result += sql.slice(at, start) + text;
    at = end;
  }
  return result + sql.slice(at);
}

/** A string as a literal that means the same in every sql_mode: hexadecimal bytes with their character set. */
export function stringLiteral(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value) && !/['"\\]/.test(value)) return `'${value}'`;
  return `_utf8mb4 0x${Buffer.from(value, 'utf8').toString('hex')}`;
}

const quoteName = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/**
 * Keyspace qualifiers are dropped, since the database behind a keyspace has another name. Returns the one keyspace that
 * the statement names, or null. Throws for names that no keyspace has and for statements over two of them.
 */
export function qualifierEdits(reading: StatementReading, router: Router, edits: Edit[]): string | null {
  let keyspace: string | null = null;
  for (const { start, end, name } of reading.qualifiers) {
    const named = router.keyspaceNamed(name);
    if (named !== null) {
      if (keyspace !== null && keyspace !== named) {
        throw new VitessError(
          'UNIMPLEMENTED',
          `VT12001: unsupported: tables of the keyspaces ${keyspace} and ${named} in one statement`,
        );
      }
      keyspace = named;
      edits.push({ start, end, text: '' });
    } else if (!isSystemSchema(name)) throw unknownDatabase(name);
  }
  return keyspace;
}

/** What the session answers itself: USER(), DATABASE(), LAST_INSERT_ID(), FOUND_ROWS(), ROW_COUNT(). */
export function sessionCallEdits(
  reading: StatementReading,
  session: GatewaySession,
  user: string,
  isComputed: boolean,
  serverVersion: string,
  edits: Edit[],
): void {
  const aliased = new Set<number>();
  for (const { start, end, name, alias, expressionAlias } of reading.sessionCalls) {
    let value: string;
    switch (name) {
      case 'database':
      case 'schema':
        // Beside a table the question goes to MySQL, which knows the database by its own name (recorded).
        if (!isComputed && session.target.shard === null) continue;
        value = stringLiteral(session.targetString);
        break;
      case 'last_insert_id':
        value = session.lastInsertId.toString();
        break;
      case 'version':
        if (!isComputed) continue;
        value = stringLiteral(serverVersion);
        break;
      case 'found_rows':
        value = session.foundRows.toString();
        break;
      case 'row_count':
        value = session.rowCount.toString();
        break;
      default:
        // With a shard in the target vtgate leaves the question to MySQL (vitess-behaviour §2.4).
        if (session.target.shard !== null || !isComputed) continue;
        value = stringLiteral(user);
    }
    edits.push({ start, end, text: alias === null ? value : `${value} as ${alias}` });
    // A call inside a select expression would change the column's name too: `concat(user(), 1)` keeps its own.
    if (alias !== null || expressionAlias === null || aliased.has(expressionAlias.at)) continue;
    aliased.add(expressionAlias.at);
    edits.push({ start: expressionAlias.at, end: expressionAlias.at, text: ` as ${expressionAlias.text}` });
  }
}

/** Values of system variables that live in the gateway, by name; undefined for those that live in MySQL. */
export function gatewayVariable(name: string, session: GatewaySession, serverVersion: string): string | undefined {
  const set = session.systemVariables.get(name);
  if (set !== undefined) return set;
  switch (name) {
    case 'autocommit':
      return session.autocommit ? '1' : '0';
    case 'version':
      return stringLiteral(serverVersion);
    case 'version_comment':
      return stringLiteral('Gatehouse, speaking as Vitess');
    case 'socket':
      return stringLiteral(session.gatewayVariables.get('socket') ?? '');
    case 'workload':
      return stringLiteral(session.workload);
    case 'transaction_mode':
      return stringLiteral(session.transactionMode);
    case 'ddl_strategy':
      return stringLiteral(session.ddlStrategy);
    case 'session_uuid':
      return stringLiteral(session.uuid);
    // vtgate shows the first under the name of the second too (go/vt/vtgate/executor.go, addNeededBindVars).
    case 'client_found_rows':
    case 'skip_query_plan_cache':
      return session.options.clientFoundRows === true ? '1' : '0';
    case 'sql_select_limit':
      return (session.options.sqlSelectLimit ?? 0n).toString();
    case 'query_timeout':
      return String(session.queryTimeoutMs);
    case 'enable_system_settings':
      return session.takesSettings ? '1' : '0';
    case 'session_track_gtids':
      return stringLiteral(session.gatewayVariables.get(name) ?? 'off');
    case 'transaction_timeout':
      return session.gatewayVariables.get(name) ?? '0';
    case 'migration_context':
    case 'read_after_write_gtid':
      return stringLiteral(session.gatewayVariables.get(name) ?? '');
    case 'read_after_write_timeout':
      return `${session.gatewayVariables.get(name) ?? '0'}e0`;
    default:
      return undefined;
  }
}

/** Variables whose scope vtgate prints, since SET without one means the next transaction. */
const keepsScope = new Set(['transaction_isolation', 'tx_isolation', 'transaction_read_only', 'tx_read_only']);

const shownVariable = (name: string, scope: SqlMark['scope']): string =>
  scope === 'session' && keepsScope.has(name) ? `@@session.${name}` : `@@${name}`;

/** Whether the value at a mark is a whole select expression, whose column keeps the name it would have had. */
export function isAlone(sql: string, start: number, end: number): boolean {
  const before = /(?:^|\W)(?:select|distinct)\s*$|,\s*$/i.test(sql.slice(Math.max(0, start - 40), start));
  return before && /^\s*(?:,|;|$|from\b|limit\b|union\b|where\b)/i.test(sql.slice(end, end + 40));
}

/** User variables that only the session knows go as their values; those that it never set are NULL, of that type, wherever MySQL would make a text of them. */
export function unsetVariableEdits(
  sql: string,
  { marks, setsUserVariables, kind }: StatementPlan,
  session: GatewaySession,
  edits: Edit[],
): void {
  if (setsUserVariables) {
    for (const mark of marks) if (mark.kind === 'user-variable') session.userVariables.add(mark.name.toLowerCase());
    return;
  }
  if (kind !== 'select' && kind !== 'select-no-table') return;
  for (const { kind: what, name, start, end } of marks) {
    if (what !== 'user-variable') continue;
    const lowered = name.toLowerCase();
    const pending = session.pendingVariables.get(lowered);
    if (pending === undefined && session.userVariables.has(lowered)) continue;
    const value = pending?.literal ?? 'null';
    const text = isAlone(sql, start, end) ? `${value} as ${quoteName(sql.slice(start, end))}` : value;
    edits.push({ start, end, text });
  }
}

/** Reads of system variables that live in the gateway; a bare `select @@x` keeps its column name. */
export function variableEdits(
  sql: string,
  marks: readonly SqlMark[],
  session: GatewaySession,
  serverVersion: string,
  edits: Edit[],
): void {
  for (const { kind, start, end, name, scope } of marks) {
    if (kind !== 'system-variable' || scope === 'global') continue;
    if (name === 'names' || name === 'charset')
      throw new VitessError('INVALID_ARGUMENT', `query arguments missing for __vt${name}`);
    const value = gatewayVariable(name, session, serverVersion);
    if (value === undefined) {
      // vtgate prints `@@session.x` as `@@x`, which MySQL takes for its global variables too.
      if (scope === 'session' && !keepsScope.has(name)) edits.push({ start, end, text: `@@${name}` });
      continue;
    }
    edits.push({
      start,
      end,
      text: isAlone(sql, start, end) ? `${value} as ${quoteName(shownVariable(name, scope))}` : value,
    });
  }
}

/** `?` becomes `:v1`, `:v2`, …, the names under which a prepared statement's values travel. */
export function parameterEdits(marks: readonly SqlMark[], edits: Edit[]): number {
  let count = 0;
  for (const { kind, start, end } of marks) if (kind === 'parameter') edits.push({ start, end, text: `:v${++count}` });
  return count;
}
