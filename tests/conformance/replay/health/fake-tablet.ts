import {
  createGrpcServer,
  GrpcStatusError,
  queryMethods,
  serve,
  type RegisteredService,
} from '../../../../src-main/servers/rpc';
import { noRecorder } from '../../../../src-main/servers/recorder';
import { fromJson, toJson, type Json, type Rpc } from './messages';

/** One call that reached the fake. */
export interface FakeCall {
  readonly rpc: Rpc;
  readonly request: Json;
}

/** What a fake answers to one call: messages, then perhaps a status. */
export interface FakeAnswer {
  readonly messages: readonly Json[];
  readonly status?: { readonly code: number; readonly message: string };
}

/** What it says on StreamHealth: messages with pauses (seconds), the end of the stream, or a status at once. */
export type HealthLine = Json | 'stream ends' | 'UNIMPLEMENTED';

/**
 * A tablet that has no MySQL: it speaks queryservice.Query through the real transport, notes what it is asked and answers
 * what it is told to.
 */
export class FakeTablet {
  readonly calls: FakeCall[] = [];
  /** Lines of the first StreamHealth that were due and have gone out. */
  told = 0;
  #server: Awaited<ReturnType<typeof createGrpcServer>> | null = null;

  constructor(
    private readonly health: readonly HealthLine[],
    private readonly answer: (call: FakeCall) => FakeAnswer,
  ) {}

  get port(): number {
    return this.#server?.address.port ?? 0;
  }

  async start(): Promise<this> {
    this.#server = await createGrpcServer(
      { name: 'fake tablet', listen: { host: '127.0.0.1', port: 0 }, recorder: noRecorder, part: 'tablet' },
      [this.#service()],
    );
    return this;
  }

  async stop(): Promise<void> {
    await this.#server?.stop({ graceMs: 0 });
  }

  /** Calls since it was asked last. */
  taken(): FakeCall[] {
    return this.calls.splice(0);
  }

  #service(): RegisteredService {
    const handlers: Record<string, unknown> = {};
    for (const [name, { kind }] of Object.entries(queryMethods)) {
      const rpc = name as Rpc;
      if (rpc === 'StreamHealth') continue;
      handlers[rpc] =
        kind === 'unary'
          ? (request: unknown) => {
              const { messages, status } = this.#reply(rpc, request);
              if (status !== undefined) return Promise.reject(new GrpcStatusError(status.code, status.message));
              return Promise.resolve(fromJson(rpc, 'response', messages[0] ?? {}));
            }
          : this.#streaming(rpc);
    }
    handlers['StreamHealth'] = (request: unknown, { signal }: { readonly signal: AbortSignal }) =>
      this.#tell(request, signal);
    return serve(queryMethods, handlers as never);
  }

  #reply(rpc: Rpc, request: unknown): FakeAnswer {
    const call = { rpc, request: toJson(rpc, 'request', request) };
    this.calls.push(call);
    return this.answer(call);
  }

  #streaming(rpc: Rpc) {
    const reply = (request: unknown): FakeAnswer => this.#reply(rpc, request);
    return async function* (request: unknown): AsyncGenerator<unknown> {
      const { messages, status } = reply(request);
      for (const message of messages) yield fromJson(rpc, 'response', message);
      if (status !== undefined) throw new GrpcStatusError(status.code, status.message);
    };
  }

  async *#tell(request: unknown, signal: AbortSignal): AsyncGenerator<unknown> {
    this.calls.push({ rpc: 'StreamHealth', request: toJson('StreamHealth', 'request', request) });
    for (const [index, line] of this.health.entries()) {
      if (line === 'stream ends') return;
      if (line === 'UNIMPLEMENTED') throw new GrpcStatusError(12, 'unknown method StreamHealth');
      const { afterSeconds = 0, ...message } = line as Json & { readonly afterSeconds?: number };
      if (afterSeconds > 0) await pause(afterSeconds * 1000, signal);
      if (signal.aborted) return;
      yield fromJson('StreamHealth', 'response', message);
      this.told = Math.max(this.told, index + 1);
    }
    await pause(0x7fff_ffff, signal);
  }
}

/** Waits, but not after the caller has gone. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms).unref();
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
