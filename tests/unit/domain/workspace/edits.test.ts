import { describe, expect, it } from 'vitest';
import { editLabel, editText, wideningSentence, plain, type DraftEdit } from '../../../../src-main/domain/workspace';
import { draftEdit } from '../../../../src-main/contract/areas/edits';

const acl = '{ "table_groups": [\n  { "name": "sales", "table_names_or_prefixes": ["orders"], "readers": ["a"] } ] }\n';
const suite =
  '{ "schema": 1, "name": "s",\n  "callers": [{"name": "web"}], "tables": [{"name": "orders"}, {"name": "x"}],\n  "allow": { "web": { "read": ["orders"] } } }\n';
const topology =
  '{ "schema": 1, "name": "s", "keyspaces": [], "backends": [], "tablets": [],\n  "gateways": [{ "name": "g",  "mysql": null }] }\n';

const cases: [string, string, DraftEdit, string][] = [
  [
    'acl.json',
    acl,
    { kind: 'acl.member', group: 'sales', list: 'readers', name: 'b', add: true },
    acl.replace('["a"]', '["a", "b"]'),
  ],
  ['acl.json', acl, { kind: 'acl.member', group: 'sales', list: 'readers', name: 'a', add: true }, acl],
  [
    'acl.json',
    acl,
    { kind: 'acl.member', group: 'sales', list: 'readers', name: 'a', add: false },
    acl.replace('["a"]', '[]'),
  ],
  ['acl.json', acl, { kind: 'acl.member', group: 'sales', list: 'admins', name: 'a', add: false }, acl],
  [
    'acl.json',
    '{"table_groups":[{"name":"x","table_names_or_prefixes":["orders"]}]}',
    { kind: 'acl.group', table: 'x', list: 'writers', name: 'a' },
    '{"table_groups":[{"name":"x","table_names_or_prefixes":["orders"]}, {\n  "name": "x-2",\n  "table_names_or_prefixes": ["x"],\n  "readers": [],\n  "writers": ["a"],\n  "admins": []\n}]}',
  ],
  [
    'gatehouse.json',
    topology,
    { kind: 'topology.set', path: ['gateways', 0, 'fidelity'], value: 'vitess' },
    topology.replace('"mysql": null', '"mysql": null,  "fidelity": "vitess"'),
  ],
  [
    'gatehouse.json',
    topology,
    { kind: 'topology.set', path: ['name'], value: 't' },
    topology.replace('"name": "s"', '"name": "t"'),
  ],
  [
    'users.json',
    '{"u": [{"password": "p", "userdata" :"x"}]}',
    { kind: 'users.userData', file: 'users.json', user: 'u', entry: 0, userData: 'y' },
    '{"u": [{"password": "p", "userdata" :"y"}]}',
  ],
  [
    'users.json',
    '{"u": {"Password": "p"}}',
    { kind: 'users.userData', file: 'users.json', user: 'u', entry: 0, userData: 'y' },
    '{"u": {"Password": "p", "UserData": "y"}}',
  ],
  [
    'tests/s.json',
    suite,
    { kind: 'suite.expect', file: 'tests/s.json', caller: 'web', table: 'x', role: 'read', verdict: 'allow' },
    suite.replace('["orders"]', '["orders", "x"]'),
  ],
  [
    'tests/s.json',
    suite,
    { kind: 'suite.expect', file: 'tests/s.json', caller: 'web', table: 'orders', role: 'read', verdict: 'deny' },
    suite.replace('["orders"]', '[]'),
  ],
  [
    'tests/s.json',
    suite,
    { kind: 'suite.expect', file: 'tests/s.json', caller: 'web', table: 'x', role: 'write', verdict: 'deny' },
    suite,
  ],
];

describe('typed edits', () => {
  it.each(cases)('%s: changes what it says and keeps the rest of the text', (file, text, edit, expected) => {
    expect(editText(text, file, edit)).toBe(expected);
    expect(draftEdit.parse(edit)).toEqual(edit);
    expect(editLabel(edit)).toMatch(/^(Add|Remove|Set|Change|Expect) /);
  });

  it.each<[string, string, string, DraftEdit]>([
    ['edit.stale', 'acl.json', acl, { kind: 'acl.member', group: 'gone', list: 'readers', name: 'b', add: true }],
    ['access.text-broken', 'acl.json', '{', { kind: 'acl.member', group: 's', list: 'readers', name: 'b', add: true }],
    ['edit.not-json', 'gatehouse.json', '{', { kind: 'topology.set', path: ['name'], value: 1 }],
    ['edit.refused', 'gatehouse.json', topology, { kind: 'topology.set', path: ['gateways', 0, 'fidelity'], value: 7 }],
    ['edit.refused', 'gatehouse.json', topology, { kind: 'topology.set', path: ['__proto__'], value: {} }],
    [
      'edit.stale',
      'gatehouse.json',
      topology,
      { kind: 'topology.set', path: ['gateways', 5, 'fidelity'], value: 'vitess' },
    ],
    ['edit.stale', 'gatehouse.json', topology, { kind: 'topology.set', path: ['constructor', 'x'], value: 1 }],
    [
      'edit.stale',
      'users.json',
      '{"u": []}',
      { kind: 'users.userData', file: 'users.json', user: 'u', entry: 0, userData: '' },
    ],
    [
      'edit.stale',
      'tests/s.json',
      suite,
      { kind: 'suite.expect', file: 'tests/s.json', caller: 'web', table: 'gone', role: 'read', verdict: 'allow' },
    ],
  ])('refuses with %s and changes nothing', (code, file, text, edit) => {
    expect(() => editText(text, file, edit)).toThrow(
      expect.objectContaining({ failure: expect.objectContaining({ code }) }),
    );
  });

  it.each([
    { kind: 'topology.set', path: [], value: 1 },
    { kind: 'acl.member', group: 'a', list: 'owners', name: 'b', add: true },
    { kind: 'acl.member', group: 'a', list: 'readers', name: '', add: true },
    { kind: 'suite.expect', file: 'a', caller: 'a', table: 'b', role: 'read', verdict: 'allow', more: 1 },
    { kind: 'users.userData', file: '', user: 'u', entry: 0, userData: '' },
  ])('are checked when they cross: %#', (edit) => {
    expect(draftEdit.safeParse(edit).success).toBe(false);
  });
});

describe('what a change opens, in one sentence', () => {
  const read = (who: string, ...tables: string[]) => tables.map((table) => ({ who, table, role: 'read' as const }));
  it.each([
    [[], null],
    [read('reporting', 'orders', 'order_items'), 'This gives reporting access to orders and order_items (read).'],
    [
      [...read('a', 't'), { who: 'a', table: 't', role: 'write' as const }, ...read('a', 'u')],
      'This gives a access to t (read and write), u (read).',
    ],
    [[...read('a', 't'), ...read('b', 't')], 'This gives a and b access to t (read).'],
    [[...read('a', 't'), ...read('b', 'u')], 'This gives a access to t (read), and another caller gains access too.'],
    [['a', 'b', 'c', 'd'].flatMap((who) => read(who, 't')), 'This gives a, b and 2 others access to t (read).'],
    [read('a', 't', 'u', 'v', 'w'), 'This gives a access to 4 tables (read).'],
    [[{ who: 'a', table: null, role: null }], 'This lets a in where they were refused.'],
  ])('%#', (gains, sentence) => {
    const said = wideningSentence(gains);
    expect(said === null ? null : plain(said)).toBe(sentence);
  });
});
