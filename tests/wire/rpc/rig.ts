import * as grpc from '@grpc/grpc-js';
import { noRecorder } from '../../../src-main/servers/recorder';
import type { query } from '../../../src-main/servers/rpc';
import {
  createGrpcServer,
  GrpcStatusError,
  queryMethods,
  serve,
  type CallContext,
  type GrpcServer,
  type GrpcServerOptions,
  type Handlers,
  type MethodDefinition,
} from '../../../src-main/servers/rpc';

/** A promise that its owner settles. */
export function gate<T = void>() {
  let open!: (value: T) => void;
  const passed = new Promise<T>((resolve) => (open = resolve));
  return { open, passed };
}

/** What the handlers of one server saw. */
export interface Seen {
  calls: number;
  contexts: CallContext[];
  requests: query.ExecuteRequest[];
  /** Resolves with the reason when a handler's signal is aborted. */
  readonly aborted: Promise<unknown>;
  /** Resolves when a waiting handler has begun. */
  readonly waiting: Promise<void>;
  /** Messages that the endless stream has handed to the transport. */
  produced: number;
}

/**
 * A server whose Execute does what its SQL says: `echo`, `status <code> <text>`, `bytes <n>`, `wait`, `crash`;
 * StreamExecute: `count <n>`, `then-fail`, `wait`, `endless`.
 */
export async function startQueryServer(
  options: Partial<GrpcServerOptions> = {},
): Promise<GrpcServer & { seen: Seen; target: string }> {
  const aborted = gate<unknown>();
  const waiting = gate();
  const seen: Seen = {
    calls: 0,
    contexts: [],
    requests: [],
    aborted: aborted.passed,
    waiting: waiting.passed,
    produced: 0,
  };
  const note = (request: { query: query.BoundQuery | null }, context: CallContext): string[] => {
    seen.calls += 1;
    seen.contexts.push(context);
    return (request.query?.sql ?? '').split(' ');
  };
  const hold = (context: CallContext): Promise<never> =>
    new Promise((_resolve, reject) => {
      const { signal } = context;
      signal.addEventListener('abort', () => {
        aborted.open(signal.reason);
        reject(signal.reason as Error);
      });
      waiting.open();
    });
  const handlers: Handlers<typeof queryMethods> = {
    Execute: async (request, context) => {
      const [verb, argument = '', ...rest] = note(request, context);
      seen.requests.push(request);
      if (verb === 'status')
        throw new GrpcStatusError(
          Number(argument),
          rest.join(' '),
          new Map([
            ['x-detail', ['d']],
            ['y-bin', [Buffer.from([0, 255])]],
          ]),
        );
      if (verb === 'bytes')
        return { result: { rows: [{ lengths: [Number(argument)], values: Buffer.alloc(Number(argument), 7) }] } };
      if (verb === 'wait') return hold(context);
      if (verb === 'crash') throw new TypeError('secret inside');
      return { result: { rowsAffected: request.transactionId, info: request.query?.sql ?? '' } };
    },
    StreamExecute: async function* (request, context) {
      const [verb, argument = ''] = note(request, context);
      if (verb === 'count') for (let n = 0; n < Number(argument); n += 1) yield { result: { rowsAffected: BigInt(n) } };
      if (verb === 'then-fail') {
        yield { result: { info: 'first' } };
        throw new GrpcStatusError(17, 'cluster event');
      }
      if (verb === 'wait') {
        yield { result: { info: 'first' } };
        await hold(context);
      }
      if (verb === 'endless') {
        try {
          for (;;) {
            seen.produced += 1;
            yield { result: { rows: [{ lengths: [100_000], values: Buffer.alloc(100_000) }] } };
          }
        } finally {
          aborted.open('left');
        }
      }
    },
  };
  const server = await createGrpcServer(
    { name: 'test', listen: { host: '127.0.0.1', port: 0 }, recorder: noRecorder, ...options },
    [serve(queryMethods, handlers)],
  );
  return Object.assign(server, { seen, target: `127.0.0.1:${server.address.port}` });
}

/** An Execute or StreamExecute request that carries `sql`. */
export const ask = (sql: string, transactionId = 0n) => ({ query: { sql }, transactionId });

const codec = <Q, R, QI, RI>(method: MethodDefinition<Q, R, QI, RI>) =>
  [
    method.path,
    (value: QI) => Buffer.from(method.request.encode(value)),
    (bytes: Buffer) => method.response.decode(bytes),
  ] as const;

/** Calls through @grpc/grpc-js, the foreign implementation. */
export function grpcJsClient(
  target: string,
  credentials: grpc.ChannelCredentials = grpc.credentials.createInsecure(),
  options: grpc.ClientOptions = {},
) {
  const client = new grpc.Client(target, credentials, {
    'grpc.max_receive_message_length': 32 << 20,
    'grpc.max_send_message_length': 32 << 20,
    ...options,
  });
  return {
    raw: client,
    unary: <Q, R, QI, RI>(
      method: MethodDefinition<Q, R, QI, RI>,
      request: QI,
      metadata = new grpc.Metadata(),
      call: grpc.CallOptions = {},
    ): Promise<R> =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(...codec(method), request, metadata, call, (error, answer) => {
          if (error !== null) reject(error);
          else resolve(answer as R);
        });
      }),
    stream: <Q, R, QI, RI>(
      method: MethodDefinition<Q, R, QI, RI>,
      request: QI,
      metadata = new grpc.Metadata(),
      call: grpc.CallOptions = {},
    ) => client.makeServerStreamRequest(...codec(method), request, metadata, call),
    close: () => client.close(),
  };
}

/** The error a promise is rejected with; fails when it is not. */
export async function failure(work: Promise<unknown>): Promise<grpc.ServiceError & GrpcStatusError> {
  const value = await work.then(
    () => null,
    (error: unknown) => error as grpc.ServiceError & GrpcStatusError,
  );
  if (value === null) throw new Error('this should have failed');
  return value;
}
