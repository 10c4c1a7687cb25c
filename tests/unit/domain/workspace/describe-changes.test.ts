import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeChanges, plain, type DescribedChange } from '../../../../src-main/domain/workspace';

const named = new Map<string, 'users' | 'acl' | 'grpc-users'>([
  ['users.json', 'users'],
  ['acl.json', 'acl'],
  ['grpc-users.json', 'grpc-users'],
]);
const version = (files: Readonly<Record<string, string>>): Map<string, Buffer> =>
  new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
const changesOf = (file: string, before: string, after: string): DescribedChange[] =>
  describeChanges(version({ [file]: before }), version({ [file]: after }), named);
const told = (changes: readonly DescribedChange[]): string[] =>
  changes.map((change) => `${change.file}:${change.line} ${change.side} ${plain(change.sentence)}`);

const acl = `{
  "table_groups": [
    {
      "name": "sales",
      "table_names_or_prefixes": ["orders", "order_items"],
      "readers": ["billing", "admin"],
      "writers": ["billing", "admin"],
      "admins": ["admin"]
    }
  ]
}
`;

describe('table groups', () => {
  it('says who came, with the line, and takes just that back', () => {
    const after = acl
      .replace('"readers": ["billing", "admin"]', '"readers": ["billing", "admin", "reporting"]')
      .replace('"admins": ["admin"]', '"admins": []');
    const changes = changesOf('acl.json', acl, after);
    expect(told(changes)).toEqual([
      'acl.json:6 draft Table group sales: reader reporting added.',
      'acl.json:8 applied Table group sales: admin admin removed.',
    ]);
    expect(changes[0]?.revert().get('acl.json')?.toString()).toBe(acl.replace('"admins": ["admin"]', '"admins": []'));
    expect(changes[1]?.revert().get('acl.json')?.toString()).toBe(
      acl.replace('"readers": ["billing", "admin"]', '"readers": ["billing", "admin", "reporting"]'),
    );
  });

  it.each([
    [
      '{"table_groups":[{"name":"a","table_names_or_prefixes":["t"]}]}',
      '{"table_groups":[]}',
      'Table group a removed.',
    ],
    ['{}', '{"tableGroups":[{"name":"a","tableNamesOrPrefixes":["t"]}]}', 'Table group a added for t.'],
    [
      '{"table_groups":[{"name":"a","table_names_or_prefixes":["t"]}]}',
      '{"table_groups":[{"name":"b","table_names_or_prefixes":["t"]}]}',
      'Table group a is now called b.',
    ],
    [
      '{"table_groups":[{"name":"a"}]}',
      '{"table_groups":[{"name":"a", "note": 1}]}',
      'Table group a: the key note was added; Vitess ignores it.',
    ],
    ['{"table_groups":[ ]}', '{"table_groups":[]}', 'acl.json is written differently; what it says is the same.'],
    ['{"table_groups":[]}', '{"table_groups":[}', 'acl.json changed in one line.'],
    [
      '{"table_groups":[{"name":"a","readers":["x"]}]}',
      '{"table_groups":[{"name":"a","readers":["x","x"]}]}',
      'acl.json changed in one line.',
    ],
  ])('tells of %s to %s', (before, after, sentence) => {
    const changes = changesOf('acl.json', before, after);
    expect(changes.map((change) => plain(change.sentence))).toEqual([sentence]);
    expect(JSON.parse(changes[0]?.revert().get('acl.json')?.toString() ?? '')).toEqual(JSON.parse(before));
  });
});

describe('users', () => {
  const entry = (secret: string, data: string): string =>
    `{ "MysqlNativePassword": "*${secret}", "UserData": "${data}" }`;
  const users = (...entries: string[]): string => `{\n  "myuser2": [\n    ${entries.join(',\n    ')}\n  ]\n}\n`;

  it.each<[string[], string[], string]>([
    [
      [entry('AA', 'reporting'), entry('BB', 'legacy')],
      [entry('AA', 'reporting')],
      '4 applied User myuser2: second entry removed (UserData legacy).',
    ],
    [
      [entry('AA', 'a')],
      [entry('AA', 'a'), entry('BB', 'b')],
      '4 draft User myuser2: second entry added (UserData b).',
    ],
    [[entry('AA', 'a')], [entry('BB', 'a')], '3 draft User myuser2: the password changed.'],
    [[entry('AA', 'a')], [entry('AA', 'b')], '3 draft User myuser2: UserData changed from a to b.'],
    [
      [entry('AA', 'a'), entry('BB', 'b')],
      [entry('BB', 'b'), entry('AA', 'a')],
      '3 draft User myuser2: the entries stand in another order; the first that fits decides.',
    ],
  ])('tells of entries %#', (before, after, sentence) => {
    const [old, fresh] = [users(...before), users(...after)];
    const changes = changesOf('users.json', old, fresh);
    expect(told(changes)).toEqual([`users.json:${sentence}`]);
    expect(changes[0]?.revert().get('users.json')?.toString()).toBe(old);
    expect(JSON.stringify(changes)).not.toContain('*BB');
  });

  it('tells of users and of keys that are spelled in another case', () => {
    const before = '{"a": [{"password": "hidden-one", "userdata": "x"}], "b": []}';
    const after = '{"a": [{"password": "hidden-two", "userdata": "y"}], "c": [{"Password": "hidden-three"}]}';
    const changes = changesOf('users.json', before, after);
    expect(changes.map((change) => plain(change.sentence))).toEqual([
      'User a: the password changed.',
      'User a: userdata changed from x to y.',
      'User c added with one entry.',
      'User b removed.',
    ]);
    expect(JSON.stringify(changes)).not.toContain('hidden');
    for (const change of changes) {
      const left = changesOf('users.json', before, change.revert().get('users.json')?.toString() ?? '');
      expect(
        left.map((other) => plain(other.sentence)),
        plain(change.sentence),
      ).toEqual(changes.filter((other) => other !== change).map((other) => plain(other.sentence)));
    }
  });

  it('never says a gRPC password', () => {
    const changes = changesOf(
      'grpc-users.json',
      '[{"Username":"batch","Password":"hidden-one"}]',
      '[{"Username":"batch","Password":"hidden-two"},{"Username":"new","Password":"hidden-three"}]',
    );
    expect(changes.map((change) => plain(change.sentence))).toEqual([
      'gRPC user batch: the password changed.',
      'gRPC user new added.',
    ]);
  });
});

describe('settings and tests', () => {
  it('names the part, the setting and both values', () => {
    const before =
      '{"gateways":[{"name":"main","mysql":{"requireSecureTransport":true,"tls":{"cert":"a"}}}],"vitess":"24.0.4"}';
    const after =
      '{"gateways":[{"name":"main","mysql":{"requireSecureTransport":false,"tls":null}},{"name":"more"}],"vitess":"24.0.4"}';
    const changes = changesOf('gatehouse.json', before, after);
    expect(changes.map((change) => plain(change.sentence))).toEqual([
      'Gateway main: mysql.requireSecureTransport changed from true to false.',
      'Gateway main: mysql.tls taken away.',
      'Gateway more added.',
    ]);
    expect(JSON.parse(changes[1]?.revert().get('gatehouse.json')?.toString() ?? '')).toMatchObject({
      gateways: [{ mysql: { requireSecureTransport: false, tls: { cert: 'a' } } }, {}],
    });
  });

  it('says expectations as people do, and never a typed password', () => {
    const before = '{"callers":[{"name":"r","password":{"text":"hidden-one"}}],"allow":{"r":{"read":["orders"]}}}';
    const after =
      '{"callers":[{"name":"r","password":{"text":"hidden-two"}}],"allow":{"r":{"read":["items"]},"x":{"admin":["orders"]}}}';
    const changes = changesOf('tests/a.json', before, after);
    expect(changes.map((change) => plain(change.sentence))).toEqual([
      'r, items, read: now expected Allowed.',
      'r, orders, read: now expected Denied.',
      'x, orders, admin: now expected Allowed.',
      'Test caller r: password changed.',
    ]);
    expect(JSON.stringify(changes)).not.toContain('hidden');
  });

  it('tells of other files as a whole', () => {
    const changes = describeChanges(
      version({ 'schema.sql': 'a\nb\nc\n', 'old.sql': '' }),
      version({ 'schema.sql': 'a\nx\ny\nc\n', 'new.sql': '' }),
      named,
    );
    expect(changes.map((change) => plain(change.sentence))).toEqual([
      'new.sql added.',
      'old.sql removed.',
      'schema.sql changed in 2 lines.',
    ]);
    expect(changes[0]?.revert()).toEqual(new Map([['new.sql', null]]));
  });

  it('shows names without control characters and shortened', () => {
    const [change] = changesOf(
      'acl.json',
      '{"table_groups":[]}',
      JSON.stringify({ table_groups: [{ name: `a\u202e\n${'x'.repeat(500)}` }] }),
    );
    expect(plain(change?.sentence ?? [])).toMatch(/^Table group a\ufffd\ufffdx{76}… added\.$/);
  });
});

/** Files as people and programs write them, with what can be told apart. */
const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const aclFile = fc
  .uniqueArray(
    fc.record({
      name: names,
      table_names_or_prefixes: fc.uniqueArray(names, { maxLength: 3 }),
      readers: fc.uniqueArray(names, { maxLength: 3 }),
      writers: fc.uniqueArray(names, { maxLength: 3 }),
    }),
    { selector: ({ name }) => name, maxLength: 3 },
  )
  .map((groups) => ({ table_groups: groups }));
const usersFile = fc.dictionary(
  names,
  fc.uniqueArray(
    fc.record({
      MysqlNativePassword: fc.constantFrom('*1', '*2', '*3'),
      UserData: names,
      Groups: fc.uniqueArray(names, { maxLength: 2 }),
    }),
    {
      selector: ({ MysqlNativePassword }) => MysqlNativePassword,
      maxLength: 3,
    },
  ),
);

describe('any two versions', () => {
  const undone = (file: string, before: string, after: string): void => {
    let text = after;
    let left = changesOf(file, before, text);
    for (let round = 0; left.length > 0; round += 1) {
      expect(round).toBeLessThan(60);
      text = left[round % left.length]?.revert().get(file)?.toString() ?? '';
      left = changesOf(file, before, text);
    }
    expect(text).toBe(before);
  };

  it.each([
    ['acl.json', aclFile],
    ['users.json', usersFile],
  ] as const)('of %s: taking every change back, one by one, ends at what is applied', (file, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, arbitrary, fc.boolean(), (before, after, wide) => {
        undone(file, JSON.stringify(before, null, wide ? 2 : 0), JSON.stringify(after, null, wide ? 2 : 0));
      }),
      { numRuns: 60 },
    );
  });

  it('never throws, whatever the files hold, and says nothing about equal ones', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom('{"table_groups": {}}', '{"a": [null, 3, "x"]}', '[]', 'null', '{"gateways":[1,{}]}'),
    );
    const path = fc.constantFrom(
      'acl.json',
      'users.json',
      'gatehouse.json',
      'tests/a.json',
      'grpc-users.json',
      'pki/a/b-cert.pem',
      'x.sql',
    );
    fc.assert(
      fc.property(path, text, text, (file, before, after) => {
        const changes = changesOf(file, before, after);
        expect(changes.length > 0).toBe(before !== after);
        expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length);
        for (const change of changes) change.revert();
      }),
      { numRuns: 500 },
    );
  });
});
