import { GatehouseError, type Failure } from '../../domain/kernel';
import type { WatchWish } from '../../domain/watch';
import type { TraceEvent, TraceWishes } from '../recorder';

/** What a thread is started with. */
export interface ThreadData {
  /** The time of the recorder that keeps the steps. */
  readonly time: SharedArrayBuffer;
  /** For people and debuggers. */
  readonly name: string;
}

/** What may be asked of a thread; configurations and updates are packed. */
export type Ask =
  | { readonly what: 'start-tablet' | 'start-gateway'; readonly part: number; readonly config: unknown }
  | { readonly what: 'update'; readonly part: number; readonly update: unknown }
  | { readonly what: 'report' | 'counters'; readonly part: number }
  | { readonly what: 'watch'; readonly part: number; readonly wish: WatchWish }
  | { readonly what: 'stop'; readonly part: number; readonly graceMs: number | undefined }
  /** Its answer comes after everything that was recorded before. */
  | { readonly what: 'settle' };

export type ToThread =
  | { readonly kind: 'ask'; readonly id: number; readonly ask: Ask }
  | { readonly kind: 'wishes'; readonly wishes: TraceWishes }
  | { readonly kind: 'hear-queries'; readonly part: number; readonly wanted: boolean }
  /** The thread ends as soon as its parts have. */
  | { readonly kind: 'close' };

/** What a started part says of itself. */
export interface Started {
  readonly alias?: string;
  readonly address?: { readonly host: string; readonly port: number };
  readonly mysql?: { readonly host: string; readonly port: number };
  readonly mysqlSocket?: string;
  readonly grpc?: { readonly host: string; readonly port: number };
}

export type FromThread =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: CarriedError }
  | { readonly kind: 'traced'; readonly events: readonly TraceEvent[] }
  | { readonly kind: 'signed-in'; readonly part: number; readonly signIn: unknown }
  | { readonly kind: 'queries'; readonly part: number; readonly lines: readonly string[] }
  | { readonly kind: 'backend'; readonly part: number; readonly error: string | null };

/** An error as it crosses: what others go by is its failure's code, or the code and port of a listening socket. */
export interface CarriedError {
  readonly message: string;
  readonly failure?: Failure;
  readonly code?: string;
  readonly port?: number;
  readonly cause?: CarriedError;
}

export function carryError(error: unknown): CarriedError {
  const { code, port, cause } = error as { code?: unknown; port?: unknown; cause?: unknown };
  return {
    message: error instanceof Error ? error.message : String(error),
    ...(error instanceof GatehouseError ? { failure: { ...error.failure } } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof port === 'number' ? { port } : {}),
    ...(cause instanceof Error ? { cause: carryError(cause) } : {}),
  };
}

export function arrivedError({ message, failure, code, port, cause }: CarriedError): Error {
  const options = cause === undefined ? undefined : { cause: arrivedError(cause) };
  if (failure !== undefined) return new GatehouseError(failure, options);
  return Object.assign(
    new Error(message, options),
    code === undefined ? {} : { code },
    port === undefined ? {} : { port },
  );
}
