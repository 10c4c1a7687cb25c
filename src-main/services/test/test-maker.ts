import type { TestCaller } from '../../contract/areas/test';
import { lookupTable, principalIn, type TableAcl, type TableGroup } from '../../domain/acl';
import type { ImmediateCaller } from '../../domain/identity';
import type { CoveredLine, ProbeRole, Suite } from '../../domain/probes';
import type { UserEntry } from '../../domain/users';
import { immediateCallers, type CallerOrigin } from '../callers/immediate-callers';
import type { Workspace } from '../workspace/load-workspace';
import type { MatrixPlan } from './matrix-model';

/** A test that would touch a line. */
export interface WantedTest {
  /** Position among the draft's suites. */
  readonly suite: number;
  /** Already a caller of that suite, or somebody to be added. */
  readonly caller:
    | { readonly kind: 'there'; readonly name: string }
    | { readonly kind: 'new'; readonly caller: TestCaller; readonly entry: UserEntry | null };
  readonly table: string;
  readonly isNewTable: boolean;
  readonly role: ProbeRole;
  /** Null: the table alone is missing, and what its tests expect is everybody's to say. */
  readonly expected: 'allow' | 'deny' | null;
}

/** What the draft and the backend offer for tests. */
export interface TestMaterial {
  readonly suites: readonly Suite[];
  /** Everybody who can be tested as. */
  readonly callers: readonly TestCaller[];
  /** Every table that is known. */
  readonly tables: readonly string[];
  readonly now: Date;
  /** Whether the workspace knows what somebody types for this entry. */
  knowsPassword(entry: UserEntry): boolean;
}

const roleOf = { readers: 'read', writers: 'write', admins: 'admin' } as const;
const verb = { read: 'reads', write: 'writes', admin: 'changes the definition of' } as const;

export const wantedWords = ({ caller, role, table }: WantedTest): string =>
  `${caller.kind === 'there' ? caller.name : caller.caller.name} ${verb[role]} ${table}`;

/** The test that would touch a line that none touches, or the reason why none can be made by itself. */
export function testFor(
  workspace: Workspace,
  plan: MatrixPlan,
  material: TestMaterial,
  file: string,
  line: CoveredLine,
): WantedTest | { readonly obstacle: string } {
  if (material.suites.length === 0) return { obstacle: 'The workspace has no tests yet.' };
  if (line.kind === 'user') return testForUser(workspace, material, file, line);
  const acl = workspace.acls.get(file);
  const group = acl?.groups[Number(line.id.split('/')[0])];
  if (acl === undefined || group === undefined) return { obstacle: 'The file has changed.' };
  const role = line.list === null ? 'read' : roleOf[line.list];
  const who =
    line.kind === 'member' && line.list !== null
      ? callerFor(workspace, plan, material, group, line)
      : anybody(plan, material, group);
  if ('obstacle' in who) return who;
  const table = tableFor(acl, group, line, material, who.suite);
  if (table === null)
    return {
      obstacle:
        line.kind === 'entry'
          ? `No table that is known begins with ${line.text.slice(0, -1)}.`
          : 'None of its tables is known.',
    };
  return {
    ...who,
    table,
    isNewTable: material.suites[who.suite]?.tables.every(({ name }) => name !== table) ?? true,
    role,
    expected: line.kind === 'member' ? 'allow' : null,
  };
}

type Who = Pick<WantedTest, 'suite' | 'caller'>;

/** Somebody whom the list knows by exactly this member. */
function callerFor(
  workspace: Workspace,
  plan: MatrixPlan,
  { callers, now, suites }: TestMaterial,
  group: TableGroup,
  line: CoveredLine,
): Who | { readonly obstacle: string } {
  const members = group[line.list ?? 'readers'].members;
  const fits = (caller: ImmediateCaller | null): boolean =>
    caller !== null && principalIn(members, caller)?.text === line.text;
  const tested = plan.cells.find((cell) => cell.table !== null && fits(plan.predict(cell).immediate));
  if (tested !== undefined) {
    const suite = suites.findIndex(({ name }) => name === tested.suite);
    return { suite: Math.max(0, suite), caller: { kind: 'there', name: tested.caller.name } };
  }
  const named = immediateCallers(workspace, now).filter(({ caller, occurs }) => occurs && fits(caller));
  for (const { origins } of named)
    for (const origin of origins) {
      const caller = callers.find(({ id }) => id === idOf(origin));
      if (caller !== undefined && caller.password !== 'typed' && caller.transports.length > 0)
        return { suite: 0, caller: { kind: 'new', caller, entry: null } };
    }
  return {
    obstacle:
      named.length === 0
        ? `Nobody in this workspace comes under the name ${line.text}.`
        : `The workspace does not know the password of anybody who comes as ${line.text}.`,
  };
}

/** The id of somebody who can be tested as (test-choices). */
function idOf(origin: CallerOrigin): string {
  switch (origin.kind) {
    case 'user':
      return `user:${origin.gateway}/${origin.user}`;
    case 'certificate':
      return `certificate:${origin.gateway}/${origin.over}/${origin.file}`;
    case 'grpc-user':
      return `grpc-user:${origin.gateway}/${origin.user}`;
    default:
      return '';
  }
}

/** A caller of the tests who gets as far as the table ACL, a reader of the group if there is one. */
function anybody(plan: MatrixPlan, { suites }: TestMaterial, group: TableGroup): Who | { readonly obstacle: string } {
  const first = plan.cells.filter(({ table }) => table !== null);
  const gets = first.filter((cell) => plan.predict(cell).immediate !== null);
  const reader = gets.find((cell) => principalIn(group.readers.members, plan.predict(cell).immediate!) !== null);
  const cell = reader ?? gets[0];
  if (cell !== undefined)
    return {
      suite: Math.max(
        0,
        suites.findIndex(({ name }) => name === cell.suite),
      ),
      caller: { kind: 'there', name: cell.caller.name },
    };
  const suite = suites.findIndex(({ callers }) => callers.length > 0);
  const name = suites[suite]?.callers[0]?.name;
  return name === undefined ? { obstacle: 'The tests have no caller.' } : { suite, caller: { kind: 'there', name } };
}

/** A table that the line's entry, or its group, covers: one of the suite's if it has one, else one that is known. */
function tableFor(
  acl: TableAcl,
  group: TableGroup,
  line: CoveredLine,
  { suites, tables }: TestMaterial,
  suite: number,
): string | null {
  const covers = (table: string): boolean => {
    const match = lookupTable(acl, table);
    return match?.group === group && (line.kind !== 'entry' || match.entry.text === line.text);
  };
  const own = suites[suite]?.tables.find(({ name }) => covers(name));
  if (own !== undefined) return own.name;
  const known = tables.find(covers);
  if (known !== undefined) return known;
  const exact = (line.kind === 'entry' ? [line.text] : group.entries.map(({ text }) => text)).find(
    (text) => !text.endsWith('%'),
  );
  return exact ?? null;
}

/** The user of an entry, with the password of exactly this entry. */
function testForUser(
  { users, topology }: Workspace,
  material: TestMaterial,
  file: string,
  line: CoveredLine,
): WantedTest | { readonly obstacle: string } {
  const table = material.suites[0]?.tables[0]?.name;
  if (table === undefined) return { obstacle: 'The tests have no table.' };
  const over = topology.gateways.filter(
    ({ mysql, grpc }) => (mysql?.auth === 'static' && mysql.usersFile === file) || grpc?.usersFile === file,
  );
  const entry = users.get(file)?.users.get(line.group)?.[Number(line.text) - 1] ?? null;
  const overMysql = users.has(file);
  const caller =
    material.callers.find(
      ({ gateway, user, transports, kind }) =>
        user === line.group &&
        kind !== 'claimed' &&
        over.some(({ name }) => name === gateway) &&
        (transports[0]?.startsWith('mysql-') ?? false) === overMysql,
    ) ?? null;
  if (caller === null) return { obstacle: `No gateway lets ${line.group} in by this file.` };
  const known = entry === null ? caller.password === 'saved' : material.knowsPassword(entry);
  if (!known) return { obstacle: 'The workspace does not know the password of this entry.' };
  return {
    suite: 0,
    caller: { kind: 'new', caller, entry },
    table,
    isNewTable: false,
    role: 'read',
    expected: null,
  };
}
