import { isUtf8Text } from './go-text';
import { lookupTable } from './lookup';
import { lineWords, quoted, type AclNotes } from './notes';
import { SimilarNames } from './similar';
import type { PlacedGroup } from './read-tree';
import { tableRoles, listNameOf, type AclListName, type AclName, type KnownNames, type TableAcl } from './table-acl';

const principalLists: readonly AclListName[] = tableRoles.map(listNameOf);
const doing: Record<AclListName, string> = { readers: 'read', writers: 'write', admins: 'change the definition of' };

const labelOf = (group: PlacedGroup): string =>
  group.name === '' ? `the group in ${lineWords(group)}` : `group ${quoted(group.name)}`;

/** Faults of one table group that Vitess accepts without a word. */
export function noteGroup(group: PlacedGroup, notes: AclNotes): void {
  const { lists } = group;
  if (lists.entries.names.length === 0) {
    const message = `${labelOf(group)} names no table, so it grants nothing.`;
    notes.add('no-tables', 'warning', lists.entries, message, 'Add table names to table_names_or_prefixes.');
  }
  const empty = principalLists.filter((list) => lists[list].names.length === 0);
  if (empty.length === principalLists.length) {
    const message = `${labelOf(group)} has no readers, writers or admins: its tables are closed to everybody.`;
    notes.add('nobody', 'warning', group, message, 'Add the names that may use these tables.');
  } else {
    for (const list of empty) {
      const message = `${labelOf(group)} has no ${list}: nobody may ${doing[list]} its tables.`;
      notes.add('empty-list', 'info', lists[list], message, `If somebody shall, add the names to ${list}.`);
    }
  }
  for (const list of principalLists) notePrincipals(lists[list].names, list, notes);
  noteRoles(group, notes);
  for (const entry of lists.entries.names) noteEntry(entry, notes);
}

/** A name that people write when they mean everybody or a host. */
const isWildcard = (principal: string): boolean => /[%*]/.test(principal);

function notePrincipals(principals: readonly AclName[], list: AclListName, notes: AclNotes): void {
  const first = new Map<string, AclName>();
  for (const principal of principals) {
    const { text } = principal;
    const earlier = first.get(text);
    if (earlier !== undefined) {
      const message = `${quoted(text)} is in ${list} already (${lineWords(earlier)}).`;
      notes.add('duplicate-principal', 'info', principal, message, 'Remove one of the two.');
      continue;
    }
    first.set(text, principal);
    if (text === '') {
      const message = 'The empty name grants to every caller whose user name, or one of whose groups, is empty.';
      notes.add('empty-principal', 'warning', principal, message, 'Write the name of a user or group.');
    } else if (text.trim() !== text) {
      noteSpace(principal, notes);
    } else if (isWildcard(text)) {
      const message = `${quoted(text)} is compared as it stands: there are no wildcards and no hosts for principals.`;
      notes.add('wildcard-principal', 'warning', principal, message, 'Name each user or a group that they have.');
    }
    noteEncoding(principal, notes);
  }
}

/** Roles stand for themselves: who writes does not read, who administers does neither (vitess-behaviour §5.1). */
function noteRoles(group: PlacedGroup, notes: AclNotes): void {
  const { readers, writers, admins } = group.lists;
  const reading = new Set(readers.names.map(({ text }) => text));
  const writing = new Set(writers.names.map(({ text }) => text));
  for (const writer of onlyFirst(writers.names)) {
    if (reading.has(writer.text)) continue;
    const message = `${quoted(writer.text)} may write the tables of ${labelOf(group)} but not read them.`;
    notes.add('writer-cannot-read', 'warning', writer, message, `If that is not meant, add it to readers too.`);
  }
  for (const admin of onlyFirst(admins.names)) {
    if (reading.has(admin.text) || writing.has(admin.text)) continue;
    const message = `${quoted(admin.text)} may change the definition of the tables of ${labelOf(group)} but neither read nor write them.`;
    notes.add('admin-only', 'warning', admin, message, `If that is not meant, add it to readers and writers too.`);
  }
}

const onlyFirst = (names: readonly AclName[]): AclName[] =>
  [...new Map([...names].reverse().map((name) => [name.text, name])).values()].reverse();

function noteEntry(entry: AclName, notes: AclNotes): void {
  const { text } = entry;
  noteEncoding(entry, notes);
  if (text === '%') {
    const message = 'The prefix "%" covers every table, those made later and those of MySQL\'s own schemas included.';
    notes.add('covers-everything', 'warning', entry, message, 'Name the tables, or prefixes that only they have.');
  } else if (text === '') {
    const message = 'The empty entry covers only a table without a name.';
    notes.add('empty-entry', 'warning', entry, message, 'Write a table name, or a prefix that ends in %.');
  } else if (text.trim() !== text) noteSpace(entry, notes);
  else if (/[*?]/.test(text)) {
    const message = `${quoted(text)} is compared as it stands: only % at the end makes an entry a prefix.`;
    notes.add('wildcard-entry', 'warning', entry, message, 'Write the prefix with % at its end.');
  } else if (/[.`]/.test(text)) {
    const message = `${quoted(text)} matches no table of another name: the ACL looks only at the name behind the schema, without quotes.`;
    const bare = text.replaceAll('`', '').replace(/^.*\./, '');
    notes.add('qualified-entry', 'warning', entry, message, `Write ${quoted(bare)}.`);
  }
}

function noteSpace(name: AclName, notes: AclNotes): void {
  const message = `${quoted(name.text)} begins or ends with a space, which is part of the name.`;
  notes.add('space-in-name', 'warning', name, message, `Write ${quoted(name.text.trim())}.`);
}

function noteEncoding(name: AclName, notes: AclNotes): void {
  if (isUtf8Text(name.text)) return;
  const message = `${quoted(name.text)} holds bytes that are not UTF-8; it matches nobody and nothing.`;
  notes.add('not-utf8', 'warning', name, message, 'Write the name in UTF-8.');
}

/** Names of groups are labels of counters only: without one, or with the same twice, the counters cannot be told apart. */
export function noteGroupNames(groups: readonly PlacedGroup[], notes: AclNotes): void {
  const first = new Map<string, PlacedGroup>();
  for (const group of groups) {
    const earlier = first.get(group.name);
    if (group.name === '')
      notes.add(
        'nameless-group',
        'info',
        group,
        'This group has no name; its counters have an empty label.',
        'Add a name.',
      );
    else if (earlier !== undefined) {
      const message = `Another group is called ${quoted(group.name)} already (${lineWords(earlier)}); their counters are added up.`;
      notes.add('repeated-group-name', 'info', group, message, 'Give each group its own name.');
    } else first.set(group.name, group);
  }
}

/** Principals that nobody can have. */
export function notePrincipalsAgainst(
  groups: readonly PlacedGroup[],
  knownPrincipals: Iterable<string>,
  notes: AclNotes,
): void {
  const known = new Set(knownPrincipals);
  const similar = new SimilarNames(known);
  for (const group of groups) {
    for (const list of principalLists) {
      for (const principal of onlyFirst(group.lists[list].names)) {
        const { text } = principal;
        if (known.has(text) || text === '' || isWildcard(text)) continue;
        const meant = similar.nearest(text);
        const message = `No caller of this workspace is called ${quoted(text)} or has a group of this name.`;
        const remedy = meant === null ? 'Remove it, or add the user.' : `Did you mean ${quoted(meant)}? Case counts.`;
        notes.add('unknown-principal', 'warning', principal, message, remedy);
      }
    }
  }
}

/** Entries that cover no table, and tables that no entry covers. */
export function noteTablesAgainst(
  groups: readonly PlacedGroup[],
  acl: TableAcl | null,
  knownTables: Iterable<string>,
  notes: AclNotes,
): void {
  const known = [...new Set(knownTables)];
  const exact = new Set(known);
  const similar = new SimilarNames(known);
  const byLowerCase = new Map(known.map((table) => [table.toLowerCase(), table]));
  for (const group of groups) {
    for (const entry of group.lists.entries.names) {
      const { text } = entry;
      if (text === '' || text === 'dual') continue;
      if (text.endsWith('%')) notePrefixAgainst(entry, known, notes);
      else if (!exact.has(text)) {
        const otherCase = byLowerCase.get(text.toLowerCase());
        if (otherCase !== undefined) noteCase(entry, otherCase, notes);
        else {
          const meant = similar.nearest(text);
          const remedy = meant === null ? 'Remove it, or make the table.' : `Did you mean ${quoted(meant)}?`;
          notes.add('unknown-table', 'warning', entry, `There is no table called ${quoted(text)}.`, remedy);
        }
      }
    }
  }
  if (acl === null) return;
  for (const table of known) {
    if (table === 'dual' || lookupTable(acl, table) !== null) continue;
    const message = `No entry covers the table ${quoted(table)}: under strict it is closed to everybody.`;
    notes.add(
      'uncovered-table',
      'info',
      { line: 0, column: 0 },
      message,
      'Add it to a table group if somebody shall use it.',
    );
  }
}

function notePrefixAgainst(entry: AclName, known: readonly string[], notes: AclNotes): void {
  const prefix = entry.text.slice(0, -1);
  if (known.some((table) => table.startsWith(prefix))) return;
  const otherCase = known.find((table) => table.toLowerCase().startsWith(prefix.toLowerCase()));
  if (otherCase !== undefined) noteCase(entry, otherCase, notes);
  else notes.add('unused-prefix', 'info', entry, `No table begins with ${quoted(prefix)}.`, 'Remove it if none will.');
}

function noteCase(entry: AclName, table: string, notes: AclNotes): void {
  const message = `${quoted(entry.text)} does not cover the table ${quoted(table)}: names are compared with their case.`;
  notes.add('case-mismatch', 'warning', entry, message, `Write the name as in ${quoted(table)}.`);
}

/** Everything beyond Vitess's own checks. */
export function noteNames(
  groups: readonly PlacedGroup[],
  acl: TableAcl | null,
  known: KnownNames,
  notes: AclNotes,
): void {
  if (groups.length === 0) {
    const message = 'There is no table group: under strict every table is closed to everybody.';
    notes.add('no-groups', 'warning', { line: 0, column: 0 }, message, 'Add a group to table_groups.');
  }
  for (const group of groups) noteGroup(group, notes);
  noteGroupNames(groups, notes);
  if (known.knownPrincipals !== undefined) notePrincipalsAgainst(groups, known.knownPrincipals, notes);
  if (known.knownTables !== undefined) noteTablesAgainst(groups, acl, known.knownTables, notes);
}
