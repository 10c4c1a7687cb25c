import type { FakeCall } from './fake-tablet';
import { mapValues, type Json } from './messages';

/** One RPC as recorded: request, then a response, responses, or a status. */
export interface RecordedRpc {
  readonly rpc: string;
  readonly kind: string;
  readonly request: Json;
  readonly response?: Json;
  readonly responses?: readonly Json[];
  readonly status?: readonly [string, string];
}

/** A case of part gatewayRequests. */
export interface SessionCase {
  readonly id: string;
  readonly part: 'gatewayRequests';
  /** Position in one session; absent for what happens before any client comes. */
  readonly order?: number;
  readonly action: string;
  readonly client?: unknown;
  readonly rpcs: readonly RecordedRpc[];
}

/** What the client does in one case. */
export type Action =
  | { readonly do: 'login' }
  | { readonly do: 'close'; readonly inTransaction: boolean }
  | { readonly do: 'query'; readonly sql: string; readonly foundRows: boolean }
  | { readonly do: 'prepared'; readonly sql: string; readonly parameters: readonly (string | null)[] };

/** The described actions; everything else is SQL. */
export function actionOf(action: string): Action {
  if (/^login\b/.test(action)) return { do: 'login' };
  if (/^close connection\b/.test(action)) return { do: 'close', inTransaction: action.includes('open transaction') };
  const prepared = /^COM_STMT_PREPARE \+ EXECUTE ([\s\S]*?) (\[[\s\S]*\])$/.exec(action);
  if (prepared !== null) {
    const parameters = JSON.parse(prepared[2] ?? '[]') as readonly (readonly [string, string?])[];
    return { do: 'prepared', sql: prepared[1] ?? '', parameters: parameters.map(([, value]) => value ?? null) };
  }
  const found = /^client with FOUND_ROWS: ([\s\S]*)$/.exec(action);
  return { do: 'query', sql: found?.[1] ?? action, foundRows: found !== null };
}

/** What a session must be in before a case, as far as the case's own requests tell. */
export interface Demands {
  readonly autocommit: boolean | null;
  /** `none`; `wanted`: begun, nothing sent; `open`: at the tablet; `not-open`: either of the first two. */
  readonly transaction: 'none' | 'wanted' | 'open' | 'not-open' | null;
  /** Of a transaction that is wanted: `READ_ONLY`, … in the recording's names. */
  readonly accessModes: string;
  readonly reserved: boolean | null;
  /** Values of system variables as SQL; null: does not matter. */
  readonly settings: ReadonlyMap<string, string> | null;
  readonly workload: 'OLAP' | 'OLTP' | 'DBA' | null;
  readonly workloadName: string | null;
}

const settingsOf = (text: string): Map<string, string> => {
  const found = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/(\w+) = ('(?:[^']|'')*'|[^,)\s]+)/g)) found.set(name, value);
  return found;
};

/** Reads what `rpcs` presuppose. */
export function demandsOf({ rpcs, client, action }: SessionCase): Demands {
  const first = rpcs[0];
  const status = (client as { ok?: { status?: readonly string[] } } | null | undefined)?.ok?.status;
  const autocommit = status === undefined || /autocommit/i.test(action) ? null : status.includes('AUTOCOMMIT');
  if (first === undefined)
    return {
      autocommit,
      transaction: 'not-open',
      accessModes: '',
      reserved: null,
      settings: null,
      workload: null,
      workloadName: null,
    };
  const { request } = first;
  const name = first.rpc.slice(first.rpc.lastIndexOf('/') + 1);
  const begins = name.includes('Begin');
  const options = (request['options'] ?? {}) as {
    readonly workload?: string;
    readonly WorkloadName?: string;
    readonly transaction_access_mode?: readonly string[];
  };
  const preQueries = request['pre_queries'] as readonly string[] | undefined;
  const sql = String((request['query'] as Json | undefined)?.['sql'] ?? '');
  const hints = [...sql.matchAll(/SET_VAR\((\w+) = ('[^']*'|[^)]*)\)/g)].map(
    ([, key = '', value = '']) => [key, value === "' '" ? "''" : value] as const,
  );
  const settings = preQueries !== undefined ? settingsOf(preQueries.join(', ')) : new Map(hints);
  const concludes = name === 'Commit' || name === 'Rollback' || name === 'Release';
  return {
    autocommit: begins || concludes ? null : autocommit,
    transaction: begins ? 'wanted' : request['transaction_id'] !== undefined ? 'open' : 'none',
    accessModes: (options.transaction_access_mode ?? []).join(),
    reserved: request['reserved_id'] !== undefined,
    settings: concludes || request['reserved_id'] !== undefined ? null : settings,
    workload: options.workload === undefined ? null : (options.workload as Demands['workload']),
    workloadName: concludes ? null : (options.WorkloadName ?? ''),
  };
}

/** Takes values that differ from run to run out of a message; `ids` are those given out so far. */
export function placeholders(message: unknown, ids: ReadonlySet<string>): unknown {
  return mapValues(message, (key, value) => {
    if (/^(transaction|reserved)_id$/.test(key) && typeof value === 'string') return ids.has(value) ? '{id}' : value;
    if (key === 'component' && typeof value === 'string')
      return value.replace(/^127\.0\.0\.1:\d+$/, '127.0.0.1:{port}');
    // The session's own number, and the version that a program was built from.
    if (key === '__vtsession_uuid' || key === '__vtversion_comment') return '{own}';
    return value;
  });
}

/** One call in the form of the recording. */
export const callJson = ({ rpc, request }: FakeCall, ids: ReadonlySet<string>, kind: string): Json => ({
  rpc: `queryservice.Query/${rpc}`,
  kind,
  request: placeholders(request, ids),
});
