/**
 * How long one decision takes. Not a test: run it by hand with
 * `npx esbuild tests/unit/domain/acl/decide-bench.ts --bundle --platform=node --format=esm | node --input-type=module`.
 */
import { decide, parseAclFile } from '../../../../src-main/domain/acl';
import type { Plan } from '../../../../src-main/domain/sql/reading';

const fidelity = { mode: 'hardened', version: '24.0.4' } as const;

function benchDecide(): void {
  const groups = Array.from({ length: 200 }, (_, index) => ({
    name: `group${index}`,
    table_names_or_prefixes: [`table${index}_%`, `exact${index}`],
    readers: Array.from({ length: 50 }, (__, reader) => `user${reader}`),
    writers: ['user1'],
  }));
  const { acl } = parseAclFile(Buffer.from(JSON.stringify({ table_groups: groups })), { file: 'acl.json', fidelity });
  const settings = { strict: true, dryRun: false, exempt: 'dba' };
  const plan = (...tables: string[]): Extract<Plan, { kind: 'plan' }> => ({
    kind: 'plan',
    name: 'Select',
    permissions: tables.map((table) => ({ table, role: 'READER' as const })),
    undetermined: null,
    dualOnly: false,
  });
  const cases = {
    'one exact name, granted by name': { caller: { username: 'user7', groups: [] }, plan: plan('exact77') },
    'one prefix, granted by group': { caller: { username: 'x', groups: ['a', 'user9'] }, plan: plan('table123_x') },
    'four tables, granted': {
      caller: { username: 'user7', groups: [] },
      plan: plan('exact1', 'table9_', 'exact3', 'exact4'),
    },
    'one exact name, denied': { caller: { username: 'x', groups: ['a', 'b'] }, plan: plan('exact77') },
  };
  for (const [name, { caller, plan: statement }] of Object.entries(cases)) {
    const question = { acl, settings, caller, plan: statement, fidelity };
    for (let warm = 0; warm < 20_000; warm += 1) decide(question);
    const rounds = 300_000;
    const start = performance.now();
    for (let round = 0; round < rounds; round += 1) decide(question);
    console.log(`${name}: ${(((performance.now() - start) * 1000) / rounds).toFixed(2)} µs`);
  }
}

benchDecide();
