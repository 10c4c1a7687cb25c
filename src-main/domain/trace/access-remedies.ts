import type { Decided, DecidedTable } from './hop-access';
import type { TableAcl } from '../acl';
import type { Tablet } from '../topology';
import type { Remedy } from './remedy';

/** What remedies are made from: the ACL in force, the tablet, and how the caller got its name. */
export interface RemedyGround {
  readonly acls: ReadonlyMap<string, TableAcl>;
  readonly tablet: Tablet | null;
  readonly tabletIndex: number;
  readonly user: string | null;
  readonly nameFrom: string | null;
}

const listOfRole = { READER: 'readers', WRITER: 'writers', ADMIN: 'admins' } as const;
const listWord = { readers: 'Readers', writers: 'Writers', admins: 'Admins' } as const;

/** `Add reporting to Readers of sales`, as an edit of the draft; null where no group covers the table. */
function membership(
  ground: RemedyGround,
  table: DecidedTable,
  principal: string,
  add: boolean,
  note: string | null,
): Remedy | null {
  if (table.file === null || table.entry === null || table.list === null || principal === '') return null;
  const group = ground.acls
    .get(table.file)
    ?.groups.find(({ name, entries }) => name === table.group && entries.some(({ text }) => text === table.entry));
  if (group === undefined) return null;
  const list = listWord[table.list];
  const namesakes = ground.acls.get(table.file)?.groups.filter(({ name }) => name === group.name).length ?? 0;
  // Labels may be empty or repeated; then an edit by label could meet another group.
  if (group.name === '' || namesakes > 1)
    return {
      kind: 'open',
      label: `${add ? 'Add' : 'Remove'} ${principal} in ${list} of the group of ${table.entry}…`,
      screen: 'access',
      focus: table.table,
      note,
    };
  return {
    kind: 'edit',
    label: add ? `Add ${principal} to ${list} of ${group.name}` : `Remove ${principal} from ${list} of ${group.name}`,
    edit: {
      kind: 'acl.member',
      file: table.file,
      group: group.name,
      list: table.list,
      name: principal,
      add,
    },
    note,
  };
}

/** Ways to let a denied caller through: list it, list a group of it, give it another name. */
export function accessRemedies(ground: RemedyGround, decided: Decided, table: DecidedTable | null): Remedy[] {
  if (table === null || decided.caller === null) return [];
  const remedies: Remedy[] = [];
  const own = membership(ground, table, decided.caller, true, null);
  if (own !== null) remedies.push(own);
  if (table.entry === null && ground.tablet?.acl.file != null && decided.caller !== '') {
    const list = listOfRole[table.role];
    remedies.push({
      kind: 'edit',
      label: `New table group for ${table.table} with ${decided.caller} in ${listWord[list]}`,
      edit: { kind: 'acl.group', file: ground.tablet.acl.file, table: table.table, list, name: decided.caller },
      note: null,
    });
  }
  if (table.entry === null)
    remedies.push({
      kind: 'open',
      label: `Guard ${table.table} with a table group…`,
      screen: 'access',
      focus: table.table,
      note: null,
    });
  for (const group of decided.groups.slice(0, 3)) {
    const whole = membership(ground, table, group, true, `Everybody in ${group} gains it.`);
    if (whole !== null) remedies.push(whole);
  }
  const { user } = ground;
  if (ground.nameFrom === 'users-file' && user !== null)
    remedies.push({
      kind: 'open',
      label: `Change UserData of ${user}…`,
      screen: 'callers',
      focus: user,
      note: 'It then stands for another name in every table group.',
    });
  return remedies;
}

/** Ways to stop a caller that is let through by the list. */
export function denyingRemedies(ground: RemedyGround, decided: Decided): Remedy[] {
  if (decided.enforcement === 'exempt')
    return [
      {
        kind: 'edit',
        label: 'End the exemption',
        edit: { kind: 'topology.set', path: ['tablets', ground.tabletIndex, 'acl', 'exempt'], value: '' },
        note: null,
      },
    ];
  const table = decided.tables.find(({ principal, list }) => principal !== null && list !== null);
  if (table?.principal == null) return [];
  const byGroup = table.principal !== decided.caller;
  const remedy = membership(
    ground,
    table,
    table.principal,
    false,
    byGroup ? `Everybody in ${table.principal} loses it.` : null,
  );
  return remedy === null ? [] : [remedy];
}

/** Ways to make a decision binding, or to make the caller's passing right. */
export function closingRemedies(ground: RemedyGround, decided: Decided, table: DecidedTable | null): Remedy[] {
  const acl = ['tablets', ground.tabletIndex, 'acl'];
  const set = (label: string, member: string, value: boolean, note: string | null): Remedy => ({
    kind: 'edit',
    label,
    edit: { kind: 'topology.set', path: [...acl, member], value },
    note,
  });
  const remedies: Remedy[] = [];
  if (decided.enforcement === 'dry-run') remedies.push(set('Turn dry run off', 'dryRun', false, null));
  if (ground.tablet?.acl.strict === false) remedies.push(set('Turn strict mode on', 'strict', true, null));
  return [...remedies, ...accessRemedies(ground, decided, table)];
}
