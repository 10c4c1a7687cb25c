import { GrpcCaller } from '../grpc/caller';
import { makeCall, type RecordedCall } from '../grpc/methods';
import type { Ground } from './ground';

/** One gRPC call as callers.json describes it. */
export interface GrpcCall {
  readonly certificate?: string;
  readonly metadata?: readonly (readonly [string, string])[];
  readonly claimedEffective?: RecordedCall['effective'];
  readonly claimedImmediate?: RecordedCall['immediate'];
  readonly rpc?: string;
  readonly sql?: string;
}

export interface GrpcAnswer {
  readonly code: string;
  readonly message?: string;
  readonly rows?: unknown;
}

/** Makes the call on a connection of its own; a refusal is the status, or the error inside the response. */
export async function readCallerOverGrpc(
  { certificate, claimedEffective, claimedImmediate, rpc = '', sql, metadata }: GrpcCall,
  way: string,
  port: number,
  ground: Ground,
): Promise<GrpcAnswer> {
  const tls = { ca: 'server-ca', ...(certificate === undefined ? {} : { cert: certificate }) };
  const caller = new GrpcCaller(port, way.endsWith('tls') ? tls : undefined, ground.certs);
  try {
    const { responseError, ...answer } = await makeCall(caller, {
      rpc,
      ...(sql === undefined ? {} : { sql }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(claimedEffective === undefined ? {} : { effective: claimedEffective }),
      ...(claimedImmediate === undefined ? {} : { immediate: claimedImmediate }),
    });
    return responseError ?? answer;
  } finally {
    caller.close();
  }
}
