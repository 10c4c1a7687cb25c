import type { SetAssignment } from '../../domain/sql';
import { workloads, type GatewaySession, type Workload } from './session';
import { variableTreatment } from './system-variables';
import { states, VitessError } from './vitess-error';

/** What is left to do after the session took over its part of a SET. */
export interface SetOutcome {
  /** autocommit went from off to on: the open transaction is to be committed. */
  readonly commits: boolean;
  /** User variables are set on the session's own MySQL connection: the statement that does it, or null. */
  readonly onConnection: string | null;
  /** The settings of the connection changed. */
  readonly settingsChanged: boolean;
}

const unsupported = (what: string): VitessError => new VitessError('UNIMPLEMENTED', `VT12001: unsupported: ${what}`);

const wrongType = (name: string, type: string): VitessError =>
  new VitessError(
    'INVALID_ARGUMENT',
    `incorrect argument type to variable '${name}': ${type}`,
    states.wrongTypeForVariable,
  );

const wrongValue = (name: string, value: string): VitessError =>
  new VitessError('INVALID_ARGUMENT', `invalid ${name}: ${value}`, states.wrongValueForVariable);

const isDefault = ({ valueKind, valueText }: SetAssignment): boolean =>
  valueKind === 'literal' && valueText.toLowerCase() === 'default';

function truth(assignment: SetAssignment): boolean {
  const text = assignment.valueText.toLowerCase();
  if (text === '1' || text === 'on' || text === 'true') return true;
  if (text === '0' || text === 'off' || text === 'false') return false;
  throw new VitessError(
    'INVALID_ARGUMENT',
    `variable '${assignment.name}' can't be set to the value: '${assignment.valueText}' is not a boolean`,
    states.wrongValueForVariable,
  );
}

function wholeNumber(assignment: SetAssignment): bigint {
  if (!/^-?\d+$/.test(assignment.valueText)) throw wrongType(assignment.name, 'VARCHAR');
  const value = BigInt(assignment.valueText);
  if (value > 9_223_372_036_854_775_807n) {
    throw new VitessError('INVALID_ARGUMENT', `cannot parse int64 from "${assignment.valueText}": overflow`);
  }
  return value;
}

/** Variables that vtgate itself gives a meaning. Returns true when an open transaction is to be committed. */
function setInGateway(session: GatewaySession, assignment: SetAssignment): boolean {
  const { name, valueText } = assignment;
  switch (name) {
    case 'autocommit': {
      const on = isDefault(assignment) || truth(assignment);
      const commits = on && !session.autocommit && session.inTransaction;
      session.autocommit = on;
      return commits;
    }
    case 'workload': {
      if (isDefault(assignment)) throw unsupported('DEFAULT for @@workload');
      const workload = valueText.toUpperCase();
      if (!Object.hasOwn(workloads, workload)) throw wrongValue('workload', valueText);
      session.workload = workload as Workload;
      session.options = { ...session.options, workload: workloads[session.workload] };
      return false;
    }
    case 'transaction_mode': {
      const mode = valueText.toUpperCase();
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
    case 'query_timeout':
      session.queryTimeoutMs = isDefault(assignment) ? 0 : Number(wholeNumber(assignment));
      return false;
    case 'ddl_strategy':
      session.ddlStrategy = valueText;
      return false;
    default:
      return false;
  }
}

/** Character sets that vtgate lets a client name; text is UTF-8 on every connection to MySQL. */
const knownCharsets = new Set(['utf8mb4', 'utf8', 'latin1', 'default']);

const isolationLevels = new Set(['READ UNCOMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE']);

function setTransaction(session: GatewaySession, { name, valueText, transactionScope }: SetAssignment): boolean {
  if (transactionScope === 'global') return false;
  if (name !== 'isolation') return false;
  const level = valueText.toUpperCase().replaceAll('-', ' ').replace(/\s+/g, ' ');
  if (!isolationLevels.has(level)) throw wrongValue('transaction isolation', valueText);
  session.systemVariables.set('transaction_isolation', `'${level.replaceAll(' ', '-')}'`);
  return true;
}

/**
 * Takes over the assignments of a SET: what lives in the gateway is set, what lives on the MySQL connection is noted
 * in `session.systemVariables`, user variables are left for the session's own connection. Throws VitessError with
 * vtgate's text; nothing is changed in the session before the first fault.
 *
 * `username` names the caller in refusals; `sql` is the statement's text, from which values are taken as written.
 */
export function applySet(
  session: GatewaySession,
  sql: string,
  assignments: readonly SetAssignment[],
  username: string,
): SetOutcome {
  let commits = false;
  let settingsChanged = false;
  const userVariables: string[] = [];
  for (const assignment of assignments) {
    const { scope, name, start, end } = assignment;
    const value = sql.slice(start, end);
    switch (scope) {
      case 'user':
        userVariables.push(`@\`${name.replaceAll('`', '``')}\` = ${value}`);
        break;
      case 'global':
      case 'persist':
        // Recorded: real vtgate answers OK and changes nothing.
        break;
      case 'vitess':
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
        if (setTransaction(session, assignment)) settingsChanged = true;
        break;
      case 'session': {
        const shown = `@@${name} = ${value}`;
        switch (variableTreatment(name)) {
          case 'gateway':
            if (setInGateway(session, assignment)) commits = true;
            break;
          case 'ignored':
            if (isDefault(assignment)) throw unsupported(`DEFAULT for @@${name}`);
            break;
          case 'connection':
            if (isDefault(assignment)) throw unsupported(`DEFAULT for @@${name}`);
            session.systemVariables.set(name, value);
            settingsChanged = true;
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
              `VT05006: unknown system variable '${shown}'`,
              states.unknownSystemVariable,
            );
        }
      }
    }
  }
  const onConnection = userVariables.length === 0 ? null : `set ${userVariables.join(', ')}`;
  return { commits, onConnection, settingsChanged };
}
