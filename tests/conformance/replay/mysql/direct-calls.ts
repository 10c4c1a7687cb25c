import { vtCodeName } from '../../../../src-main/domain/kernel';
import {
  createGrpcClient,
  GrpcStatusError,
  queryMethods,
  type GrpcClient,
  type query,
} from '../../../../src-main/servers/rpc';
import type { Tablet } from '../../../../src-main/servers/tablet';

type Caller = { readonly username: string; readonly groups?: readonly string[] } | null;

const alice: Caller = { username: 'alice_data' };
const primary = { keyspace: 'commerce', shard: '0', tabletType: 1 };
const READ_ONLY = 2;

/** Why nothing can be reached is the client library's own text: that of the one which the recordings were made with. */
function clientText(message: string): string {
  const refused = /dial tcp ([\d.]+:\d+): connect: connection refused/.exec(message);
  if (refused === null) return message;
  return `failed to connect to all addresses; last error: UNKNOWN: ipv4:${refused[1]}: Failed to connect to remote host: Connection refused`;
}

/** A gRPC status as a client library shows it: numbers beyond the standard's are UNKNOWN. */
function status(error: unknown): unknown {
  if (!(error instanceof GrpcStatusError)) throw error;
  const known = error.code <= 16;
  const name = known ? vtCodeName(error.code) : 'UNKNOWN';
  const code = name === 'CANCELED' ? 'CANCELLED' : name;
  return { code, codeNumber: known ? error.code : 2, message: clientText(error.message) };
}

interface Head {
  readonly target?: query.ITarget | null;
  readonly immediateCallerId?: Caller;
}

/** Calls of a tablet's queryservice without a gateway, told and answered in the words of errors.json. */
export class DirectCalls {
  readonly #client: GrpcClient;
  /** The transaction that the recording speaks of. */
  transaction = 0n;
  #running: Promise<unknown> | null = null;

  constructor(tablet: Tablet) {
    this.#client = createGrpcClient({ ...tablet.address });
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** `Execute` of one statement as caller alice_data, outside any transaction. */
  async execute(
    sql: string,
    head: Head = {},
    more: Partial<query.IExecuteRequest> = {},
    deadlineMs?: number,
  ): Promise<unknown> {
    const caller = head.immediateCallerId === undefined ? alice : head.immediateCallerId;
    const target = head.target === undefined ? primary : head.target;
    try {
      const request = {
        ...(target === null ? {} : { target }),
        query: { sql },
        ...(caller === null ? {} : { immediateCallerId: caller }),
        ...more,
      };
      const { result } = await this.#client.unary(
        queryMethods.Execute,
        request,
        deadlineMs === undefined ? {} : { deadlineMs },
      );
      return { ok: true, rows: result?.rows.length ?? 0, rowsAffected: Number(result?.rowsAffected ?? 0n) };
    } catch (error) {
      return status(error);
    }
  }

  async #try(work: () => Promise<unknown>): Promise<unknown> {
    try {
      return await work();
    } catch (error) {
      return status(error);
    }
  }

  async #stream(sql: string): Promise<unknown> {
    return this.#try(async () => {
      const request = { target: primary, query: { sql }, immediateCallerId: alice };
      for await (const _part of this.#client.stream(queryMethods.StreamExecute, request));
      return { ok: true };
    });
  }

  #begin(options: query.IExecuteOptions = {}, caller: Caller = alice): Promise<unknown> {
    return this.#try(async () => {
      const request = { target: primary, options, ...(caller === null ? {} : { immediateCallerId: caller }) };
      const { transactionId } = await this.#client.unary(queryMethods.Begin, request);
      this.transaction = transactionId;
      return { ok: true };
    });
  }

  async #conclude(how: 'Commit' | 'Rollback', transactionId: bigint): Promise<unknown> {
    return this.#try(async () => {
      await this.#client.unary(queryMethods[how], { target: primary, immediateCallerId: alice, transactionId });
      return { ok: true };
    });
  }

  #inBand(answer: {
    readonly error?: { readonly code: number; readonly message: string } | null;
    readonly transactionId?: bigint;
    readonly reservedId?: bigint;
    readonly tabletAlias?: unknown;
  }): object {
    const { error = null } = answer;
    return {
      statusOK: true,
      ...(error === null ? {} : { error: { code: error.code, message: error.message } }),
      ...(answer.transactionId === undefined ? {} : { transactionIdSet: answer.transactionId !== 0n }),
      ...(answer.reservedId === undefined ? {} : { reservedIdSet: answer.reservedId !== 0n }),
    };
  }

  async #giveBack(ids: { readonly transactionId?: bigint; readonly reservedId?: bigint }): Promise<void> {
    const { transactionId = 0n, reservedId = 0n } = ids;
    if (transactionId !== 0n || reservedId !== 0n)
      await this.#client.unary(queryMethods.Release, { target: primary, transactionId, reservedId });
  }

  /** Whether the statement of `hold` runs in MySQL yet is for the caller to find out. */
  hold(sql: string): void {
    this.#running = this.execute(sql, {}, { transactionId: this.transaction });
  }

  /** Makes the call that a step describes; null when the description is not understood. */
  async call(text: string, sqlBefore = ''): Promise<unknown> {
    const { transaction: transactionId } = this;
    if (text === 'Execute in it' || /^Execute in the (?:rolled back )?transaction\b/.test(text))
      return this.execute('select 1 from t1 where id=1', {}, { transactionId });
    const named = /^Execute in transaction (\d+)$/.exec(text);
    if (named !== null) return this.execute('select 1 from t1', {}, { transactionId: BigInt(named[1] as string) });
    if (text === 'Commit while it runs' || text === 'Commit of it' || text === 'Commit')
      return this.#conclude('Commit', transactionId);
    if (text === 'Rollback') return this.#conclude('Rollback', transactionId);
    if (text === 'Rollback after it ended') {
      await this.#running;
      return this.#conclude('Rollback', transactionId);
    }
    if (text === 'Begin' || text === 'Begin as alice_data') return this.#begin();
    if (text === 'Begin, no immediate_caller_id') return this.#begin({}, null);
    if (text === 'StreamExecute the same') return this.#stream(sqlBefore);
    const concluded = /^(Commit|Rollback) (\d+)$/.exec(text);
    if (concluded !== null)
      return this.#conclude(concluded[1] as 'Commit' | 'Rollback', BigInt(concluded[2] as string));
    const released = /^Release tx (\d+) reserved (\d+)$/.exec(text);
    if (released !== null)
      return this.#try(async () => {
        const [transaction, reserved] = [BigInt(released[1] as string), BigInt(released[2] as string)];
        await this.#client.unary(queryMethods.Release, {
          target: primary,
          immediateCallerId: alice,
          transactionId: transaction,
          reservedId: reserved,
        });
        return { ok: true };
      });
    const streamed = /^StreamExecute (.*)$/s.exec(text);
    if (streamed !== null) return this.#stream(streamed[1] as string);
    const begun = /^BeginExecute (?:(select .*)|, wrong keyspace)$/.exec(
      text.replace('BeginExecute,', 'BeginExecute ,'),
    );
    if (begun !== null) {
      const target = begun[1] === undefined ? { ...primary, keyspace: 'nosuch' } : primary;
      return this.#try(async () => {
        const answer = await this.#client.unary(queryMethods.BeginExecute, {
          target,
          query: { sql: begun[1] ?? 'select 1 from t1' },
          immediateCallerId: alice,
        });
        await this.#giveBack(answer);
        const { error, transactionId: id } = answer;
        return this.#inBand({ error, transactionId: id });
      });
    }
    const reserved = /^(Reserve(?:Begin)?Execute) (.*), (?:pre_queries (\[.*\])|no pre_queries)$/s.exec(text);
    if (reserved !== null) {
      const [, method, sql = '', list = '[]'] = reserved;
      const preQueries = list.startsWith('["') || list === '[]' ? (JSON.parse(list) as string[]) : [list.slice(1, -1)];
      const request = { target: primary, query: { sql }, immediateCallerId: alice, preQueries };
      return this.#try(async () => {
        const answer =
          method === 'ReserveExecute'
            ? await this.#client.unary(queryMethods.ReserveExecute, request)
            : await this.#client.unary(queryMethods.ReserveBeginExecute, request);
        await this.#giveBack(answer);
        return this.#inBand({ error: answer.error, reservedId: answer.reservedId });
      });
    }
    if (/^Execute DDL in a transaction/.test(text)) {
      await this.#begin();
      const answer = await this.execute('create table xx (a int)', {}, { transactionId: this.transaction });
      await this.#conclude('Rollback', this.transaction);
      return answer;
    }
    if (/^Begin READ_ONLY via options/.test(text)) {
      await this.#begin({ transactionAccessMode: [READ_ONLY] });
      const answer = await this.execute('insert into nopk values(3,3)', {}, { transactionId: this.transaction });
      await this.#conclude('Rollback', this.transaction);
      return answer;
    }
    const message = /^MessageStream (\w+)$/.exec(text);
    if (message !== null)
      return this.#try(async () => {
        const request = { target: primary, immediateCallerId: alice, name: message[1] as string };
        for await (const _part of this.#client.stream(queryMethods.MessageStream, request)) break;
        return { ok: true };
      });
    if (/^ReadTransaction /.test(text))
      return this.#try(async () => {
        await this.#client.unary(queryMethods.ReadTransaction, {
          target: primary,
          immediateCallerId: alice,
          dtid: 'x',
        });
        return { ok: true };
      });
    if (/^Prepare tx (\d+)/.test(text))
      return this.#try(async () => {
        await this.#client.unary(queryMethods.Prepare, {
          target: primary,
          immediateCallerId: alice,
          transactionId: 12345n,
          dtid: 'x',
        });
        return { ok: true };
      });
    if (/^CommitPrepared /.test(text))
      return this.#try(async () => {
        await this.#client.unary(queryMethods.CommitPrepared, { target: primary, immediateCallerId: alice, dtid: 'x' });
        return { ok: true };
      });
    return this.#executeText(text);
  }

  /** `Execute SQL, who calls`, `Execute, what is wrong`. */
  async #executeText(text: string): Promise<unknown> {
    const plain = 'select 1 from t1';
    const found =
      /^Execute(?: (?!in |with )(.*?))?(?:, (no target|keyspace nosuch|shard -80|tablet type \w+|cell \w+|no immediate_caller_id|immediate_caller_id empty username|username \w+ groups \[.*\]|empty query|only a comment|no query message))?(?: \(no transaction\))?$/s.exec(
        text,
      );
    if (found === null) {
      const reservedId = /^Execute with reserved id (\d+)/.exec(text)?.[1];
      if (reservedId !== undefined) return this.execute(plain, {}, { reservedId: BigInt(reservedId) });
      if (/^Execute with client deadline/.test(text)) return this.execute('select sleep(2)', {}, {}, 300);
      return null;
    }
    const [, sql = plain, how = ''] = found;
    if (how === 'no target') return this.execute(sql, { target: null });
    if (how === 'keyspace nosuch') return this.execute(sql, { target: { ...primary, keyspace: 'nosuch' } });
    if (how === 'shard -80') return this.execute(sql, { target: { ...primary, shard: '-80' } });
    if (how === 'tablet type REPLICA') return this.execute(sql, { target: { ...primary, tabletType: 2 } });
    if (how === 'tablet type UNKNOWN') return this.execute(sql, { target: { ...primary, tabletType: 0 } });
    if (how.startsWith('cell ')) return this.execute(sql, { target: { ...primary, cell: how.slice(5) } });
    if (how === 'no immediate_caller_id') return this.execute(sql, { immediateCallerId: null });
    if (how === 'immediate_caller_id empty username') return this.execute(sql, { immediateCallerId: { username: '' } });
    if (how === 'empty query') return this.execute('');
    if (how === 'only a comment') return this.execute('/* x */');
    if (how === 'no query message') return this.execute('', {}, { query: null });
    const caller = /^username (\w+) groups \[(.*)\]$/.exec(how);
    if (caller === null) return this.execute(sql);
    const groups = (caller[2] as string).split(/[ ,]+/);
    return this.execute(sql, { immediateCallerId: { username: caller[1] as string, groups } });
  }
}
