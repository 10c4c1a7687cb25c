import { queryMethods, vitessMethods } from '../../../src-main/servers/rpc';
import type { SentCall } from './http2-session';
import { forbidden } from './target';

type AnyMethod = { readonly path: string; readonly request: { encode(message: never): Uint8Array } };

/** A call with everything that a real one carries; `extra` are its credentials. */
function call(method: AnyMethod, message: object, extra: SentCall['headers']): SentCall {
  return {
    headers: [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', method.path],
      [':authority', 'localhost'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
      ['grpc-timeout', '5S'],
      ['user-agent', 'fuzz'],
      ...extra,
    ],
    message: Buffer.from(method.request.encode(message as never)),
  };
}

const target = { keyspace: 'commerce', shard: '0', tabletType: 1 };
const caller = { principal: 'alice', component: 'c', subcomponent: 's', groups: ['g'] };
const query = (sql: string) => ({
  sql,
  bindVariables: {
    a: { type: 265, value: Buffer.from('1') },
    list: {
      type: 28,
      values: [
        { type: 265, value: Buffer.from('1') },
        { type: 6165, value: Buffer.from('x') },
      ],
    },
  },
});
const readsQuery = 'select id, name from goods where id = :a or name in ::list';

/** Calls to a tablet, with what they do: read, or write what nobody may without a password. */
export function tabletCalls(credentials: SentCall['headers'], writes: boolean): SentCall[] {
  const sql = writes ? forbidden : readsQuery;
  const ids = { effectiveCallerId: caller, immediateCallerId: { username: 'alice', groups: [] }, target };
  const asked = { ...ids, query: query(sql), options: { includedFields: 2, workload: 1 } };
  const m = queryMethods;
  const made: [AnyMethod, object][] = [
    [m.Execute, asked],
    [m.StreamExecute, asked],
    [m.BeginExecute, { ...asked, preQueries: ['set sql_mode = default'] }],
    [m.ReserveExecute, { ...asked, preQueries: ['set sql_mode = default'] }],
    [m.Begin, ids],
    [m.Commit, { ...ids, transactionId: 3n }],
    [m.Rollback, { ...ids, transactionId: 4n }],
    [m.Execute, { ...asked, transactionId: 5n, reservedId: 6n }],
    [m.StreamHealth, {}],
    [m.GetSchema, { target, tableType: 0, tableNames: ['goods'] }],
  ];
  return made.map(([method, message]) => call(method, message, credentials));
}

/** Calls to a gateway. */
export function gatewayCalls(credentials: SentCall['headers'], writes: boolean): SentCall[] {
  const sql = writes ? forbidden : readsQuery;
  const session = { autocommit: true, targetString: 'commerce:0@primary', options: { workload: 1 } };
  const asked = { callerId: caller, session, query: query(sql) };
  const m = vitessMethods;
  const made: [AnyMethod, object][] = [
    [m.Execute, asked],
    [m.StreamExecute, asked],
    [m.ExecuteMulti, { callerId: caller, session, sql: `${sql.replace(/where.*/, '')}; select 1` }],
    [m.ExecuteBatch, { callerId: caller, session, queries: [query(sql), query('select 1')] }],
    [m.Prepare, asked],
    [m.CloseSession, { callerId: caller, session }],
    [m.VStream, { callerId: caller, tabletType: 1 }],
  ];
  return made.map(([method, message]) => call(method, message, credentials));
}
