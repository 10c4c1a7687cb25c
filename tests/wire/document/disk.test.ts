import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plain } from '../../../src-main/domain/workspace';
import type { WorkspaceDocument } from '../../../src-main/services/document/workspace-document';
import { DocumentFixture, letAnalystsReadPayments, replaceIn } from './document-fixture';

let fixture: DocumentFixture;
beforeEach(async () => {
  fixture = await DocumentFixture.make();
});
afterEach(() => fixture.end());

const put = (path: string, text: string): Promise<void> => writeFile(join(fixture.dir, path), text);
const told = (document: WorkspaceDocument): string[] => document.changes.map(({ sentence }) => plain(sentence));
/** Resolves when the document tells of something. */
const next = (document: WorkspaceDocument): Promise<void> =>
  new Promise((resolve) => {
    const stop = document.onChanged(() => {
      stop();
      resolve();
    });
  });

describe('files changed by others', () => {
  it('are noticed while the workspace is open, also in folders that are new', async () => {
    const document = await fixture.open({ watch: true });
    let change = next(document);
    await put('acl.json', '{"table_groups":[]}');
    await change;
    expect(document.changedOnDisk).toEqual(['acl.json']);
    change = next(document);
    await mkdir(join(fixture.dir, 'pki', 'fresh'));
    await put('pki/fresh/a-cert.pem', 'x');
    await change;
    expect(document.changedOnDisk).toEqual(['acl.json', 'pki/fresh/a-cert.pem']);
    change = next(document);
    await rm(join(fixture.dir, 'pki', 'fresh'), { recursive: true });
    await change;
    expect(document.changedOnDisk).toEqual(['acl.json']);
  });

  it('are no news when only a time stamp or a file of another kind is new, and when they are as before', async () => {
    const document = await fixture.open();
    await put('acl.json', await fixture.applied('acl.json'));
    await put('notes.md', 'x');
    await document.checkDisk();
    expect(document.changedOnDisk).toEqual([]);
    expect(document.revision).toBe(0);
  });

  it('come into the draft when they are loaded; what the draft had can be brought back', async () => {
    const document = await fixture.open();
    await document.edit('Add Reader', letAnalystsReadPayments);
    await document.edit('Schema', replaceIn('schema.sql', /^/, '-- mine\n'));
    await put('acl.json', '{"table_groups":[]}');
    await document.checkDisk();
    const [diff] = await document.compareDisk();
    expect(diff?.path).toBe('acl.json');
    expect(diff?.before).toContain('analysts"]');
    expect(diff?.after).toBe('{"table_groups":[]}');
    await document.resolveDisk('load');
    expect(document.changedOnDisk).toEqual([]);
    expect(document.changedFiles).toEqual(['schema.sql']);
    expect(document.applied.acls.get('acl.json')?.groups).toEqual([]);
    await document.undo();
    expect(document.changedFiles).toEqual(['acl.json', 'schema.sql']);
    expect(await fixture.applied('acl.json')).toBe('{"table_groups":[]}');
  });

  it('are written over only after they went into the history', async () => {
    const document = await fixture.open();
    await document.edit('Add Reader', letAnalystsReadPayments);
    await put('acl.json', '{"table_groups":[]}');
    await document.checkDisk();
    await document.resolveDisk('keep');
    expect(document.changedOnDisk).toEqual([]);
    expect(told(document).filter((text) => text.startsWith('Table group') && text.includes('added'))).toHaveLength(5);
    await document.apply('mine');
    await document.restore(1);
    expect(document.draft.acls.get('acl.json')?.groups).toEqual([]);
  });

  it('are taken over at the opening when nothing was in the draft, as a step that can be undone', async () => {
    await (await fixture.open()).close();
    await put('acl.json', '{"table_groups":[]}');
    const document = await fixture.open();
    expect([document.changedFiles, document.changedOnDisk, document.undoLabel]).toEqual([[], [], 'Load Changed Files']);
    expect(document.draft.acls.get('acl.json')?.groups).toEqual([]);
    await document.undo();
    expect(document.changedFiles).toEqual(['acl.json']);
  });

  it('are asked about at the opening when something was in the draft', async () => {
    const first = await fixture.open();
    await first.edit('Schema', replaceIn('schema.sql', /^/, '-- mine\n'));
    await first.close();
    await put('acl.json', '{"table_groups":[]}');
    const document = await fixture.open();
    expect(document.changedOnDisk).toEqual(['acl.json']);
    await document.resolveDisk('load');
    expect(document.changedFiles).toEqual(['schema.sql']);
  });

  it('may be broken or gone: the draft stays usable', async () => {
    const document = await fixture.open();
    await put('gatehouse.json', '{');
    await document.checkDisk();
    expect(document.changedOnDisk).toEqual(['gatehouse.json']);
    expect((await document.compareDisk())[0]?.after).toBe('{');
    await document.resolveDisk('keep');
    expect(document.draft.topology.name).toBe('shop');
    await rm(join(fixture.dir, 'gatehouse.json'));
    await document.checkDisk();
    await document.resolveDisk('keep');
    await document.apply('back');
    expect(JSON.parse(await fixture.applied('gatehouse.json'))).toMatchObject({ name: 'shop' });
  });

  it('reach what runs when they are loaded', async () => {
    const document = await fixture.open();
    await put('acl.json', '{"table_groups":[]}');
    await document.checkDisk();
    const effects: unknown[] = [];
    const target = {
      runs: true,
      take: async (_: unknown, effect: unknown): Promise<void> => void effects.push(effect),
      putBack: () => Promise.resolve(),
    };
    await document.resolveDisk('load', target);
    expect(effects).toEqual([{ kind: 'at-once', parts: [], schema: false }]);
  });
});
