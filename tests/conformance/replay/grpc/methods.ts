import {
  codecOf,
  healthMethods,
  queryMethods,
  tabletManagerMethods,
  vitessMethods,
  type query,
  type vtgate,
  type vtrpc,
} from '../../../../src-main/servers/rpc';
import { grpc } from '../../../../src-main/servers/rpc/generated/messages';
import { valuesOf } from '../../../wire/tablet/tablet-fixture';
import type { GrpcCaller, Outcome } from './caller';

/** What a recorded call asks for. */
export interface RecordedCall {
  readonly rpc: string;
  readonly sql?: string;
  readonly metadata?: readonly (readonly [string, string])[];
  readonly effective?: Partial<vtrpc.CallerID>;
  readonly immediate?: { readonly username?: string; readonly groups?: readonly string[] };
}

/** Status, error inside the response and content, as the recordings write them. */
export interface Answered {
  readonly code: string;
  readonly message?: string;
  readonly responseError?: { readonly code: string; readonly message: string };
  readonly rows?: unknown;
}

const { ServerReflectionRequest, ServerReflectionResponse } = grpc.reflection.v1;
const reflection = {
  path: '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  request: codecOf(ServerReflectionRequest),
  response: codecOf(ServerReflectionResponse),
};
const codes =
  'OK CANCELED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED CLUSTER_EVENT READ_ONLY'.split(
    ' ',
  );

const target = { keyspace: 'commerce', shard: '0', tabletType: 1 };
const session: vtgate.ISession = { autocommit: true, targetString: 'commerce@primary' };

const rowsOf = (result: query.QueryResult | null | undefined): unknown => (result?.rows ?? []).map(valuesOf);
const inBand = (error: vtrpc.RPCError | null | undefined): Pick<Answered, 'responseError'> =>
  error == null ? {} : { responseError: { code: codes[error.code] ?? String(error.code), message: error.message } };

/** One outcome in the recordings' form; `content` reads what a good answer holds. */
function answered<Response>(
  outcome: Outcome<Response>,
  content: (responses: readonly Response[]) => Partial<Answered>,
): Answered {
  const { code, responses } = outcome;
  return 'message' in outcome ? { code, message: outcome.message } : { code, ...content(responses) };
}

/** Makes one recorded call. A method that is not known here is called as one that does not exist. */
export async function makeCall(caller: GrpcCaller, call: RecordedCall): Promise<Answered> {
  const { rpc, metadata = [], sql = '', effective, immediate } = call;
  const callerId = effective === undefined ? {} : { callerId: effective };
  const query = { sql };
  const head = {
    target,
    ...(effective === undefined ? {} : { effectiveCallerId: effective }),
    ...(immediate === undefined ? {} : { immediateCallerId: immediate }),
  };
  switch (rpc) {
    case 'vtgate.Execute': {
      const outcome = await caller.call(vitessMethods.Execute, { ...callerId, session, query }, metadata);
      return answered(outcome, ([response]) =>
        response?.error == null ? { rows: rowsOf(response?.result) } : inBand(response.error),
      );
    }
    case 'vtgate.StreamExecute': {
      const outcome = await caller.call(vitessMethods.StreamExecute, { ...callerId, session, query }, metadata);
      return answered(outcome, (all) => ({ rows: all.flatMap(({ result }) => (result?.rows ?? []).map(valuesOf)) }));
    }
    case 'vtgate.ExecuteBatch': {
      const outcome = await caller.call(
        vitessMethods.ExecuteBatch,
        { ...callerId, session, queries: [query] },
        metadata,
      );
      return answered(outcome, ([response]) => {
        const [one] = response?.results ?? [];
        const error = response?.error ?? one?.error;
        return error == null ? { rows: rowsOf(one?.result) } : inBand(error);
      });
    }
    case 'vtgate.Prepare': {
      const outcome = await caller.call(vitessMethods.Prepare, { ...callerId, session, query }, metadata);
      return answered(outcome, ([response]) => inBand(response?.error));
    }
    case 'vtgate.CloseSession': {
      const outcome = await caller.call(vitessMethods.CloseSession, { ...callerId, session }, metadata);
      return answered(outcome, ([response]) => inBand(response?.error));
    }
    case 'vtgate.VStream':
      return answered(await caller.call(vitessMethods.VStream, { ...callerId }, metadata), () => ({}));
    case 'tablet.Execute': {
      const outcome = await caller.call(queryMethods.Execute, { ...head, query }, metadata);
      return answered(outcome, ([response]) => ({ rows: rowsOf(response?.result) }));
    }
    case 'tablet.StreamExecute': {
      const outcome = await caller.call(queryMethods.StreamExecute, { ...head, query }, metadata);
      return answered(outcome, (all) => ({ rows: all.flatMap(({ result }) => (result?.rows ?? []).map(valuesOf)) }));
    }
    case 'tablet.BeginExecute': {
      const outcome = await caller.call(queryMethods.BeginExecute, { ...head, query }, metadata);
      return answered(outcome, ([response]) =>
        response?.error == null ? { rows: rowsOf(response?.result) } : inBand(response.error),
      );
    }
    case 'tablet.StreamHealth':
      return answered(await caller.call(queryMethods.StreamHealth, {}, metadata, true), () => ({}));
    case 'tabletmanager.Ping': {
      const outcome = await caller.call(tabletManagerMethods.Ping, { payload: 'x' }, metadata);
      return answered(outcome, ([response]) => ({ rows: response?.payload }));
    }
    case 'health.Check': {
      const outcome = await caller.call(healthMethods.Check, { service: '' }, metadata);
      return answered(outcome, ([response]) => ({
        rows: grpc.health.v1.HealthCheckResponse.ServingStatus[response?.status ?? 0],
      }));
    }
    case 'reflection': {
      const outcome = await caller.exchange(reflection, { listServices: '*' }, metadata);
      return answered(outcome, ([response]) => ({
        rows: (response?.listServicesResponse?.service ?? []).map(({ name }) => name),
      }));
    }
    default: {
      const outcome = await caller.call({ ...healthMethods.Check, path: '/no.such.Service/Call' }, {}, metadata);
      return answered(outcome, () => ({}));
    }
  }
}
