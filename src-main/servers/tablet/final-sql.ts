import { overwriteBlanks, type PlanName } from '../../domain/sql';
import type { query } from '../rpc';
import { fill, substitute, type BindVariables } from './bind-variables';
import type { ExecutablePlan, Plans } from './plans';
import type { TabletRequest } from './tablet-request';

const selectPlans: readonly PlanName[] = ['Select', 'SelectImpossible', 'SelectLockFunc'];

/** Plans whose statements end in a limit of rows. */
const limitedPlans: ReadonlySet<PlanName> = new Set([...selectPlans, 'UpdateLimit', 'DeleteLimit']);

/** Plans whose statements are printed anew. */
const printedPlans: ReadonlySet<PlanName> = new Set([
  ...limitedPlans,
  'Insert',
  'Update',
  'Delete',
  'CallProcedure',
  'SelectStream',
  'Show',
]);

/** vtgate asks by a variable to have the name of the database put into queries of information_schema. */
const withDatabase = (variables: BindVariables, database: string): BindVariables =>
  Object.hasOwn(variables, '__replacevtschemaname')
    ? {
        ...variables,
        __vtschemaname: { type: VARCHAR, value: Buffer.from(database), values: [] } as query.BindVariable,
      }
    : variables;

const VARCHAR = 6165;

/** What goes to MySQL and what the query log shows of it: the same, unless the statement goes as it came. */
export interface FinalSql {
  readonly sql: string;
  readonly shown: string;
}

/**
 * The text of a statement for MySQL, with its bind variables filled in and a limit of `maxRows` and one where its plan has
 * one (go/vt/vttablet/tabletserver/query_executor.go, generateFinalSQL). Throws VtError.
 */
export function finalSql(
  plans: Plans,
  database: string,
  request: TabletRequest,
  plan: ExecutablePlan,
  maxRows: number,
): FinalSql {
  const variables = withDatabase(request.variables, database);
  const limited = limitedPlans.has(plan.name) && Number.isFinite(maxRows);
  if (limited || (plan.name === 'Show' && Number.isFinite(maxRows))) request.maxLimit = maxRows + 1;
  const printed = printedPlans.has(plan.name) ? plans.printed(request.sql, limited) : null;
  if (printed !== null) {
    const sql = fill(printed, variables, maxRows + 1);
    return { sql, shown: sql };
  }
  // Versioned comments that were read as blank must be blank for MySQL too: it gets what was checked.
  const text = overwriteBlanks(request.sql, plans.read(request.sql).blanks);
  const sql = substitute(text, variables);
  return { sql, shown: sql === text ? sql : substitute(text, variables, 'log') };
}
