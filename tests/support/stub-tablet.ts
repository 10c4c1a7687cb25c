import {
  createGrpcServer,
  queryMethods,
  serve,
  GrpcStatusError,
  type CallContext,
  type query,
} from '../../src-main/servers/rpc';
import { noRecorder } from '../../src-main/servers/recorder';
import { createTlsAcceptor, type ServerTlsConfig } from '../../src-main/servers/tls';

/** One call that reached the stub. */
export interface StubCall {
  readonly rpc: string;
  readonly request: {
    readonly query?: query.BoundQuery | null;
    readonly transactionId?: bigint;
    readonly reservedId?: bigint;
    readonly preQueries?: readonly string[];
    readonly immediateCallerId?: query.VTGateCallerID | null;
    readonly effectiveCallerId?: { principal: string; component: string; subcomponent: string } | null;
    readonly options?: query.ExecuteOptions | null;
    readonly target?: query.Target | null;
  };
  readonly metadata: CallContext['metadata'];
}

export type StubAnswer = query.IQueryResult | GrpcStatusError;

export const field = (name: string, type = 6165, more: Partial<query.IField> = {}): query.IField => ({
  name,
  type,
  charset: 255,
  ...more,
});
export const row = (...values: readonly (string | null)[]): query.IRow => ({
  lengths: values.map((value) => (value === null ? -1 : Buffer.byteLength(value))),
  values: Buffer.from(values.filter((value) => value !== null).join('')),
});

/**
 * A tablet that is a stub: it speaks queryservice.Query through the real transport, notes every call and answers what
 * `answer` says. It has no MySQL, no ACL and no pool.
 */
export async function createStubTablet(
  options: {
    readonly tls?: ServerTlsConfig;
    /** What it says it is; default commerce/0, primary. */
    readonly target?: query.ITarget;
    readonly answer?: (sql: string, call: StubCall) => StubAnswer;
  } = {},
) {
  const calls: StubCall[] = [];
  let lastId = 1000n;
  const answer = options.answer ?? ((sql) => ({ fields: [field('sql')], rows: [row(sql)] }));
  const note = (rpc: string, request: StubCall['request'], context: CallContext): StubCall => {
    const call = { rpc, request, metadata: context.metadata };
    calls.push(call);
    return call;
  };
  const result = (call: StubCall): query.IQueryResult => {
    const outcome = answer(call.request.query?.sql ?? '', call);
    if (outcome instanceof GrpcStatusError) throw outcome;
    return outcome;
  };
  /** Answers as vttablet's Begin… and Reserve… do: an error of the statement is inside the response. */
  const inBand = (call: StubCall): { result?: query.IQueryResult; error?: { code: number; message: string } } => {
    const outcome = answer(call.request.query?.sql ?? '', call);
    if (outcome instanceof GrpcStatusError) return { error: { code: outcome.code, message: outcome.message } };
    return { result: outcome };
  };
  const alias = { cell: 'zone1', uid: 100 };
  let ended = (): void => undefined;
  const end = new Promise<void>((resolve) => (ended = resolve));
  const service = serve(queryMethods, {
    async *StreamHealth(_request, { signal }) {
      yield {
        target: options.target ?? { keyspace: 'commerce', shard: '0', tabletType: 1 },
        serving: true,
        realtimeStats: {},
      };
      await Promise.race([end, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
    },
    async *GetSchema() {
      // No tables.
    },
    Execute: async (request, context) => ({ result: result(note('Execute', request, context)) }),
    BeginExecute: async (request, context) => ({
      ...inBand(note('BeginExecute', request, context)),
      transactionId: ++lastId,
      tabletAlias: alias,
    }),
    // As vttablet with its settings pool: only statements that need a connection of their own get one.
    ReserveExecute: async (request, context) => {
      const sql = request.query?.sql ?? '';
      const reserves = /^(set|create temporary)\b|get_lock/i.test(sql);
      const answered = result(note('ReserveExecute', request, context));
      return { result: answered, tabletAlias: alias, ...(reserves ? { reservedId: ++lastId } : {}) };
    },
    ReserveBeginExecute: async (request, context) => {
      const outcome = inBand(note('ReserveBeginExecute', request, context));
      const id = ++lastId;
      return { ...outcome, transactionId: id, reservedId: id, tabletAlias: alias };
    },
    Commit: async (request, context) => {
      note('Commit', request, context);
      return {};
    },
    Rollback: async (request, context) => {
      note('Rollback', request, context);
      return {};
    },
    Release: async (request, context) => {
      note('Release', request, context);
      return {};
    },
    async *StreamExecute(request, context) {
      const whole = result(note('StreamExecute', request, context));
      yield { result: { ...whole, rows: [] } };
      for (const one of whole.rows ?? []) yield { result: { rows: [one] } };
    },
    async *BeginStreamExecute(request, context) {
      const whole = result(note('BeginStreamExecute', request, context));
      yield { result: whole };
      yield { transactionId: ++lastId, tabletAlias: alias };
    },
  });
  const acceptor =
    options.tls === undefined
      ? undefined
      : createTlsAcceptor({ ...options.tls, alpn: ['h2'] }, { part: 'tablet', name: 'stub tablet' });
  const server = await createGrpcServer(
    {
      name: 'stub tablet',
      listen: { host: '127.0.0.1', port: 0 },
      recorder: noRecorder,
      part: 'tablet',
      ...(acceptor === undefined ? {} : { tls: acceptor }),
    },
    [service],
  );
  return {
    calls,
    /** Name and text of every call so far, and forgets them. */
    taken: (): string[] =>
      calls
        .splice(0)
        .map(({ rpc, request }) => (request.query?.sql === undefined ? rpc : `${rpc}: ${request.query.sql}`)),
    port: server.address.port,
    stop: () => {
      ended();
      return server.stop({ graceMs: 0 });
    },
  };
}

export type StubTablet = Awaited<ReturnType<typeof createStubTablet>>;
