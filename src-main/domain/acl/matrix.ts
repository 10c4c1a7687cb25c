import type { ImmediateCaller } from '../identity/caller-id';
import type { AclSettings } from './decision';
import { lookupTable, principalIn } from './lookup';
import { listNameOf, tableRoles, type TableAcl, type TableGroup } from './table-acl';

/**
 * One answer of the tablet as a letter, so that a large matrix stays small: `A` allowed, `D` denied, `W` would be denied
 * (dry run), `N` allowed though not listed, because nothing is enforced, `E` allowed though not listed, because exempt.
 */
export type AclLetter = 'A' | 'D' | 'W' | 'N' | 'E';

/** How a cell differs: `.` the same, `+` now gets through, `-` now does not, `~` gets through for another reason. */
export type AclDifference = '.' | '+' | '-' | '~';

export interface AclMatrixQuestion {
  readonly acl: TableAcl | null;
  /** A file is configured, though it may not have loaded; only then does the exemption work. */
  readonly aclFileGiven: boolean;
  readonly settings: AclSettings;
  readonly callers: readonly ImmediateCaller[];
  readonly tables: readonly string[];
}

/**
 * What the tablet answers each caller to a plain statement on each table: for each caller one text with three letters a
 * table, for reading, writing and administering. The same answers as `decide` gives to one statement on one table;
 * the names of a group are looked up once for all of its tables.
 */
export function aclMatrix({ acl, aclFileGiven, settings, callers, tables }: AclMatrixQuestion): string[] {
  const groupOf = tables.map((table) => (acl === null ? null : (lookupTable(acl, table)?.group ?? null)));
  const groups = [...new Set(groupOf)];
  return callers.map((caller) => {
    const unlisted = letterFor(caller, settings, aclFileGiven);
    const letters = new Map<TableGroup | null, string>(
      groups.map((group) => [
        group,
        tableRoles.map((role) => (isListed(group, role, caller) ? 'A' : unlisted)).join(''),
      ]),
    );
    return tables.map((table, index) => (table === 'dual' ? 'AAA' : letters.get(groupOf[index] ?? null))).join('');
  });
}

const isListed = (group: TableGroup | null, role: (typeof tableRoles)[number], caller: ImmediateCaller): boolean =>
  group !== null && principalIn(group[listNameOf(role)].members, caller) !== null;

/** What somebody gets who is not listed. */
function letterFor(caller: ImmediateCaller, settings: AclSettings, aclFileGiven: boolean): AclLetter {
  const { strict, dryRun, exempt } = settings;
  const isExempt =
    aclFileGiven &&
    exempt !== '' &&
    (exempt === 'gRPC' || caller.username === exempt || caller.groups.includes(exempt));
  return isExempt ? 'E' : dryRun ? 'W' : strict ? 'D' : 'N';
}

const DENIED = 'D'.charCodeAt(0);

/** The cells of two matrices over the same callers and tables that differ, and how many. */
export function compareMatrices(
  before: readonly string[],
  after: readonly string[],
): { readonly rows: string[]; readonly gains: number; readonly loses: number; readonly others: number } {
  const count = { '+': 0, '-': 0, '~': 0, '.': 0 };
  const rows = after.map((row, index) => {
    const old = before[index] ?? '';
    if (old === row) return '.'.repeat(row.length);
    const marks = new Array<AclDifference>(row.length);
    for (let at = 0; at < row.length; at += 1) {
      const was = old.charCodeAt(at);
      const is = row.charCodeAt(at);
      const mark: AclDifference = was === is ? '.' : was === DENIED ? '+' : is === DENIED ? '-' : '~';
      count[mark] += 1;
      marks[at] = mark;
    }
    return marks.join('');
  });
  return { rows, gains: count['+'], loses: count['-'], others: count['~'] };
}
