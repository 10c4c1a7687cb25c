import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MatrixMessage, MatrixModel } from '../../../src-main/contract/areas/test';
import { cellsOf } from '../../../src-main/services/verify/verify-service';
import { installedPrograms } from '../backend/backend-fixture';
import { openTests, quietTask, type OpenTests } from '../../support/test-service';
import { makeWorkspace, verifyOf, type MadeWorkspace } from '../../support/workspace';

/** The matrix over real connections, as the page sees it. */
const [program] = await installedPrograms();
const busy = 120_000;

/** Follows the matrix as a page does: the model, and what changes in it. */
function follow(open: OpenTests) {
  const abort = new AbortController();
  const messages: MatrixMessage[] = [];
  const done = (async () => {
    for await (const message of open.test.watchMatrix(abort.signal)) messages.push(message);
  })();
  return {
    messages,
    end: async () => {
      abort.abort();
      await done;
    },
  };
}

describe.runIf(program !== undefined)('the matrix of the shop', () => {
  let made: MadeWorkspace;
  let open: OpenTests;

  beforeEach(async () => {
    made = await makeWorkspace('shop');
    open = await openTests(made.dir, program!);
  }, busy);
  afterEach(async () => {
    await open.close();
    await made.remove();
  }, busy);

  const model = (): MatrixModel => open.test.matrix.model();
  const cell = (caller: string, table: string, role: string, transport?: string): string =>
    open.test.matrix.plan.cells.find(
      (one) =>
        one.caller.name === caller &&
        one.table === table &&
        one.role === role &&
        (transport === undefined || one.transport === transport),
    )!.id;
  const runAll = async (more: Parameters<OpenTests['test']['runMatrix']>[0] = { which: 'all' }): Promise<void> => {
    let ended: Promise<unknown> = Promise.resolve();
    open.test.runMatrix(more, (title, work) => (ended = quietTask(title, work)) as never);
    await ended;
  };

  it('is predicted without a cluster, and cannot be run', () => {
    const { rows, columns, admissions, totals } = model();
    expect(columns.map(({ table, group }) => `${table}:${group}`)).toEqual([
      'customers:people',
      'products:catalogue',
      'orders:orders',
      'order_items:orders',
      'payments:money',
      'staff_notes:internal',
    ]);
    const web = rows.find(({ caller, transport }) => caller === 'web' && transport === 'mysql-tls-verified')!;
    expect(web).toMatchObject({
      expected: 'aadaddaadaaddddddd',
      predicted: 'aadaddaadaaddddddd',
      actual: '.'.repeat(18),
      marks: '.'.repeat(18),
    });
    expect(admissions.find(({ test }) => test === 'no TLS where TLS is required')).toMatchObject({
      expected: 'r',
      predicted: 'r',
      actual: '.',
    });
    expect(
      admissions.find(({ caller, variant }) => caller === 'auditor' && variant === 'callers/expired'),
    ).toBeDefined();
    expect(totals).toEqual({
      cells: cellsOf(open.document.applied).length,
      run: 0,
      asExpected: 0,
      differs: 0,
      fromPrediction: 0,
    });
    expect(() => open.test.runMatrix({ which: 'all' }, quietTask)).toThrow('The cluster is stopped');
  });

  it(
    'runs every cell over a real connection, tells of it in batches, keeps it, and finds it again',
    async () => {
      await open.cluster.start();
      const page = follow(open);
      await runAll();
      await page.end();
      const { totals, run } = model();
      expect(run).toMatchObject({ state: 'finished', done: totals.cells, total: totals.cells, failure: null });
      expect(totals).toEqual({
        cells: totals.cells,
        run: totals.cells,
        asExpected: totals.cells,
        differs: 0,
        fromPrediction: 0,
      });
      expect(totals.cells).toBe(cellsOf(open.document.applied).length);
      // What the messages say one after the other is the model at the end.
      const [first, ...rest] = page.messages;
      const state = structuredClone((first as { model: MatrixModel }).model);
      const grid = state.rows.map((row) => [[...row.actual] as string[], [...row.marks] as string[]] as const);
      for (const message of rest) {
        if (message.kind === 'model') continue;
        for (const [row, at, letter, mark] of message.cells) {
          grid[row]![0][at] = letter;
          grid[row]![1][at] = mark;
        }
      }
      expect(grid.map(([actual]) => actual.join(''))).toEqual(model().rows.map(({ actual }) => actual));
      expect(grid.map(([, marks]) => marks.join(''))).toEqual(model().rows.map(({ marks }) => marks));
      expect(rest.length).toBeLessThan(run.milliseconds / 100 + 5);

      const { runs } = await open.test.view();
      expect(runs[0]).toMatchObject({
        kind: 'matrix',
        detail: `${totals.cells} of ${totals.cells} as expected`,
        asExpected: true,
        cancelled: false,
      });
      const path = join(made.dir, '.gatehouse', 'runs', `${runs[0]!.id}.json`);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      for (const name of open.document.secrets.names())
        expect((await readFile(path, 'utf8')).includes(open.document.secrets.get(name)!.reveal())).toBe(false);

      // The command line's own run of the same suites says the same.
      const report = await verifyOf(open.cluster.require());
      expect(report.totals).toMatchObject({ cells: totals.cells, asExpected: totals.cells });

      await open.close();
      open = await openTests(made.dir, program!);
      expect(model()).toMatchObject({ totals, outdated: false, run: { state: 'finished', at: run.at } });
    },
    busy,
  );

  it(
    'stopped half way keeps what was done, and says that it was stopped',
    async () => {
      await open.cluster.start();
      let ended: Promise<unknown> = Promise.resolve();
      const total = open.test.runMatrix({ which: 'all' }, (title, work) => (ended = quietTask(title, work)) as never);
      expect(() => open.test.runMatrix({ which: 'all' }, quietTask)).toThrow('under way');
      await expect.poll(() => open.test.matrix.results.size, { interval: 1, timeout: 20_000 }).toBeGreaterThan(3);
      open.test.matrix.stop();
      await ended;
      const { run, totals, rows } = model();
      expect(run.state).toBe('cancelled');
      expect(totals.run).toBeGreaterThan(3);
      expect(totals.run).toBeLessThan(total);
      expect(totals.asExpected).toBe(totals.run);
      expect(rows.map(({ marks }) => marks).join('')).not.toContain('…');
      expect((await open.test.view()).runs[0]).toMatchObject({ cancelled: true });
    },
    busy,
  );

  it(
    'runs chosen cells and failed ones, and follows a changed expectation in the draft at once',
    async () => {
      await open.cluster.start();
      const denied = cell('maria', 'payments', 'read');
      const allowed = cell('maria', 'orders', 'read');
      await runAll({ which: 'selected', cells: [denied, allowed] });
      expect(model().totals).toMatchObject({ run: 2, asExpected: 2 });
      expect(() => open.test.runMatrix({ which: 'failed' }, quietTask)).toThrow('no cell');

      const before = await readFile(join(made.dir, 'tests', 'shop.json'), 'utf8');
      expect(await open.test.expect([denied], 'allow')).toEqual({ changed: 1, kept: 0 });
      expect(await readFile(join(made.dir, 'tests', 'shop.json'), 'utf8')).toBe(before);
      const draft = await readFile(join(open.document.draftDir, 'tests', 'shop.json'), 'utf8');
      expect(draft.split('\n').filter((line, index) => line !== before.split('\n')[index])).toEqual([
        '    "maria": { "read": ["customers", "products", "orders", "order_items", "payments"] },',
      ]);
      expect(open.document.undoLabel).toBe('Expect allowed');
      expect(model().totals).toMatchObject({ run: 2, asExpected: 1, differs: 1, fromPrediction: 0 });
      expect(open.test.details(denied)).toMatchObject({
        title: 'maria reads payments',
        expected: { verdict: 'allowed' },
        actual: { verdict: 'denied' },
        differs: ['expected'],
      });

      await runAll({ which: 'failed' });
      expect(model().run).toMatchObject({ done: 1, total: 1 });
      expect(await open.test.acceptable()).toEqual({ changed: 1, kept: 0 });
      expect(await open.test.acceptAll()).toEqual({ changed: 1, kept: 0 });
      expect(await readFile(join(open.document.draftDir, 'tests', 'shop.json'), 'utf8')).toBe(before);
      expect(model().totals).toMatchObject({ differs: 0 });
    },
    busy,
  );

  it('changes what is expected of a way in for all its combinations, and keeps what cannot be one expectation', async () => {
    const refused = open.test.matrix.plan.cells.find(({ id }) =>
      id.includes('/admission/no TLS where TLS is required/'),
    )!.id;
    expect(await open.test.expect([refused], 'allow')).toEqual({ changed: 1, kept: 0 });
    expect(model().admissions.find(({ id }) => id === refused)).toMatchObject({ expected: 'a', predicted: 'r' });
    // The access matrix knows allowed and denied; a refusal belongs among the ways in.
    expect(await open.test.expect([cell('web', 'orders', 'read', 'mysql-unix')], 'refuse')).toEqual({
      changed: 0,
      kept: 1,
    });
  });

  it('explains a cell in five lines with file and line', () => {
    const { why, place, remedies, remediesTitle } = open.test.details(cell('maria', 'payments', 'read'));
    expect(why.map((line) => line.map(({ text }) => text).join(''))).toEqual([
      'The statement needs payments · Reader.',
      'Table group money covers it (entry payments).',
      'Its readers: billing, auditor and operations. acl.json, line 27',
      'The caller is maria, in group analysts.',
      'Denied (strict).',
    ]);
    expect(place).toEqual({ file: 'acl.json', line: 27 });
    expect(remediesTitle).toBe('Ways to allow');
    expect(remedies[0]).toMatchObject({ kind: 'edit', edit: { kind: 'acl.member', name: 'maria', add: true } });
    const nobody = open.test.matrix.plan.cells.find(({ id }) => id.includes('wrong and empty passwords/web'))!.id;
    expect(
      open.test
        .details(nobody)
        .why[0]!.map(({ text }) => text)
        .join(''),
    ).toMatch(/^It never gets as far as the table ACL: Access denied/);
  });

  it(
    'says which results are out of date once other files are in force',
    async () => {
      await open.cluster.start();
      await runAll({ which: 'selected', cells: [cell('maria', 'orders', 'read')] });
      expect(model().outdated).toBe(false);
      const path = join(made.dir, 'acl.json');
      await writeFile(
        path,
        (await readFile(path, 'utf8')).replace(
          '"analysts", "operations"],\n      "writers": ["shop_web"]',
          '"operations"],\n      "writers": ["shop_web"]',
        ),
      );
      await open.cluster.reload();
      expect(model().outdated).toBe(true);
      // The prediction follows what is in force; so does the next run.
      await runAll({ which: 'selected', cells: [cell('maria', 'orders', 'read')] });
      expect(model().totals).toMatchObject({ run: 1, differs: 1, fromPrediction: 0 });
      expect(open.test.details(cell('maria', 'orders', 'read'))).toMatchObject({
        predicted: { verdict: 'denied' },
        actual: { verdict: 'denied' },
        expected: { verdict: 'allowed' },
      });
    },
    busy,
  );

  it(
    'offers tables of the backend, adds a table and a caller, and makes a suite where there is none',
    async () => {
      await open.cluster.start();
      expect(
        (await open.test.edits.tables()).filter(({ inBackend }) => inBackend).map(({ name, tested }) => [name, tested]),
      ).toEqual(
        ['customers', 'order_items', 'orders', 'payments', 'products', 'staff_notes'].map((name) => [name, true]),
      );
      const view = await open.test.view();
      const stranger = view.callers.find(({ id }) => id.includes('/grpc/pki/callers/stranger'))!;
      await open.test.addCaller(stranger.id, ['grpc-mutual-tls']);
      expect(model().rows.at(-1)).toMatchObject({ caller: 'stranger', predicted: 'd'.repeat(18) });
      await open.document.undo();

      await open.document.edit('Remove tests', async (dir) => rm(join(dir, 'tests'), { recursive: true }));
      expect(model()).toMatchObject({ rows: [], columns: [] });
      const made_ = await open.test.createSuite();
      expect(made_.tables).toBe(6);
      expect(made_.callers).toBeGreaterThan(5);
      await expect(open.test.createSuite()).rejects.toMatchObject({ failure: { code: 'test.taken' } });
      const text = await readFile(join(open.document.draftDir, 'tests', 'access.json'), 'utf8');
      for (const name of open.document.secrets.names())
        expect(text.includes(open.document.secrets.get(name)!.reveal())).toBe(false);
      await runAll();
      const { totals, rows } = model();
      expect(totals).toMatchObject({ run: totals.cells, fromPrediction: 0 });
      expect(rows.map(({ marks }) => marks).join('')).not.toContain('!');
      const { changed, kept } = await open.test.acceptAll();
      expect([changed > 10, kept]).toEqual([true, 0]);
      expect(model().totals).toMatchObject({ asExpected: totals.cells });
      // Nothing that the statements did is left behind.
      const comments = await open.test.edits.tables();
      expect(comments.filter(({ inBackend }) => inBackend)).toHaveLength(6);
    },
    busy,
  );

  it(
    'a cell whose test cannot be made is an error and no verdict',
    async () => {
      await open.cluster.start();
      await open.document.edit('Break a key', async (dir) => rm(join(dir, 'pki/callers/billing-key.pem')));
      await rm(join(made.dir, 'pki/callers/billing-key.pem'));
      const id = cell('billing', 'payments', 'read');
      await runAll({ which: 'selected', cells: [id] });
      expect(model().rows.find(({ caller }) => caller === 'billing')!.marks).toContain('!');
      expect(open.test.details(id)).toMatchObject({
        actual: null,
        failure: 'pki/callers/billing-key.pem, which a test uses, cannot be read.',
      });
      expect(model().totals).toMatchObject({ run: 1, asExpected: 0, differs: 0 });
    },
    busy,
  );
});
