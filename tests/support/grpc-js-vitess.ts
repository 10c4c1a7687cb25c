import { join } from 'node:path';
import { Client, Metadata, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

/**
 * `vtgateservice.Vitess` as a foreign program calls it: grpc-js for the transport, messages by reflection of the .proto
 * files. Nothing of Gatehouse's own codec or transport is in it.
 */
const folder = join(import.meta.dirname, '..', '..', 'resources', 'rpc');
const root = new protobuf.Root();
root.resolvePath = (_origin, target) => join(folder, target);
root.loadSync('vtgateservice.proto', { keepCase: true });
const Request = root.lookupType('vtgate.ExecuteRequest');
const Response = root.lookupType('vtgate.ExecuteResponse');

export interface GrpcJsCall {
  readonly address: { readonly host: string; readonly port: number };
  readonly credentials: ChannelCredentials;
  readonly serverName?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly claimed?: { readonly principal: string; readonly groups: readonly string[] } | null;
  readonly target: string;
  readonly sql: string;
}

/** What a call came to: rows, or the code and the words of its error, in the status or in the response. */
export type GrpcJsOutcome = { readonly rows: number } | { readonly code: number; readonly message: string };

/** Connects, calls Execute once and closes. */
export function executeWithGrpcJs(call: GrpcJsCall): Promise<GrpcJsOutcome> {
  const client = new Client(`${call.address.host}:${call.address.port}`, call.credentials, {
    ...(call.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': call.serverName }),
    'grpc.enable_retries': 0,
  });
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(call.metadata ?? {})) metadata.set(key, value);
  const request = Request.fromObject({
    ...(call.claimed == null ? {} : { caller_id: call.claimed }),
    session: { autocommit: true, target_string: call.target },
    query: { sql: call.sql },
  });
  return new Promise((resolve) => {
    const done = (outcome: GrpcJsOutcome): void => {
      client.close();
      resolve(outcome);
    };
    client.makeUnaryRequest(
      '/vtgateservice.Vitess/Execute',
      (message: protobuf.Message) => Buffer.from(Request.encode(message).finish()),
      (bytes: Buffer) => Response.toObject(Response.decode(bytes)),
      request,
      metadata,
      { deadline: Date.now() + 15_000 },
      (error: ServiceError | null, answer?: Record<string, unknown>) => {
        if (error !== null) return done({ code: error.code, message: error.details });
        const failed = answer?.['error'] as { code?: number; message?: string } | undefined;
        if (failed !== undefined) return done({ code: failed.code ?? 0, message: failed.message ?? '' });
        const result = answer?.['result'] as { rows?: unknown[] } | undefined;
        return done({ rows: result?.rows?.length ?? 0 });
      },
    );
  });
}
