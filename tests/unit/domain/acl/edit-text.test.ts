import { describe, expect, it } from 'vitest';
import { editAclText, groupHints, readAclForm, type AclEdit } from '../../../../src-main/domain/acl';
import { GatehouseError } from '../../../../src-main/domain/kernel';

const sales = `{
  "table_groups": [
    {
      "name": "sales",
      "table_names_or_prefixes":
          ["orders", "order_items"],
      "readers": ["billing", "admin"],
      "writers": ["billing"]
    },
    { "name": "logs", "table_names_or_prefixes": ["audit_%"], "comment": 7 }
  ],
  "unknown": true
}
`;

const edit = (change: AclEdit, text = sales): string => editAclText(text, 'acl.json', change);
const lines = (text: string): string[] => text.split('\n');
/** The lines that an edit took out and put in. */
const difference = (change: AclEdit, text = sales): { out: string[]; put: string[] } => {
  const [before, after] = [lines(text), lines(edit(change, text))];
  return { out: before.filter((line) => !after.includes(line)), put: after.filter((line) => !before.includes(line)) };
};
const codeOf = (change: AclEdit, text = sales): string => {
  try {
    edit(change, text);
  } catch (error) {
    if (error instanceof GatehouseError) return `${error.failure.code}: ${error.failure.summary}`;
    throw error;
  }
  throw new Error('not refused');
};

describe('edits of a form change their own line', () => {
  it('adds a reader', () => {
    expect(difference({ kind: 'add-names', group: 0, list: 'readers', names: ['reporting'] })).toEqual({
      out: ['      "readers": ["billing", "admin"],'],
      put: ['      "readers": ["billing", "admin", "reporting"],'],
    });
  });

  it('adds a table to a list with a line break of its own', () => {
    expect(difference({ kind: 'add-names', group: 0, list: 'entries', names: ['refunds'] }).put).toEqual([
      '          ["orders", "order_items", "refunds"],',
    ]);
  });

  it('makes a list that is missing, behind those that come before it', () => {
    expect(difference({ kind: 'add-names', group: 1, list: 'readers', names: ['auditor', 'admin'] }).put).toEqual([
      '    { "name": "logs", "table_names_or_prefixes": ["audit_%"], "readers": ["auditor", "admin"], "comment": 7 }',
    ]);
    expect(difference({ kind: 'add-names', group: 0, list: 'admins', names: ['admin'] }).put).toEqual([
      '      "writers": ["billing"],',
      '      "admins": ["admin"]',
    ]);
  });

  it('fills a list that is null, and keeps the other spelling of keys', () => {
    const text = '{"tableGroups":[{"tableNamesOrPrefixes":["a"],"readers":null}]}';
    expect(edit({ kind: 'add-names', group: 0, list: 'readers', names: ['x'] }, text)).toBe(
      '{"tableGroups":[{"tableNamesOrPrefixes":["a"],"readers":["x"]}]}',
    );
    expect(edit({ kind: 'add-group', name: 'b', entries: ['b'] }, text)).toContain('"tableNamesOrPrefixes": ["b"]');
  });

  it('leaves out names that stand there already', () => {
    expect(edit({ kind: 'add-names', group: 0, list: 'readers', names: ['admin'] })).toBe(sales);
    expect(difference({ kind: 'add-names', group: 0, list: 'readers', names: ['admin', 'x', 'x'] }).put).toEqual([
      '      "readers": ["billing", "admin", "x"],',
    ]);
  });

  it('removes and replaces a name', () => {
    const at = { group: 0, list: 'readers', index: 1, name: 'admin' } as const;
    expect(difference({ kind: 'remove-name', ...at }).put).toEqual(['      "readers": ["billing"],']);
    expect(difference({ kind: 'replace-name', ...at, by: 'root' }).put).toEqual([
      '      "readers": ["billing", "root"],',
    ]);
    // The right name is there already.
    expect(difference({ kind: 'replace-name', ...at, by: 'billing' }).put).toEqual(['      "readers": ["billing"],']);
  });

  it('removes a name that stands twice from both places', () => {
    const text = '{"table_groups": [{"readers": ["a", "b", "a", "c", "a"]}]}';
    expect(edit({ kind: 'remove-name', group: 0, list: 'readers', index: 0, name: 'a' }, text)).toBe(
      '{"table_groups": [{"readers": ["b", "c"]}]}',
    );
  });

  it('renames, moves and removes groups', () => {
    expect(difference({ kind: 'rename-group', group: 0, name: 'shop "1"' }).put).toEqual([
      '      "name": "shop \\"1\\"",',
    ]);
    expect(readAclForm(edit({ kind: 'move-group', group: 1, to: 0 }))?.map(({ name }) => name)).toEqual([
      'logs',
      'sales',
    ]);
    const removed = edit({ kind: 'remove-group', group: 0 });
    expect(readAclForm(removed)?.map(({ name }) => name)).toEqual(['logs']);
    expect(removed).toContain('"unknown": true');
    expect(removed).toContain('"comment": 7');
  });

  it('names a group that has no name, first', () => {
    const text = '{"table_groups": [{"readers": []}]}';
    expect(edit({ kind: 'rename-group', group: 0, name: 'a' }, text)).toBe(
      '{"table_groups": [{"name": "a", "readers": []}]}',
    );
  });

  it('makes the first group of an empty file', () => {
    for (const text of ['{}', '{ }\n', '{"table_groups": []}', '{"table_groups": null}']) {
      const made = readAclForm(edit({ kind: 'add-group', name: 'a', entries: ['t'] }, text));
      expect(made?.map(({ name, lists }) => [name, lists.entries.names.map((entry) => entry.text)])).toEqual([
        ['a', ['t']],
      ]);
    }
  });

  it('counts groups as the form does, past what is no group', () => {
    const text = '{"table_groups": [7, {"name": "a"}, "x", {"name": "b"}]}';
    expect(edit({ kind: 'rename-group', group: 1, name: 'c' }, text)).toBe(
      '{"table_groups": [7, {"name": "a"}, "x", {"name": "c"}]}',
    );
  });

  it('takes a table out of another group when told to', () => {
    const taken = edit({ kind: 'add-names', group: 1, list: 'entries', names: ['orders'], take: true });
    expect(readAclForm(taken)?.map(({ lists }) => lists.entries.names.map(({ text }) => text))).toEqual([
      ['order_items'],
      ['audit_%', 'orders'],
    ]);
  });
});

describe('edits that are refused', () => {
  it('names the place and the remedy', () => {
    expect(codeOf({ kind: 'add-names', group: 1, list: 'entries', names: ['orders'] })).toBe(
      'access.elsewhere: "orders" stands in group "sales" already (acl.json, line 6). A table can be in one group only.',
    );
    expect(codeOf({ kind: 'add-names', group: 1, list: 'entries', names: ['order%'] })).toMatch(
      /^access\.overlap: "order%" \(group "logs"\) covers "order_items" \(group "sales"\) too, .*acl\.json, line 6/,
    );
    expect(codeOf({ kind: 'add-names', group: 0, list: 'entries', names: ['audit_log'] })).toMatch(
      /^access\.overlap: "audit_%" \(group "logs"\) covers "audit_log" \(group "sales"\) too/,
    );
    // Named is what stood there, also when it stands below the group that is edited.
    expect(codeOf({ kind: 'add-names', group: 0, list: 'entries', names: ['audit_%'] })).toMatch(
      /^access\.elsewhere: "audit_%" stands in group "logs" already \(acl\.json, line 10\)/,
    );
    expect(codeOf({ kind: 'add-names', group: 0, list: 'entries', names: ['a%b'] })).toMatch(/^access\.percent/);
    expect(codeOf({ kind: 'add-group', name: 'x', entries: ['orders'] })).toMatch(/^access\.elsewhere/);
    expect(codeOf({ kind: 'add-names', group: 0, list: 'readers', names: [''] })).toMatch(/^access\.empty-name/);
  });

  it('lets an edit through that mends one of several faults', () => {
    const text = '{"table_groups": [{"table_names_or_prefixes": ["a", "a", "b%c"]}]}';
    expect(edit({ kind: 'remove-name', group: 0, list: 'entries', index: 1, name: 'a' }, text)).toBe(
      '{"table_groups": [{"table_names_or_prefixes": ["a", "b%c"]}]}',
    );
  });

  it('refuses what is about another text', () => {
    expect(codeOf({ kind: 'remove-name', group: 0, list: 'readers', index: 0, name: 'admin' })).toMatch(/stale/);
    expect(codeOf({ kind: 'remove-name', group: 0, list: 'admins', index: 0, name: 'admin' })).toMatch(/stale/);
    expect(codeOf({ kind: 'remove-group', group: 2 })).toMatch(/stale/);
    // Another group stands there by now.
    expect(codeOf({ kind: 'remove-group', group: 0, groupName: 'logs' })).toMatch(/stale/);
    expect(edit({ kind: 'remove-group', group: 1, groupName: 'logs' })).not.toContain('logs');
    expect(codeOf({ kind: 'move-group', group: 5, to: 0 })).toMatch(/stale/);
    expect(codeOf({ kind: 'remove-group', group: 0 }, '{}')).toMatch(/stale/);
  });

  it.each(['', '{', '[]', '"x"', '{} {}', 'null'])('never touches %j, which is no ACL text', (text) => {
    expect(codeOf({ kind: 'add-group', name: 'a', entries: [] }, text)).toMatch(/^access\.text-broken/);
    expect(readAclForm(text)).toBeNull();
  });

  it('never overwrites what is no list', () => {
    const text = '{"table_groups": [{"name": "a",\n "readers": "bob", "writers": ["x", 7]}]}';
    for (const list of ['readers', 'writers'] as const)
      expect(codeOf({ kind: 'add-names', group: 0, list, names: ['y'] }, text)).toMatch(
        /^access\.list-broken: In acl\.json, line 2/,
      );
    expect(codeOf({ kind: 'add-group', name: 'a', entries: [] }, '{"table_groups": 7}')).toMatch(/list-broken/);
  });
});

describe('groupHints', () => {
  const hintsOf = (group: object, others: object[] = []) => {
    const groups = readAclForm(JSON.stringify({ table_groups: [group, ...others] })) ?? [];
    const [first] = groups;
    return first === undefined ? [] : groupHints(first, groups);
  };

  it('finds writers and admins who cannot read', () => {
    expect(hintsOf({ readers: ['a'], writers: ['a', 'b', 'b'], admins: ['b', 'c'] })).toEqual([
      { kind: 'writers-cannot-read', names: ['b'], to: ['readers'] },
      { kind: 'admins-cannot-use', names: ['c'], to: ['readers', 'writers'] },
    ]);
    expect(hintsOf({ readers: ['a', 'b'], writers: ['a'], admins: ['b'] })).toEqual([]);
  });

  it('says when % covers everything', () => {
    expect(hintsOf({ table_names_or_prefixes: ['%'] }, [{ table_names_or_prefixes: ['a', 'b'] }])).toEqual([
      { kind: 'covers-everything', otherEntries: 2 },
    ]);
    expect(hintsOf({ table_names_or_prefixes: ['a%'] })).toEqual([]);
  });

  it('knows the DNS name that every certificate of the Vitess tool has', () => {
    expect(hintsOf({ readers: ['localhost', 'a'], writers: ['a'] })).toEqual([
      { kind: 'everybody-on-this-host', lists: ['readers'] },
    ]);
  });
});
