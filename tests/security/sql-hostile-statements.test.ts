import { describe, expect, it } from 'vitest';
import { readStatement } from '../../src-main/domain/sql';
import type { Plan } from '../../src-main/domain/sql';
import { defaultFidelity } from '../../src-main/domain/fidelity';
import { hostileStatements } from '../support/hostile-statements';

const names = (plan: Plan): boolean =>
  plan.kind === 'plan' && plan.permissions.some(({ table }) => table.toLowerCase() === 'secret');

/** A plan under which a caller without rights on `secret` gets nowhere near it. */
const isSafe = (plan: Plan): boolean =>
  plan.kind === 'refused' ||
  plan.kind === 'panic' ||
  names(plan) ||
  (plan.kind === 'plan' && plan.undetermined !== null);

describe('hostile statements', () => {
  it.each(hostileStatements)('$sql', ({ sql, mustBeNamed }) => {
    const { execute, stream } = readStatement(sql, { fidelity: defaultFidelity });
    expect(isSafe(execute), JSON.stringify(execute)).toBe(true);
    expect(isSafe(stream), JSON.stringify(stream)).toBe(true);
    if (mustBeNamed) expect(names(execute), JSON.stringify(execute)).toBe(true);
  });

  it('has no statement that is safe only because the test takes everything for safe', () => {
    const harmless = readStatement('select * from a', { fidelity: defaultFidelity });
    expect(isSafe(harmless.execute)).toBe(false);
    expect(hostileStatements.length).toBeGreaterThan(300);
  });
});
