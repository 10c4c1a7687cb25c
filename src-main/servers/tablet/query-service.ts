import {
  GrpcStatusError,
  queryMethods,
  serve,
  type CallContext,
  type Handlers,
  type query,
  type RegisteredService,
} from '../rpc';
import { beginRequest } from './begin-request';
import { ExecRequest, type AskTablet, type Engines, type ExecRequestParts } from './exec-request';
import type { HealthBroadcast } from './health';
import { reserveExecute } from './reserve-execute';
import { streamSchema } from './schema-stream';
import { StreamedStatements } from './streamed-statements';
import type { RequestHead, TabletRequest } from './tablet-request';
import { twoPhaseHandlers } from './two-phase';
import { unusedStreams } from './unused-streams';
import { codeNumber } from './vt-error';

export interface QueryServiceParts extends ExecRequestParts, Engines {
  readonly health: HealthBroadcast;
  readonly streamBufferBytes: number;
}

/** Ids of a transaction and of a reserved connection are those of one connection, or one of them is 0. */
function demandOneId({ transactionId, reservedId }: { readonly transactionId: bigint; readonly reservedId: bigint }) {
  if (transactionId === 0n || reservedId === 0n || transactionId === reservedId) return;
  throw new GrpcStatusError(
    codeNumber('INTERNAL'),
    '[BUG] transactionID and reserveID must match if both are non-zero',
  );
}

const savepoint = /^\s*(?:savepoint|rollback(?:\s+work)?\s+to|release\s+savepoint)\s/i;

/** vtgate sends a session's savepoints in the place of the settings of a BeginExecute. */
const savepointsApart = (
  preQueries: readonly string[],
): [settings: readonly string[], savepoints: readonly string[]] => [
  preQueries.filter((sql) => !savepoint.test(sql)),
  preQueries.filter((sql) => savepoint.test(sql)),
];

/** `queryservice.Query` as vttablet serves it (vitess-behaviour §§3.2, 3.4). */
export class QueryService {
  readonly #exec: ExecRequest;
  readonly #streamed: StreamedStatements;

  constructor(private readonly parts: QueryServiceParts) {
    this.#exec = new ExecRequest(parts);
    this.#streamed = new StreamedStatements({ ...parts, exec: this.#exec });
  }

  get service(): RegisteredService {
    const { engine, transactions, config, backend } = this.parts;
    const { alias } = config;
    const exec = this.#exec;
    const streamed = this.#streamed;
    const ask: AskTablet = (method, sql, message, context, work) =>
      exec.answer(exec.plain(method, message, context, sql), message, work);
    const handlers: Handlers<typeof queryMethods> = {
      Execute: (message, context) => {
        demandOneId(message);
        return exec.answer(exec.bound('Execute', message, context), message, async (request) => ({
          result: await engine.execute(request, message),
        }));
      },
      StreamExecute: (message, context) => {
        demandOneId(message);
        return streamed.plain(exec.bound('StreamExecute', message, context), message, message);
      },
      Begin: (message, context) =>
        exec.answer(exec.plain('Begin', message, context, 'begin', message.options), message, async (request) => {
          const transactionId = await exec.quietly(request, () => transactions.begin(request));
          return { transactionId, tabletAlias: alias };
        }),
      Commit: (message, context) =>
        exec.answer(exec.plain('Commit', message, context, 'commit'), message, async (request) => ({
          reservedId: await exec.quietly(request, () =>
            transactions.conclude(request, message.transactionId, 'commit'),
          ),
        })),
      Rollback: (message, context) =>
        exec.answer(exec.plain('Rollback', message, context, 'rollback'), message, async (request) => ({
          reservedId: await exec.quietly(request, () =>
            transactions.conclude(request, message.transactionId, 'rollback'),
          ),
        })),
      BeginExecute: async (message, context) => {
        const transactionId = await beginRequest(
          exec,
          this.parts,
          message,
          context,
          ...savepointsApart(message.preQueries),
          message.reservedId,
        );
        const where = { transactionId, reservedId: message.reservedId };
        const answer = await exec.inBand(exec.bound('Execute', message, context), message, (request) =>
          engine.execute(request, where),
        );
        return { ...answer, transactionId, tabletAlias: alias };
      },
      ReserveExecute: (message, context) => reserveExecute(exec, this.parts, message, context),
      ReserveBeginExecute: async (message, context) => {
        const { preQueries, postBeginQueries } = message;
        const transactionId = await beginRequest(exec, this.parts, message, context, preQueries, postBeginQueries, 0n);
        const request = exec.bound('Execute', message, context);
        let reservedId = 0n;
        const answer = await exec.inBand(request, message, async () => {
          if (engine.wantsReservation(request, false))
            reservedId = await transactions.reserve(request, [], transactionId);
          return engine.execute(request, { transactionId, reservedId });
        });
        return { ...answer, transactionId, reservedId, tabletAlias: alias };
      },
      BeginStreamExecute: (message, context) =>
        streamed.begun(message, context, ...savepointsApart(message.preQueries), message.reservedId),
      ReserveBeginStreamExecute: (message, context) =>
        streamed.begun(message, context, message.preQueries, message.postBeginQueries, 0n),
      ReserveStreamExecute: (message, context) => streamed.reserved(message, context),
      Release: (message, context) =>
        exec.answer(exec.plain('Release', message, context, ''), message, (request) => {
          request.transactionId = message.transactionId;
          transactions.release(message.transactionId, message.reservedId);
          return Promise.resolve({});
        }),
      StreamHealth: (_message, context) => this.parts.health.stream(context.signal),
      GetSchema: (message, context) => this.#getSchema(message, context),
      ...twoPhaseHandlers(transactions, ask),
      ...unusedStreams(config, backend, ask),
    };
    return serve(queryMethods, handlers);
  }

  async *#getSchema(message: query.GetSchemaRequest, context: CallContext): AsyncGenerator<query.IGetSchemaResponse> {
    const request = this.#exec.plain(
      'GetSchema',
      { effectiveCallerId: null, immediateCallerId: null, target: message.target },
      context,
      '',
    );
    const { backend } = this.parts;
    const head = headOf(request, message.target);
    let answers: query.IGetSchemaResponse[] = [];
    const outcome = await this.#exec.attempt(request, head, async () => {
      answers = await streamSchema(backend, message.tableType as number, message.tableNames);
    });
    if ('error' in outcome) throw this.#exec.status(outcome.error);
    yield* answers;
  }
}

const headOf = (request: TabletRequest, target: query.Target | null = null): RequestHead =>
  ({
    effectiveCallerId: null,
    immediateCallerId:
      request.immediate === null
        ? null
        : { username: request.immediate.username, groups: [...request.immediate.groups] },
    target,
  }) as unknown as RequestHead;
