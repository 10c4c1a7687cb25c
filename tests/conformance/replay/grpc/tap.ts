import {
  createGrpcClient,
  createGrpcServer,
  queryMethods,
  serve,
  type query,
  type vtrpc,
} from '../../../../src-main/servers/rpc';
import { noRecorder } from '../../../../src-main/servers/recorder';

/** One call that crossed the tap, with the message as the tablet gets it. */
export interface TappedCall {
  readonly rpc: string;
  readonly request: {
    readonly immediateCallerId?: query.VTGateCallerID | null;
    readonly effectiveCallerId?: vtrpc.CallerID | null;
  };
}

/** A port that hands every call of `queryservice.Query` on to a tablet and notes it; health is told, not noted. */
export async function openTap(tabletPort: number) {
  const client = createGrpcClient({ host: '127.0.0.1', port: tabletPort });
  const calls: TappedCall[] = [];
  const handlers: Record<string, unknown> = {};
  for (const [rpc, method] of Object.entries(queryMethods)) {
    const note = (request: object): void => {
      if (rpc !== 'StreamHealth' && rpc !== 'GetSchema') calls.push({ rpc, request });
    };
    handlers[rpc] =
      method.kind === 'unary'
        ? (request: object, { signal }: { readonly signal: AbortSignal }) => {
            note(request);
            return client.unary(method as never, request, { signal });
          }
        : (request: object, { signal }: { readonly signal: AbortSignal }) => {
            note(request);
            return client.stream(method as never, request, { signal });
          };
  }
  const server = await createGrpcServer(
    { name: 'tap', listen: { host: '127.0.0.1', port: 0 }, recorder: noRecorder, part: 'tablet' },
    [serve(queryMethods, handlers as never)],
  );
  return {
    port: server.address.port,
    /** The calls since it was asked last. */
    taken: (): readonly TappedCall[] => calls.splice(0),
    async close(): Promise<void> {
      await server.stop({ graceMs: 0 });
      await client.close();
    },
  };
}

export type Tap = Awaited<ReturnType<typeof openTap>>;
