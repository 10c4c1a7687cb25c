import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src-main/domain/kernel';
import { openDocument } from '../../../src-main/services/document/open-document';
import type { DocumentOptions, WorkspaceDocument } from '../../../src-main/services/document/workspace-document';
import { makeWorkspace, type MadeWorkspace } from '../../support/workspace';

let made: MadeWorkspace;
let open: WorkspaceDocument[] = [];

const openHere = async (more: Partial<DocumentOptions> = {}): Promise<WorkspaceDocument> => {
  const document = await openDocument(made.dir, { unlocker: { kind: 'key-file' }, clock: systemClock, ...more });
  open.push(document);
  return document;
};

const write =
  (path: string, text: string) =>
  (dir: string): Promise<void> =>
    writeFile(join(dir, path), text);
const inDraft = (document: WorkspaceDocument, path: string): Promise<string> =>
  readFile(join(document.draftDir, path), 'utf8');

beforeEach(async () => {
  made = await makeWorkspace('shop');
});
afterEach(async () => {
  for (const document of open) await document.close();
  open = [];
  await made.remove();
});

describe('the draft', () => {
  it('is a working copy without changes, that only its owner can enter', async () => {
    const document = await openHere();
    expect(document.changedFiles).toEqual([]);
    expect(document.draft.findings).toEqual(document.applied.findings);
    expect([...document.draft.certificates.keys()].sort()).toEqual([...document.applied.certificates.keys()].sort());
    expect((await stat(document.draftDir)).mode & 0o777).toBe(0o700);
    const keys = [...document.applied.files.keys()].filter((path) => path.endsWith('-key.pem'));
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect((await stat(join(document.draftDir, key))).mode & 0o777).toBe(0o600);
  });

  it('leaves out hidden folders, node_modules, other files and links, and does not follow them', async () => {
    await mkdir(join(made.dir, '.git'));
    await writeFile(join(made.dir, '.git', 'config.json'), '{}');
    await mkdir(join(made.dir, 'pki', 'node_modules'));
    await writeFile(join(made.dir, 'pki', 'node_modules', 'a.pem'), 'x');
    await writeFile(join(made.dir, 'notes.txt'), 'x');
    await writeFile(join(made.dir, '..', 'outside.json'), '{}');
    await symlink(join(made.dir, '..', 'outside.json'), join(made.dir, 'link.json'));
    await symlink(join(made.dir, '..'), join(made.dir, 'pki', 'up'));
    const document = await openHere();
    for (const path of ['.git', '.gatehouse', 'pki/node_modules', 'notes.txt', 'link.json', 'pki/up'])
      await expect(stat(join(document.draftDir, path))).rejects.toThrow('ENOENT');
    await rm(join(made.dir, '..', 'outside.json'));
  });

  it('makes one step of an edit of several files, undoes and redoes it, and leaves the applied files alone', async () => {
    const document = await openHere();
    const applied = await readFile(join(made.dir, 'acl.json'), 'utf8');
    let told = 0;
    document.onChanged(() => (told += 1));
    await document.edit('Change two', async (dir) => {
      await writeFile(join(dir, 'acl.json'), '{"table_groups": []}');
      await writeFile(join(dir, 'tests', 'new.json'), '{}');
      await rm(join(dir, 'schema.sql'));
    });
    expect(document.changedFiles).toEqual(['acl.json', 'schema.sql', 'tests/new.json']);
    expect(document.undoLabel).toBe('Change two');
    expect(document.draft.findings.map(({ file }) => file)).toContain('schema.sql');
    await document.undo();
    expect(document.changedFiles).toEqual([]);
    expect(document.redoLabel).toBe('Change two');
    expect(await inDraft(document, 'acl.json')).toBe(applied);
    await document.redo();
    expect(await inDraft(document, 'acl.json')).toBe('{"table_groups": []}');
    await expect(inDraft(document, 'schema.sql')).rejects.toThrow('ENOENT');
    expect(await readFile(join(made.dir, 'acl.json'), 'utf8')).toBe(applied);
    expect(told).toBe(3);
  });

  it('puts everything back when an edit fails half way', async () => {
    const document = await openHere();
    const before = await inDraft(document, 'acl.json');
    await expect(
      document.edit('Fail', async (dir) => {
        await writeFile(join(dir, 'acl.json'), 'half');
        await rm(join(dir, 'pki'), { recursive: true });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await inDraft(document, 'acl.json')).toBe(before);
    expect(document.changedFiles).toEqual([]);
    expect(document.undoLabel).toBeNull();
  });

  it('runs edits one after the other, and refuses one inside another', async () => {
    const document = await openHere();
    const append = (text: string) =>
      document.edit(`Append ${text}`, async (dir) => {
        const path = join(dir, 'schema.sql');
        const found = await readFile(path, 'utf8');
        await new Promise((resolve) => setImmediate(resolve));
        await writeFile(path, `${found}-- ${text}\n`);
      });
    await Promise.all(['a', 'b', 'c'].map(append));
    expect((await inDraft(document, 'schema.sql')).endsWith('-- a\n-- b\n-- c\n')).toBe(true);
    await expect(document.edit('Outer', () => document.edit('Inner', async () => undefined))).rejects.toMatchObject({
      failure: { code: 'document.nested' },
    });
  });

  it('makes one step of edits with the same key', async () => {
    const document = await openHere();
    const before = await inDraft(document, 'acl.json');
    for (const text of ['a', 'ab', 'abc']) await document.edit('Type', write('acl.json', text), { merge: 'acl' });
    expect(document.draftFindings.some(({ level, file }) => level === 'error' && file === 'acl.json')).toBe(true);
    await document.undo();
    expect(await inDraft(document, 'acl.json')).toBe(before);
    expect(document.undoLabel).toBeNull();
  });

  it('is still there after a restart, with what can be undone', async () => {
    const first = await openHere();
    await first.edit('One', write('acl.json', '1'));
    await first.edit('Two', write('acl.json', '2'));
    await first.undo();
    await first.close();
    const second = await openHere();
    expect(second.changedFiles).toEqual(['acl.json']);
    expect([second.undoLabel, second.redoLabel]).toEqual(['One', 'Two']);
    await second.redo();
    expect(await inDraft(second, 'acl.json')).toBe('2');
  });

  it('is opened by one program at a time', async () => {
    await openHere();
    await expect(openHere()).rejects.toMatchObject({ failure: { code: 'workspace.locked' } });
  });

  it('shows the last draft that loads, and the faults of the one that does not', async () => {
    const document = await openHere();
    await document.edit('Break', write('gatehouse.json', '{'));
    expect(document.draft.topology.name).toBe('shop');
    expect(document.draftFindings.some(({ level, file }) => level === 'error' && file === 'gatehouse.json')).toBe(true);
  });
});
