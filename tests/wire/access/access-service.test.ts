import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AclFile, AccessPreview } from '../../../src-main/contract';
import { GatehouseError } from '../../../src-main/domain/kernel';
import type { AccessService } from '../../../src-main/services/access/access-service';
import type { WorkspaceDocument } from '../../../src-main/services/document/workspace-document';
import { appSession } from '../../support/app-session';

let app: Awaited<ReturnType<typeof appSession>>;
let access: AccessService;
let document: WorkspaceDocument;
const tablet = 'zone1-100';
const file = 'acl.json';
beforeEach(async () => {
  app = await appSession();
  await app.session.createWorkspace('shop');
  ({ access, document } = app.session.workspace);
});
afterEach(() => app.end());

const draft = (path = file): Promise<string> => readFile(join(document.draftDir, path), 'utf8');
const applied = (path = file): Promise<string> => readFile(join(document.dir, path), 'utf8');
const view = async (): Promise<AclFile> => {
  const [first] = (await access.view()).files;
  if (first === undefined) throw new Error('no ACL file');
  return first;
};
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof GatehouseError) return error.failure.code;
    throw error;
  }
  return 'not refused';
};
/** The three letters of one caller on one table. */
const cell = ({ callers, tables, cells }: AccessPreview, name: string, table: string): string => {
  const row = callers.findIndex((caller) => caller.name === name);
  const at = tables.findIndex((column) => column.name === table);
  return cells[row]?.slice(3 * at, 3 * at + 3) ?? '';
};

describe('what the page shows', () => {
  it('has groups with their names, what is known of them, and the mode of each tablet', async () => {
    const part = await access.view();
    expect(part.tablets).toMatchObject([
      { alias: tablet, file, mode: 'strict', consequence: 'enforced', exempts: 'nobody', enforce: true },
    ]);
    expect(part.tables).toEqual([
      {
        keyspace: 'shop',
        names: ['customers', 'order_items', 'orders', 'payments', 'products', 'staff_notes'],
        backend: 'stopped',
        failure: null,
      },
    ]);
    expect(part.claimsAt).toEqual(['main']);
    const orders = part.files[0]?.groups.find(({ name }) => name === 'orders');
    expect(orders).toMatchObject({ tables: 2, added: false, findings: [] });
    expect(orders?.entries.map(({ text, kind, matches }) => [text, kind, matches])).toEqual([
      ['orders', 'table', 1],
      ['order_%', 'prefix', 1],
    ]);
    expect(orders?.readers.map(({ text, kind, matches }) => [text, kind, matches])).toEqual([
      ['shop_web', 'caller', 1],
      ['support', 'group', 1],
      ['analysts', 'group', 1],
      ['operations', 'group', 1],
    ]);
  });

  it('marks what the draft adds, and a name that nobody has with the one that was meant', async () => {
    await access.edit(file, { kind: 'add-names', group: 0, list: 'readers', names: ['audtor'] });
    const { groups, findings } = await view();
    expect(groups[0]?.readers.at(-1)).toMatchObject({
      text: 'audtor',
      added: true,
      kind: 'unknown',
      nearest: 'auditor',
    });
    expect(groups[0]?.readers[0]).toMatchObject({ added: false });
    expect(groups[0]?.findings.map(({ code }) => code)).toEqual(['acl.unknown-principal']);
    expect(findings.map(({ code }) => code)).toContain('acl.unknown-principal');
    expect(groups[1]?.findings).toEqual([]);
  });

  it('never holds a secret', async () => {
    const text = JSON.stringify(await access.view()) + JSON.stringify(await access.preview(tablet, null));
    for (const name of document.secrets.names()) {
      const secret = document.secrets.get(name)?.reveal() ?? '';
      if (secret.length > 3) expect(text).not.toContain(secret);
    }
    for (const users of document.draft.users.values())
      for (const entries of users.users.values())
        for (const entry of entries) expect(text).not.toContain(entry.mysqlNativePassword?.reveal());
  });
});

describe('edits', () => {
  it('are one step of undo with a name, and change the draft alone', async () => {
    const before = await draft();
    await access.edit(file, { kind: 'add-names', group: 3, list: 'readers', names: ['shop_web'] });
    expect(document.undoLabel).toBe('Add shop_web to readers of money');
    expect((await view()).groups[3]?.readers.map(({ text }) => text)).toContain('shop_web');
    expect(await applied()).toBe(before);
    await document.undo();
    expect(await draft()).toBe(before);
    expect(document.redoLabel).toBe('Add shop_web to readers of money');
  });

  it('that are refused change nothing and leave nothing to undo', async () => {
    const before = await draft();
    expect(await codeOf(access.edit(file, { kind: 'add-names', group: 0, list: 'entries', names: ['orders'] }))).toBe(
      'access.elsewhere',
    );
    expect(await draft()).toBe(before);
    expect(document.undoLabel).toBeNull();
  });

  it('touch only files that a tablet uses', async () => {
    const edit = { kind: 'remove-group', group: 0 } as const;
    for (const path of ['gatehouse.json', 'users.json', '../acl.json', '/etc/passwd', 'other.json']) {
      expect(await codeOf(access.edit(path, edit))).toBe('access.no-file');
      expect(await codeOf(access.setText(path, '{}', null))).toBe('access.no-file');
      expect(await codeOf(access.format(path))).toBe('access.no-file');
      expect(await codeOf(access.useFile(tablet, path))).toBe('access.no-file');
    }
    expect(document.changedFiles).toEqual([]);
  });

  it('set the mode in gatehouse.json and leave the rest of its text', async () => {
    const before = await draft('gatehouse.json');
    await access.setMode(tablet, 'dry-run');
    expect((await access.view()).tablets[0]).toMatchObject({ mode: 'dry-run', consequence: 'dry-run-over-strict' });
    const lines = (text: string): string[] => text.split('\n');
    const changed = lines(await draft('gatehouse.json')).filter((line) => !lines(before).includes(line));
    expect(changed).toHaveLength(1);
    expect(changed[0]).toContain('"strict": true, "dryRun": true');
    await access.setMode(tablet, 'off');
    expect((await access.view()).tablets[0]).toMatchObject({ mode: 'off', consequence: 'off' });
    await access.setMode(tablet, 'strict');
    expect((await access.view()).tablets[0]).toMatchObject({ mode: 'strict', consequence: 'enforced' });
    expect(document.undoLabel).toBe(`Set the access check of ${tablet} to strict`);
    expect(await codeOf(access.setMode('zone1-999', 'off'))).toBe('access.no-tablet');
  });

  it('set who is exempt, and say whom that lets in', async () => {
    const exempts = async (exempt: string) => {
      await access.setSettings(tablet, { exempt });
      return (await access.view()).tablets[0]?.exempts;
    };
    expect(await exempts('operations')).toBe('some');
    expect(cell(await access.preview(tablet, null), 'olga', 'orders')).toBe('AEA');
    expect(await exempts('gRPC')).toBe('everybody');
    expect(await exempts('nobody here')).toBe('unknown');
    expect(await exempts('')).toBe('nobody');
  });

  it('take and give an ACL file', async () => {
    await access.useFile(tablet, null);
    const part = await access.view();
    expect(part.tablets[0]).toMatchObject({ file: null, consequence: 'closed' });
    expect(part.files).toEqual([]);
    expect(cell(await access.preview(tablet, null), 'olga', 'orders')).toBe('DDD');
    // The old file is still there: it is not overwritten.
    expect(await access.createFile(tablet)).toBe(`acl.${tablet}.json`);
    expect((await view()).groups).toEqual([]);
    await access.edit(`acl.${tablet}.json`, { kind: 'add-group', name: 'all', entries: ['%'] });
    expect((await view()).groups[0]?.hints).toEqual([{ kind: 'covers-everything', otherEntries: 0 }]);
  });
});

describe('a broken text', () => {
  it('is kept as it is, keeps the last good form and says so', async () => {
    await access.edit(file, { kind: 'rename-group', group: 0, name: 'persons' });
    const { version } = await view();
    const broken = (await draft()).replace('"table_groups": [', '"table_groups": [,');
    await access.setText(file, broken, version);
    expect(await draft()).toBe(broken);
    const shown = await view();
    expect(shown).toMatchObject({ form: 'last-good', text: broken, vitess: { accepted: false } });
    expect(shown.groups[0]?.name).toBe('persons');
    expect(shown.findings).toMatchObject([{ code: 'acl.not-json', line: 2 }]);
    expect(await codeOf(access.edit(file, { kind: 'remove-group', group: 0 }))).toBe('access.text-broken');
    expect(await codeOf(access.format(file))).toBe('access.text-broken');
    expect(await draft()).toBe(broken);
    const preview = await access.preview(tablet, null);
    expect(preview).toMatchObject({ shows: 'last-good', vitess: { accepted: false } });
    expect(cell(preview, 'olga', 'orders')).toBe('ADA');
    await access.restoreGood(file);
    expect(await view()).toMatchObject({ form: 'text' });
    await document.undo();
    expect(await draft()).toBe(broken);
  });

  it('falls back to the applied version after the program was closed', async () => {
    await access.setText(file, '{', null);
    const { dir } = document;
    await app.session.closeWorkspace();
    await app.session.openWorkspace(dir);
    ({ access, document } = app.session.workspace);
    const shown = await view();
    expect(shown).toMatchObject({ form: 'applied', text: '{' });
    expect(shown.groups).toHaveLength(5);
    expect((await access.preview(tablet, null)).shows).toBe('applied');
    await access.restoreGood(file);
    expect(await draft()).toBe(await applied());
  });

  it('that Vitess refuses can still be mended by form', async () => {
    await access.setText(
      file,
      '{"table_groups": [{"name": "a", "table_names_or_prefixes": ["orders", "order%"]}]}',
      null,
    );
    const shown = await view();
    expect(shown).toMatchObject({ form: 'text', vitess: { accepted: false } });
    expect(shown.groups[0]?.findings.map(({ code }) => code)).toContain('acl.overlap');
    expect((await access.preview(tablet, null)).shows).toBe('last-good');
    await access.edit(file, { kind: 'remove-name', group: 0, list: 'entries', index: 0, name: 'orders' });
    expect(await view()).toMatchObject({ vitess: { accepted: true } });
  });

  it('does not overwrite what somebody else wrote meanwhile', async () => {
    const { version } = await view();
    await access.edit(file, { kind: 'remove-group', group: 0 });
    const before = await draft();
    expect(await codeOf(access.setText(file, '{}', version))).toBe('access.changed-elsewhere');
    expect(await draft()).toBe(before);
    const { version: now } = await access.setText(file, '{ }', null);
    expect((await view()).version).toBe(now);
  });

  it('typing is one step of undo', async () => {
    const before = await draft();
    for (const text of ['{', '{"table', '{}']) await access.setText(file, text, null);
    await document.undo();
    expect(await draft()).toBe(before);
  });

  it('says when the file is gone, and never makes up groups', async () => {
    await document.edit('Remove', (dir) => rm(join(dir, file)));
    expect(await view()).toMatchObject({ state: 'missing', form: 'none', groups: [], text: '' });
    expect(await codeOf(access.edit(file, { kind: 'add-group', name: 'a', entries: [] }))).toBe('access.no-file');
  });
});

describe('preview', () => {
  it('predicts each caller on each table, in the order of the groups', async () => {
    const preview = await access.preview(tablet, null);
    expect(preview.tables.map(({ name, group }) => `${name} ${group}`)).toEqual([
      'customers 0',
      'products 1',
      'order_items 2',
      'orders 2',
      'payments 3',
      'staff_notes 4',
    ]);
    expect(cell(preview, 'shop_web', 'orders')).toBe('AAD');
    expect(cell(preview, 'billing', 'payments')).toBe('AAD');
    expect(cell(preview, 'olga', 'payments')).toBe('ADA');
    expect(cell(preview, '', 'orders')).toBe('DDD');
    expect(preview.sinceDraft).toMatchObject({ gains: 0, loses: 0, others: 0 });
    expect(preview.callers.find(({ name }) => name === 'olga')).toMatchObject({
      groups: ['operations'],
      kinds: ['certificate'],
    });
  });

  it('tells what a text changes against the draft and against what is applied, without writing', async () => {
    await access.edit(file, { kind: 'add-names', group: 3, list: 'readers', names: ['shop_web'] });
    const saved = await draft();
    const text = saved.replace('"writers": ["billing"]', '"writers": []');
    const preview = await access.preview(tablet, text);
    expect(preview.shows).toBe('text');
    expect(cell(preview, 'shop_web', 'payments')).toBe('ADD');
    expect(preview.sinceDraft).toMatchObject({ gains: 0, loses: 1, others: 0 });
    expect(preview.sinceApplied).toMatchObject({ gains: 1, loses: 1, others: 0 });
    expect(await draft()).toBe(saved);
  });

  it('sees the mode of the draft', async () => {
    await access.setMode(tablet, 'off');
    const preview = await access.preview(tablet, null);
    expect(cell(preview, '', 'orders')).toBe('NNN');
    expect(cell(preview, 'shop_web', 'orders')).toBe('AAN');
    expect(preview.sinceApplied?.gains).toBeGreaterThan(10);
    expect(preview.sinceDraft.gains).toBe(0);
  });

  it('has tables that are typed in, and those that only the file names', async () => {
    const text = '{"table_groups": [{"table_names_or_prefixes": ["new_one", "x_%"], "readers": ["billing"]}]}';
    const preview = await access.preview(tablet, text, ['x_1', 'y']);
    expect(cell(preview, 'billing', 'new_one')).toBe('ADD');
    expect(cell(preview, 'billing', 'x_1')).toBe('ADD');
    expect(cell(preview, 'billing', 'y')).toBe('DDD');
    expect(preview.tables.at(-1)?.group).toBe(-1);
  });

  it('places findings in the text that is typed', async () => {
    const preview = await access.preview(tablet, '{\n "table_groups": [\n  {"readrs": ["a"]}\n ]\n}');
    expect(preview.findings).toContainEqual(
      expect.objectContaining({ code: 'acl.misspelt-key', line: 3, column: 4, remedy: 'Write "readers".' }),
    );
  });

  it('explains a cell step by step', async () => {
    const { callers } = await access.preview(tablet, null);
    const key = callers.find(({ name }) => name === 'maria')?.key ?? '';
    expect(await access.why(tablet, null, key, 'orders', 'READER')).toMatchObject({
      letter: 'A',
      group: { index: 2, name: 'orders', entry: 'orders' },
      list: { name: 'readers', members: ['shop_web', 'support', 'analysts', 'operations'] },
      principal: 'analysts',
      sentence: expect.stringMatching(
        /^"maria" may read "orders" because its group "analysts" is in readers/,
      ) as string,
    });
    expect(await access.why(tablet, null, key, 'nowhere', 'WRITER')).toMatchObject({
      letter: 'D',
      group: null,
      list: null,
      principal: null,
    });
    expect(await codeOf(access.why(tablet, null, 'somebody', 'orders', 'READER'))).toBe('access.stale');
  });
});

describe('import', () => {
  const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64');

  it('reports first and replaces the file as one step', async () => {
    const text =
      '{"table_groups": [{"name": "a", "table_names_or_prefixes": ["orders"], "readers": ["shop_web", "nobody else"]}]}';
    expect(await access.inspectImport(tablet, 'other.json', base64(`\ufeff${text}`))).toMatchObject({
      format: 'json',
      groups: 1,
      entries: 1,
      principals: 2,
      replaced: 5,
      vitess: { accepted: true },
    });
    expect(document.changedFiles).toEqual([]);
    await access.import(tablet, 'other.json', base64(`\ufeff${text}`));
    expect(await draft()).toBe(text);
    expect(document.undoLabel).toBe('Import other.json');
  });

  it('makes JSON of the binary form', async () => {
    // table_groups { name: "a", table_names_or_prefixes: "t", readers: "r" }
    const binary = Uint8Array.from([0x0a, 9, 0x0a, 1, 0x61, 0x12, 1, 0x74, 0x1a, 1, 0x72]);
    expect(await access.inspectImport(tablet, 'acl.bin', base64(binary))).toMatchObject({
      format: 'binary',
      groups: 1,
    });
    await access.import(tablet, 'acl.bin', base64(binary));
    expect(await view()).toMatchObject({ state: 'text', form: 'text', groups: [{ name: 'a' }] });
    // One that was put there by hand is shown as JSON and becomes JSON with the first edit.
    await document.edit('Put', (dir) => writeFile(join(dir, file), binary));
    expect(await view()).toMatchObject({ state: 'binary', groups: [{ name: 'a' }] });
    await access.edit(file, { kind: 'add-names', group: 0, list: 'readers', names: ['s'] });
    expect(await view()).toMatchObject({ state: 'text', groups: [{ readers: [{ text: 'r' }, { text: 's' }] }] });
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'table_groups: []'],
    ['another kind of file', '{"web": [{"UserData": "shop_web"}]}'],
    ['a broken text', '{"table_groups": [}'],
    ['UTF-16', Buffer.from('{"table_groups": []}', 'utf16le')],
    ['bytes', Uint8Array.from([0xff, 0xfe, 0x00, 0x9f])],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from('{"table_groups": [{"name": "'), Buffer.from([0xff]), Buffer.from('"}]}')]),
    ],
    ['too much', 'x'.repeat(4_000_001)],
  ])('refuses %s and changes nothing', async (_, content) => {
    const before = await draft();
    expect(await codeOf(access.inspectImport(tablet, 'x.json', base64(content)))).toBe('access.import');
    expect(await codeOf(access.import(tablet, 'x.json', base64(content)))).toBe('access.import');
    expect(await draft()).toBe(before);
    expect(document.undoLabel).toBeNull();
  });
});
