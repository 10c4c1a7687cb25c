import { createConnection } from 'mysql2/promise';
import { grpcGoCodeName, vtCodeName } from '../../../../src-main/domain/kernel';
import { GrpcStatusError, queryMethods, type GrpcClient } from '../../../../src-main/servers/rpc';
import type { Caller, RecordedCase } from './recorded';

/** An answer in the words of the recording. */
export interface Seen {
  readonly ok?: true;
  readonly rows?: number;
  readonly affected?: number;
  readonly errno?: number;
  readonly sqlstate?: string;
  readonly code?: string;
  readonly message?: string;
  readonly closed?: true;
}

/** Longest wait for an answer, in milliseconds. */
const patience = 20_000;

function refused(error: unknown): Seen {
  const { errno, sqlState, sqlMessage, code, message } = error as {
    errno?: number;
    sqlState?: string;
    sqlMessage?: string;
    code?: string;
    message: string;
  };
  if (sqlMessage === undefined || sqlState === undefined)
    return /closed|ECONNRESET|lost/i.test(`${code ?? ''} ${message}`) ? { closed: true } : { message };
  return { errno: errno ?? 0, sqlstate: sqlState.replace('#', ''), message: sqlMessage };
}

function answered(result: unknown, several: boolean): Seen {
  const first: unknown = several && Array.isArray(result) && !isRow(result) ? result[0] : result;
  if (Array.isArray(first)) return { ok: true, rows: first.length, affected: 0 };
  return { ok: true, rows: 0, affected: (first as { affectedRows?: number }).affectedRows ?? 0 };
}

const isRow = (result: readonly unknown[]): boolean => result.every((one) => !Array.isArray(one) && !isHeader(one));
const isHeader = (one: unknown): boolean => typeof one === 'object' && one !== null && 'affectedRows' in one;

/** Asks a gateway over MySQL, on a connection of its own. */
export async function askGateway(port: number, caller: Caller, one: RecordedCase): Promise<Seen> {
  const several = one.transport === 'gate-multi';
  try {
    const client = await createConnection({
      host: '127.0.0.1',
      port,
      user: caller.login,
      password: 'pw',
      database: 'commerce',
      connectTimeout: patience,
      multipleStatements: several,
    });
    client.on('error', () => undefined);
    try {
      if (one.transport === 'gate-olap') await client.query("set workload='olap'");
      for (const statement of one.setup ?? []) await client.query(statement).catch(() => undefined);
      if (one.transport === 'gate-prepared') {
        const prepared = await client.prepare(one.sql);
        const [result] = await prepared.execute([...(one.args ?? [])]);
        return answered(result, false);
      }
      const [result] = await client.query({ sql: one.sql, timeout: patience });
      return answered(result, several || Array.isArray((result as unknown[])[0]));
    } finally {
      client.destroy();
    }
  } catch (error) {
    return refused(error);
  }
}

const target = { keyspace: 'commerce', shard: '0', tabletType: 1 };

/** Asks a tablet by the RPC that the case names. */
export async function askTablet(client: GrpcClient, caller: Caller, one: RecordedCase): Promise<Seen> {
  const asked = caller.name === 'none' ? {} : callerIds(caller);
  const message = { target, query: { sql: one.sql }, options: {}, ...asked };
  const inBand = (error: { code: number; message: string }): Seen => ({
    code: `in-band ${vtCodeName(error.code)}`,
    message: error.message,
  });
  try {
    if (one.transport === 'tablet-stream') {
      let rows = 0;
      for await (const { result } of client.stream(queryMethods.StreamExecute, message))
        rows += result?.rows.length ?? 0;
      return { ok: true, rows };
    }
    if (one.transport === 'tablet-begin') {
      const { error, transactionId, result } = await client.unary(queryMethods.BeginExecute, message);
      if (transactionId !== 0n) await client.unary(queryMethods.Rollback, { ...message, transactionId });
      return error === null ? counted(result) : inBand(error);
    }
    if (one.transport === 'tablet-reserve') {
      const request = { ...message, preQueries: [...(one.preQueries ?? [])] };
      const { error, reservedId, result } = await client.unary(queryMethods.ReserveExecute, request);
      if (reservedId !== 0n) await client.unary(queryMethods.Release, { ...message, reservedId });
      return error === null ? counted(result) : inBand(error);
    }
    const { result } = await client.unary(queryMethods.Execute, message, { deadlineMs: patience });
    return counted(result);
  } catch (error) {
    if (!(error instanceof GrpcStatusError)) throw error;
    return { code: grpcGoCodeName(vtCodeName(error.code)), message: error.message };
  }
}

const callerIds = ({ user, groups, login }: Caller) => ({
  immediateCallerId: { username: user, groups },
  effectiveCallerId: { principal: login },
});

const counted = (result: { readonly rows: readonly unknown[]; readonly rowsAffected: bigint } | null): Seen => ({
  ok: true,
  rows: result?.rows.length ?? 0,
  affected: Number(result?.rowsAffected ?? 0n),
});
