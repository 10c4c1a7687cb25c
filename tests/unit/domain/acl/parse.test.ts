import { describe, expect, test } from 'vitest';
import { parseAclFile } from '../../../../src-main/domain/acl';
import { current, load, read, type hardened } from './acl-builder';

const lines = (...parts: string[]): string => parts.join('\n');

/** `code@line:column` of every finding. */
const marks = (content: unknown, known = {}, fidelity = undefined as typeof hardened | undefined): string[] =>
  read(content, known, fidelity).findings.map(({ code, line, column }) => `${code.slice(4)}@${line}:${column}`);

describe('places', () => {
  test('of groups, entries, lists and principals', () => {
    const acl = load(
      lines(
        '{"table_groups": [',
        '  {"name": "orders",',
        '   "table_names_or_prefixes": ["orders",',
        '     "order_%"],',
        '   "readers": [',
        '     "app", "grüße", "ops"],',
        '   "writers": ["app"]}',
        ']}',
      ),
    );
    const [group] = acl.groups;
    expect(group).toMatchObject({ line: 2, column: 3, name: 'orders' });
    expect(group?.entries).toEqual([
      { text: 'orders', line: 3, column: 32 },
      { text: 'order_%', line: 4, column: 6 },
    ]);
    expect(group?.readers).toMatchObject({ line: 5, column: 15 });
    expect(group?.readers.principals.at(-1)).toEqual({ text: 'ops', line: 6, column: 22 });
    expect(group?.admins).toMatchObject({ line: 2, column: 3, principals: [] });
  });

  test('a binary file has none', () => {
    const { acl, findings } = read(Buffer.from('ChAKAWcSBm9yZGVycxoDYXBw', 'base64').toString('latin1'));
    expect(acl?.format).toBe('binary');
    expect(acl?.groups[0]?.readers.principals).toEqual([{ text: 'app', line: 0, column: 0 }]);
    expect(findings.map(({ code }) => code)).toContain('acl.binary-file');
  });

  test('a number that only protojson takes costs the places, not the ACL', () => {
    const { acl, findings } = read(
      '{"version": 1e, "table_groups": [{"name": "g", "table_names_or_prefixes": ["t"], "readers": ["a"]}]}',
    );
    expect(acl?.groups[0]?.readers.members.has('a')).toBe(true);
    expect(findings.some(({ code }) => code === 'acl.not-json')).toBe(true);
  });
});

describe('what Vitess refuses', () => {
  test('every fault is found, not only the first', () => {
    const text = lines(
      '{"table_groups": [',
      ' {"name": 1, "table_names_or_prefixes": ["a", "a", null, "b%c"], "readers": "x"},',
      ' null,',
      ' {"name": "g", "name": "h", "table_names_or_prefixes": ["z%", "zz"], "readers": ["r", 2]}',
      ']} {}',
    );
    expect(marks(text).filter((mark) => !/nobody|empty-list|nameless/.test(mark))).toEqual([
      'wrong-type@2:11',
      'overlap@2:47',
      'wrong-type@2:52',
      'percent-in-name@2:58',
      'wrong-type@2:77',
      'wrong-type@3:2',
      'duplicate-key@4:16',
      'overlap@4:63',
      'wrong-type@4:87',
      'trailing-data@5:4',
    ]);
    expect(read(text).acl).toBeNull();
  });

  test.each([
    ['', 'acl.empty-file'],
    ['[]', 'acl.wrong-type'],
    ['null', 'acl.wrong-type'],
    ['{"table_groups": [}', 'acl.not-json'],
    ['\ufeff{}', 'acl.byte-order-mark'],
    ['{"tableGroups": [], "table_groups": []}', 'acl.duplicate-key'],
    ['{"table_groups": [{"name": "\\ud800", "table_names_or_prefixes": ["t"]}]}', 'acl.lone-surrogate'],
    ['{"note": "\\ud800"}', 'acl.refused'],
    ['{}\u00a0', 'acl.trailing-data'],
  ])('%j is %s', (text, code) => {
    const { acl, vitess, findings } = read(text);
    expect(acl).toBeNull();
    expect(vitess.accepted).toBe(false);
    expect(vitess.message).not.toBeNull();
    expect(findings.filter(({ level }) => level === 'error').map((finding) => finding.code)).toEqual([code]);
  });

  test('bytes that are not UTF-8 and UTF-16 are named as such', () => {
    const withByte = Buffer.from('{"table_groups":[],\n "table_groups":"a\u00ff"}', 'latin1');
    expect(readBytes(withByte)).toEqual(['acl.no-groups@0:0', 'acl.duplicate-key@2:2', 'acl.not-utf8@2:19']);
    expect(readBytes(Buffer.from('{"table_groups":[]}', 'utf16le'))).toEqual(['acl.utf-16@1:1']);
    expect(readBytes(Buffer.from('\ufeff{"table_groups":[]}', 'utf16le'))).toEqual(['acl.utf-16@1:1']);
  });

  test('the remedy names the other entry and its line', () => {
    const { vitess, findings } = read(
      lines(
        '{"table_groups":[{"table_names_or_prefixes":["order%"],"readers":["a"]},',
        '{"table_names_or_prefixes":["orders"],"readers":["a"]}]}',
      ),
    );
    expect(vitess.message).toBe('conflicting entries: "orders" overlaps with "order%"');
    const overlap = findings.find(({ code }) => code === 'acl.overlap');
    expect(overlap).toMatchObject({ level: 'error', line: 2, column: 29 });
    expect(overlap?.message).toContain('"order%" (line 1)');
  });
});

describe('what Vitess accepts without a word', () => {
  const group = (rest: object): object => ({
    table_groups: [
      { name: 'g', table_names_or_prefixes: ['t'], readers: ['a'], writers: ['a'], admins: ['a'], ...rest },
    ],
  });

  test('a sound file has no findings', () => {
    expect(marks(group({}), { knownPrincipals: ['a'], knownTables: ['t'] })).toEqual([]);
  });

  test.each([
    ['a writer who cannot read', group({ writers: ['a', 'w'] }), 'warning', 'writer-cannot-read'],
    ['an admin who can neither', group({ admins: ['a', 'dba'] }), 'warning', 'admin-only'],
    ['an empty list', group({ admins: [] }), 'info', 'empty-list'],
    ['a list that is null', group({ admins: null }), 'info', 'empty-list'],
    ['no list at all', { table_groups: [{ name: 'g', table_names_or_prefixes: ['t'] }] }, 'warning', 'nobody'],
    ['no tables', group({ table_names_or_prefixes: [] }), 'warning', 'no-tables'],
    ['no groups', {}, 'warning', 'no-groups'],
    ['the prefix %', group({ table_names_or_prefixes: ['%'] }), 'warning', 'covers-everything'],
    ['an entry with a schema', group({ table_names_or_prefixes: ['shop.orders'] }), 'warning', 'qualified-entry'],
    ['an entry in backticks', group({ table_names_or_prefixes: ['`orders`'] }), 'warning', 'qualified-entry'],
    ['a star in an entry', group({ table_names_or_prefixes: ['orders*'] }), 'warning', 'wildcard-entry'],
    ['an empty entry', group({ table_names_or_prefixes: [''] }), 'warning', 'empty-entry'],
    ['a space around an entry', group({ table_names_or_prefixes: [' t'] }), 'warning', 'space-in-name'],
    ['the principal %', group({ readers: ['a', '%'] }), 'warning', 'wildcard-principal'],
    ['the principal *', group({ readers: ['a', '*'] }), 'warning', 'wildcard-principal'],
    ['a host in a principal', group({ readers: ['a', "'app'@'%'"] }), 'warning', 'wildcard-principal'],
    ['the empty principal', group({ readers: ['a', ''] }), 'warning', 'empty-principal'],
    ['a principal twice', group({ readers: ['a', 'a'] }), 'info', 'duplicate-principal'],
    ['a space around a principal', group({ readers: ['a', 'b '] }), 'warning', 'space-in-name'],
    ['a group without a name', group({ name: '' }), 'info', 'nameless-group'],
    ['an unknown key', group({ comment: 'x' }), 'warning', 'unknown-key'],
  ] as const)('%s', (_name, content, level, code) => {
    const { vitess, findings } = read(content);
    expect(vitess.accepted).toBe(true);
    expect(findings.map((finding) => [finding.level, finding.code])).toEqual([[level, `acl.${code}`]]);
  });

  test.each([
    ['reader', 'readers'],
    ['Readers', 'readers'],
    ['wirters', 'writers'],
    ['admin', 'admins'],
    ['tables', 'table_names_or_prefixes'],
    ['table_names_or_prefix', 'table_names_or_prefixes'],
    ['TableNamesOrPrefixes', 'tableNamesOrPrefixes'],
  ])('the key %s: did you mean %s', (key, meant) => {
    const { findings } = read(group({ [key]: ['x'] }));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ code: 'acl.misspelt-key', level: 'warning' });
    const text = findings[0]?.message.replaceAll('_', '').toLowerCase() ?? '';
    expect(text).toContain(`did you mean "${meant.replaceAll('_', '').toLowerCase()}"`);
  });

  test('two groups of one name', () => {
    const one = { name: 'g', readers: ['a'], writers: ['a'], admins: ['a'] };
    const content = {
      table_groups: [
        { ...one, table_names_or_prefixes: ['t'] },
        { ...one, table_names_or_prefixes: ['u'] },
      ],
    };
    expect(read(content).findings.map(({ code }) => code)).toEqual(['acl.repeated-group-name']);
  });

  test('text that happens to be a protobuf', () => {
    for (const text of ['  ', 'P1', '00', '{|']) {
      const { acl, findings } = read(text);
      expect(acl?.groups).toEqual([]);
      expect(findings.map(({ code }) => code)).toContain('acl.text-read-as-binary');
    }
  });
});

describe('against what the workspace knows', () => {
  const content = {
    table_groups: [
      {
        name: 'g',
        table_names_or_prefixes: ['orders', 'Items', 'cusomers', 'log_%', 'ITEM%'],
        readers: ['app', 'App', 'dev'],
      },
    ],
  };
  const codes = (known: { knownPrincipals?: string[]; knownTables?: string[] }): string[][] =>
    read(content, known)
      .findings.filter(({ code }) => code !== 'acl.empty-list')
      .map(({ code, message, remedy }) => [
        code.slice(4),
        /"([^"]*)"/.exec(message)?.[1] ?? '',
        /"([^"]*)"/.exec(remedy)?.[1] ?? '',
      ]);

  test('principals that nobody has', () => {
    expect(codes({ knownPrincipals: ['app', 'ops'] })).toEqual([
      ['unknown-principal', 'App', 'app'],
      ['unknown-principal', 'dev', ''],
    ]);
  });

  test('tables that do not exist, that are written otherwise, that nobody named', () => {
    expect(codes({ knownTables: ['orders', 'items', 'customers', 'stock', 'dual'] })).toEqual([
      ['uncovered-table', 'items', ''],
      ['uncovered-table', 'customers', ''],
      ['uncovered-table', 'stock', ''],
      ['case-mismatch', 'Items', 'items'],
      ['unknown-table', 'cusomers', 'customers'],
      ['unused-prefix', 'log_', ''],
      ['case-mismatch', 'ITEM%', 'items'],
    ]);
  });

  test('nothing is said about what is not known', () => {
    expect(codes({})).toEqual([]);
  });
});

function readBytes(bytes: Uint8Array): string[] {
  return parseAclFile(bytes, { file: 'acl.json', fidelity: current }).findings.map(
    ({ code, line, column }) => `${code}@${line}:${column}`,
  );
}
