import type { CallContext, MessageCodec, MethodDefinition, StreamHandler, UnaryHandler } from './types';

/** The handlers of a service's methods. A method without one answers UNIMPLEMENTED. */
export type Handlers<Methods> = {
  readonly [Name in keyof Methods]?: Methods[Name] extends MethodDefinition<
    infer Request,
    infer _Response,
    infer _RequestInit,
    infer ResponseInit
  >
    ? Methods[Name] extends { readonly kind: 'unary' }
      ? UnaryHandler<Request, ResponseInit>
      : StreamHandler<Request, ResponseInit>
    : never;
};

/** One method as the server routes to it. `bidi-stream` is for server reflection only. */
export type RegisteredMethod = {
  readonly path: string;
  readonly request: MessageCodec<unknown>;
  readonly response: MessageCodec<unknown>;
} & (
  | { readonly kind: 'unary'; readonly handler: UnaryHandler<unknown, unknown> | null }
  | { readonly kind: 'server-stream'; readonly handler: StreamHandler<unknown, unknown> | null }
  | { readonly kind: 'bidi-stream'; readonly handler: BidiHandler }
);

export type BidiHandler = (requests: AsyncIterable<unknown>, context: CallContext) => AsyncIterable<unknown>;

/** A service to be served: its full name and its methods by path. */
export interface RegisteredService {
  readonly name: string;
  readonly methods: readonly RegisteredMethod[];
}

/** `/queryservice.Query/Execute` → `queryservice.Query`, `Execute`; null when it has no such form. */
export function splitPath(path: string): { readonly service: string; readonly method: string } | null {
  const text = path.startsWith('/') ? path.slice(1) : path;
  const slash = text.lastIndexOf('/');
  return slash < 0 ? null : { service: text.slice(0, slash), method: text.slice(slash + 1) };
}

type AnyMethod = Pick<MethodDefinition<unknown, unknown>, 'path' | 'kind'> & {
  readonly request: unknown;
  readonly response: unknown;
};

/**
 * Binds handlers to the methods of one service (`vitessMethods`, `queryMethods`). All of its methods exist afterwards,
 * those without a handler as well.
 */
export function serve<Methods extends Readonly<Record<string, AnyMethod>>>(
  methods: Methods,
  handlers: Handlers<Methods>,
): RegisteredService {
  const registered = Object.entries(methods).map(
    ([name, { path, kind, request, response }]) =>
      ({
        path,
        kind,
        request,
        response,
        handler: handlers[name as keyof Methods] ?? null,
      }) as unknown as RegisteredMethod,
  );
  return { name: splitPath(registered[0]?.path ?? '')?.service ?? '', methods: registered };
}

/** Where a path leads, and the text of UNIMPLEMENTED when it leads nowhere (grpc-go, server.go handleStream). */
export class Router {
  readonly #methods = new Map<string, RegisteredMethod>();
  readonly #services = new Set<string>();

  constructor(services: readonly RegisteredService[]) {
    for (const service of services) {
      this.#services.add(service.name);
      for (const method of service.methods) this.#methods.set(method.path, method);
    }
  }

  /** Full names of the services, sorted. */
  get serviceNames(): readonly string[] {
    return [...this.#services].sort();
  }

  find(path: string): RegisteredMethod | undefined {
    return this.#methods.get(path);
  }

  explainMiss(path: string): string {
    const parts = splitPath(path);
    if (parts === null) return `malformed method name: ${JSON.stringify(path)}`;
    if (!this.#services.has(parts.service)) return `unknown service ${parts.service}`;
    return `unknown method ${parts.method} for service ${parts.service}`;
  }
}
