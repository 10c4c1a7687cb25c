import { describe, expect, test } from 'vitest';
import {
  decide,
  explainDecision,
  type AclQuestion,
  type AclSettings,
  type Decision,
} from '../../../../src-main/domain/acl';
import { caller, current, hardened, hardenedRecorded, load, plan, recorded } from './acl-builder';

const acl = load(`{"table_groups": [
  {"name": "sales",
   "table_names_or_prefixes": ["orders", "order_%"],
   "readers": ["app", "staff"],
   "writers": ["app"]},
  {"name": "all",
   "table_names_or_prefixes": ["stock"],
   "readers": ["app",
     "x"]}]}`);

const strict: AclSettings = { strict: true, dryRun: false, exempt: '' };
const off: AclSettings = { ...strict, strict: false };
const dry: AclSettings = { ...strict, dryRun: true };
const dryOff: AclSettings = { ...off, dryRun: true };

const question = (rest: Partial<AclQuestion>): AclQuestion => ({
  acl,
  settings: strict,
  caller: caller('app'),
  plan: plan(['orders READER']),
  fidelity: current,
  ...rest,
});

/** `verdict enforcement wouldBe`, what matters most of a decision. */
const short = (rest: Partial<AclQuestion>): string => {
  const { verdict, enforcement, wouldBe } = decide(question(rest));
  return [verdict, enforcement, wouldBe].filter((word) => word !== undefined).join(' ');
};

const unsure = plan([], { name: 'CallProcedure', undetermined: 'CALL runs a procedure' });
const dual = plan(['dual READER'], { dualOnly: true });
const belowDual = plan(['dual READER', 'payments READER'], { dualOnly: true });

describe('one table', () => {
  test('a name in the list', () => {
    const decision = decide(question({ caller: caller('x'), plan: plan(['stock READER']) }));
    expect(decision).toEqual<Decision>({
      verdict: 'allow',
      enforcement: 'enforced',
      caller: caller('x'),
      undetermined: null,
      tables: [
        {
          permission: { table: 'stock', role: 'READER' },
          group: 'all',
          entry: 'stock',
          list: 'readers',
          principal: 'x',
          granted: true,
          file: 'acl.json',
          line: 9,
        },
      ],
      code: null,
      message: null,
      counters: [{ counter: 'TableACLAllowed', table: 'stock', group: 'all' }],
      reason: 'Every table is granted.',
    });
  });

  test('a group of the caller in the list, a prefix', () => {
    const { tables, verdict } = decide(
      question({ caller: caller('ann', 'dev', 'staff'), plan: plan(['order_items READER']) }),
    );
    expect(verdict).toBe('allow');
    expect(tables[0]).toMatchObject({ entry: 'order_%', principal: 'staff', line: 4 });
  });

  test('not in the list: the line of the list, or of the group where the list is missing', () => {
    const denied = decide(question({ caller: caller('bob'), plan: plan(['orders WRITER']) }));
    expect(denied).toMatchObject({ verdict: 'deny', code: 'PERMISSION_DENIED' });
    expect(denied.tables[0]).toMatchObject({ list: 'writers', principal: null, granted: false, line: 5 });
    expect(denied.counters).toEqual([{ counter: 'TableACLDenied', table: 'orders', group: 'sales' }]);
    expect(decide(question({ plan: plan(['orders ADMIN']) })).tables[0]).toMatchObject({ list: 'admins', line: 2 });
  });

  test('no entry', () => {
    const denied = decide(question({ plan: plan(['Orders READER']) }));
    expect(denied.verdict).toBe('deny');
    expect(denied.tables[0]).toMatchObject({ entry: null, list: null, line: null, file: 'acl.json' });
    expect(denied.counters).toEqual([{ counter: 'TableACLDenied', table: 'Orders', group: '' }]);
  });

  test('the first denial ends it', () => {
    const denied = decide(question({ plan: plan(['orders READER', 'stock WRITER', 'payments READER']) }));
    expect(denied.tables).toHaveLength(2);
    expect(denied.message).toBe("Select command denied to user 'app' for table 'stock' (ACL check error)");
  });
});

test.each([
  [caller('bob'), "Insert command denied to user 'bob' for table 't' (ACL check error)"],
  [caller(''), "Insert command denied to user '' for table 't' (ACL check error)"],
  [
    caller('bob', 'dev', 'ops'),
    "Insert command denied to user 'bob', in groups [dev, ops], for table 't' (ACL check error)",
  ],
])('words of a denial for %j', (who, message) => {
  expect(decide(question({ caller: who, plan: plan(['t WRITER'], { name: 'Insert' }) })).message).toBe(message);
});

test('words for tables that cannot be determined', () => {
  const decision = decide(question({ caller: caller('u2', 'eng', 'beta'), plan: unsure }));
  expect(decision.message).toBe(
    "CallProcedure command denied to user 'u2', in groups [eng, beta], for a table set that cannot be determined (ACL check error)",
  );
  expect(decision.counters).toEqual([{ counter: 'TableACLDenied', table: 'undetermined-table-set', group: '' }]);
});

describe('order of the checks', () => {
  const exempt: AclSettings = { ...strict, exempt: 'root' };

  test.each<[string, Partial<AclQuestion>, string]>([
    ['dual comes before the missing caller', { caller: null, plan: dual }, 'allow dual'],
    ['dual comes before the exempt transport', { plan: dual, settings: { ...strict, exempt: 'gRPC' } }, 'allow dual'],
    [
      'the exempt transport comes before the missing caller',
      { caller: null, settings: { ...strict, exempt: 'gRPC' } },
      'allow exempt deny',
    ],
    [
      'another transport is not exempt',
      { caller: null, settings: { ...strict, exempt: 'gRPC' }, transportUser: 'http' },
      'deny enforced',
    ],
    ['the missing caller is refused before any table', { caller: null, plan: plan([]) }, 'deny enforced'],
    ['a dry run does not soften the missing caller', { caller: null, settings: dry }, 'deny enforced'],
    ['strict off does', { caller: null, settings: off }, 'allow strict-off deny'],
    ['strict off without an ACL, too', { caller: null, settings: dryOff, acl: null }, 'allow no-acl deny'],
    ['an empty name is not a missing caller', { caller: caller('') }, 'deny enforced'],
    ['the exempt caller passes', { caller: caller('root'), settings: exempt }, 'allow exempt deny'],
    ['by its group, too', { caller: caller('u', 'root'), settings: exempt }, 'allow exempt deny'],
    [
      'and past what cannot be determined',
      { caller: caller('root'), settings: exempt, plan: unsure },
      'allow exempt cannot-decide',
    ],
    [
      'a denied table comes before what cannot be determined',
      { plan: plan(['t READER'], { undetermined: 'x' }) },
      'deny enforced',
    ],
    [
      'what cannot be determined is refused to those who may do all',
      { plan: plan(['orders READER'], { undetermined: 'x' }) },
      'cannot-decide enforced',
    ],
  ])('%s', (_name, rest, wanted) => {
    expect(short(rest)).toBe(wanted);
  });

  test('the exemption needs a file, not a sound one', () => {
    const asked = { caller: caller('root'), settings: exempt, acl: null };
    expect(short(asked)).toBe('deny enforced');
    expect(short({ ...asked, aclFileGiven: true })).toBe('allow exempt deny');
  });

  test('the missing caller is UNAUTHENTICATED and counted nowhere', () => {
    expect(decide(question({ caller: null }))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'missing caller id',
      counters: [],
      tables: [],
    });
  });

  test('an exemption is counted without labels', () => {
    expect(decide(question({ caller: caller('root'), settings: exempt })).counters).toEqual([
      { counter: 'TableACLExemptCount', table: '', group: '' },
    ]);
  });
});

describe('what is not enforced is not allowed', () => {
  test.each<[string, Partial<AclQuestion>, string, string[]]>([
    ['strict off, granted', { settings: off }, 'allow strict-off', ['TableACLAllowed orders']],
    ['strict off, not granted', { settings: off, caller: caller('y') }, 'allow strict-off deny', []],
    ['dry run, granted', { settings: dry }, 'allow dry-run', ['TableACLAllowed orders']],
    [
      'dry run, not granted',
      { settings: dry, caller: caller('y') },
      'allow dry-run deny',
      ['TableACLPseudoDenied orders'],
    ],
    [
      'dry run without strict',
      { settings: dryOff, caller: caller('y') },
      'allow dry-run deny',
      ['TableACLPseudoDenied orders'],
    ],
    [
      'dry run goes on behind a denial',
      { settings: dry, plan: plan(['t READER', 'orders READER']) },
      'allow dry-run deny',
      ['TableACLPseudoDenied t', 'TableACLAllowed orders'],
    ],
    [
      'dry run, not to be determined',
      { settings: dry, plan: unsure },
      'allow dry-run cannot-decide',
      ['TableACLPseudoDenied undetermined-table-set'],
    ],
    ['strict off, not to be determined', { settings: off, plan: unsure }, 'allow strict-off cannot-decide', []],
    ['no ACL, strict off', { settings: off, acl: null }, 'allow no-acl deny', []],
    ['no ACL, strict', { acl: null }, 'deny enforced', ['TableACLDenied orders']],
    ['no ACL, dry run', { acl: null, settings: dry }, 'allow dry-run deny', ['TableACLPseudoDenied orders']],
    ['nothing asked', { plan: plan([]) }, 'allow enforced', []],
  ])('%s', (_name, rest, wanted, counters) => {
    expect(short(rest)).toBe(wanted);
    expect(decide(question(rest)).counters.map(({ counter, table }) => `${counter} ${table}`)).toEqual(counters);
  });
});

describe('dual', () => {
  const asDual = plan(['dual READER', 'orders READER']);

  test('passes without being counted, unless somebody is named for it', () => {
    const decision = decide(question({ plan: asDual }));
    expect(decision.verdict).toBe('allow');
    expect(decision.tables[0]).toMatchObject({ granted: true, entry: null });
    expect(decision.counters).toEqual([{ counter: 'TableACLAllowed', table: 'orders', group: 'sales' }]);
    const everything = load({ table_groups: [{ name: 'e', table_names_or_prefixes: ['%'], readers: ['app'] }] });
    expect(decide(question({ acl: everything, plan: asDual })).counters).toHaveLength(2);
    expect(decide(question({ acl: everything, plan: plan(['dual READER']), caller: caller('y') })).verdict).toBe(
      'allow',
    );
  });

  test('a dry run counts it as pseudo-denied', () => {
    const decision = decide(question({ plan: asDual, settings: dry }));
    expect(decision.counters[0]).toEqual({ counter: 'TableACLPseudoDenied', table: 'dual', group: '' });
    expect(decision.wouldBe).toBeUndefined();
  });

  test.each([
    ['recorded', recorded, 'allow dual deny'],
    ['24.0.4', current, 'deny enforced'],
    ['hardened', hardened, 'deny enforced'],
    ['hardened recorded', hardenedRecorded, 'deny enforced'],
  ] as const)('with a table below it: %s', (_name, fidelity, wanted) => {
    expect(short({ plan: belowDual, fidelity })).toBe(wanted);
  });

  test('a table called Dual is a table', () => {
    expect(short({ plan: plan(['Dual READER']) })).toBe('deny enforced');
  });
});

describe('sentences', () => {
  test.each<[string, Partial<AclQuestion>, string]>([
    ['granted by name', {}, '"app" may read "orders" because it is in readers of group "sales" (acl.json, line 4).'],
    [
      'granted by group',
      { caller: caller('ann', 'staff') },
      '"ann" may read "orders" because its group "staff" is in readers of group "sales" (acl.json, line 4).',
    ],
    [
      'two tables',
      { plan: plan(['orders WRITER', 'stock READER']) },
      '"app" may write "orders" because it is in writers of group "sales" (acl.json, line 5), and may read "stock" because it is in readers of group "all" (acl.json, line 8).',
    ],
    [
      'denied',
      { caller: caller('bob', 'dev'), plan: plan(['orders ADMIN']) },
      '"bob" may not change the definition of "orders" because neither it nor one of its groups is in admins of group "sales" (acl.json, line 2).',
    ],
    [
      'no entry',
      { plan: plan(['t READER']) },
      '"app" may not read "t" because no entry of acl.json covers this table.',
    ],
    ['no ACL', { acl: null }, '"app" may not read "orders" because no ACL is loaded.'],
    ['no caller', { caller: null }, 'The request carries no caller ID, which strict mode refuses.'],
    [
      'undetermined',
      { plan: unsure },
      'The tables of this statement cannot be determined (CALL runs a procedure), so it is refused.',
    ],
    [
      'dry run',
      { settings: dry, caller: caller('y') },
      'It passes because this is a dry run, though "y" may not read "orders" because it is not in readers of group "sales" (acl.json, line 4).',
    ],
    [
      'an older version',
      { plan: unsure, fidelity: recorded },
      'It passes because this version of Vitess does not mind that the tables of this statement cannot be determined (CALL runs a procedure).',
    ],
    [
      'granted with strict off',
      { settings: off },
      '"app" may read "orders" because it is in readers of group "sales" (acl.json, line 4); granted; with strict mode off it would pass anyway.',
    ],
  ])('%s', (_name, rest, wanted) => {
    expect(explainDecision(decide(question(rest)))).toBe(wanted);
  });
});
