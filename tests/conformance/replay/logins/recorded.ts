import type { ClientLogin } from '../vtgate/wire-login';

/** What came of one recorded connection. */
export interface RecordedResult {
  readonly result: string;
  readonly errno?: number;
  readonly sqlstate?: string;
  readonly message?: string;
  readonly then?: string;
  readonly alert?: string;
  readonly seenIn?: string;
  readonly user?: unknown;
  readonly currentUser?: unknown;
  readonly database?: unknown;
  readonly callers?: unknown;
  readonly deniedText?: string;
  readonly tls?: unknown;
  readonly log?: readonly string[];
  readonly trace?: readonly string[];
}

export interface SingleCase extends ClientLogin {
  readonly id: string;
  readonly kind?: undefined;
  readonly server: string;
  readonly timeout?: number;
  readonly whichDatabase?: boolean;
  readonly expect: RecordedResult;
}

export interface StartCase {
  readonly id: string;
  readonly kind: 'start';
  readonly flags: readonly string[];
  readonly expect: { readonly start: 'ok' | 'refused'; readonly exit: number | null; readonly log: readonly string[] };
}

/** One step of a sequence: what is done, in words, and what came of it. */
export interface SequenceStep {
  readonly do: string;
  readonly expect?: { readonly [key: string]: unknown };
  readonly log?: readonly string[];
}

export interface SequenceCase {
  readonly id: string;
  readonly kind: 'sequence';
  readonly flags: readonly string[];
  readonly steps: readonly SequenceStep[];
}

export interface ClientCase {
  readonly id: string;
  readonly kind: 'client';
  readonly server: string;
  readonly client: string;
  readonly user: string;
  readonly password: string;
  readonly expect: { readonly exit: number; readonly said: string };
}

export type LoginCase = SingleCase | StartCase | SequenceCase | ClientCase;

export interface LoginsRecording {
  readonly users: unknown;
  readonly acl: unknown;
  readonly servers: { readonly [name: string]: readonly string[] };
  readonly greetings: { readonly [name: string]: unknown };
  readonly cases: readonly LoginCase[];
}
