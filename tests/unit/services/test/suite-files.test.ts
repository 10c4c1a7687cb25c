import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../../src-main/contract/areas/test';
import { expandSuite, readSuite, type Cell } from '../../../../src-main/domain/probes';
import { RunStore, newRunId, type SavedRun } from '../../../../src-main/services/test/run-store';
import { changeExpectations, withItem, type SuiteFile } from '../../../../src-main/services/test/suite-files';

const text = `{
  "schema": 1,
  "name": "s",
  "callers": [
    { "name": "a", "gateway": "g", "user": "a", "transports": ["mysql-plain", "mysql-unix"] },
    { "name": "b", "gateway": "g", "transports": ["grpc-plain"] }
  ],
  "tables": [
    { "name": "t", "read": "R", "write": "W", "admin": "A" },
    { "name": "u", "read": "R", "write": "W", "admin": "A" }
  ],
  "allow": {
    "a": { "read": ["t"], "write": ["u"] }
  },
  "admissions": [
    { "name": "x/y", "callers": ["a"], "transports": ["mysql-plain"], "passwords": ["wrong", "empty"], "sql": "S", "expect": { "verdict": "refused" } }
  ]
}
`;
const file = (): SuiteFile => ({
  path: '/nowhere',
  file: 'tests/s.json',
  suite: readSuite(Buffer.from(text), 'tests/s.json').suite!,
  text,
});
const cells = (): Cell[] => expandSuite(file().suite, () => 'hardened');
const cell = (caller: string, table: string, role: string, transport?: string): Cell =>
  cells().find(
    (one) =>
      one.caller.name === caller &&
      one.table === table &&
      one.role === role &&
      (transport === undefined || one.transport === transport),
  )!;
const allow = { verdict: 'allow', stoppedAt: null } as const;
const deny = { verdict: 'deny', stoppedAt: 'tablet' } as const;

describe('expectations in the text of a suite', () => {
  const change = (wishes: Parameters<typeof changeExpectations>[1]) => {
    const one = file();
    const counted = changeExpectations([one], wishes);
    const { suite, findings } = readSuite(Buffer.from(one.text), 'tests/s.json');
    expect(findings).toEqual([]);
    return { ...counted, text: one.text, suite: suite! };
  };

  it('change where they stand and leave the rest as it is', () => {
    const { text: after, changed } = change([{ cell: cell('a', 'u', 'read'), wanted: allow }]);
    expect(changed).toBe(1);
    expect(after).toBe(text.replace('"read": ["t"]', '"read": ["t", "u"]'));
  });

  it('keep the order of the tables, take emptied lists out, add callers', () => {
    expect(change([{ cell: cell('a', 't', 'write'), wanted: allow }]).text).toContain('"write": ["t", "u"]');
    expect(change([{ cell: cell('a', 'u', 'write'), wanted: deny }]).suite.allow.get('a')).toMatchObject({
      read: ['t'],
      write: [],
    });
    expect(change([{ cell: cell('b', 'u', 'admin'), wanted: allow }]).suite.allow.get('b')).toMatchObject({
      admin: ['u'],
    });
  });

  it('are one for all transports of a caller; what contradicts itself is kept', () => {
    const both = change([
      { cell: cell('a', 'u', 'read', 'mysql-plain'), wanted: allow },
      { cell: cell('a', 'u', 'read', 'mysql-unix'), wanted: deny },
    ]);
    expect(both).toMatchObject({ changed: 0, kept: 1, text });
    expect(
      change([{ cell: cell('a', 'u', 'read'), wanted: { verdict: 'refused', stoppedAt: 'login' } }]),
    ).toMatchObject({ changed: 0, kept: 1, text });
    expect(change([{ cell: cell('a', 't', 'read'), wanted: allow }])).toMatchObject({ changed: 0, kept: 0, text });
  });

  it('of a way in are one for all its combinations, also with a slash in its name', () => {
    const ways = cells().filter(({ table }) => table === null);
    expect(ways).toHaveLength(2);
    const changed = change(ways.map((one) => ({ cell: one, wanted: { verdict: 'refused', stoppedAt: 'login' } })));
    expect(changed.changed).toBe(2);
    expect(changed.suite.admissions[0]!.expect).toMatchObject({ verdict: 'refused', stoppedAt: 'login' });
    expect(
      change([
        { cell: ways[0]!, wanted: allow },
        { cell: ways[1]!, wanted: deny },
      ]),
    ).toMatchObject({ changed: 0, kept: 2 });
  });

  it('items are added in the look of their neighbours', () => {
    const after = withItem(text, 'tables', { name: 'v', read: 'R', write: 'W', admin: 'A' });
    expect(readSuite(Buffer.from(after), 'x').suite!.tables.map(({ name }) => name)).toEqual(['t', 'u', 'v']);
    expect(
      withItem(text.replace(/ {2}"tables": \[[^\]]*\],\n/, ''), 'tables', {
        name: 'v',
        read: 'R',
        write: 'W',
        admin: 'A',
      }),
    ).toContain('"tables"');
  });
});

describe('saved runs', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gh-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const run = (minute: number): SavedRun => {
    const at = new Date(Date.UTC(2026, 0, 1, 0, minute));
    const summary: RunSummary = {
      id: newRunId(at),
      kind: 'matrix',
      at: at.toISOString(),
      title: '',
      detail: '',
      verdict: null,
      asExpected: true,
      milliseconds: 1,
      cancelled: false,
    };
    return { schema: 1, kind: 'matrix', summary, files: {}, cells: [] };
  };

  it('are this user’s alone, the newest first, and not without end', async () => {
    const store = new RunStore(folder);
    const ids: string[] = [];
    for (let minute = 0; minute < 13; minute += 1) {
      const one = run(minute);
      ids.push(one.summary.id);
      await store.save(one);
    }
    const kept = ids.slice(-10).reverse();
    expect((await store.list()).map(({ id }) => id)).toEqual(kept);
    expect((await new RunStore(folder).list()).map(({ id }) => id)).toEqual(kept);
    expect(await store.read(ids[0]!)).toBeNull();
    expect((await store.newestMatrix())?.summary.id).toBe(ids.at(-1));
    expect((await stat(join(folder, 'runs'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'runs', `${kept[0]!}.json`))).mode & 0o777).toBe(0o600);
    await store.clear();
    expect(await new RunStore(folder).list()).toEqual([]);
  });

  it('are asked for by their id and nothing else', async () => {
    const store = new RunStore(folder);
    for (const id of ['../secrets', '20260101000000000-zzzzzz', '', '20260101000000000-abcdef/../x'])
      expect(await store.read(id)).toBeNull();
    expect(await readFile(join(folder, 'runs', 'x')).catch(() => null)).toBeNull();
  });
});
