import { expect, test } from 'vitest';
import { decide, type AclSettings } from '../../../../src-main/domain/acl';
import type { Fidelity } from '../../../../src-main/domain/fidelity/fidelity';
import { aclRules } from '../../../../src-main/domain/fidelity/rules/acl';
import { caller, current, hardened, hardenedRecorded, load, plan, read, recorded } from './acl-builder';

const acl = load({ table_groups: [{ name: 'g', table_names_or_prefixes: ['%'], readers: ['app'] }] });
const strict: AclSettings = { strict: true, dryRun: false, exempt: '' };
const unsure = plan(['t READER'], { undetermined: 'LOAD DATA reads a file' });
const belowDual = plan(['dual READER', 'secret READER'], { dualOnly: true });

const verdict = (statement: typeof unsure, fidelity: Fidelity, settings = strict, who = 'app'): string => {
  const decision = decide({ acl, settings, caller: caller(who), plan: statement, fidelity });
  return `${decision.verdict} ${decision.enforcement} ${decision.wouldBe ?? '-'}`;
};
const levels = (text: string, fidelity: Fidelity): string[] =>
  read(text, {}, fidelity)
    .findings.filter(({ code }) => code !== 'acl.no-groups')
    .map(({ level, code }) => `${level} ${code}`);

/** For every rule: what is asked in each setting, and what must come out. */
const behaviours: Record<string, readonly (readonly [() => string | string[], string | string[]])[]> = {
  'acl-undetermined-denied': [
    [() => verdict(unsure, recorded), 'allow enforced cannot-decide'],
    [() => verdict(unsure, current), 'cannot-decide enforced -'],
  ],
  'acl-undetermined-refused': [
    [() => verdict(unsure, recorded), 'allow enforced cannot-decide'],
    [() => verdict(unsure, hardened), 'cannot-decide enforced -'],
    [() => verdict(unsure, hardenedRecorded), 'cannot-decide enforced -'],
    [() => verdict(unsure, hardened, { ...strict, strict: false }), 'allow strict-off cannot-decide'],
    [() => verdict(unsure, hardened, { ...strict, dryRun: true }), 'allow dry-run cannot-decide'],
  ],
  'acl-dual-reads-nothing-else': [
    [() => verdict(belowDual, recorded, strict, 'eve'), 'allow dual deny'],
    [() => verdict(belowDual, current, strict, 'eve'), 'deny enforced -'],
  ],
  'acl-dual-checked': [
    [() => verdict(belowDual, recorded, strict, 'eve'), 'allow dual deny'],
    [() => verdict(belowDual, hardenedRecorded, strict, 'eve'), 'deny enforced -'],
  ],
  'acl-misspelt-key-is-error': [
    [() => levels('{"table_group": []}', current), ['warning acl.misspelt-key']],
    [() => levels('{"table_group": []}', hardened), ['error acl.misspelt-key']],
  ],
  'acl-text-as-binary-is-error': [
    [() => levels('P1', current), ['warning acl.text-read-as-binary']],
    [() => levels('P1', hardened), ['error acl.text-read-as-binary']],
  ],
};

test('every rule is shown here', () => {
  expect(Object.keys(behaviours).sort()).toEqual(aclRules.map(({ id }) => id).sort());
  for (const rule of aclRules) expect(rule.test).toBe('tests/unit/domain/acl/fidelity-rules.test.ts');
});

test.each(Object.entries(behaviours))('%s', (_id, cases) => {
  for (const [observe, wanted] of cases) expect(observe()).toEqual(wanted);
});
