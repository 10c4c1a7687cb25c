import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  testFaultIds,
  type MatrixMessage,
  type MatrixModel,
  type TestRequest,
} from '../../../src-main/contract/areas/test';
import type { PageState } from '../../../src-main/contract/state';
import { explainText } from '../../../src-main/services/test/explain-text';
import { markAt, patched } from '../../../src-renderer/screens/test/matrix-cells';
import { testViewOf } from '../../../src-renderer/screens/test/test-view.svelte';
import { documentPart, pageOf } from '../support/page';
import { comparison, denied, details, model, part, refused, runOf } from './test-data';
import TestSample from './TestSample.svelte';

const running = { state: 'running', nodes: [], links: [], steps: [], stale: [] } as unknown as PageState['cluster'];
const stopped = { ...running, state: 'stopped' } as PageState['cluster'];

const quiet = { 'document.impactOf': () => ({ cells: 0, gains: 0, loses: 0, becomes: [] }) };
let page: Awaited<ReturnType<typeof pageOf>> | null = null;
afterEach(() => {
  page?.end();
  page = null;
  history.replaceState(null, '');
});
const show = async (state: Partial<PageState>, answers: Parameters<typeof pageOf>[1] = {}) => {
  page = await pageOf({ document: documentPart(), cluster: running, test: part(), ...state }, { ...quiet, ...answers });
  render(TestSample, { app: page.app });
  return page;
};
const calls = (path: string) => page!.reached.filter((call) => call.path === path).map(({ input }) => input);
/** A matrix that can be fed messages. */
function fed(first: MatrixModel) {
  let push: (message: MatrixMessage | null) => void = () => undefined;
  async function* watch(): AsyncGenerator<MatrixMessage> {
    yield { kind: 'model', model: first };
    for (;;) {
      const next = await new Promise<MatrixMessage | null>((resolve) => (push = resolve));
      if (next === null) return;
      yield next;
    }
  }
  return { watch, push: (message: MatrixMessage) => push(message) };
}

describe('a single test', () => {
  it('goes out as it was put together, and comes back hop by hop', async () => {
    const user = userEvent.setup();
    await show(
      {},
      {
        'test.single': () => denied(),
        'document.impactOf': () => ({
          cells: 4,
          gains: 3,
          loses: 1,
          becomes: [
            { mark: 'allow', cells: 3 },
            { mark: 'deny', cells: 1 },
          ],
        }),
      },
    );
    expect(screen.getByRole('heading', { name: 'Nothing tested yet' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Run test' }));
    const [sent] = calls('test.single') as TestRequest[];
    expect(sent).toEqual({
      caller: 'reporting',
      gateway: 'main',
      user: 'myuser2',
      password: { kind: 'saved' },
      certificate: null,
      claimed: null,
      transport: 'mysql-tls-verified',
      serverName: 'localhost',
      trust: 'pki/root/ca-cert.pem',
      sql: 'select id from orders',
    });
    expect(await screen.findByRole('heading', { name: /Denied at the tablet\s+as expected/ })).toBeTruthy();
    const hops = within(screen.getByRole('list', { name: 'The five hops' }));
    expect(hops.getAllByRole('heading', { level: 3 }).map(({ textContent }) => textContent)).toEqual([
      'A · Client to gateway',
      'B · Gateway: who is this?',
      'C · Gateway to tablet',
      'D · Tablet: may they?',
      'E · Tablet to MySQL',
    ]);
    expect(hops.getAllByText('Not reached').length).toBeGreaterThan(0);
    expect(hops.getAllByText('Not recorded').length).toBeGreaterThan(0);
    expect(screen.getByText(/Select command denied to user 'reporting'/)).toBeTruthy();
    expect(await screen.findByText('3 cells become Allowed, 1 becomes Denied')).toBeTruthy();
    expect(screen.getByRole('img', { name: /denied at Tablet/ })).toBeTruthy();
    expect(page!.app.notices.said).toBe('Denied at the tablet, as expected.');
    expect(page!.app.notices.waiting).toEqual([]);
  });

  it('offers each fault of the certificate and the versions of TLS', async () => {
    const user = userEvent.setup();
    await show({}, { 'test.single': () => refused() });
    const view = testViewOf(page!.app);
    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.selectOptions(screen.getByRole('combobox', { name: 'Transport' }), 'mysql-mutual-tls');
    const certificate = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Certificate' });
    await user.selectOptions(certificate, certificate.options[1]!.value);
    const fault = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Shown as' });
    expect([...fault.options].map(({ value }) => value)).toEqual(['', ...testFaultIds]);
    await user.selectOptions(fault, 'self-signed');
    await user.selectOptions(screen.getByRole('combobox', { name: 'TLS versions offered' }), 'TLSv1.2');
    await user.click(screen.getByRole('button', { name: 'Run test' }));
    expect(calls('test.single')).toMatchObject([{ fault: 'self-signed', tlsOnly: 'TLSv1.2' }]);
    view.form.change({ fault: null });
    expect(view.form.request().fault).toBeUndefined();
  });

  it('is copied for another client without a password, and with one only where that is chosen', async () => {
    const user = userEvent.setup();
    const copied = { text: 'mysql --password', why: null, notes: [] };
    await show({}, { 'test.copyAs': () => copied });
    await user.click(screen.getByRole('button', { name: 'Copy as' }));
    await user.click(await screen.findByRole('menuitem', { name: 'mysql (MySQL 9)' }));
    expect(calls('test.copyAs')).toMatchObject([
      { form: 'mysql', withPassword: false, request: { caller: 'reporting' } },
    ]);
    expect(await navigator.clipboard.readText()).toBe('mysql --password');
    expect(page!.app.notices.visible?.text).toBe('Copied for mysql (MySQL 9).');
  });

  it('explains the message that was met, in place', async () => {
    const user = userEvent.setup();
    const text =
      "ERROR 1045 (28000): target: shop.0.primary: vttablet: rpc error: code = PermissionDenied desc = Select command denied to user 'reporting' for table 'orders' (ACL check error) (CallerID: reporting)";
    const met = { ...denied(), heard: { text, note: null } };
    await show({}, { 'test.single': () => met, 'test.explain': () => explainText(text) });
    await user.click(screen.getByRole('button', { name: 'Run test' }));
    const ask = await screen.findByRole('button', { name: 'What does this mean?' });
    await user.click(ask);
    expect(calls('test.explain')).toEqual([{ text }]);
    expect(await screen.findByRole('heading', { name: 'The table ACL denies it' })).toBeTruthy();
    expect(screen.getByText('Tablet: may they?')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Hide the explanation' }));
    expect(screen.queryByRole('heading', { name: 'The table ACL denies it' })).toBeNull();
    // Asked once: what is known is shown again without another call.
    await user.click(screen.getByRole('button', { name: 'What does this mean?' }));
    expect(calls('test.explain')).toHaveLength(1);
  });

  it('makes a remedy with one click in the draft, and says where it is', async () => {
    const user = userEvent.setup();
    const callers = { users: [{ id: 'user:users.json:myuser2', name: 'myuser2', file: 'users.json', lines: [3, 9] }] };
    const access = { tablets: [{ alias: 'zone1-100', file: 'acl.json' }] };
    await show(
      { callers: callers as never, access: access as never },
      {
        'test.single': () => denied(),
        'document.impactOf': () => ({ cells: 1, gains: 1, loses: 0, becomes: [{ mark: 'allow', cells: 1 }] }),
      },
    );
    await user.click(screen.getByRole('button', { name: 'Run test' }));
    await user.click(await screen.findByRole('button', { name: 'Add reporting to Readers of sales' }));
    expect(calls('document.edit')).toEqual([
      { edit: { kind: 'acl.member', file: 'acl.json', group: 'sales', list: 'readers', name: 'reporting', add: true } },
    ]);
    expect(await screen.findByText('Add reporting to Readers of sales: In the draft.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Change UserData of myuser2…' }));
    expect(page!.app.nav).toMatchObject({ screen: 'callers', parameters: { caller: 'user:users.json:myuser2' } });
    await user.click(screen.getByRole('button', { name: 'acl.json, line 6' }));
    expect(page!.app.nav).toMatchObject({ screen: 'access', parameters: { tablet: 'zone1-100', line: '6' } });
  });

  it('shows both ends of a failed handshake, and tries again as proposed', async () => {
    const user = userEvent.setup();
    await show({}, { 'test.single': () => refused() });
    await user.click(screen.getByRole('button', { name: 'Run test' }));
    expect(await screen.findByText('The client saw')).toBeTruthy();
    expect(screen.getByText('Alert from the gateway: certificate required (116)')).toBeTruthy();
    expect(screen.getByText('The gateway demands a certificate.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Connect as olga' }));
    expect((calls('test.single').at(-1) as TestRequest).user).toBe('olga');
    await user.click(await screen.findByRole('button', { name: 'Choose a certificate' }));
    expect(calls('test.single')).toHaveLength(2);
    const certificate = await screen.findByRole('combobox', { name: /^Certificate/ });
    expect(screen.getByRole('button', { name: /^Run/ }).getAttribute('aria-disabled')).toBe('true');
    await user.selectOptions(certificate, 'olga, expired · Shop CA');
    await user.click(screen.getByRole('button', { name: /^Run/ }));
    expect(calls('test.single').at(-1)).toMatchObject({
      transport: 'mysql-mutual-tls',
      certificate: 'pki/callers/old-cert.pem',
    });
  });

  it('asks for a password that nobody saved, and forgets it with the next caller', async () => {
    const user = userEvent.setup();
    await show({}, { 'test.single': () => denied() });
    await user.selectOptions(screen.getByRole('combobox', { name: 'Caller' }), 'guest · user guest');
    const field = screen.getByLabelText(/^Password to type/);
    expect(field.getAttribute('type')).toBe('password');
    await user.type(field, 'open sesame');
    await user.click(screen.getByRole('button', { name: /^Run/ }));
    expect(calls('test.single').at(-1)).toMatchObject({ password: { kind: 'typed', text: 'open sesame' } });
    await user.selectOptions(screen.getByRole('combobox', { name: 'Caller' }), 'reporting · user myuser2');
    await user.selectOptions(screen.getByRole('combobox', { name: 'Caller' }), 'guest · user guest');
    expect((screen.getByLabelText(/^Password to type/) as HTMLInputElement).value).toBe('');
  });

  it('says why it cannot run, offers the start, and names what the draft keeps from it', async () => {
    const user = userEvent.setup();
    const shown = await show({ cluster: stopped });
    expect(screen.getByRole('button', { name: 'Run test' }).getAttribute('aria-disabled')).toBe('true');
    await user.click(screen.getByRole('button', { name: 'Start cluster' }));
    expect(calls('cluster.start')).toHaveLength(1);
    await shown.change({ cluster: running, document: documentPart({ changes: 3 }) });
    expect(await screen.findByText('Tests use the applied version. 3 changes are still in the draft.')).toBeTruthy();
  });

  it('is there again after the screen was left', async () => {
    const user = userEvent.setup();
    page = await pageOf(
      { document: documentPart(), cluster: running, test: part() },
      { ...quiet, 'test.single': () => denied() },
    );
    const first = render(TestSample, { app: page.app });
    await user.click(screen.getByRole('button', { name: 'Run test' }));
    await screen.findByRole('heading', { name: /Denied at the tablet/ });
    first.unmount();
    render(TestSample, { app: page.app });
    expect(screen.getByRole('heading', { name: /Denied at the tablet/ })).toBeTruthy();
  });

  it('copies the report of the program, with the keys too', async () => {
    const user = userEvent.setup();
    const write = vi.fn(() => Promise.resolve());
    await show(
      {},
      { 'test.single': () => denied(), 'test.report': () => ({ text: 'Gatehouse trace …', name: 'x.txt' }) },
    );
    vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(write);
    await user.click(screen.getByRole('button', { name: 'Run test' }));
    await user.click(await screen.findByRole('button', { name: 'Copy report' }));
    await waitFor(() => expect(write).toHaveBeenCalledWith('Gatehouse trace …'));
    expect(page!.app.commands.list.find(({ id }) => id === 'test.copy')?.keys).toEqual(['Mod+Shift+C']);
  });
});

describe('two side by side', () => {
  it('marks what differs, shows the bytes of the listener and ways to close it', async () => {
    const user = userEvent.setup();
    await show(
      {},
      {
        'test.compare': () => comparison(),
        'document.impactOf': () => ({ cells: 2, gains: 0, loses: 2, becomes: [{ mark: 'refuse', cells: 2 }] }),
      },
    );
    await user.click(screen.getByRole('button', { name: 'Compare without TLS' }));
    expect(calls('test.compare')).toMatchObject([{ transports: ['mysql-plain', 'mysql-tls-verified'] }]);
    expect(await screen.findByText(/Without TLS anyone on the way reads the statement/)).toBeTruthy();
    expect([...document.querySelectorAll('mark')].map(({ textContent }) => textContent)).toEqual(['No TLS', 'TLS 1.3']);
    const readable = screen.getByRole('region', { name: 'Statement on the wire, readable' });
    expect(readable.textContent).toContain('03 73 65 6c');
    expect(screen.getByRole('region', { name: 'Statement on the wire, not readable' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Require TLS at the gateway' })).toBeTruthy();
    expect(await screen.findByText('2 cells become Refused')).toBeTruthy();
    await user.selectOptions(screen.getByRole('combobox', { name: 'Second transport' }), 'mysql-plain');
    expect(screen.getByRole('button', { name: 'Run both' }).getAttribute('aria-disabled')).toBe('true');
  });
});

describe('the matrix', () => {
  const open = async (
    first: MatrixModel = model(),
    answers: Parameters<typeof pageOf>[1] = {},
    state: Partial<PageState> = {},
  ) => {
    const matrix = fed(first);
    history.replaceState(null, '');
    page = await pageOf(
      { document: documentPart(), cluster: running, test: part(), ...state },
      {
        'test.watchMatrix': () => matrix.watch(),
        'test.cellDetails': (input: { id: string }) => details(input.id),
        ...answers,
      },
    );
    testViewOf(page.app).tab = 'matrix';
    render(TestSample, { app: page.app });
    await screen.findByRole('grid', { name: 'Matrix of callers and tables' });
    return matrix;
  };

  it('is predicted in grey before it is run, and read out cell by cell', async () => {
    await open();
    expect(screen.getByText('Nothing was run yet.')).toBeTruthy();
    expect(
      screen.getByRole('gridcell', {
        name: 'billing, orders, read: probably allowed; write: probably denied; admin: probably denied',
      }),
    ).toBeTruthy();
  });

  it('follows a run, says once that it ended, and shows what differs', async () => {
    const user = userEvent.setup();
    const matrix = await open(model(), { 'test.runMatrix': () => ({ total: 12 }) });
    await user.click(screen.getByRole('button', { name: 'Run all' }));
    expect(calls('test.runMatrix')).toEqual([{ which: 'all' }]);
    const run = {
      state: 'running',
      done: 1,
      total: 12,
      at: '2026-05-03T12:00:00Z',
      milliseconds: 100,
      left: { kind: 'about', seconds: 10 },
      failure: null,
    } as const;
    matrix.push({
      kind: 'cells',
      cells: [
        [0, 0, 'a', '='],
        [1, 0, '.', '…'],
      ],
      admissions: [[0, 'r', '=']],
      totals: { cells: 13, run: 1, asExpected: 1, differs: 0, fromPrediction: 0 },
      run,
    });
    expect(await screen.findByRole('gridcell', { name: /^reporting, orders, read: running/ })).toBeTruthy();
    expect(screen.getByRole('gridcell', { name: /^billing, orders, read: allowed;/ })).toBeTruthy();
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('1');
    matrix.push({
      kind: 'cells',
      cells: [[1, 0, 'a', 'b']],
      admissions: [],
      totals: { cells: 13, run: 2, asExpected: 1, differs: 1, fromPrediction: 1 },
      run: { ...run, state: 'cancelled', done: 2 },
    });
    expect(await screen.findByText('One cell differs from its prediction.')).toBeTruthy();
    expect(page!.app.notices.said).toBe('Matrix stopped after 2 of 12.');
    expect(
      screen.getByRole('gridcell', { name: /^reporting, orders, read: allowed, expected denied, differs/ }),
    ).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Show what differs' }));
    expect(screen.getAllByRole('rowheader').map(({ textContent }) => textContent)).toEqual([
      expect.stringContaining('reporting'),
    ]);
    await user.click(screen.getByRole('button', { name: 'Run failed (1)' }));
    expect(calls('test.runMatrix').at(-1)).toEqual({ which: 'failed' });
  });

  it('explains a cell in the pane and changes what is expected, by E too', async () => {
    const user = userEvent.setup();
    await open(model(), { 'test.expect': () => ({ changed: 1, kept: 0 }) });
    await user.click(screen.getByRole('gridcell', { name: /^reporting, orders/ }));
    const pane = await screen.findByRole('complementary', { name: 'Cell' });
    expect(within(pane).getByRole('heading', { name: 'reporting reads orders' })).toBeTruthy();
    expect(within(pane).getByText('The statement needs orders · Reader.')).toBeTruthy();
    expect(calls('test.cellDetails').at(-1)).toEqual({ id: 'shop/access/reporting/mysql-tls-verified/orders/read' });
    await user.click(within(pane).getByRole('radio', { name: 'Write' }));
    expect(calls('test.cellDetails').at(-1)).toEqual({ id: 'shop/access/reporting/mysql-tls-verified/orders/write' });
    screen.getByRole('gridcell', { name: /^reporting, orders/ }).focus();
    await user.keyboard('e');
    await waitFor(() =>
      expect(calls('test.expect')).toEqual([
        { cells: ['shop/access/reporting/mysql-tls-verified/orders/write'], expectation: 'allow' },
      ]),
    );
    await user.keyboard('r');
    expect(calls('test.runMatrix').at(-1)).toMatchObject({ which: 'selected' });
    await user.click(within(pane).getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('complementary', { name: 'Cell' })).toBeNull();
  });

  it('runs what is selected, filters, and shows one role in words', async () => {
    const user = userEvent.setup();
    await open();
    screen.getByRole('gridcell', { name: /^billing, orders/ }).focus();
    await user.keyboard(' ');
    await user.click(screen.getByRole('button', { name: 'Run selected (3 cells)' }));
    expect(calls('test.runMatrix')).toEqual([
      {
        which: 'selected',
        cells: ['read', 'write', 'admin'].map((role) => `shop/access/billing/mysql-tls-verified/orders/${role}`),
      },
    ]);
    await user.click(screen.getByRole('radio', { name: 'Read' }));
    expect(screen.getByRole('gridcell', { name: 'billing, payments, read: probably denied' })).toBeTruthy();
    await user.type(screen.getByRole('textbox', { name: 'Filter callers and tables' }), 'paym');
    expect(screen.getAllByRole('columnheader')).toHaveLength(2);
    await user.type(screen.getByRole('textbox', { name: 'Filter callers and tables' }), 'zz');
    expect(screen.getByText('No caller or table matches')).toBeTruthy();
  });

  const off = (): MatrixModel =>
    model({
      rows: model().rows.map((row, at) =>
        at === 1
          ? {
              ...row,
              actual: `${row.actual.slice(0, 3)}a${row.actual.slice(4)}`,
              marks: `${row.marks.slice(0, 3)}e${row.marks.slice(4)}`,
            }
          : row,
      ),
      totals: { cells: 13, run: 13, asExpected: 12, differs: 1, fromPrediction: 0 },
    });

  it('has what differs first, leads to it, and keeps the order that was chosen', async () => {
    const user = userEvent.setup();
    await open(off(), { 'settings.set': () => undefined });
    expect(screen.getAllByRole('rowheader').map(({ textContent }) => textContent.trim().split(/\s/)[0])[0]).toBe(
      'reporting',
    );
    const list = within(screen.getByRole('region', { name: 'What differs' }));
    expect(list.getAllByRole('row')).toHaveLength(2);
    await user.click(list.getByRole('button', { name: 'reporting reads payments' }));
    await waitFor(() =>
      expect(document.activeElement?.getAttribute('aria-label')).toMatch(
        /^reporting, payments, read: allowed, expected denied, differs/,
      ),
    );
    expect(calls('test.cellDetails').at(-1)).toEqual({ id: 'shop/access/reporting/mysql-tls-verified/payments/read' });
    await user.click(screen.getByRole('radio', { name: 'File order' }));
    expect(calls('settings.set')).toEqual([{ matrixOrder: 'file' }]);
  });

  it('lifts a filter that hides the cell it leads to', async () => {
    const user = userEvent.setup();
    await open(off());
    await user.type(screen.getByRole('textbox', { name: 'Filter callers and tables' }), 'billing');
    await user.click(screen.getByRole('button', { name: 'reporting reads payments' }));
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^reporting, payments/));
  });

  it('runs and expects what is selected when the key is pressed inside it', async () => {
    const user = userEvent.setup();
    await open(model(), { 'test.expect': () => ({ changed: 6, kept: 0 }), 'test.runMatrix': () => ({ total: 6 }) });
    screen.getByRole('gridcell', { name: /^billing, orders/ }).focus();
    await user.keyboard('{Shift>}{ArrowRight}{/Shift}r');
    expect((calls('test.runMatrix').at(-1) as { cells: string[] }).cells).toHaveLength(6);
    await user.keyboard('e');
    await waitFor(() => expect((calls('test.expect').at(-1) as { cells: string[] }).cells).toHaveLength(6));
  });

  it('says how long it still takes, and owns up to a stall', async () => {
    const running = { state: 'running', done: 3, total: 13, at: null, milliseconds: 900, failure: null } as const;
    await open(model({ run: { ...running, left: { kind: 'about', seconds: 20 } } }));
    expect(screen.getByText(/about 20 seconds left$/)).toBeTruthy();
  });

  it('shows what no test touches, adds a test for it, and names what stands against one', async () => {
    const user = userEvent.setup();
    const item = {
      id: '0/readers/1',
      kind: 'member',
      group: 'money',
      list: 'readers',
      text: 'ann',
      line: 3,
      tests: 0,
      proven: 0,
      unreachable: null,
      heat: 0,
    } as const;
    const warm = { ...item, id: '0/readers/0', text: 'bob', tests: 4, proven: 2, heat: 3 } as const;
    await open(model(), {
      'test.coverage': () => ({
        totals: { lines: 3, touched: 1, proven: 1 },
        untouched: [
          { file: 'acl.json', item, test: 'ann reads payments', obstacle: null },
          {
            file: 'acl.json',
            item: { ...item, id: '0/readers/2', text: 'ghost' },
            test: null,
            obstacle: 'Nobody comes under the name ghost.',
          },
        ],
        files: [
          {
            file: 'acl.json',
            items: [warm, item],
            lines: [
              [{ text: '{', item: null }],
              [],
              [
                { text: '"readers": [', item: null },
                { text: '"bob"', item: 0 },
                { text: ', ', item: null },
                { text: '"ann"', item: 1 },
              ],
            ],
          },
        ],
      }),
      'test.addTestFor': () => ({ test: 'ann reads payments' }),
    });
    await user.click(screen.getByRole('radio', { name: 'Coverage' }));
    const cold = within(await screen.findByRole('region', { name: 'What no test touches' }));
    expect(cold.getByText('Nobody comes under the name ghost.')).toBeTruthy();
    expect(screen.getByText('1 of 2 without a test')).toBeTruthy();
    await user.click(cold.getByRole('button', { name: 'Add a test: ann reads payments' }));
    expect(calls('test.addTestFor')).toEqual([{ file: 'acl.json', item: '0/readers/1' }]);
  });

  it('goes out in the form that is chosen', async () => {
    const user = userEvent.setup();
    const saved = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
    URL.createObjectURL = () => 'blob:x';
    URL.revokeObjectURL = () => undefined;
    await open(model(), {
      'test.exportMatrix': () => ({ name: 'shop-matrix.csv', mediaType: 'text/csv', content: 'a', encoding: 'utf8' }),
    });
    await user.click(screen.getByRole('button', { name: /^Export/ }));
    await user.click(await screen.findByRole('menuitem', { name: /^CSV/ }));
    expect(calls('test.exportMatrix')).toEqual([{ form: 'csv' }]);
    await waitFor(() => expect(saved).toHaveBeenCalledTimes(1));
    saved.mockRestore();
  });

  it('lists the ways in', async () => {
    const user = userEvent.setup();
    await open();
    await user.click(screen.getByRole('radio', { name: 'Ways in 1' }));
    const table = within(screen.getByRole('table', { name: 'Ways in' }));
    expect(table.getByText('probably refused before')).toBeTruthy();
    await user.click(table.getByRole('button', { name: 'wrong password' }));
    expect(calls('test.cellDetails').at(-1)).toEqual({ id: 'shop/admission/wrong password/billing/mysql-tls/wrong' });
  });

  it('names the number before all results are accepted', async () => {
    const user = userEvent.setup();
    await open(model({ totals: { cells: 13, run: 13, asExpected: 11, differs: 2, fromPrediction: 0 } }), {
      'test.acceptable': () => ({ changed: 2, kept: 1 }),
    });
    expect(screen.getByText('2 cells are not as expected.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /^Add/ }));
    await user.click(await screen.findByRole('menuitem', { name: 'Accept all results as expectations…' }));
    const dialog = await screen.findByRole('alertdialog').catch(() => screen.findByRole('dialog'));
    expect(within(dialog).getByText(/^2 expectations change in the draft\. 1 cell cannot/)).toBeTruthy();
    await user.click(within(dialog).getByRole('button', { name: 'Accept' }));
    expect(calls('test.acceptAll')).toHaveLength(1);
  });

  it('says what is missing and makes it, and asks before DDL on a backend that is not its own', async () => {
    const user = userEvent.setup();
    const empty = fed(model({ rows: [], columns: [], admissions: [] }));
    page = await pageOf(
      { document: documentPart(), cluster: running, test: part({ suites: [], adminByDefault: false }) },
      { 'test.watchMatrix': () => empty.watch() },
    );
    testViewOf(page.app).tab = 'matrix';
    render(TestSample, { app: page.app });
    await user.click(await screen.findByRole('button', { name: 'Create tests' }));
    expect(calls('test.createSuite')).toHaveLength(1);
    empty.push({ kind: 'model', model: model() });
    await user.click(await screen.findByRole('checkbox', { name: /^Admin tests too/ }));
    await user.click(screen.getByRole('button', { name: 'Run all' }));
    expect(calls('test.runMatrix')).toEqual([{ which: 'all', admin: true }]);
  });
});

describe('the runs', () => {
  it('open where their kind is shown, and can be forgotten', async () => {
    const user = userEvent.setup();
    await show(
      {
        test: part({
          runs: [
            runOf('1'),
            runOf('2', {
              kind: 'matrix',
              title: 'Matrix',
              detail: '14 of 15 as expected',
              verdict: null,
              asExpected: false,
            }),
          ],
        }),
      },
      {
        'test.run': ({ id }: { id: string }) =>
          id === '1'
            ? { kind: 'single', trace: denied() }
            : { kind: 'matrix', summary: runOf('2', { kind: 'matrix' }), lines: ['head', '≠ shop/access/x: allowed'] },
      },
    );
    await user.click(screen.getByRole('tab', { name: /^Runs/ }));
    await user.click(screen.getByRole('button', { name: 'Matrix' }));
    expect(await screen.findByText('≠ shop/access/x: allowed')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Forget all runs…' }));
    await user.click(await screen.findByRole('button', { name: 'Forget' }));
    expect(calls('test.forgetRuns')).toHaveLength(1);
    await user.click(screen.getByRole('button', { name: 'reporting' }));
    expect(await screen.findByRole('heading', { name: /Denied at the tablet/ })).toBeTruthy();
  });
});

describe('letters of the model', () => {
  const [billing] = model().rows;
  it('become marks; what was not asked is none', () => {
    expect(markAt({ ...billing!, expected: ' ddddd' }, 0, 'R')).toBeNull();
    expect(markAt(billing!, 0, 'R')).toMatchObject({ kind: 'allowed', predicted: true });
    expect(markAt({ ...billing!, actual: 'w.....', marks: 'e.....' }, 0, 'R')).toMatchObject({
      kind: 'would-be-denied',
      differs: true,
      expected: 'allowed',
    });
    expect(markAt({ ...billing!, actual: 'x.....', marks: '!.....' }, 0, 'R')).toMatchObject({ kind: 'error' });
  });

  it('are patched in place, rows without a change stay as they are', () => {
    const before = model();
    const after = patched(before, {
      kind: 'cells',
      cells: [
        [1, 5, 'd', '='],
        [9, 0, 'a', '='],
      ],
      admissions: [[7, 'a', '=']],
      totals: before.totals,
      run: before.run,
    });
    expect(after.rows[0]).toBe(before.rows[0]);
    expect(after.rows[1]).toMatchObject({ actual: '.....d', marks: '.....=' });
  });
});

describe('an error text', () => {
  const answering = { 'test.explain': (input: unknown) => explainText((input as { text: string }).text) };

  it('is explained when it is pasted, and its secret is on the page no longer', async () => {
    const user = userEvent.setup();
    await show({ cluster: stopped }, answering);
    await user.click(screen.getByRole('tab', { name: 'Errors' }));
    expect(screen.getByRole('heading', { name: 'No error to explain' })).toBeTruthy();
    const explain = screen.getByRole('button', { name: 'Explain' });
    expect(explain.getAttribute('aria-disabled')).toBe('true');
    const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Error text' });
    await user.click(field);
    await user.paste("mysql --password=hunter2\nERROR 1045 (28000): Access denied for user 'web'");
    await user.keyboard('{Control>}{Enter}{/Control}');
    expect(await screen.findByRole('heading', { level: 2, name: 'The gateway refused the sign-in' })).toBeTruthy();
    expect(screen.getByText('Client to gateway')).toBeTruthy();
    expect(screen.getByText('A secret was masked in it.')).toBeTruthy();
    expect(document.body.textContent).not.toContain('hunter2');
    expect(field.value).not.toContain('hunter2');
  });

  it('that is not known is not guessed at', async () => {
    const user = userEvent.setup();
    await show({}, answering);
    await user.click(screen.getByRole('tab', { name: 'Errors' }));
    await user.click(screen.getByRole('textbox', { name: 'Error text' }));
    await user.paste('target: shop.0.primary: flux capacitor is empty');
    await user.click(screen.getByRole('button', { name: 'Explain' }));
    expect(await screen.findByRole('heading', { name: 'This text is not known' })).toBeTruthy();
    expect(screen.getByText('The gateway was about to ask shop.0.primary.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Clear' }));
    expect(screen.getByRole('heading', { name: 'No error to explain' })).toBeTruthy();
  });
});
