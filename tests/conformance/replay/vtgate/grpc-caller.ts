import { vtCodeName } from '../../../../src-main/domain/kernel';
import {
  createGrpcClient,
  GrpcStatusError,
  queryMethods,
  vitessMethods,
  type CallOptions,
  type GrpcClient,
  type query,
} from '../../../../src-main/servers/rpc';
import { target, valuesOf } from '../../../wire/tablet/tablet-fixture';
import type { Ground } from './ground';

/** One gRPC call as callers.json describes it. */
export interface GrpcCall {
  readonly certificate?: string;
  readonly metadata?: readonly (readonly [string, string])[];
  readonly claimedEffective?: object;
  readonly claimedImmediate?: object;
  readonly rpc?: string;
  readonly sql?: string;
}

export interface GrpcAnswer {
  readonly code: string;
  readonly message?: string;
  readonly rows?: readonly (readonly (string | null)[])[];
}

const refusedBy = ({ code, message }: { code: number; message: string }): GrpcAnswer => ({
  code: vtCodeName(code),
  message,
});

const rowsOf = (result: { readonly rows: readonly query.Row[] } | null | undefined): GrpcAnswer => ({
  code: 'OK',
  rows: (result?.rows ?? []).map(valuesOf),
});

async function call(client: GrpcClient, found: GrpcCall, options: CallOptions): Promise<GrpcAnswer> {
  const sql = found.sql ?? '';
  const effective = found.claimedEffective;
  const immediate = found.claimedImmediate;
  const session = { autocommit: true, targetString: 'commerce@primary' };
  const claimed = effective === undefined ? {} : { callerId: effective };
  switch (found.rpc) {
    case 'tablet.Execute': {
      const { result } = await client.unary(
        queryMethods.Execute,
        {
          target,
          query: { sql },
          ...(effective === undefined ? {} : { effectiveCallerId: effective }),
          ...(immediate === undefined ? {} : { immediateCallerId: immediate }),
          options: { includedFields: 2 },
        },
        options,
      );
      return rowsOf(result);
    }
    case 'vtgate.Execute': {
      const { error, result } = await client.unary(
        vitessMethods.Execute,
        { ...claimed, query: { sql }, session },
        options,
      );
      return error === null ? rowsOf(result) : refusedBy(error);
    }
    case 'vtgate.StreamExecute': {
      const rows: query.Row[] = [];
      const answers = client.stream(vitessMethods.StreamExecute, { ...claimed, query: { sql }, session }, options);
      for await (const { result } of answers) rows.push(...(result?.rows ?? []));
      return rowsOf({ rows });
    }
    case 'vtgate.ExecuteBatch': {
      const { error, results } = await client.unary(
        vitessMethods.ExecuteBatch,
        { ...claimed, queries: [{ sql }], session },
        options,
      );
      const refused = error ?? results[0]?.error ?? null;
      return refused === null ? rowsOf(results[0]?.result) : refusedBy(refused);
    }
    case 'vtgate.Prepare': {
      const { error } = await client.unary(vitessMethods.Prepare, { ...claimed, query: { sql }, session }, options);
      return error === null ? { code: 'OK' } : refusedBy(error);
    }
    default:
      throw new Error(`${found.rpc ?? 'no'} call is known here`);
  }
}

/** Makes the call on a connection of its own; a refusal is the status or the error inside the response. */
export async function readCallerOverGrpc(
  found: GrpcCall,
  way: string,
  port: number,
  ground: Ground,
): Promise<GrpcAnswer> {
  const tls = way.endsWith('tls')
    ? {
        tls: {
          ca: ground.pem('server-ca.pem'),
          ...(found.certificate === undefined ? {} : ground.identity(found.certificate)),
        },
      }
    : {};
  const client = createGrpcClient({ host: '127.0.0.1', port, ...tls });
  const metadata = new Map<string, string[]>();
  for (const [name, value] of found.metadata ?? []) {
    const key = name.toLowerCase();
    metadata.set(key, [...(metadata.get(key) ?? []), value]);
  }
  try {
    return await call(client, found, { metadata });
  } catch (error) {
    if (!(error instanceof GrpcStatusError)) throw error;
    return refusedBy(error);
  } finally {
    await client.close();
  }
}
