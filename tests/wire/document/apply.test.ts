import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatehouseError, Secret } from '../../../src-main/domain/kernel';
import { plain } from '../../../src-main/domain/workspace';
import type { ApplyTarget } from '../../../src-main/services/document/workspace-document';
import { DocumentFixture, letAnalystsReadPayments, replaceIn } from './document-fixture';

let fixture: DocumentFixture;
beforeEach(async () => {
  fixture = await DocumentFixture.make();
});
afterEach(() => fixture.end());

const refusal = (code: string, summary: RegExp = /./): unknown =>
  expect.objectContaining({ failure: expect.objectContaining({ code, summary: expect.stringMatching(summary) }) });

describe('applying', () => {
  it('writes the draft, keeps both versions, and leaves an undo that makes a draft', async () => {
    const document = await fixture.open();
    const before = await fixture.applied('acl.json');
    await document.edit('Add Reader', letAnalystsReadPayments);
    const record = await document.apply('  let analysts see payments ');
    expect(record).toMatchObject({ number: 2, note: 'let analysts see payments', origin: 'applied', changes: 1 });
    expect(record.cells).toEqual({ changed: 3, gains: 3, loses: 0 });
    expect(await fixture.applied('acl.json')).toContain('"operations", "analysts"]');
    expect(document.changedFiles).toEqual([]);
    expect((await document.history()).map(({ number, origin }) => [number, origin])).toEqual([
      [2, 'applied'],
      [1, 'found'],
    ]);
    await document.undo();
    expect(document.changedFiles).toEqual(['acl.json']);
    expect(await fixture.applied('acl.json')).not.toBe(before);
    await expect(readFile(join(fixture.dir, '.gatehouse', 'apply.json'))).rejects.toThrow('ENOENT');
  });

  it('keeps private keys in the history for their owner alone', async () => {
    const document = await fixture.open();
    await document.edit('Add Reader', letAnalystsReadPayments);
    await document.apply('');
    const version = join(fixture.dir, '.gatehouse', 'history', '0002');
    expect((await stat(version)).mode & 0o777).toBe(0o700);
    expect((await stat(join(version, 'files/pki/callers/billing-key.pem'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(version, 'manifest.json'))).mode & 0o777).toBe(0o600);
  });

  it('hands the new version and its effect to what runs', async () => {
    const document = await fixture.open();
    await document.edit('Add Reader', letAnalystsReadPayments);
    const taken: unknown[] = [];
    await document.apply('', {
      runs: true,
      take: async (applied, effect) => {
        taken.push(effect, applied.acls.get('acl.json')?.groups[3]?.readers.principals.length);
        // The files are there by then.
        expect(await fixture.applied('acl.json')).toContain('"analysts"]');
      },
      putBack: () => Promise.reject(new Error('not asked')),
    });
    expect(taken).toEqual([{ kind: 'at-once', parts: [], schema: false }, 4]);
  });

  it('puts the version before back when it is not taken over, says why, and keeps the draft', async () => {
    const document = await fixture.open();
    const before = await fixture.appliedSet();
    await document.edit('Change', async (dir) => {
      await letAnalystsReadPayments(dir);
      await writeFile(join(dir, 'tests', 'more.json'), '{"schema":1,"name":"more","callers":[]}');
      await rm(join(dir, 'pki', 'root', 'ca-key.pem'));
    });
    const asked: string[] = [];
    const target: ApplyTarget = {
      runs: true,
      take: () =>
        Promise.reject(new GatehouseError({ code: 'x', summary: 'The gateway could not open port 15306 (in use).' })),
      putBack: async (previous) => {
        asked.push(previous.topology.name);
        expect(await fixture.appliedSet()).toBe(before);
      },
    };
    await expect(document.apply('', target)).rejects.toEqual(
      refusal(
        'document.not-applied',
        /^Not applied\. The gateway could not open port 15306 \(in use\)\. The previous version is still running\.$/,
      ),
    );
    expect(asked).toEqual(['shop']);
    expect(await fixture.appliedSet()).toBe(before);
    expect(document.changedFiles).toHaveLength(3);
    expect((await document.history()).map(({ origin }) => origin)).toEqual(['found']);
  });

  it('says so when the version before cannot run again either', async () => {
    const document = await fixture.open();
    await document.edit('Add Reader', letAnalystsReadPayments);
    const no = (): Promise<never> => Promise.reject(new Error('no port'));
    await expect(document.apply('', { runs: true, take: no, putBack: no })).rejects.toEqual(
      refusal('document.not-applied', /applied again, but does not run: no port\./),
    );
  });

  it('refuses what Vitess would refuse, naming file, line and remedy, and takes warnings', async () => {
    const document = await fixture.open();
    await expect(document.apply('')).rejects.toEqual(refusal('document.no-changes'));
    await document.edit('Overlap', replaceIn('acl.json', '["payments"]', '["payments", "order_items"]'));
    await expect(document.apply('')).rejects.toEqual(
      refusal('document.findings', /^Cannot apply: acl\.json, line \d+: .*order_items/),
    );
    expect((await document.review()).blocking.length).toBeGreaterThan(0);
    await document.edit('Break', (dir) => writeFile(join(dir, 'gatehouse.json'), '{'));
    await expect(document.apply('')).rejects.toEqual(refusal('document.findings', /gatehouse\.json/));
    await document.undo();
    await document.undo();
    await document.edit('Typo', replaceIn('acl.json', '"analysts"', '"analyst"'));
    expect((await document.review()).warnings.some(({ isNew, message }) => isNew && message.includes('analyst'))).toBe(
      true,
    );
    await document.apply('');
  });

  it('does not write over what others have changed meanwhile', async () => {
    const document = await fixture.open();
    await document.edit('Add Reader', letAnalystsReadPayments);
    await writeFile(join(fixture.dir, 'acl.json'), '{"table_groups":[]}');
    await expect(document.apply('')).rejects.toEqual(refusal('document.disk-changed', /acl\.json/));
    expect(await fixture.applied('acl.json')).toBe('{"table_groups":[]}');
  });
});

describe('history', () => {
  it('restores a version as a draft, and applies nothing', async () => {
    const document = await fixture.open();
    await document.edit('Add Reader', letAnalystsReadPayments);
    await document.apply('one');
    const applied = await fixture.applied('acl.json');
    await document.restore(1);
    expect(document.undoLabel).toBe('Restore Version 1');
    expect(document.changes.map(({ sentence }) => plain(sentence))).toEqual([
      'Table group money: reader analysts removed.',
    ]);
    expect(await fixture.applied('acl.json')).toBe(applied);
    expect((await document.compare(1)).changes.map(({ sentence }) => plain(sentence))).toEqual([
      'Table group money: reader analysts added.',
    ]);
    await document.undo();
    expect(document.changedFiles).toEqual([]);
  });

  it('refuses versions that are gone or were tampered with', async () => {
    const document = await fixture.open();
    await document.edit('Add Reader', letAnalystsReadPayments);
    await document.apply('');
    const version = join(fixture.dir, '.gatehouse', 'history', '0001');
    await writeFile(join(version, 'files', 'acl.json'), '{"table_groups":[]}');
    await expect(document.restore(1)).rejects.toEqual(refusal('history.damaged', /acl\.json/));
    await expect(document.restore(7)).rejects.toEqual(refusal('history.missing'));
    const manifest = JSON.parse(await readFile(join(version, 'manifest.json'), 'utf8')) as { files: object };
    await writeFile(
      join(version, 'manifest.json'),
      JSON.stringify({ ...manifest, files: { '../../outside.json': Object.values(manifest.files)[0] } }),
    );
    await expect(document.restore(1)).rejects.toEqual(refusal('history.missing'));
    expect((await document.history()).map(({ number }) => number)).toEqual([2]);
    expect(document.changedFiles).toEqual([]);
  });

  it('numbers beyond what cannot be read', async () => {
    await mkdir(join(fixture.dir, '.gatehouse', 'history', '0041'), { recursive: true });
    const document = await fixture.open();
    await document.edit('Add Reader', letAnalystsReadPayments);
    expect((await document.apply('')).number).toBe(43);
  });
});

describe('the draft', () => {
  it('is discarded as a step that can be undone', async () => {
    const document = await fixture.open();
    await document.edit('Add Reader', letAnalystsReadPayments);
    await document.discard();
    expect([document.changedFiles, document.undoLabel]).toEqual([[], 'Discard Draft']);
    await document.undo();
    expect(document.changedFiles).toEqual(['acl.json']);
  });

  it('has one of its changes taken back alone', async () => {
    const document = await fixture.open();
    await document.edit('Add Reader', letAnalystsReadPayments);
    await document.edit('Remove Writer', replaceIn('acl.json', '"writers": ["billing"]', '"writers": []'));
    const [first, second] = document.changes;
    await document.undoChange(first?.id ?? '');
    expect(document.changes.map(({ id }) => id)).toEqual([second?.id]);
    await expect(document.undoChange(first?.id ?? '')).rejects.toEqual(refusal('document.stale'));
    await document.undo();
    expect(document.changes).toHaveLength(2);
    await document.undoChange(document.changes[1]?.id ?? '');
    await document.undoChange(document.changes[0]?.id ?? '');
    expect(document.changedFiles).toEqual([]);
  });
});

describe('secrets of the draft', () => {
  const secret = 'users/new';
  const put = (document: Awaited<ReturnType<DocumentFixture['open']>>, value: string) => async (dir: string) => {
    await document.secrets.put(new Map([[secret, new Secret(value)]]));
    await replaceIn('tests/shop.json', '"secret": "users/web"', `"secret": "${secret}"`)(dir);
  };

  it('go at the apply after which nothing needs them', async () => {
    const document = await fixture.open({ limits: { steps: 1, bytes: 1e9 } });
    await document.edit('Make', put(document, 'value-1'));
    await document.undo();
    await document.edit('Other', letAnalystsReadPayments);
    expect(document.secrets.names()).toContain(secret);
    await document.apply('');
    expect(document.secrets.names()).not.toContain(secret);
    expect(document.secrets.names()).toContain('users/web');
  });

  it('stay while they are applied, can be undone, or lie in the history', async () => {
    const document = await fixture.open();
    await document.edit('Make', put(document, 'value-1'));
    await document.undo();
    await document.redo();
    await document.edit('Other', letAnalystsReadPayments);
    await document.apply('');
    await document.edit('Away', replaceIn('tests/shop.json', `"${secret}"`, '"users/web"'));
    await document.apply('');
    expect(document.secrets.names()).toContain(secret);
  });

  it('go with an edit that fails', async () => {
    const document = await fixture.open();
    await expect(
      document.edit('Fail', async (dir) => {
        await put(document, 'value-1')(dir);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(document.secrets.names()).not.toContain(secret);
  });
});
