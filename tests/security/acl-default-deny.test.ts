import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aclToJson, compareAcls, decide, parseAclFile, tableRoles, type AclModel } from '../../src-main/domain/acl';
import type { Fidelity } from '../../src-main/domain/fidelity/fidelity';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 10_000);
const fidelities: readonly Fidelity[] = [
  { mode: 'vitess', version: '24.0-recorded' },
  { mode: 'vitess', version: '24.0.4' },
  { mode: 'hardened', version: '24.0-recorded' },
  { mode: 'hardened', version: '24.0.4' },
];

const principal = fc.constantFrom('', 'a', 'A', 'b', 'g', '%', '*', 'all', ' a');
const table = fc.constantFrom('', 't', 'T', 'to', 'ton', 'tu', 'x', 'X1', 'tables', 'du', '%', 't%');
const entry = fc.constantFrom('t', 'T', 'to', 'ton', 'to%', 'tu%', 'x', 'X%', '%', '*', 'tables', 'd%', 'dual');
const names = fc.array(principal, { maxLength: 6 });
const model: fc.Arbitrary<AclModel> = fc.record({
  groups: fc.array(
    fc.record({
      name: fc.constantFrom('', 'g', 'h'),
      entries: fc.array(entry, { minLength: 1, maxLength: 2 }),
      readers: names,
      writers: names,
      admins: names,
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

/** The rule in its own words: some group has an entry for the table, and the role's list has the caller or its group. */
function isListed(
  acl: AclModel,
  caller: { username: string; groups: readonly string[] },
  question: { table: string; role: string },
): boolean {
  const list = (
    { READER: 'readers', WRITER: 'writers', ADMIN: 'admins' } as Record<string, 'readers' | 'writers' | 'admins'>
  )[question.role];
  return acl.groups.some((group) => {
    const covered = group.entries.some((text) =>
      text.endsWith('%') ? question.table.startsWith(text.slice(0, -1)) : question.table === text,
    );
    return (
      covered && list !== undefined && [caller.username, ...caller.groups].some((name) => group[list].includes(name))
    );
  });
}

test('strict mode lets through exactly what is listed, in every mode and version', () => {
  let allowed = 0;
  let denied = 0;
  fc.assert(
    fc.property(
      model,
      fc.record({ username: principal, groups: fc.array(principal, { maxLength: 2 }) }),
      fc.array(fc.record({ table, role: fc.constantFrom(...tableRoles) }), { minLength: 1, maxLength: 2 }),
      fc.constantFrom(...fidelities),
      (written, caller, permissions, fidelity) => {
        const { acl, vitess } = parseAclFile(Buffer.from(aclToJson(written)), { file: 'acl.json', fidelity });
        const decision = decide({
          acl,
          aclFileGiven: true,
          settings: { strict: true, dryRun: false, exempt: '' },
          caller,
          plan: { kind: 'plan', name: 'Select', permissions, undetermined: null, dualOnly: false },
          fidelity,
        });
        const mayPass = vitess.accepted && permissions.every((question) => isListed(written, caller, question));
        expect(decision.verdict).toBe(mayPass ? 'allow' : 'deny');
        expect(decision.enforcement).toBe('enforced');
        if (mayPass) allowed += 1;
        else denied += 1;
      },
    ),
    { numRuns },
  );
  expect(allowed).toBeGreaterThan(numRuns / 100);
  expect(denied).toBeGreaterThan(numRuns / 100);
});

test('a refused file, an empty one and none at all grant nothing to anybody', () => {
  for (const text of [
    null,
    '',
    '{}',
    '{"table_groups":[}',
    '{"table_groups":[{"table_names_or_prefixes":["t","t"],"readers":["a"]}]}',
    '  ',
  ]) {
    const acl = text === null ? null : parseAclFile(Buffer.from(text), { file: 'f', fidelity: fidelities[1]! }).acl;
    const callers = ['', 'a', 'dba', 'root', '%', '*'].map((username) => ({ username, groups: ['a', 'admin'] }));
    expect(compareAcls(null, acl, { callers, tables: ['t', 'x', '', '%'] }).cells).toEqual([]);
  }
});

test('what passes without consent always says so', () => {
  fc.assert(
    fc.property(
      fc.record({ strict: fc.boolean(), dryRun: fc.boolean(), exempt: fc.constantFrom('', 'a', 'gRPC') }),
      fc.option(fc.record({ username: principal, groups: fc.array(principal, { maxLength: 1 }) })),
      fc.array(fc.record({ table, role: fc.constantFrom(...tableRoles) }), { maxLength: 2 }),
      fc.constantFrom(null, 'not known'),
      fc.boolean(),
      fc.constantFrom(...fidelities),
      (settings, caller, permissions, undetermined, dualOnly, fidelity) => {
        const plan = { kind: 'plan', name: 'Select', permissions, undetermined, dualOnly } as const;
        const decision = decide({ acl: null, aclFileGiven: true, settings, caller, plan, fidelity });
        const asksSomething = permissions.length > 0 || undetermined !== null;
        if (decision.verdict !== 'allow') {
          expect(decision.message).not.toBeNull();
          expect(decision.code).not.toBeNull();
        } else if (asksSomething) expect(decision.wouldBe).toBeDefined();
        if (fidelity.mode === 'hardened' && undetermined !== null && decision.enforcement === 'enforced')
          expect(decision.verdict).not.toBe('allow');
      },
    ),
    { numRuns },
  );
});
