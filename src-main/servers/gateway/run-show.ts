import { anyServing, type Forwarder } from './forwarder';
import {
  dressShow,
  gtidQuery,
  printedShow,
  showLocally,
  tableList,
  vschemaTablesOf,
  withoutDatabase,
} from './show-statement';
import type { StatementCall, StatementOutcome } from './statement-call';
import type { StatementPlan } from './statement-plan';
import { parseTarget } from './target';
import { begin } from './transactions';
import type { Vschema } from './vschema';

/** The tables of a keyspace as vtgate follows them, and those that ALTER VSCHEMA has named. */
async function tablesOf({ router }: Forwarder, vschema: Vschema, keyspace: string): Promise<readonly string[]> {
  const link = router.route(anyServing({ ...parseTarget(keyspace), type: 'primary' }));
  const followed = await link.schema.followed();
  return [...new Set([...followed, ...vschema.tablesOf(keyspace)])].sort();
}

/** Runs SHOW: answers what vtgate knows itself and forwards the rest, with its own words in the answer. Throws VitessError. */
export async function runShow(
  forwarder: Forwarder,
  vschema: Vschema,
  call: StatementCall,
  plan: StatementPlan,
): Promise<StatementOutcome> {
  const { router } = forwarder;
  const { session, sql } = call;
  const keyspaceShown = vschemaTablesOf(sql, router, session.target);
  const tables = keyspaceShown === null ? null : await tablesOf(forwarder, vschema, keyspaceShown);
  const local = tables === null ? showLocally(sql, session, router, vschema) : tableList(tables);
  if (local !== null) {
    session.rowCount = -1n;
    return local;
  }
  const gtid = gtidQuery(sql, router, router.keyspaceOf(session.target));
  if (!session.autocommit && !session.inTransaction) begin(session, []);
  const { sql: text, keyspace } = gtid ?? printedShow(withoutDatabase(sql, router), router);
  const result = await forwarder.forward(
    { ...call, sql: text, stream: undefined },
    plan,
    true,
    false,
    keyspace,
    text !== sql,
  );
  session.rowCount = -1n;
  const named = keyspace ?? router.keyspaceOf(session.target);
  return dressShow(sql, result, named, session, forwarder.serverVersion);
}
