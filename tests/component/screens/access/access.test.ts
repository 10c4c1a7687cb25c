import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import type { AccessPart } from '../../../../src-main/contract';
import App from '../../../../src-renderer/app/App.svelte';
import { PageFailure } from '../../../../src-renderer/bridge/failure';
import { documentPart, pageOf } from '../../support/page';
import { accessPart, aclFile, group, name, preview } from './fixture';

type Page = Awaited<ReturnType<typeof pageOf>>;
let page: Page | null = null;
async function show(
  access: AccessPart = accessPart(),
  answers: Parameters<typeof pageOf>[1] = {},
): Promise<Page & { user: ReturnType<typeof userEvent.setup> }> {
  history.replaceState({ screen: 'access', parameters: {} }, '');
  page = await pageOf(
    { access, document: documentPart() },
    { 'access.preview': () => preview(), 'access.setText': () => ({ version: 'v2' }), ...answers },
  );
  render(App, { app: page.app });
  await screen.findByRole('grid');
  return { ...page, user: userEvent.setup() };
}
afterEach(() => {
  page?.end();
  page = null;
  history.replaceState(null, '');
});

const calls = (path: string): unknown[] =>
  (page?.reached ?? []).filter((call) => call.path === path).map(({ input }) => input);
const list = (named: RegExp): HTMLElement => screen.getByRole('group', { name: named });
const refuse = (code: string, summary: string) => (): never => {
  throw new PageFailure({ code, summary });
};

describe('the form', () => {
  it('shows the selected group with what is known of its names', async () => {
    const { user } = await show();
    const groups = within(screen.getByRole('navigation', { name: 'Table groups' }));
    expect(groups.getByRole('button', { name: /sales/ }).getAttribute('aria-current')).toBe('true');
    expect(screen.getByRole('heading', { name: 'sales' })).toBeTruthy();
    expect(within(list(/Tables and prefixes/)).getByText('order_%')).toBeTruthy();
    expect(screen.getByText('order_% matches 4 tables.')).toBeTruthy();
    expect(within(list(/Readers/)).getAllByRole('listitem')).toHaveLength(2);
    await user.click(groups.getByRole('button', { name: /people/ }));
    expect(screen.getByRole('heading', { name: 'people' })).toBeTruthy();
  });

  it('adds a name that is offered, and removes one', async () => {
    const { user } = await show();
    const readers = list(/Readers/);
    await user.click(within(readers).getByRole('combobox'));
    expect(screen.getAllByRole('option').map((one) => one.textContent?.replace(/\s+/g, ' ').trim())).toEqual([
      'reporting caller',
      'support group',
    ]);
    await user.keyboard('{ArrowDown}{Enter}');
    expect(calls('access.edit')).toEqual([
      {
        file: 'acl.json',
        edit: { kind: 'add-names', group: 0, groupName: 'sales', list: 'readers', names: ['reporting'] },
      },
    ]);
    await user.click(within(readers).getByRole('button', { name: 'Remove admin' }));
    expect(calls('access.edit')[1]).toEqual({
      file: 'acl.json',
      edit: { kind: 'remove-name', group: 0, groupName: 'sales', list: 'readers', index: 1, name: 'admin' },
    });
  });

  it('says at the field why a table was refused, and offers to move it here', async () => {
    const { user } = await show(accessPart(), {
      'access.edit': (input: { edit: { take?: boolean } }) =>
        input.edit.take === true ? undefined : refuse('access.elsewhere', '"customers" stands in group "people".')(),
    });
    const tables = list(/Tables and prefixes/);
    await user.type(within(tables).getByRole('combobox'), 'customers{Enter}');
    expect(await screen.findByText('"customers" stands in group "people".')).toBeTruthy();
    expect(tables.getAttribute('aria-describedby')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Move customers here' }));
    expect(calls('access.edit').at(-1)).toMatchObject({ edit: { names: ['customers'], take: true, list: 'entries' } });
    expect(screen.queryByText('"customers" stands in group "people".')).toBeNull();
  });

  it('offers what was probably meant by a name that nobody has', async () => {
    const sales = group('sales', {
      readers: [
        name('admni', { kind: 'unknown', matches: 0, nearest: 'admin', line: 14 }),
        name('who', { kind: 'unknown', matches: 0 }),
      ],
    });
    const { user } = await show(accessPart({ files: [aclFile({ groups: [sales] })] }));
    expect(screen.getByText('“admni” is no known caller or group.')).toBeTruthy();
    expect(screen.getByText('“who” is no known caller or group.')).toBeTruthy();
    expect(screen.getByText(/acl\.json, line 14/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Change to admin' }));
    expect(calls('access.edit')).toEqual([
      {
        file: 'acl.json',
        edit: {
          kind: 'replace-name',
          group: 0,
          groupName: 'sales',
          list: 'readers',
          index: 0,
          name: 'admni',
          by: 'admin',
        },
      },
    ]);
  });

  it('adds writers to readers when asked', async () => {
    const sales = group('sales', { hints: [{ kind: 'writers-cannot-read', names: ['a', 'b'], to: ['readers'] }] });
    const { user } = await show(accessPart({ files: [aclFile({ groups: [sales] })] }));
    expect(screen.getByText('Writers cannot read. Add to Readers too?')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Add' }));
    expect(calls('access.edit')).toEqual([
      {
        file: 'acl.json',
        edit: { kind: 'add-names', group: 0, groupName: 'sales', list: 'readers', names: ['a', 'b'] },
      },
    ]);
  });

  it('shows names that stand twice once', async () => {
    const sales = group('sales', { readers: [name('a'), name('b'), name('a')] });
    await show(accessPart({ files: [aclFile({ groups: [sales] })] }));
    expect(within(list(/Readers/)).getAllByRole('listitem')).toHaveLength(2);
  });

  it('renames, moves and deletes with the keyboard', async () => {
    const { user } = await show();
    const sales = within(screen.getByRole('navigation', { name: 'Table groups' })).getByRole('button', {
      name: /sales/,
    });
    sales.focus();
    await user.keyboard('{F2}');
    const field = await screen.findByRole('textbox', { name: 'Name of the table group' });
    await user.clear(field);
    await user.type(field, 'shop{Enter}');
    expect(calls('access.edit')).toEqual([
      { file: 'acl.json', edit: { kind: 'rename-group', group: 0, groupName: 'sales', name: 'shop' } },
    ]);
    sales.focus();
    await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(calls('access.edit').at(-1)).toEqual({
      file: 'acl.json',
      edit: { kind: 'move-group', group: 0, groupName: 'sales', to: 1 },
    });
    await user.keyboard('{ArrowUp}{Delete}');
    expect(calls('access.edit').at(-1)).toMatchObject({ edit: { kind: 'remove-group', group: 0 } });
  });

  it('cannot be used while the text is broken, and says so', async () => {
    const broken = aclFile({
      form: 'last-good',
      text: '{',
      vitess: { accepted: false, message: 'unable to unmarshal' },
      findings: [
        {
          code: 'acl.not-json',
          level: 'error',
          file: 'acl.json',
          line: 1,
          column: 2,
          message: 'The file ends.',
          remedy: '',
        },
      ],
    });
    const { user } = await show(accessPart({ files: [broken] }), {
      'access.preview': () => preview({ shows: 'last-good', vitess: { accepted: false, message: 'x' } }),
    });
    expect(screen.getByText('The text is broken. The form shows the last good version.')).toBeTruthy();
    expect(screen.getByText('The text is broken. This is the last version that Vitess would load.')).toBeTruthy();
    expect(within(list(/Readers/)).queryByRole('combobox')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Remove billing' })).toBeNull();
    expect(screen.getByRole('button', { name: 'New table group' }).getAttribute('aria-disabled')).toBe('true');
    await user.click(screen.getByRole('button', { name: 'Bring back the last good version' }));
    expect(calls('access.restoreGood')).toEqual([{ file: 'acl.json' }]);
  });
});

describe('the mode', () => {
  it('is one of three, each with what it comes to', async () => {
    const { user, change } = await show();
    expect(screen.getByText('Who is not listed is denied, and every denial is counted.')).toBeTruthy();
    await user.click(screen.getByRole('radio', { name: 'Off' }));
    expect(calls('access.setMode')).toEqual([{ tablet: 'zone1-100', mode: 'off' }]);
    const part = accessPart();
    const [tablet] = part.tablets;
    await change({ access: { ...part, tablets: [{ ...tablet!, mode: 'off', strict: false, consequence: 'off' }] } });
    expect(
      await screen.findByText('Nothing is enforced. Denied callers get through and are not counted.'),
    ).toBeTruthy();
  });

  it('stays as it was when the change fails', async () => {
    const { user } = await show(accessPart(), { 'access.setMode': refuse('x', 'The disk is full.') });
    await user.click(screen.getByRole('radio', { name: 'Off' }));
    expect(await screen.findAllByText('The disk is full.')).not.toHaveLength(0);
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Strict' }).checked).toBe(true);
  });

  it('says that everybody is exempt', async () => {
    const part = accessPart();
    const [tablet] = part.tablets;
    await show({ ...part, tablets: [{ ...tablet!, exempt: 'gRPC', exempts: 'everybody' }] });
    expect(screen.getByText(/Everybody is exempt: nothing is enforced\./)).toBeTruthy();
  });

  it('is that of the chosen tablet', async () => {
    const part = accessPart();
    const [tablet] = part.tablets;
    const other = { ...tablet!, alias: 'zone1-200', mode: 'off' as const, consequence: 'off' as const };
    const { user } = await show({
      ...part,
      tablets: [tablet!, other],
      files: [aclFile({ tablets: ['zone1-100', 'zone1-200'] })],
    });
    expect(screen.getByText(/zone1-200 uses this file too\./)).toBeTruthy();
    await user.selectOptions(screen.getByRole('combobox', { name: 'Tablet' }), 'zone1-200');
    expect(screen.getAllByText(/Nothing is enforced\./)).not.toHaveLength(0);
    expect(calls('access.preview').at(-1)).toMatchObject({ tablet: 'zone1-200' });
  });
});

describe('the prediction', () => {
  it('speaks each cell, and counts those that the draft changes', async () => {
    await show();
    expect(screen.getByText('1 cell changes')).toBeTruthy();
    const cell = screen.getByRole('gridcell', { name: /^reporting, orders/ });
    expect(cell.getAttribute('aria-label')).toBe(
      'reporting, orders, read: probably allowed, changed by the draft; write: probably denied; admin: probably denied',
    );
    expect(calls('access.preview')[0]).toEqual({ tablet: 'zone1-100', text: null });
  });

  it('tells callers of the same name apart', async () => {
    const caller = { key: '1', name: 'my-caller', groups: [] as string[], kinds: ['claimed' as const] };
    const callers = [caller, { ...caller, key: '2', groups: ['ops'] }, { ...caller, key: '3', name: 'other' }];
    const rows = ['......', '......', '......'];
    const since = { rows, gains: 0, loses: 0, others: 0 };
    const cells = ['DDDDDD', 'ADDDDD', 'DDDDDD'];
    await show(accessPart(), {
      'access.preview': () => preview({ callers, cells, sinceDraft: since, sinceApplied: since }),
    });
    expect(screen.getAllByRole('rowheader').map((one) => one.textContent?.trim())).toEqual([
      'my-caller, claimed, not verified',
      'my-caller + ops',
      'other',
    ]);
  });

  it('is asked for again when the draft changes', async () => {
    const { change } = await show();
    const before = calls('access.preview').length;
    await change({ document: documentPart({ revision: 2 }) });
    await expect.poll(() => calls('access.preview').length).toBeGreaterThan(before);
  });

  it('explains a cell and what would change it', async () => {
    const why = (input: { role: 'READER' | 'WRITER' | 'ADMIN'; table: string }) => ({
      table: input.table,
      role: input.role,
      caller: { name: 'reporting', groups: ['support'] },
      letter: input.role === 'READER' ? 'A' : 'D',
      file: 'acl.json',
      group: { index: 0, name: 'sales', entry: 'orders', line: 5 },
      list: { name: input.role === 'READER' ? 'readers' : 'writers', members: ['billing', 'admin'], line: 7 },
      principal: input.role === 'READER' ? 'admin' : null,
      sentence: `Because of ${input.role}.`,
    });
    const { user } = await show(accessPart(), { 'access.why': why as never });
    await user.click(screen.getByRole('gridcell', { name: /^reporting, orders/ }));
    const pane = within(await screen.findByRole('region', { name: 'Why' }));
    expect(pane.getByText('Because of READER.')).toBeTruthy();
    await user.click(pane.getAllByRole('button', { name: 'Add reporting to writers' })[0]!);
    expect(calls('access.edit')).toEqual([
      {
        file: 'acl.json',
        edit: { kind: 'add-names', group: 0, groupName: 'sales', list: 'writers', names: ['reporting'] },
      },
    ]);
    await user.click(pane.getByRole('button', { name: 'Remove admin from readers' }));
    expect(calls('access.edit').at(-1)).toMatchObject({ edit: { kind: 'remove-name', index: 1, name: 'admin' } });
    await user.click(pane.getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('region', { name: 'Why' })).toBeNull();
  });

  it('is filtered by callers and by tables, and the filter is not the same as nothing', async () => {
    const { user } = await show();
    await user.click(screen.getByRole('button', { name: 'Filter callers and tables' }));
    const field = screen.getByRole('searchbox', { name: 'Filter callers and tables' });
    await user.type(field, 'paym');
    expect(screen.getAllByRole('columnheader').map((one) => one.textContent?.trim())).toEqual(['R W A', 'payments']);
    await user.clear(field);
    await user.type(field, 'supp');
    expect(screen.getAllByRole('rowheader').map((one) => one.textContent?.trim())).toEqual(['reporting']);
    await user.clear(field);
    await user.type(field, 'zzz');
    expect(screen.getByText('Nothing matches')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Clear filter' }));
    expect(screen.getByRole('grid')).toBeTruthy();
  });
});

describe('what can be missing', () => {
  const bare = async (access: AccessPart, answers: Parameters<typeof pageOf>[1] = {}): Promise<void> => {
    history.replaceState({ screen: 'access', parameters: {} }, '');
    page = await pageOf({ access, document: documentPart() }, { 'access.preview': () => preview(), ...answers });
    render(App, { app: page.app });
  };

  it('a group: two ways to begin', async () => {
    await bare(accessPart({ files: [aclFile({ groups: [] })] }));
    expect(await screen.findByRole('heading', { name: 'No table groups' })).toBeTruthy();
    expect(screen.getByText('No table is guarded. With strict mode on, nobody is let in.')).toBeTruthy();
    const user = userEvent.setup();
    await user.click(screen.getByRole('button', { name: 'New table group' }));
    expect(calls('access.edit')).toEqual([
      { file: 'acl.json', edit: { kind: 'add-group', name: 'group 1', entries: [] } },
    ]);
    // Its name is asked for when it is there, not before: until then another group would be renamed.
    expect(screen.queryByRole('textbox', { name: 'Name of the table group' })).toBeNull();
    await page?.change({ access: accessPart({ files: [aclFile({ groups: [group('group 1')] })] }) });
    await screen.findByRole('textbox', { name: 'Name of the table group' });
    await user.keyboard('one{Enter}');
    expect(calls('access.edit').at(-1)).toEqual({
      file: 'acl.json',
      edit: { kind: 'rename-group', group: 0, groupName: 'group 1', name: 'one' },
    });
  });

  it('the file of a tablet: it is made with the first group', async () => {
    const part = accessPart({ files: [] });
    await bare(
      { ...part, tablets: part.tablets.map((tablet) => ({ ...tablet, file: null, consequence: 'closed' as const })) },
      { 'access.createFile': () => ({ file: 'acl.json' }) },
    );
    // A double click, and a key that repeats, is one wish.
    await userEvent.setup().dblClick(await screen.findByRole('button', { name: 'New table group' }));
    expect(page?.reached.map(({ path }) => path).filter((path) => path !== 'access.preview')).toEqual([
      'access.createFile',
      'access.edit',
    ]);
  });

  it('a tablet', async () => {
    await bare(accessPart({ tablets: [], files: [] }));
    expect(await screen.findByText('Access is decided at a tablet, and this workspace has none.')).toBeTruthy();
    expect(calls('access.preview')).toEqual([]);
  });

  it('a file that is named and not there', async () => {
    await bare(accessPart({ files: [aclFile({ state: 'missing', form: 'none', groups: [], text: '' })] }));
    expect(await screen.findByText('acl.json is not there.')).toBeTruthy();
    await userEvent.setup().click(screen.getByRole('button', { name: 'Make a new file' }));
    expect(calls('access.setText')).toEqual([{ file: 'acl.json', text: '{}\n', base: null }]);
  });

  it('the tables of MySQL: a state with its remedy, not an empty list', async () => {
    const tables = [
      {
        keyspace: 'shop',
        names: ['orders'],
        backend: 'failed' as const,
        failure: { code: 'access.tables', summary: '127.0.0.1:3306 refused the connection.' },
      },
    ];
    const { user } = await show(accessPart({ tables }));
    expect(screen.getByText('Tables could not be listed.')).toBeTruthy();
    expect(screen.getByText(/127\.0\.0\.1:3306 refused the connection\./)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(calls('access.listTables')).toHaveLength(1);
  });

  it('the prediction', async () => {
    let broken = true;
    await bare(accessPart(), {
      'access.preview': () => (broken ? refuse('internal', 'Something failed.')() : preview()),
    });
    expect(await screen.findByText('Something failed.')).toBeTruthy();
    broken = false;
    await userEvent.setup().click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('grid')).toBeTruthy();
  });
});

describe('import', () => {
  const report = {
    name: 'pasted.json',
    format: 'json',
    groups: 2,
    entries: 3,
    principals: 1,
    replaced: 2,
    vitess: { accepted: true, message: null },
    findings: [],
  };

  it('says what a pasted text would bring before it replaces anything', async () => {
    const { user } = await show(accessPart(), { 'access.inspectImport': () => report });
    await user.click(screen.getByRole('button', { name: 'Import…' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Import a table ACL' }));
    expect(dialog.getByRole('button', { name: 'Import' }).getAttribute('aria-disabled')).toBe('true');
    await user.click(dialog.getByRole('textbox', { name: /Text of the file/ }));
    await user.paste('{"table_groups": []}');
    expect(await dialog.findByText(/2 table groups with 3 tables and prefixes and 1 name\./)).toBeTruthy();
    expect(dialog.getByText(/Replaces the 2 table groups of the draft\./)).toBeTruthy();
    await user.click(dialog.getByRole('button', { name: 'Import' }));
    expect(calls('access.import')).toEqual([
      { tablet: 'zone1-100', name: 'pasted.json', content: btoa('{"table_groups": []}') },
    ]);
    await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
  });

  it('refuses in words, and keeps what was pasted', async () => {
    const { user } = await show(accessPart(), {
      'access.inspectImport': refuse('access.import', 'pasted.json, line 1: The file ends. Nothing was changed.'),
    });
    await user.click(screen.getByRole('button', { name: 'Import…' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Import a table ACL' }));
    const field = dialog.getByRole<HTMLTextAreaElement>('textbox', { name: /Text of the file/ });
    await user.click(field);
    await user.paste('{"table');
    expect(await dialog.findByText(/line 1: The file ends\. Nothing was changed\./)).toBeTruthy();
    expect(field.value).toBe('{"table');
    expect(dialog.getByRole('button', { name: 'Import' }).getAttribute('aria-disabled')).toBe('true');
  });

  it('refuses a file that is too large without reading it', async () => {
    const { user } = await show();
    await user.click(screen.getByRole('button', { name: 'Import…' }));
    const input = document.querySelector<HTMLInputElement>('input[type=file]')!;
    const file = new File(['x'], 'huge.json');
    Object.defineProperty(file, 'size', { value: 4_000_001 });
    await user.upload(input, file);
    expect(await screen.findByText('huge.json is larger than 4 MB and is no table ACL.')).toBeTruthy();
    expect(calls('access.inspectImport')).toEqual([]);
  });
});
