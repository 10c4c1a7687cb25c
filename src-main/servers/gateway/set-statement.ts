import type { SetAssignment } from '../../domain/sql';
import { DropConnectionError } from '../mysql-wire/types';
import { columnTypes, rowTexts, type StatementResult } from './result';
import { stringLiteral } from './rewrite';
import { workloads, type GatewaySession, type Workload } from './session';
import { hasDefault, isBooleanVariable, variableTreatment } from './system-variables';
import { states, VitessError } from './vitess-error';

/** A connection variable that is to be set, and the value's SQL text. */
interface ConnectionVariable {
  readonly name: string;
  readonly value: string;
}

/** What a SET asks for, after all of it was read. */
export interface SetPlan {
  /** Variables of the gateway, in order. */
  readonly gateway: readonly SetAssignment[];
  /** Variables that MySQL's connections know, in order. */
  readonly connection: readonly ConnectionVariable[];
  /** `@@vitess_metadata.NAME`, for those who may. */
  readonly metadata: readonly SetAssignment[];
  /** Names of the user variables that are set, lower case. */
  readonly userVariables: readonly string[];
  /** User variables are set on the session's own MySQL connection: the statement that does it, or null. */
  readonly onConnection: string | null;
  /** What SHOW WARNINGS tells afterwards. */
  readonly warnings: readonly string[];
}

/** A name that Vitess prints without backticks. */
const plainName = /^[a-z_$][\w$]*$/i;

const unsupported = (what: string): VitessError => new VitessError('UNIMPLEMENTED', `VT12001: unsupported: ${what}`);

const wrongType = (name: string, type: string): VitessError =>
  new VitessError(
    'INVALID_ARGUMENT',
    `incorrect argument type to variable '${name}': ${type}`,
    states.wrongTypeForVariable,
  );

const wrongValue = (name: string, value: string): VitessError =>
  new VitessError('INVALID_ARGUMENT', `invalid ${name}: ${value}`, states.wrongValueForVariable);

/** The text of real vtgate, whose format has a verb without its argument. */
const unsupportedDefault = (name: string): VitessError =>
  unsupported(`DEFAULT for @@%s%!(EXTRA sqlparser.IdentifierCI=${name})`);

const isDefault = ({ valueKind, valueText }: SetAssignment): boolean =>
  valueKind === 'literal' && valueText.toLowerCase() === 'default';

function truth(assignment: SetAssignment): boolean {
  const text = assignment.valueText.toLowerCase();
  if (text === '1' || text === 'on' || text === 'true') return true;
  if (text === '0' || text === 'off' || text === 'false') return false;
  // Recorded by hand: real vtgate panics, of which a client sees the closed connection.
  if (text === 'null' && assignment.valueKind === 'literal') throw new DropConnectionError('a switch set to NULL');
  const shown = isNumber(text) ? text : `'${assignment.valueText}'`;
  throw new VitessError(
    'INVALID_ARGUMENT',
    `variable '${assignment.name}' can't be set to the value: ${shown} is not a boolean`,
    states.wrongValueForVariable,
  );
}

const isNumber = (text: string): boolean => /^-?\d+$/.test(text);

/** The value of a variable that takes a text. */
function textValue({ name, valueText }: SetAssignment): string {
  if (isNumber(valueText)) throw wrongType(name, 'INT64');
  return valueText;
}

function wholeNumber(assignment: SetAssignment): bigint {
  if (!isNumber(assignment.valueText)) throw wrongType(assignment.name, 'VARCHAR');
  const value = BigInt(assignment.valueText);
  if (value > 9_223_372_036_854_775_807n) {
    throw new VitessError('INVALID_ARGUMENT', `cannot parse int64 from "${assignment.valueText}": overflow`);
  }
  return value;
}

/** go/vt/schema/ddl_strategy.go. */
const ddlStrategies = new Set(['', 'direct', 'vitess', 'online', 'mysql']);

/** Sets a variable that vtgate itself gives a meaning. Returns true when an open transaction is to be committed. */
export function setInGateway(session: GatewaySession, assignment: SetAssignment): boolean {
  const { name, valueText } = assignment;
  switch (name) {
    case 'autocommit': {
      const on = isDefault(assignment) || truth(assignment);
      const commits = on && !session.autocommit && session.inTransaction;
      session.autocommit = on;
      return commits;
    }
    case 'workload': {
      const workload = textValue(assignment).toUpperCase();
      if (!Object.hasOwn(workloads, workload)) throw wrongValue('workload', valueText);
      session.workload = workload as Workload;
      session.options = { ...session.options, workload: workloads[session.workload] };
      return false;
    }
    case 'transaction_mode': {
      const mode = textValue(assignment).toUpperCase();
      if (!['SINGLE', 'MULTI', 'TWOPC', 'UNSPECIFIED'].includes(mode)) throw wrongValue('transaction_mode', valueText);
      session.transactionMode = mode;
      return false;
    }
    case 'sql_select_limit': {
      const limit = isDefault(assignment) ? 0n : wholeNumber(assignment);
      session.options = { ...session.options, sqlSelectLimit: limit };
      return false;
    }
    case 'client_found_rows': {
      const on = !isDefault(assignment) && truth(assignment);
      session.options = { ...session.options, clientFoundRows: on };
      return false;
    }
    case 'skip_query_plan_cache': {
      const on = !isDefault(assignment) && truth(assignment);
      session.options = { ...session.options, skipQueryPlanCache: on };
      return false;
    }
    case 'enable_system_settings':
      session.takesSettings = isDefault(assignment) || truth(assignment);
      return false;
    case 'query_timeout':
      session.queryTimeoutMs = Number(wholeNumber(assignment));
      return false;
    case 'ddl_strategy':
      if (!ddlStrategies.has(textValue(assignment).trim().split(/\s+/)[0]?.toLowerCase() ?? '')) {
        throw new VitessError('INVALID_ARGUMENT', `invalid DDL strategy: ${valueText}`, states.wrongValueForVariable);
      }
      session.ddlStrategy = valueText;
      return false;
    case 'migration_context':
    case 'session_track_gtids':
    case 'transaction_timeout':
    case 'read_after_write_gtid':
    case 'read_after_write_timeout':
      session.gatewayVariables.set(name, valueText);
      return false;
    default:
      return false;
  }
}

/** Character sets that vtgate lets a client name; text is UTF-8 on every connection to MySQL. */
const knownCharsets = new Set(['utf8mb4', 'utf8', 'latin1', 'default']);

const isolationLevels = new Set(['READ UNCOMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE']);

function isolation({ valueText }: SetAssignment): ConnectionVariable {
  const level = valueText.toUpperCase().replaceAll('-', ' ').replace(/\s+/g, ' ');
  if (!isolationLevels.has(level)) throw wrongValue('transaction isolation', valueText);
  return { name: 'transaction_isolation', value: `'${level.replaceAll(' ', '-')}'` };
}

/** A value as it goes to MySQL: bare words are strings, ON and OFF are 1 and 0 (go/vt/vtgate/planbuilder/set.go). */
function connectionValue(name: string, text: string): string {
  const bare = /^[a-z_][\w$]*$/i.test(text) && !/^(?:true|false|null)$/i.test(text);
  const word = bare ? text : isBooleanVariable(name) ? (/^(['"])(.*)\1$/s.exec(text)?.[2] ?? '') : '';
  if (/^on$/i.test(word)) return '1';
  if (/^off$/i.test(word)) return '0';
  const value = bare ? `'${text}'` : text;
  return /^t(?:x|ransaction)_isolation$/.test(name) ? value.toUpperCase() : value;
}

/**
 * Reads the assignments of a SET and says what is to be done. Throws VitessError with vtgate's text for the first fault;
 * nothing has been changed then.
 *
 * `username` names the caller in refusals, `mayMetadata` lets it set `@@vitess_metadata`; `sql` is the statement's text, from which values are taken as written.
 */
export function planSet(
  sql: string,
  assignments: readonly SetAssignment[],
  username: string,
  mayMetadata = false,
): SetPlan {
  const gateway: SetAssignment[] = [];
  const connection: ConnectionVariable[] = [];
  const userVariables: string[] = [];
  const named: string[] = [];
  const warnings: string[] = [];
  const metadata: SetAssignment[] = [];
  for (const assignment of assignments) {
    const { scope, name, start, end } = assignment;
    const value = sql.slice(start, end);
    switch (scope) {
      case 'user':
        named.push(name.toLowerCase());
        userVariables.push(`@\`${name.replaceAll('`', '``')}\` = ${value}`);
        break;
      case 'global':
      case 'persist':
        // Recorded: real vtgate answers OK and changes nothing.
        break;
      case 'vitess':
        if (mayMetadata) {
          metadata.push(assignment);
          break;
        }
        throw new VitessError(
          'PERMISSION_DENIED',
          `User '${username}' not authorized to perform vitess metadata operations`,
          states.accessDenied,
        );
      case 'names':
      case 'charset':
        if (!knownCharsets.has(assignment.valueText.toLowerCase())) {
          throw new VitessError('UNIMPLEMENTED', `charset/name ${assignment.valueText} is not supported`);
        }
        break;
      case 'transaction':
        if (assignment.transactionScope === 'global') break;
        if (name === 'isolation') connection.push(isolation(assignment));
        if (assignment.transactionScope === 'next')
          warnings.push("converted 'next transaction' scope to 'session' scope");
        break;
      case 'session': {
        switch (variableTreatment(name)) {
          case 'gateway':
            if (isDefault(assignment) && !hasDefault(name)) throw unsupported(`DEFAULT for @@${name}`);
            gateway.push(assignment);
            break;
          case 'ignored':
            if (isDefault(assignment)) throw unsupportedDefault(name);
            break;
          case 'connection':
            if (isDefault(assignment)) throw unsupportedDefault(name);
            connection.push({ name, value: connectionValue(name, value) });
            break;
          case 'read-only':
            throw new VitessError(
              'FAILED_PRECONDITION',
              `VT03010: variable '${name}' is a read only variable`,
              states.readOnlyVariable,
            );
          case 'unsupported':
            throw unsupported(`system setting: ${name}`);
          case 'unknown':
            throw new VitessError(
              'NOT_FOUND',
              `VT05006: unknown system variable '@@${plainName.test(name) ? name : `\`${name}\``} = ${value}'`,
              states.unknownSystemVariable,
            );
        }
      }
    }
  }
  const onConnection = userVariables.length === 0 ? null : `set ${userVariables.join(', ')}`;
  return { gateway, connection, onConnection, metadata, userVariables: named, warnings };
}

/** Modes that vtgate does not let a session turn on (go/vt/vtgate/engine/set.go). */
const refusedModes = new Set(['ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES', 'PIPES_AS_CONCAT', 'REAL_AS_FLOAT']);

const modesOf = (text: string): Set<string> => new Set(text.toUpperCase().split(','));

/** The question by which a tablet says whether a variable would change, and to what. */
export const changeQuestion = ({ name, value }: ConnectionVariable): string =>
  name === 'sql_mode' ? `select @@${name} orig, ${value} new` : `select ${value} from dual where @@${name} != ${value}`;

/** The value that the answer to `changeQuestion` stands for, as SQL text; null when nothing changes. */
export function changedValue(name: string, answer: StatementResult): string | null {
  const row = answer.rows[0];
  if (row === undefined) return null;
  const texts = rowTexts(row);
  if (name === 'sql_mode') {
    const [before, after] = [modesOf(texts[0] ?? ''), modesOf(texts[1] ?? '')];
    if (before.size === after.size && [...after].every((mode) => before.has(mode))) return null;
    const refused = [...after].findLast((mode) => refusedModes.has(mode));
    if (refused !== undefined) throw new VitessError('UNIMPLEMENTED', `setting the ${refused} sql_mode is unsupported`);
  }
  const value = texts[name === 'sql_mode' ? 1 : 0];
  if (value === null || value === undefined) return 'null';
  const type = answer.fields[0]?.type ?? columnTypes.text;
  const isNumber = name !== 'sql_mode' && (type & (integral | floating)) !== 0;
  return isNumber ? value : stringLiteral(value);
}

/** query.Flag: ISINTEGRAL and ISFLOAT. */
const integral = 256;
const floating = 1024;
