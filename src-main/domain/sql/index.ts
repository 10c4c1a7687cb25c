import type { Fidelity } from '../fidelity/fidelity';
import type { GatewayStatement } from './gateway-statement';
import type { StatementReading } from './reading';

export type * from './reading';
export type * from './plan-name';
export type * from './gateway-statement';

/** What the tablet's schema engine knows about tables, where the caller has it. */
export interface KnownTables {
  has(name: string): boolean;
  /** Whether the table is a Vitess sequence (`comment 'vitess_sequence'`). */
  isSequence?(name: string): boolean;
}

/** Which program is emulated and what it knows. */
export interface ReadOptions {
  readonly fidelity: Fidelity;
  readonly knownTables?: KnownTables;
}

/** Reads one statement: plan, tables and roles for both RPC kinds. Never throws; linear in the length of the text. */
export function readStatement(_sql: string, _options: ReadOptions): StatementReading {
  const plan = { kind: 'plan', name: 'OtherRead', permissions: [], undetermined: 'not read by Gatehouse', dualOnly: false } as const;
  return { type: 'UNKNOWN', execute: plan, stream: plan, qualifiers: [], sessionCalls: [] };
}

/** Classifies one statement for the gateway's session handling. Never throws. */
export function gatewayStatement(_sql: string): GatewayStatement {
  return { kind: 'other' };
}

/** Splits a multi-statement text at `;` outside strings, comments and stored-program bodies; empty pieces are left out. */
export function splitStatements(sql: string): string[] {
  return [sql];
}
