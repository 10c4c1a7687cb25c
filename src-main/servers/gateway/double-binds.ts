import { query } from '../rpc';
import type { StatementCall } from './statement-call';

/** A number without an exponent, which MySQL reads as DECIMAL or as a whole number. */
const plainNumber = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;

/**
 * Bind variables for a statement that vtgate would compute itself: there a DOUBLE stays one (go/vt/vtgate/evalengine),
 * while its text as a literal of MySQL would be DECIMAL. With an exponent the literal is a DOUBLE. What goes to a table
 * keeps its text, as Vitess sends it.
 */
export function withDoubles(binds: StatementCall['binds']): StatementCall['binds'] {
  if (binds === undefined) return binds;
  let changed: { [name: string]: query.IBindVariable } | undefined;
  for (const [name, { type, value }] of Object.entries(binds)) {
    if (type !== query.Type.FLOAT64 && type !== query.Type.FLOAT32) continue;
    const text = Buffer.from(value ?? []).toString('latin1');
    if (!plainNumber.test(text)) continue;
    changed ??= { ...binds };
    changed[name] = { type, value: Buffer.from(`${text}e0`) };
  }
  return changed ?? binds;
}
