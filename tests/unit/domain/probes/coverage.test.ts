import { describe, expect, it } from 'vitest';
import { decide, type AclSettings } from '../../../../src-main/domain/acl';
import { coverageOf, untouched, type DecidedCell, type UserEntryPlace } from '../../../../src-main/domain/probes';
import type { UserEntry, UsersFile } from '../../../../src-main/domain/users';
import { caller, current, load, plan } from '../acl/acl-builder';

const acl = load(`{"table_groups": [
  {"name": "sales",
   "table_names_or_prefixes": ["orders", "order_%"],
   "readers": ["app", "staff", "app"],
   "writers": ["app"],
   "admins": []},
  {"name": "",
   "table_names_or_prefixes": ["stock"],
   "readers": ["nobody-asks"]}]}`);
const file = acl.file;
const strict: AclSettings = { strict: true, dryRun: false, exempt: '' };

const cell = (
  name: string,
  tables: readonly string[],
  more: Partial<DecidedCell> & { settings?: AclSettings } = {},
): DecidedCell => ({
  decision: decide({
    acl,
    settings: more.settings ?? strict,
    caller: caller(...(name.split(' ') as [string, ...string[]])),
    plan: plan([...tables]),
    fidelity: current,
  }),
  entry: more.entry ?? null,
  proven: more.proven ?? false,
});
const entryOf = (index: number, more: Partial<UserEntry> = {}): UserEntry => ({
  index,
  line: 4 + index,
  column: 3,
  isNull: false,
  mysqlNativePassword: null,
  cachingSha2Password: null,
  password: null,
  userData: 'app',
  sourceHost: '',
  groups: [],
  ...more,
});
const users: UsersFile = {
  format: 'list',
  users: new Map([
    ['ann', [entryOf(0), entryOf(1)]],
    ['old', [entryOf(2, { isNull: true }), entryOf(3, { sourceHost: 'db.example' })]],
  ]),
};
const of = (cells: readonly DecidedCell[]) =>
  coverageOf({ acls: new Map([[file, acl]]), users: new Map([['users.json', users]]), grpcUsers: new Map() }, cells);
/** `id tests/proven` of what is touched in the ACL. */
const touched = (...cells: DecidedCell[]): string[] =>
  of(cells)
    .files[0]!.lines.filter(({ tests }) => tests > 0)
    .map(({ id, tests, proven }) => `${id} ${tests}/${proven}`);

describe('what tests touch', () => {
  it('goes through group, entry, list and member of an allowed read', () => {
    expect(touched(cell('app', ['orders READER'], { proven: true }))).toEqual([
      '0/group 1/1',
      '0/entry/0 1/1',
      '0/readers 1/1',
      '0/readers/0 1/1',
    ]);
  });

  it('touches the list that answers no, and no member of it', () => {
    expect(touched(cell('eve', ['orders WRITER']))).toEqual(['0/group 1/0', '0/entry/0 1/0', '0/writers 1/0']);
  });

  it('tells members by the group of the caller that matched', () => {
    expect(touched(cell('eve staff', ['order_items READER']))).toEqual([
      '0/group 1/0',
      '0/entry/1 1/0',
      '0/readers 1/0',
      '0/readers/1 1/0',
    ]);
  });

  it('counts a statement once a line, however many tables it has', () => {
    expect(touched(cell('app', ['orders READER', 'order_items READER']))).toEqual([
      '0/group 1/0',
      '0/entry/0 1/0',
      '0/entry/1 1/0',
      '0/readers 1/0',
      '0/readers/0 1/0',
    ]);
  });

  it('stops where vttablet stops: behind the first denial nothing was asked', () => {
    expect(touched(cell('eve', ['stock READER', 'orders READER']))).toEqual([
      '1/group 1/0',
      '1/entry/0 1/0',
      '1/readers 1/0',
    ]);
  });

  it('touches nothing where nothing is asked', () => {
    expect(touched(cell('app', ['nowhere READER']))).toEqual([]);
    expect(touched(cell('app', ['orders READER'], { settings: { ...strict, exempt: 'app' } }))).toEqual([]);
    expect(touched({ decision: null, entry: null, proven: true })).toEqual([]);
  });

  it('counts what a dry run asked: it is decided, though not enforced', () => {
    expect(touched(cell('eve', ['orders READER'], { settings: { ...strict, dryRun: true } }))).toHaveLength(3);
  });

  it('counts the entry of a users file that let the caller in', () => {
    const entry: UserEntryPlace = { file: 'users.json', user: 'ann', line: 5, index: 1 };
    const lines = of([
      cell('app', ['orders READER'], { entry, proven: true }),
      { decision: null, entry, proven: false },
    ]).files[1]!.lines;
    expect(
      lines.map(({ group, text, tests, proven, unreachable }) => [group, text, tests, proven, unreachable]),
    ).toEqual([
      ['ann', '1', 0, 0, null],
      ['ann', '2', 2, 1, null],
      ['old', '3', 0, 0, 'null-entry'],
      ['old', '4', 0, 0, 'null-entry'],
    ]);
  });

  it('does not ask for tests that cannot be: a name that stands twice, an entry that lets nobody in', () => {
    const coverage = of([]);
    const cold = untouched(coverage).map(({ line }) => line);
    expect(cold.some(({ unreachable }) => unreachable !== null)).toBe(false);
    expect(coverage.files[0]!.lines.find(({ id }) => id === '0/readers/2')).toMatchObject({
      text: 'app',
      unreachable: 'repeated',
    });
    expect(coverage.totals).toEqual({ lines: cold.length, touched: 0, proven: 0 });
  });

  it('has the line of each thing', () => {
    const lines = of([]).files[0]!.lines;
    expect(lines.map(({ id, line }) => `${id}:${line}`)).toEqual([
      '0/group:2',
      '0/entry/0:3',
      '0/entry/1:3',
      '0/readers:4',
      '0/readers/0:4',
      '0/readers/1:4',
      '0/readers/2:4',
      '0/writers:5',
      '0/writers/0:5',
      '0/admins:6',
      '1/group:7',
      '1/entry/0:8',
      '1/readers:9',
      '1/readers/0:9',
    ]);
  });
});
