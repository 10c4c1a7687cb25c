import type { StatementCall } from './statement-call';
import type { SqlMark } from './scan-sql';
import { VitessError } from './vitess-error';

/** Refuses a statement that vtgate computes itself while a bind variable has no value (go/vt/vtgate/evalengine). */
export function demandArguments(marks: readonly SqlMark[], binds: StatementCall['binds'] = {}): void {
  let parameters = 0;
  for (const { kind, name } of marks) {
    if (kind !== 'argument' && kind !== 'parameter') continue;
    const asked = kind === 'argument' ? name : `v${++parameters}`;
    if (!Object.hasOwn(binds, asked)) throw new VitessError('INVALID_ARGUMENT', `query arguments missing for ${asked}`);
  }
}
