import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src-main/domain/kernel';
import {
  DraftStore,
  hashOf,
  isTrackedPath,
  putTracked,
  readDraftState,
  readJournal,
  scanFiles,
} from '../../../../src-main/servers/store';

let folder: string;
let dir: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gh-draft-'));
  dir = join(folder, 'workspace');
  await mkdir(join(dir, 'tests'), { recursive: true });
  await writeFile(join(dir, 'gatehouse.json'), '{"schemaFile": "sql/schema.sql", "odd": "../x.json"}');
  await writeFile(join(dir, 'acl.json'), '{}');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const openStore = () => DraftStore.open({ dir, clock: systemClock });
const ref = (text: string, mode = 0o644) => ({ hash: hashOf(Buffer.from(text)), mode, size: text.length });
const inDraft = (path: string) => readFile(join(dir, '.gatehouse', 'draft', 'files', path), 'utf8');

describe('paths of a version', () => {
  it.each(['acl.json', 'pki/a/b-cert.pem', 'tests/x y.json', '__proto__'])('takes %s', (path) => {
    expect(isTrackedPath(path)).toBe(true);
  });
  it.each([
    '',
    '/etc/passwd',
    '../x',
    'a/../b',
    'a//b',
    './a',
    '.git/config',
    'pki/.hidden',
    'node_modules/a.json',
    'pki/node_modules/x',
    'C:\\x',
    'a\\b',
    'c:x',
    'a\0b',
    'a/b/c/d/e/f/g/h/i',
    `${'a'.repeat(401)}`,
    '.gatehouse/secrets/key',
    'acl.json.0123456789ab.new',
  ])('refuses %j', (path) => {
    expect(isTrackedPath(path)).toBe(false);
  });
});

describe('a state file that somebody else has written', () => {
  const state = (more: object): string =>
    JSON.stringify({ schema: 1, base: {}, files: {}, undo: [], redo: [], applied: null, newSecrets: [], ...more });

  it('is read when it is sound', () => {
    expect(readDraftState(state({ files: { 'acl.json': ref('x') } }))?.files).toEqual({ 'acl.json': ref('x') });
  });

  it.each([
    ['a path upwards', { files: { '../../x': ref('x') } }],
    ['a hash that is a path', { files: { 'acl.json': { ...ref('x'), hash: '../../../etc/passwd' } } }],
    ['an odd mode', { files: { 'acl.json': { ...ref('x'), mode: 0o4755 } } }],
    [
      'a step that writes elsewhere',
      { undo: [{ label: 'x', at: '', merge: null, changes: [{ path: '/etc/x', before: null, after: ref('x') }] }] },
    ],
    ['a label that is none', { redo: [{ label: 7, at: '', merge: null, changes: [] }] }],
    ['another schema', { schema: 2 }],
    ['a list for an object', { base: [] }],
    ['secrets that are no names', { newSecrets: [1] }],
  ])('is refused with %s', (_what, more) => {
    expect(readDraftState(state(more))).toBeNull();
  });

  it('never throws', () => {
    const value = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({
          schema: fc.constant(1),
          base: fc.jsonValue(),
          files: fc.jsonValue(),
          undo: fc.jsonValue(),
          redo: fc.jsonValue(),
          applied: fc.jsonValue(),
          newSecrets: fc.jsonValue(),
        })
        .map((item) => JSON.stringify(item)),
    );
    fc.assert(
      fc.property(value, (text) => void readDraftState(text)),
      { numRuns: 500 },
    );
  });

  it('leaves the work in the draft where it is', async () => {
    await (await openStore()).edit('Change', (files) => writeFile(join(files, 'acl.json'), '{"mine": 1}'));
    await writeFile(join(dir, '.gatehouse', 'draft', 'state.json'), '{"schema": 1, "files": {"../x": {}}');
    const store = await openStore();
    expect(store.changes).toEqual(['acl.json']);
    expect(await inDraft('acl.json')).toBe('{"mine": 1}');
    expect(await readdir(join(dir, '.gatehouse', 'draft'))).toContain('state.json.damaged');
  });

  it('does not bring in a content that is not the one it names', async () => {
    const store = await openStore();
    await store.edit('Change', (files) => writeFile(join(files, 'acl.json'), '{"mine": 1}'));
    await store.edit('Again', (files) => writeFile(join(files, 'acl.json'), '{"mine": 2}'));
    const objects = join(dir, '.gatehouse', 'draft', 'objects');
    await writeFile(join(objects, hashOf(Buffer.from('{"mine": 1}'))), '{"theirs": 1}');
    // What this program still has in memory is right; the next one sees the file.
    const next = await openStore();
    await expect(next.undo()).rejects.toMatchObject({ failure: { code: 'document.damaged' } });
    expect(await inDraft('acl.json')).toBe('{"mine": 2}');
    expect(next.state.undo).toHaveLength(2);
  });
});

describe('links', () => {
  it('are never written through, neither files nor folders', async () => {
    const outside = join(folder, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'x.json'), 'theirs');
    await symlink(outside, join(dir, 'pki'));
    await symlink(join(outside, 'x.json'), join(dir, 'users.json'));
    const file = { ref: { ...ref('mine'), mode: 0o644 as const }, content: Buffer.from('mine') };
    await expect(putTracked(dir, 'pki/x.json', file)).rejects.toMatchObject({ failure: { code: 'document.path' } });
    await putTracked(dir, 'users.json', file);
    expect(await readFile(join(outside, 'x.json'), 'utf8')).toBe('theirs');
    const scan = await scanFiles(dir);
    expect(scan.skipped).toEqual(['pki']);
  });

  it('to elsewhere are refused as the folder of the draft', async () => {
    const outside = join(folder, 'outside');
    await mkdir(outside);
    await mkdir(join(dir, '.gatehouse'));
    await symlink(outside, join(dir, '.gatehouse', 'draft'));
    await expect(openStore()).rejects.toMatchObject({ failure: { code: 'environment.private-folder' } });
    expect(await readdir(outside)).toEqual([]);
  });
});

describe('what is kept', () => {
  it('holds what gatehouse.json names elsewhere', async () => {
    await mkdir(join(dir, 'sql'));
    await writeFile(join(dir, 'sql', 'schema.sql'), 'select 1');
    await openStore();
    expect(await inDraft('sql/schema.sql')).toBe('select 1');
  });

  it('is bounded by steps and by bytes, and what nothing needs is removed', async () => {
    const store = await DraftStore.open({ dir, clock: systemClock, limits: { steps: 3, bytes: 2_500 } });
    const objects = () => readdir(join(dir, '.gatehouse', 'draft', 'objects'));
    for (let step = 0; step < 6; step += 1)
      await store.edit(`Step ${step}`, (files) => writeFile(join(files, 'acl.json'), `${step}`));
    expect(store.state.undo.map(({ label }) => label)).toEqual(['Step 3', 'Step 4', 'Step 5']);
    expect(await objects()).toHaveLength(2 + 4);
    for (const letter of ['a', 'b', 'c'])
      await store.edit(letter, (files) => writeFile(join(files, 'acl.json'), letter.repeat(2_000)));
    expect(store.state.undo.map(({ label }) => label)).toEqual(['c']);
    expect(await store.undo()).toBe(true);
    expect(await inDraft('acl.json')).toBe('b'.repeat(2_000));
  });
});

describe('a journal that somebody else has written', () => {
  it.each(['', '{', '[]', '{"schema":1,"id":"x","version":1,"changes":[{"path":"../x","before":null,"after":null}]}'])(
    'is put aside: %s',
    async (text) => {
      await mkdir(join(dir, '.gatehouse'), { recursive: true });
      await writeFile(join(dir, '.gatehouse', 'apply.json'), text);
      expect(await readJournal(dir)).toBeNull();
      expect(await readdir(join(dir, '.gatehouse'))).toEqual(['apply.json.damaged']);
    },
  );
});
