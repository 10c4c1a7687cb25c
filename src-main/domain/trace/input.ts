import type { TableAcl } from '../acl';
import type { Fidelity } from '../fidelity/fidelity';
import type { Cell, Expectation, Outcome } from '../probes';
import type { Gateway, Tablet, Topology } from '../topology';
import type { UsersFile } from '../users';

/** A step as the connecting side or a part of the cluster noted it. Times: microseconds since the Unix epoch. */
export interface NotedStep {
  readonly name: string;
  readonly outcome: 'ok' | 'info' | 'refused' | 'failed';
  readonly atMicros: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface RecordedStep extends NotedStep {
  readonly part: 'client' | 'gateway' | 'link' | 'tablet' | 'mysql';
}

/** What the connecting side learned; the shape of clients' Attempt. */
export interface AttemptFacts {
  readonly stage: 'connect' | 'tls' | 'login' | 'statement' | 'done';
  readonly error: { readonly code: number; readonly sqlState: string | null; readonly message: string } | null;
  readonly failure: string | null;
  readonly rows: number | null;
  readonly affected?: number | null;
  readonly table: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | null)[])[];
  } | null;
  readonly steps: readonly NotedStep[];
}

/** What the workspace in force says about the parts that the trace passed. */
export interface TraceWorld {
  readonly topology: Topology;
  readonly users: ReadonlyMap<string, UsersFile>;
  readonly acls: ReadonlyMap<string, TableAcl>;
  fidelityOf(gateway: Gateway | null): Fidelity;
  /** Common names (or DNS names) of a certificate file's chain up to its root as far as the workspace knows it, leaf first. */
  chainNames(path: string): readonly string[];
  /** DNS names and addresses of the file's first certificate. */
  namesOf(path: string): readonly string[];
}

export interface TraceInput {
  readonly cell: Cell;
  readonly startedAt: Date;
  readonly milliseconds: number;
  readonly attempt: AttemptFacts;
  /** What the cluster recorded of this connection; null: nothing was found. */
  readonly recorded: readonly RecordedStep[] | null;
  readonly actual: Outcome;
  readonly predicted: Outcome | null;
  readonly asPredicted: boolean | null;
  /** Null: nothing was expected of this test. */
  readonly expected: Expectation | null;
  readonly asExpected: boolean | null;
  readonly world: TraceWorld;
}

/** The input with what every hop looks up. */
export interface TraceFacts extends TraceInput {
  readonly overMysql: boolean;
  readonly gateway: Gateway | null;
  /** Position of `gateway` in the topology, for edits. */
  readonly gatewayIndex: number;
  readonly tablet: Tablet | null;
  readonly tabletIndex: number;
  client(name: string): NotedStep | undefined;
  part(part: RecordedStep['part'], name: string): RecordedStep | undefined;
}

export function factsOf(input: TraceInput): TraceFacts {
  const { topology } = input.world;
  const gatewayIndex = topology.gateways.findIndex(({ name }) => name === input.cell.caller.gateway);
  return {
    ...input,
    overMysql: input.cell.transport.startsWith('mysql-'),
    gateway: topology.gateways[gatewayIndex] ?? null,
    gatewayIndex,
    tablet: topology.tablets[0] ?? null,
    tabletIndex: 0,
    client: (name) => input.attempt.steps.find((step) => step.name === name),
    part: (part, name) => input.recorded?.find((step) => step.part === part && step.name === name),
  };
}

/** Texts, numbers and lists out of a step's data; what is not of the kind is the empty value. */
export const textIn = (step: NotedStep | undefined, key: string): string => {
  const value = step?.data[key];
  return typeof value === 'string' ? value : '';
};
export const numberIn = (step: NotedStep | undefined, key: string): number | null => {
  const value = step?.data[key];
  return typeof value === 'number' ? value : null;
};
export const objectIn = (step: NotedStep | undefined, key: string): Readonly<Record<string, unknown>> | null => {
  const value = step?.data[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
};
export const objectsIn = (step: NotedStep | undefined, key: string): readonly Readonly<Record<string, unknown>>[] => {
  const value = step?.data[key];
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
};
export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** Milliseconds between two steps, never negative; null when one is missing. */
export const between = (from: number | null | undefined, to: number | null | undefined): number | null =>
  from == null || to == null ? null : Math.max(0, (to - from) / 1000);
