import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CoverageView, UntouchedItem } from '../../../src-main/contract/areas/test';
import { installedPrograms } from '../backend/backend-fixture';
import { openTests, quietTask, type OpenTests } from '../../support/test-service';
import { makeWorkspace, type MadeWorkspace } from '../../support/workspace';

const [program] = await installedPrograms();
const busy = 120_000;

interface SuiteJson {
  callers: { name: string; user?: string; password?: { secret?: string } }[];
  tables: { name: string }[];
  allow: Record<string, Partial<Record<'read' | 'write' | 'admin', string[]>>>;
}

describe.runIf(program !== undefined)('what the tests of the shop touch', () => {
  let made: MadeWorkspace;
  let open: OpenTests;
  const start = async (): Promise<void> => {
    open = await openTests(made.dir, program!);
  };
  beforeEach(async () => {
    made = await makeWorkspace('shop');
  }, busy);
  afterEach(async () => {
    await open.close();
    await made.remove();
  }, busy);

  const suite = async (): Promise<SuiteJson> =>
    JSON.parse(await readFile(join(open.document.draftDir, 'tests', 'shop.json'), 'utf8')) as SuiteJson;
  const cold = async (): Promise<readonly UntouchedItem[]> => (await open.test.coverage()).untouched;
  /** Cells of a caller whose expectation the prediction does not meet. */
  const againstPrediction = (caller: string): string[] => {
    const { plan } = open.test.matrix;
    return plan.cells
      .filter((cell) => cell.caller.name === caller && cell.table !== null)
      .filter((cell) => plan.predict(cell).outcome.verdict !== cell.expected.verdict)
      .map(({ id }) => id);
  };
  const shown = (view: CoverageView): string[] =>
    view.untouched.map(({ file, item, test, obstacle }) => `${file}:${item.line} ${item.text} | ${test ?? obstacle}`);

  it(
    'finds the entry that no test signs in by, and makes one that does',
    async () => {
      await start();
      const before = await open.test.coverage();
      expect(shown(before)).toEqual(['users.json:28 2 | maria reads customers']);
      const [only] = before.untouched;
      expect(await open.test.addTestFor(only!.file, only!.item.id)).toEqual({ test: 'maria reads customers' });
      expect(open.document.changes.length).toBeGreaterThan(0);
      const added = (await suite()).callers.at(-1)!;
      expect(added).toMatchObject({ name: 'maria 2', user: 'maria' });
      expect(added.password!.secret).not.toBe(
        (await suite()).callers.find(({ name }) => name === 'maria')!.password!.secret,
      );
      expect(againstPrediction('maria 2')).toEqual([]);
      expect((await suite()).allow['maria 2']).toBeDefined();
      expect(await cold()).toEqual([]);
      await open.document.undo();
      expect(await cold()).toHaveLength(1);
      await expect(open.test.addTestFor('acl.json', 'nonsense')).rejects.toThrow('The file has changed.');
    },
    busy,
  );

  it(
    'an entry of a table that no test asks for: the table is added',
    async () => {
      const acl = join(made.dir, 'acl.json');
      const text = JSON.parse(await readFile(acl, 'utf8')) as { table_groups: object[] };
      text.table_groups.push({
        name: 'extra',
        table_names_or_prefixes: ['audit_log', 'zz_%'],
        readers: ['shop_web', 'ghost'],
      });
      await writeFile(acl, JSON.stringify(text, null, 2));
      await start();
      const found = shown(await open.test.coverage()).filter((line) => line.startsWith('acl.json'));
      expect(found.map((line) => line.replace(/^acl\.json:\d+ /, ''))).toEqual([
        'extra | web reads audit_log',
        'audit_log | web reads audit_log',
        'zz_% | No table that is known begins with zz_.',
        'readers | web reads audit_log',
        'shop_web | web reads audit_log',
        'ghost | Nobody in this workspace comes under the name ghost.',
      ]);
      const member = (await cold()).find(({ item }) => item.text === 'shop_web')!;
      await open.test.addTestFor(member.file, member.item.id);
      const after = await suite();
      expect(after.tables.at(-1)).toMatchObject({ name: 'audit_log' });
      expect(after.allow['web']!.read).toContain('audit_log');
      expect((await cold()).map(({ item }) => item.text)).toEqual(['zz_%', 'ghost', '2']);
      const ghost = (await cold()).find(({ item }) => item.text === 'ghost')!;
      await expect(open.test.addTestFor(ghost.file, ghost.item.id)).rejects.toThrow('Nobody in this workspace');
    },
    busy,
  );

  it(
    'a member that no caller of the tests is: the caller is added, and expected to be let through',
    async () => {
      await start();
      await open.document.edit('Leave ines out', async (dir) => {
        const path = join(dir, 'tests', 'shop.json');
        const text = JSON.parse(await readFile(path, 'utf8')) as SuiteJson & { admissions: { callers: string[] }[] };
        text.callers = text.callers.filter(({ name }) => name !== 'ines');
        delete text.allow['ines'];
        for (const one of text.admissions) one.callers = one.callers.filter((name) => name !== 'ines');
        await writeFile(path, JSON.stringify(text, null, 2));
      });
      const items = await cold();
      const support = items.find(({ item }) => item.kind === 'member' && item.text === 'support')!;
      expect(support.test).toMatch(/^ines (reads|writes) /);
      await open.test.addTestFor(support.file, support.item.id);
      const after = await suite();
      expect(after.callers.at(-1)).toMatchObject({ name: 'ines', user: 'ines' });
      expect(Object.values(after.allow['ines'] ?? {}).flat().length).toBeGreaterThan(0);
      expect(againstPrediction('ines')).toEqual([]);
      expect((await cold()).length).toBeLessThan(items.length);
    },
    busy,
  );

  it('cuts the text of the ACL where names stand, and never shows a users file', async () => {
    await start();
    const { files } = await open.test.coverage();
    const acl = files.find(({ file }) => file === 'acl.json')!;
    const text = await readFile(join(made.dir, 'acl.json'), 'utf8');
    expect(acl.lines!.map((line) => line.map((piece) => piece.text).join('')).join('\n')).toBe(text.trimEnd());
    const pieces = acl.lines!.flat().filter(({ item }) => item !== null);
    expect(pieces).toHaveLength(acl.items.filter(({ kind }) => kind === 'entry' || kind === 'member').length);
    for (const piece of pieces) expect(JSON.parse(piece.text)).toBe(acl.items[piece.item!]!.text);
    expect(files.find(({ file }) => file === 'users.json')!.lines).toBeNull();
  });

  it(
    'is proven by a run, and goes out in every form the command line writes too',
    async () => {
      await start();
      expect((await open.test.coverage()).totals).toMatchObject({ proven: 0 });
      expect(open.test.exportMatrix('html').content).toContain('Nothing was run yet.');
      await open.cluster.start();
      let ended: Promise<unknown> = Promise.resolve();
      open.test.runMatrix({ which: 'all' }, (title, work) => (ended = quietTask(title, work)) as never);
      await ended;
      const { totals } = await open.test.coverage();
      expect(totals.proven).toBe(totals.touched);
      expect(totals).toMatchObject({ lines: 60, touched: 59 });

      const html = open.test.exportMatrix('html');
      expect(html.name).toMatch(/^shop-matrix-\d{8}-\d{4}\.html$/);
      const { document } = new JSDOM(html.content).window;
      expect(document.querySelector('h1')!.textContent).toBe('Everything is as expected.');
      expect(document.querySelectorAll('.grid tbody tr').length).toBe(open.test.matrix.plan.rows.length);
      const json = JSON.parse(open.test.exportMatrix('json').content) as { totals: object; cells: unknown[] };
      expect(json.totals).toMatchObject({ cells: json.cells.length, asExpected: json.cells.length });
      expect(open.test.exportMatrix('csv').content.split('\r\n')).toHaveLength(json.cells.length + 2);
      expect(open.test.exportMatrix('junit').content).toContain(`tests="${json.cells.length}" failures="0"`);
      for (const form of ['html', 'json', 'csv', 'junit'] as const)
        for (const name of open.document.secrets.names())
          expect(open.test.exportMatrix(form).content.includes(open.document.secrets.get(name)!.reveal())).toBe(false);
    },
    busy,
  );
});
