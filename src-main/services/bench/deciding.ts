import type { Workspace } from '../workspace/load-workspace';
import { DecideService } from '../decide/decide-service';
import type { Measurement } from './figure';

const STATEMENTS = [
  'select id, status from orders where id = 7',
  'select o.id, c.name from orders o join customers c on c.id = o.customer_id where o.id = 7',
  "update orders set status = 'paid' where id = 7",
  'insert into order_items (order_id, line, product_id, quantity) values (7, 4, 11, 2)',
];

/** Microseconds for one answer of `decide`, usual statements, after warm-up. */
export function measureDeciding(workspace: Workspace): Measurement[] {
  const service = new DecideService(workspace, new Date());
  const ask = (rounds: number): number => {
    const start = performance.now();
    for (let round = 0; round < rounds; round += 1)
      for (const sql of STATEMENTS) service.decide({ id: round, caller: { user: 'web' }, sql });
    return ((performance.now() - start) * 1000) / (rounds * STATEMENTS.length);
  };
  ask(5_000);
  const times = Array.from({ length: 7 }, () => ask(2_000));
  return [
    {
      name: 'decide, a usual statement',
      value: times.sort((a, b) => a - b)[3] ?? Number.NaN,
      unit: 'µs',
      bar: 20,
      better: 'less',
      peer: null,
    },
  ];
}
