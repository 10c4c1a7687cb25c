import type { Connection as Core } from 'mysql2';
import { createConnection, type Connection } from 'mysql2/promise';
import { grpcGoCodeName, vtCodeName } from '../../../../src-main/domain/kernel';
import { GrpcStatusError, queryMethods, type GrpcClient } from '../../../../src-main/servers/rpc';
import type { Gateway } from '../../../../src-main/servers/gateway';
import type { Caller, RecordedCase } from './recorded';

/** An answer in the words of the recording. */
export interface Seen {
  readonly ok?: true | 'empty response';
  readonly rows?: number;
  readonly affected?: number;
  readonly insertId?: number;
  readonly columns?: readonly string[];
  readonly errno?: number;
  readonly sqlstate?: string;
  readonly code?: string;
  readonly message?: string;
  readonly closed?: true;
  /** The step of a prepared statement that failed. */
  readonly at?: 'prepare' | 'execute';
  readonly furtherResults?: number;
  readonly setupError?: string;
}

/** Longest wait for an answer, in milliseconds. */
const patience = 20_000;

interface Failure {
  readonly errno?: number;
  readonly sqlState?: string;
  readonly sqlMessage?: string;
  readonly code?: string;
  readonly message: string;
}

const isAnswer = (error: unknown): error is Required<Failure> =>
  (error as Failure).sqlMessage !== undefined && (error as Failure).sqlState !== undefined;

function refused(error: unknown): Seen {
  const { code, message } = error as Failure;
  if (!isAnswer(error))
    return /closed|ECONNRESET|lost/i.test(`${code ?? ''} ${message}`) ? { closed: true } : { message };
  return { errno: error.errno, sqlstate: error.sqlState.replace('#', ''), message: error.sqlMessage };
}

/** A server's error as Go's MySQL client prints it. */
const inGo = ({ errno, sqlState, sqlMessage }: Required<Failure>): string =>
  `${sqlMessage} (errno ${errno}) (sqlstate ${sqlState.replace('#', '')})`;

interface Result {
  readonly columns: readonly string[] | null;
  rows: number;
  header: { readonly affectedRows: number; readonly insertId: number } | null;
}

/** Sends one COM_QUERY and gathers every result of it up to the one that fails. */
async function query(client: Connection, sql: string): Promise<{ results: Result[]; failure: unknown }> {
  const results: Result[] = [];
  let failure: unknown = null;
  await new Promise<void>((resolve) => {
    const fail = (error: unknown): void => {
      failure ??= error;
      resolve();
    };
    client.once('error', fail);
    const command = (client as unknown as { connection: Core }).connection.query({ sql, timeout: patience });
    command.on('fields', (fields: readonly { readonly name: string }[] | undefined) => {
      results.push({ columns: fields?.map(({ name }) => name) ?? null, rows: 0, header: null });
    });
    command.on('result', (row: unknown) => {
      const last = results.at(-1);
      if (last === undefined) return;
      if (last.columns === null) last.header = row as Result['header'];
      else last.rows += 1;
    });
    command.on('error', fail);
    command.on('end', () => resolve());
  });
  return { results, failure };
}

function answered([first, ...further]: readonly Result[], failure: unknown): Seen {
  if (first === undefined) return failure === null ? { message: 'no answer' } : refused(failure);
  const many = further.length + (failure === null ? 0 : 1);
  if (failure !== null && !isAnswer(failure)) return refused(failure);
  return {
    ok: true,
    rows: first.rows,
    affected: first.header?.affectedRows ?? 0,
    insertId: first.header?.insertId ?? 0,
    ...(first.columns === null ? {} : { columns: first.columns }),
    ...(many === 0 ? {} : { furtherResults: many }),
    ...(failure === null ? {} : { message: `later result: ${inGo(failure)}` }),
  };
}

/** Statements that leave nothing in a session, so that the next one of its caller may use its connection. */
const traceless =
  /^\s*(?:select|show|explain|insert|update|delete|replace)\b(?![^]*(?:[@;/#]|--|\block|_id\b|found_rows|row_count|\binto\b[^(]*outfile))/i;

/** The MySQL side of one gateway. */
export class Entrance {
  readonly #idle = new Map<string, Connection[]>();
  #busy = 0;

  constructor(
    private readonly port: number,
    private readonly gateway: Gateway,
  ) {}

  /** Asks as the recording did, on a connection of its own or on one that cannot tell the difference. */
  async ask(caller: Caller, one: RecordedCase): Promise<Seen> {
    const shares = (one.transport === undefined || one.transport === 'gate') && traceless.test(one.sql);
    const keeps = shares && (one.setup ?? []).length === 0;
    this.#busy += 1;
    let client: Connection | null = null;
    try {
      client = (keeps ? this.#idle.get(caller.name)?.pop() : undefined) ?? (await this.#connect(caller));
      const seen = await askOn(client, one);
      if (keeps && (seen.ok !== undefined || seen.errno !== undefined)) {
        const idle = this.#idle.get(caller.name) ?? [];
        this.#idle.set(caller.name, [...idle, client]);
        client = null;
      }
      return seen;
    } catch (error) {
      return refused(error);
    } finally {
      client?.destroy();
      this.#busy -= 1;
    }
  }

  /** Settles when the gateway has no connections but those that are kept or in use here. */
  async quiet(): Promise<void> {
    const kept = (): number => [...this.#idle.values()].reduce((sum, { length }) => sum + length, this.#busy);
    while (this.gateway.stats.mysqlConnections > kept()) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  close(): void {
    for (const clients of this.#idle.values()) for (const client of clients) client.destroy();
    this.#idle.clear();
  }

  async #connect(caller: Caller): Promise<Connection> {
    const client = await createConnection({
      host: '127.0.0.1',
      port: this.port,
      user: caller.login,
      password: 'pw',
      database: 'commerce',
      connectTimeout: patience,
      // The client of the recordings always has the capability.
      multipleStatements: true,
    });
    client.on('error', () => undefined);
    return client;
  }
}

async function askOn(client: Connection, one: RecordedCase): Promise<Seen> {
  if (one.transport === 'gate-olap') await client.query("set workload='olap'");
  let setupError: string | undefined;
  for (const statement of one.setup ?? []) {
    const { failure } = await query(client, statement);
    if (isFailure(failure)) setupError = `${inGo(failure)} during query: ${statement}`;
  }
  const seen = one.transport === 'gate-prepared' ? await askPrepared(client, one) : await askText(client, one.sql);
  return setupError === undefined ? seen : { ...seen, setupError };
}

const isFailure = (failure: unknown): failure is Required<Failure> => failure !== null && isAnswer(failure);

async function askText(client: Connection, sql: string): Promise<Seen> {
  const { results, failure } = await query(client, sql);
  return answered(results, failure);
}

async function askPrepared(client: Connection, { sql, args = [] }: RecordedCase): Promise<Seen> {
  let at: 'prepare' | 'execute' = 'prepare';
  try {
    const prepared = await client.prepare(sql);
    at = 'execute';
    // Go's client looks before it sends.
    const { parameters } = (prepared as unknown as { statement: { parameters: readonly unknown[] } }).statement;
    if (parameters.length !== args.length)
      return { at, message: `client: sql: expected ${parameters.length} arguments, got ${args.length}` };
    const [result, fields] = await prepared.execute([...args]);
    if (!Array.isArray(result)) return { ok: true, rows: 0, affected: result.affectedRows, insertId: result.insertId };
    const columns = (fields as readonly { readonly name: string }[]).map(({ name }) => name);
    return { ok: true, rows: result.length, affected: 0, insertId: 0, columns };
  } catch (error) {
    return { ...refused(error), at };
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
      let any = false;
      for await (const { result } of client.stream(queryMethods.StreamExecute, message)) {
        any ||= result !== null;
        rows += result?.rows.length ?? 0;
      }
      return any ? { ok: true, rows, affected: 0 } : { ok: 'empty response' };
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

function counted(
  result: {
    readonly fields: readonly { readonly name: string }[];
    readonly rows: readonly unknown[];
    readonly rowsAffected: bigint;
    readonly insertId: bigint;
  } | null,
): Seen {
  if (result === null) return { ok: 'empty response' };
  const { fields, rows, rowsAffected, insertId } = result;
  const columns = fields.map(({ name }) => name);
  return { ok: true, rows: rows.length, affected: Number(rowsAffected), insertId: Number(insertId), columns };
}
