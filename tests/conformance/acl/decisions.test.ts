import { describe, expect, test } from 'vitest';
import {
  decide,
  parseAclFile,
  type AclCounterBump,
  type AclSettings,
  type TableAcl,
} from '../../../src-main/domain/acl';
import type { ImmediateCaller } from '../../../src-main/domain/identity/caller-id';
import type { Plan, TablePermission } from '../../../src-main/domain/sql/reading';
import type { PlanName } from '../../../src-main/domain/sql/plan-name';
import { readRecording } from './recordings';

const fidelity = { mode: 'vitess', version: '24.0-recorded' } as const;

interface Answer {
  readonly callers: readonly string[];
  readonly ok?: true | 'empty response';
  readonly code?: string;
  readonly message?: string;
}
interface DecisionCase {
  readonly id: string;
  readonly cell: string;
  readonly transport?: string;
  readonly sql: string;
  readonly setup?: unknown;
  readonly preQueries?: unknown;
  readonly tablet?: readonly Answer[];
  readonly answers?: readonly Answer[];
}
interface Cell {
  readonly acl: unknown;
  readonly tabletFlags: readonly string[];
  readonly gateFlags: readonly string[];
  readonly counters: Readonly<Record<string, Readonly<Record<string, number>> | number>>;
}
interface PlanRecord {
  readonly plan?: PlanName;
  readonly permissions?: readonly TablePermission[];
}
type KnownPlan = Extract<Plan, { kind: 'plan' }>;

const decisions = readRecording('decisions') as {
  callers: { name: string; user: string; groups: string[] }[];
  acl: unknown;
  cells: Record<string, Cell>;
  cases: DecisionCase[];
};
const permissions = readRecording('permissions') as {
  cases: { sql: string; execute?: PlanRecord; stream?: PlanRecord }[];
};

/** Statements of the small cells that permissions.json does not have, with what they plainly need. */
const handMade = new Map<string, PlanRecord>(
  (
    [
      ['select * from audit_log', 'Select', 'audit_log READER'],
      ['select * from payments where 1 != 1', 'SelectImpossible', 'payments READER'],
      ['select 1', 'Select', 'dual READER'],
      ['select 1 from dual', 'Select', 'dual READER'],
      ['select 1 from dual, orders', 'Select', 'dual READER, orders READER'],
      ['select o.id from orders o join payments p on p.order_id = o.id', 'Select', 'orders READER, payments READER'],
      ["insert into coupons values ('C1', 1)", 'Insert', 'coupons WRITER'],
      ["insert into coupons select 'C1', max(id) from payments", 'Insert', 'coupons WRITER, payments READER'],
      ['insert into payments select * from payments', 'Insert', 'payments WRITER, payments READER'],
      ['update stock set qty = 1 where product_id = 1', 'UpdateLimit', 'stock WRITER'],
      [
        'update stock s join products p on p.id = s.product_id set s.qty = 1',
        'Update',
        'stock WRITER, products WRITER',
      ],
      ['drop table payments', 'DDL', 'payments ADMIN'],
      ['truncate table coupons', 'DDL', 'coupons ADMIN'],
      ['select next value from order_seq', 'Nextval', 'order_seq WRITER'],
      ['explain select * from audit_log', 'Select', ''],
      ['call p_secret()', 'CallProcedure', ''],
      ['do (select max(id) from audit_log)', 'OtherAdmin', ''],
      ['flush tables orders', 'Flush', 'orders ADMIN'],
      ['select * from nosuch', 'Select', 'nosuch READER'],
      ["delete from coupons where code = 'TEN'", 'DeleteLimit', 'coupons WRITER'],
      ['show create table audit_log', 'Show', ''],
      ['select count(*) from information_schema.tables', 'Select', 'tables READER'],
      ['set @x = (select count(*) from audit_log)', 'Set', ''],
      ['set @x = (select max(id) from audit_log)', 'Set', ''],
    ] as const
  ).map(([sql, plan, needs]) => [
    sql,
    {
      plan,
      permissions: needs === '' ? [] : needs.split(', ').map((need) => toPermission(need)),
    },
  ]),
);

function toPermission(words: string): TablePermission {
  const [table = '', role = ''] = words.split(' ');
  return { table, role: role as TablePermission['role'] };
}

const recordedPlans = new Map(permissions.cases.map((one) => [one.sql, one]));
const callers = new Map<string, ImmediateCaller>(
  decisions.callers.map(({ name, user, groups }) => [name, { username: user, groups }]),
);

/** Statements whose single FROM table is `dual`; permissions.json does not tell. */
function isDualOnly(sql: string, asked: readonly TablePermission[]): boolean {
  if (asked[0]?.table !== 'dual' || /\bunion\b/i.test(sql)) return false;
  let top = sql;
  for (let before = ''; before !== top;) {
    before = top;
    top = top.replace(/\([^()]*\)/g, ' ');
  }
  const from = /\bfrom\b(.*)$/is.exec(top)?.[1] ?? '';
  return /^\s*(?:$|`?dual`?\b)/.test(from) && !from.includes(',');
}

/** The plan of a statement, or null when the real program refuses it before it asks anything. */
function planOf(sql: string, cell: Cell, streamed: boolean): KnownPlan | null | undefined {
  const recorded = recordedPlans.get(sql);
  const record = recorded === undefined ? handMade.get(sql) : streamed ? recorded.stream : recorded.execute;
  if (record === undefined) return recorded === undefined ? undefined : null;
  if (record.plan === undefined || record.permissions === undefined) return null;
  const passthrough = cell.tabletFlags.includes('--queryserver-config-passthrough-dmls');
  const name = passthrough ? (record.plan.replace(/^(Update|Delete)Limit$/, '$1') as PlanName) : record.plan;
  const dualOnly = isDualOnly(sql, record.permissions);
  return { kind: 'plan', name, permissions: record.permissions, undetermined: null, dualOnly };
}

interface TabletSetUp {
  readonly acl: TableAcl | null;
  readonly aclFileGiven: boolean;
  readonly settings: AclSettings;
}

function setUp(cell: Cell): TabletSetUp {
  const { tabletFlags } = cell;
  const given = tabletFlags.includes('--table-acl-config');
  const model = cell.acl === 'the acl above' ? decisions.acl : cell.acl;
  const text = typeof model === 'string' ? model : JSON.stringify(model);
  const acl = given ? parseAclFile(Buffer.from(text), { file: 'acl.json', fidelity }).acl : null;
  const at = tabletFlags.indexOf('--queryserver-config-acl-exempt-acl');
  return {
    acl,
    aclFileGiven: given,
    settings: {
      strict: tabletFlags.includes('--queryserver-config-strict-table-acl'),
      dryRun: tabletFlags.includes('--queryserver-config-enable-table-acl-dry-run'),
      exempt: at < 0 ? '' : (tabletFlags[at + 1] ?? ''),
    },
  };
}

const mainCell: Cell = {
  acl: 'the acl above',
  tabletFlags: [
    '--table-acl-config',
    '{file}',
    '--queryserver-config-strict-table-acl',
    '--queryserver-config-acl-exempt-acl',
    'exempt',
  ],
  gateFlags: [],
  counters: {},
};

/** What the recording says about one caller: refused by the access check with these words, or let through by it. */
function recordedVerdict(answer: Answer, caller: ImmediateCaller): string {
  const message = answer.message ?? '';
  const groups = caller.groups.length > 0 ? `, in groups [${caller.groups.join(', ')}],` : '';
  if (message === 'missing caller id') return 'UNAUTHENTICATED missing caller id';
  if (!message.includes('(ACL check error)')) return 'allow';
  return `PERMISSION_DENIED ${message.replaceAll('{user}', caller.username).replaceAll('{groups}', groups)}`;
}

/** Refusals and panics (an OK without a result) that come before the access check, whatever the plan says. */
const refusedBefore = (answer: Answer): boolean =>
  answer.ok === 'empty response' ||
  /^(?:syntax error|invalid SQL|Query was empty|\[BUG\])|not allowed (?:without|for)|should be executed with/.test(
    answer.message ?? '',
  );

const cellOf = (name: string): Cell => (name === 'main' ? mainCell : (decisions.cells[name] ?? mainCell));

let replayed = 0;
const unread: string[] = [];

describe.each(['main', ...Object.keys(decisions.cells)])('cell %s', (cellName) => {
  const cell = cellOf(cellName);
  const tablet = setUp(cell);
  const bumps = new Map<string, number>();

  const replay = (one: DecisionCase, answers: readonly Answer[], streamed: boolean): void => {
    const plan = planOf(one.sql, cell, streamed);
    if (plan === undefined) unread.push(`${one.id} ${one.sql}`);
    for (const answer of answers) {
      if (refusedBefore(answer) || plan === undefined || plan === null) continue;
      for (const name of answer.callers) {
        const known = callers.get(name);
        if (known === undefined) throw new Error(`unknown caller ${name}`);
        const caller = name === 'none' ? null : known;
        const decision = decide({ ...tablet, caller, plan, fidelity });
        const suffix = caller === null ? '' : ` (CallerID: ${caller.username})`;
        const ours = decision.verdict === 'allow' ? 'allow' : `${decision.code} ${decision.message}${suffix}`;
        expect(ours, `${one.id} as ${name}: ${one.sql}`).toBe(recordedVerdict(answer, known));
        replayed += 1;
        for (const bump of decision.counters) {
          const key = counterKey(bump, plan.name, caller);
          bumps.set(key, (bumps.get(key) ?? 0) + 1);
        }
      }
    }
  };

  test('verdicts and texts of the tablet', () => {
    for (const one of decisions.cases) {
      if (one.cell !== cellName) continue;
      if (one.tablet !== undefined) replay(one, one.tablet, false);
      else if (one.answers !== undefined && one.preQueries === undefined && one.setup === undefined) {
        if (one.transport === 'tablet-begin' || one.transport === 'tablet-reserve') replay(one, one.answers, false);
        if (one.transport === 'tablet-stream') replay(one, one.answers, true);
      }
    }
  });

  test('counters: each is raised in the recording at least as often, under the same labels', () => {
    if (cellName === 'main') return;
    for (const [key, count] of bumps) {
      const [counter = '', label = ''] = key.split(' ');
      const recorded = cell.counters[counter];
      const value = typeof recorded === 'number' ? recorded : (recorded?.[label] ?? 0);
      expect(value, key).toBeGreaterThanOrEqual(count);
    }
    // With authentication switched off every caller of the gateway is userData1, whom no caller of the tablet is.
    if (cell.gateFlags.includes('none')) return;
    for (const counter of ['TableACLAllowed', 'TableACLDenied', 'TableACLPseudoDenied']) {
      const recorded = Object.keys(cell.counters[counter] ?? {});
      expect([...bumps.keys()].filter((key) => key.startsWith(`${counter} `)).length > 0).toBe(recorded.length > 0);
    }
  });
});

test('the count', () => {
  console.log(`decisions.json: ${replayed} answers of the tablet replayed; without a plan: ${unread.length}`);
  if (unread.length > 0) console.log(unread.join('\n'));
  expect(replayed).toBeGreaterThan(8400);
  expect(unread).toEqual([]);
});

function counterKey(bump: AclCounterBump, plan: string, caller: ImmediateCaller | null): string {
  if (bump.counter === 'TableACLExemptCount') return bump.counter;
  return `${bump.counter} ${bump.table}.${bump.group}.${plan}.${caller?.username ?? ''}`;
}
