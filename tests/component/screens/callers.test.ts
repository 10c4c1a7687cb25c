import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallerEntry, CallersPart, ImportReport, RotationView, UserCaller } from '../../../src-main/contract';
import { PageFailure } from '../../../src-renderer/bridge/failure';
import { documentPart, pageOf } from '../support/page';
import CallersSample from './CallersSample.svelte';

type Page = Awaited<ReturnType<typeof pageOf>>;
let page: Page | null = null;
afterEach(() => {
  page?.end();
  page = null;
  history.replaceState(null, '');
});

const entry = (index: number, more: Partial<CallerEntry> = {}): CallerEntry => ({
  ...{ index, key: `key-${index}`, line: 3 + index * 6, userData: 'reporting', groups: [], sourceHost: '' },
  forms: ['native', 'sha2'],
  password: { origin: 'generated', bits: 256 },
  signIns: { total: 0, onLastDay: 0, lastAt: null },
  ...more,
});
const user = (name: string, more: Partial<UserCaller> = {}): UserCaller => {
  const entries = more.entries ?? [entry(0)];
  return {
    ...{ id: `user:users.json:${name}`, name, file: 'users.json', lines: [2, 8], entries, notes: [], reach: 2 },
    ways: entries.map(({ index, userData, groups }) => ({
      ...{ gateway: 'main', over: 'mysql', link: 'client>gateway:main/mysql', entry: index },
      immediate: { username: userData ?? '', groups },
      ...{ refusal: null, unixOnly: false },
    })),
    rotations: [],
    ...more,
  };
};
const rotation = (more: Partial<RotationView> = {}): RotationView => ({
  ...{ id: 'r1', kind: 'password', stage: 'move', oldIndex: 0, newIndex: 1, oldName: 'a', newName: 'a' },
  startedAt: '2026-05-01T10:00:00Z',
  oldTest: { ok: true, message: 'Signed in at gateway main.', at: '2026-05-01T10:00:00Z' },
  newTest: { ok: true, message: 'Signed in at gateway main.', at: '2026-05-01T10:00:00Z' },
  ...{ watchFrom: '2026-05-01T10:00:00Z', oldSince: 0, newSince: 4, oldLastAt: null, newLastAt: null },
  ...{ quietMs: 3 * 3_600_000, oldKnown: true, newKnown: true, leftInAcl: [] },
  ...more,
});
const part = (more: Partial<CallersPart> = {}): CallersPart => ({
  usersFiles: [{ file: 'users.json', gateways: ['main'], mode: 'hardened', fault: null, legacy: false }],
  users: [user('web'), user('maria', { entries: [entry(0), entry(1, { userData: 'other' })] })],
  ...{ certificates: [], claimed: [], grpcUsers: [], tables: 6 },
  claims: [{ gateway: 'main', users: ['batch'], needsUser: true, needsCertificate: false }],
  ...more,
});
const reach = { 'callers.reach': () => ({ tables: ['orders'], rows: ['ADD'] }) };
const show = async (
  callers: CallersPart,
  answers: Parameters<typeof pageOf>[1] = {},
): Promise<Page & { calls(path: string): unknown[] }> => {
  const made = await pageOf({ document: documentPart(), callers } as never, { ...reach, ...answers });
  page = made;
  render(CallersSample, { app: made.app });
  return {
    ...made,
    calls: (path) => made.reached.filter((call) => call.path === path).map(({ input }) => input),
  };
};
const refuse = (code: string, summary: string) => () => {
  throw new PageFailure({ code, summary });
};
const option = (name: RegExp): HTMLElement => screen.getByRole('option', { name });
const button = (name: string | RegExp): HTMLElement => screen.getByRole('button', { name });

describe('the list', () => {
  const all = part({
    certificates: [
      {
        ...{ id: 'certificate:pki/c/olga-cert.pem', name: 'olga', file: 'pki/c/olga-cert.pem', groups: ['ops'] },
        ...{ notAfter: '2099-01-01T00:00:00Z', state: 'accepted', ways: [], notes: [], reach: 1 },
      },
    ],
    claimed: [
      { id: 'claimed:["support"]', name: 'support', groups: [], tests: ['support'], ways: [], notes: [], reach: 0 },
    ],
    grpcUsers: [{ id: 'grpc-user:g:batch', name: 'batch', file: 'g', line: 2, ways: [], notes: [], reach: 0 }],
  });

  it('has a section for each kind, and one tab stop for all of them', async () => {
    await show(all);
    const list = screen.getByRole('listbox', { name: 'Callers' });
    expect(
      within(list)
        .getAllByRole('group')
        .map((group) => group.getAttribute('aria-labelledby')),
    ).toHaveLength(4);
    expect(within(list).getByRole('group', { name: 'Claimed names' }).textContent).toContain('Not verified');
    const stops = within(list)
      .getAllByRole('option')
      .filter((one) => one.getAttribute('tabindex') === '0');
    expect(stops.map((one) => one.textContent)).toEqual([expect.stringContaining('web')]);
  });

  it('is walked with arrows and letters', async () => {
    await show(all);
    option(/web/).focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(document.activeElement?.textContent).toContain('maria');
    expect(screen.getByRole('heading', { level: 2 }).textContent).toBe('maria');
    await userEvent.keyboard('{End}');
    expect(document.activeElement?.textContent).toContain('batch');
    await userEvent.keyboard('s');
    expect(screen.getByRole('heading', { level: 2 }).textContent).toBe('support');
    expect(screen.getByText('Nobody verifies this name. Whoever reaches the gateway can claim it.')).toBeTruthy();
  });

  it('is filtered by name, group and immediate caller, and says so when nothing is left', async () => {
    await show(all);
    const filter = screen.getByRole('searchbox', { name: 'Filter callers' });
    await userEvent.type(filter, 'ops');
    expect(screen.getAllByRole('option').map((one) => one.textContent)).toEqual([expect.stringContaining('olga')]);
    await userEvent.clear(filter);
    await userEvent.type(filter, 'nothing like it');
    expect(screen.queryByRole('option')).toBeNull();
    expect(screen.getByText('No caller matches')).toBeTruthy();
    await userEvent.click(button('Clear filter'));
    expect(screen.getAllByRole('option')).toHaveLength(5);
  });

  it('deletes with a key, and offers to undo it', async () => {
    const { app, calls } = await show(all, { 'callers.deleteUser': () => undefined });
    option(/web/).focus();
    await userEvent.keyboard('{Delete}');
    expect(calls('callers.deleteUser')).toEqual([{ file: 'users.json', name: 'web' }]);
    await waitFor(() => expect(app.notices.visible?.action?.label).toBe('Undo'));
  });

  it('shows two hundred users and long names', async () => {
    const users = Array.from({ length: 200 }, (_, at) => user(`user-${at}-${'x'.repeat(120)}`));
    await show(part({ users }));
    expect(screen.getAllByRole('option')).toHaveLength(200);
    option(/user-0-/).focus();
    await userEvent.keyboard('{End}');
    expect(screen.getByRole('heading', { level: 2 }).textContent).toContain('user-199-');
  });
});

describe('the last test', () => {
  const run = (title: string, more: object = {}) => ({
    ...{ id: '20260503101500000-abcdef', kind: 'single', at: '2026-05-03T10:15:00Z', title, detail: 'select 1' },
    ...{ verdict: 'denied', asExpected: null, milliseconds: 3, cancelled: false },
    ...more,
  });
  const tester = (name: string, login: string) => ({
    ...{ id: name, name, kind: 'user', proof: `user ${login}`, gateway: 'main', user: login, password: 'saved' },
    ...{ certificate: null, claimed: null, transports: ['mysql-tls'] },
  });

  it('is that of the tests’ callers who log in as the user, and leads to its trace', async () => {
    const test = {
      callers: [tester('the web shop', 'web'), tester('other', 'maria')],
      runs: [run('other'), run('the web shop')],
    };
    const made = await pageOf({ document: documentPart(), callers: part(), test } as never, reach);
    page = made;
    render(CallersSample, { app: made.app });
    expect(screen.getByText(/select 1/).textContent).toContain('3 May 2026');
    expect(screen.getByText('Denied')).toBeTruthy();
    await userEvent.click(button('Open trace'));
    expect([made.app.nav.screen, made.app.nav.parameters['run']]).toEqual(['test', '20260503101500000-abcdef']);
  });

  it('is none where nobody tested it', async () => {
    await show(part());
    expect(screen.getByText('none yet')).toBeTruthy();
  });
});

describe('others lead here', () => {
  it.each([
    ['by name', { caller: 'maria' }],
    ['by place', { file: 'users.json', line: '12' }],
  ])('%s', async (_, parameters) => {
    const made = await pageOf(
      { document: documentPart(), callers: part({ users: [user('web'), user('maria', { lines: [9, 15] })] }) } as never,
      reach,
    );
    page = made;
    made.app.nav.go('callers', parameters as Record<string, string>);
    render(CallersSample, { app: made.app });
    expect(screen.getByRole('heading', { level: 2 }).textContent).toBe('maria');
  });
});

describe('nobody', () => {
  it('is an empty screen with two ways out of it', async () => {
    await show(part({ users: [] }));
    expect(screen.getByRole('heading', { name: 'No callers' })).toBeTruthy();
    await userEvent.click(button('New MySQL user'));
    expect(screen.getByRole('form', { name: 'New MySQL user' })).toBeTruthy();
  });

  it('brings a gateway with the first user where no gateway reads a users file, and says why nothing can be imported', async () => {
    const { calls } = await show(part({ users: [], usersFiles: [] }));
    expect(screen.getAllByText('No gateway authenticates by a users file.').length).toBeGreaterThan(0);
    await userEvent.click(button('New MySQL user'));
    expect(calls('callers.addUsersGateway')).toHaveLength(1);
  });

  it('is not said of a file that cannot be read: its place is', async () => {
    const fault = 'users.json, line 14: a list is needed. Write one.';
    await show(
      part({
        users: [],
        usersFiles: [{ file: 'users.json', gateways: ['main'], mode: 'hardened', fault, legacy: false }],
      }),
    );
    expect(screen.getAllByText(fault).length).toBeGreaterThan(0);
  });
});

describe('a new user', () => {
  it('gets the UserData of its name and a generated password', async () => {
    const { calls } = await show(part());
    await userEvent.click(button('New caller'));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'New MySQL user…' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Name' }), 'billing');
    await userEvent.click(button('Add'));
    expect(calls('callers.addUser')).toEqual([
      {
        ...{ file: 'users.json', name: 'billing', userData: 'billing', groups: [], sourceHost: '' },
        forms: ['native', 'sha2'],
        password: { kind: 'generate', bits: 256 },
      },
    ]);
  });

  it('keeps what was typed when it is refused, with the reason at its field', async () => {
    const summary = 'users.json has a user "web" already. Choose another name.';
    await show(part({ users: [] }), {
      'callers.addUser': refuse('callers.name-taken', summary),
      'callers.strength': () => ({ bits: 21, verdict: 'weak' }),
    });
    await userEvent.click(button('New MySQL user'));
    const name = screen.getByRole('textbox', { name: 'Name' });
    await userEvent.type(name, 'web');
    await userEvent.click(screen.getByRole('radio', { name: 'Type' }));
    await userEvent.type(screen.getByLabelText('New password'), 'correct horse');
    expect(await screen.findByText(/About 21 bits: weak/)).toBeTruthy();
    await userEvent.click(button('Add'));
    expect(name.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText(summary)).toBeTruthy();
    expect((name as HTMLInputElement).value).toBe('web');
    expect((screen.getByLabelText('New password') as HTMLInputElement).value).toBe('correct horse');
  });

  it('is warned of a hash that a stock vtgate ignores', async () => {
    await show(part());
    await userEvent.click(button('New caller'));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'New MySQL user…' }));
    await userEvent.click(screen.getByRole('checkbox', { name: 'mysql_native_password hash' }));
    expect(screen.getByText(/lets the empty one in/)).toBeTruthy();
  });
});

describe('entries', () => {
  it('are moved by button and by key, named by what they are recognised by', async () => {
    const { calls } = await show(part(), { 'callers.moveEntry': () => undefined });
    await userEvent.click(option(/maria/));
    await userEvent.click(button('Move down: Entry 1'));
    const second = screen.getByRole('listitem', { name: 'Entry 2' });
    second.focus();
    await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}');
    expect(calls('callers.moveEntry')).toEqual([
      { entry: { file: 'users.json', user: 'maria', index: 0, key: 'key-0' }, to: 1 },
      { entry: { file: 'users.json', user: 'maria', index: 1, key: 'key-1' }, to: 0 },
    ]);
  });

  it('send only what was changed', async () => {
    const { calls } = await show(part(), { 'callers.changeEntry': () => undefined });
    await userEvent.click(button('Edit entry 1'));
    const form = screen.getByRole('form', { name: 'Edit entry 1' });
    const userData = within(form).getByRole('textbox', { name: 'UserData' });
    await userEvent.clear(userData);
    await userEvent.type(userData, 'billing');
    await userEvent.click(within(form).getByRole('button', { name: 'Save' }));
    expect(calls('callers.changeEntry')).toEqual([
      { entry: { file: 'users.json', user: 'web', index: 0, key: 'key-0' }, userData: 'billing' },
    ]);
    await waitFor(() => expect(screen.queryByRole('form', { name: 'Edit entry 1' })).toBeNull());
  });

  it('ask for the present password where a form cannot be made without it', async () => {
    const foreign = entry(0, { forms: ['native'], password: { origin: 'unknown', bits: null } });
    const { calls } = await show(part({ users: [user('web', { entries: [foreign] })] }), {
      'callers.changeEntry': refuse('callers.wrong-password', 'The password typed is not that of the entry.'),
    });
    await userEvent.click(button('Edit entry 1'));
    await userEvent.click(screen.getByRole('checkbox', { name: 'caching_sha2_password hash' }));
    await userEvent.type(screen.getByLabelText('Present password'), 'guess');
    await userEvent.click(button('Save'));
    expect(calls('callers.changeEntry')).toMatchObject([{ forms: ['native', 'sha2'], presentPassword: 'guess' }]);
    expect(screen.getByText('The password typed is not that of the entry.')).toBeTruthy();
  });

  it('show a password only when it is asked for', async () => {
    const { calls } = await show(part(), { 'callers.reveal': () => ({ password: 'the password', seconds: 30 }) });
    expect(screen.queryByText('the password')).toBeNull();
    expect(calls('callers.reveal')).toEqual([]);
    await userEvent.click(button('Show password of entry 1'));
    expect(await screen.findByText('the password')).toBeTruthy();
    await userEvent.click(button('Hide password of entry 1'));
    expect(screen.queryByText('the password')).toBeNull();
  });

  it('offer no password that is not known', async () => {
    await show(
      part({ users: [user('web', { entries: [entry(0, { password: { origin: 'unknown', bits: null } })] })] }),
    );
    expect(screen.queryByRole('button', { name: /Show/ })).toBeNull();
    expect(screen.getByText(/imported, strength not known/)).toBeTruthy();
  });

  it('say who signs in by them', async () => {
    const used = entry(0, { signIns: { total: 20, onLastDay: 14, lastAt: new Date().toISOString() } });
    const old = entry(1, { signIns: { total: 5, onLastDay: 2, lastAt: '2024-04-28T10:00:00Z' } });
    await show(part({ users: [user('web', { entries: [used, old] })] }));
    expect(screen.getByText('14 sign-ins today')).toBeTruthy();
    expect(screen.getByText('none since 28 April 2024')).toBeTruthy();
  });
});

describe('a rotation', () => {
  const rotated = (more: Partial<RotationView> = {}): CallersPart =>
    part({ users: [user('web', { entries: [entry(0), entry(1)], rotations: [rotation(more)] })] });
  const now = (): string | undefined =>
    screen.getAllByRole('listitem').find((one) => one.getAttribute('aria-current') === 'step')?.textContent ??
    undefined;

  it('begins with a second entry', async () => {
    const { calls } = await show(part(), { 'callers.startRotation': () => ({ id: 'r1' }) });
    await userEvent.click(button('Rotate password…'));
    const dialog = await screen.findByRole('dialog', { name: 'Rotate entry 1 of web' });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Add second entry' }));
    expect(calls('callers.startRotation')).toEqual([
      {
        entry: { file: 'users.json', user: 'web', index: 0, key: 'key-0' },
        password: { kind: 'generate', bits: 256 },
      },
    ]);
  });

  it('leads to the review while it is not applied', async () => {
    const { app } = await show(rotated({ stage: 'apply', oldTest: null, newTest: null, watchFrom: null }));
    expect(now()).toContain('Second entry');
    await userEvent.click(button('Review changes…'));
    expect([app.nav.screen, app.nav.parameters]).toEqual(['history', { show: 'review' }]);
  });

  it('tests both, with a password that is not known here typed and not kept', async () => {
    const { calls } = await show(
      rotated({ stage: 'test', oldTest: null, newTest: null, watchFrom: null, oldKnown: false }),
      { 'callers.testRotation': () => undefined },
    );
    expect(now()).toContain('Both tested');
    await userEvent.type(screen.getByLabelText('Old password'), 'the old one');
    await userEvent.click(button('Test both entries'));
    expect(calls('callers.testRotation')).toEqual([{ id: 'r1', old: 'the old one' }]);
  });

  it('can be finished when nobody uses the old entry', async () => {
    const { calls } = await show(rotated(), { 'callers.finishRotation': () => undefined });
    expect(screen.getByText('Nobody has used entry 1 for 3 h of running gateways.')).toBeTruthy();
    await userEvent.click(button('Finish rotation…'));
    const dialog = await screen.findByRole('dialog', { name: 'Finish the rotation of web?' });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Remove old entry' }));
    expect(calls('callers.finishRotation')).toEqual([{ id: 'r1', evenIfUsed: false, cleanAcl: false }]);
  });

  it('says whom the end would lock out, and what the table ACL would name in vain', async () => {
    const leftInAcl = [{ file: 'acl.json', group: 'people', list: 'readers' }];
    const { calls } = await show(rotated({ kind: 'rights', oldName: 'reporting_old', oldSince: 3, leftInAcl }), {
      'callers.finishRotation': refuse('callers.still-used', 'The old entry has let somebody in again.'),
    });
    expect(screen.getByText(/Entry 1 is still in use: 3 sign-ins/)).toBeTruthy();
    await userEvent.click(button('Finish rotation…'));
    const dialog = await screen.findByRole('dialog');
    expect(dialog.textContent).toContain('3 times');
    expect(
      within(dialog).getByRole('checkbox', { name: /remove reporting_old from the readers of people/ }),
    ).toBeTruthy();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Remove old entry' }));
    expect(calls('callers.finishRotation')).toEqual([{ id: 'r1', evenIfUsed: true, cleanAcl: true }]);
    expect(await within(dialog).findByText('The old entry has let somebody in again.')).toBeTruthy();
  });
});

describe('importing', () => {
  const report: ImportReport = {
    kind: 'mysql-accounts',
    users: 1,
    lines: [
      { line: 1, user: 'anna', outcome: 'added', notes: [] },
      { line: 2, user: 'salted', outcome: 'refused', notes: ['It cannot be turned into the unsalted hash.'] },
    ],
  };
  const open = async (): Promise<HTMLElement> => {
    await userEvent.click(button('Import users…'));
    return screen.findByRole('dialog', { name: 'Import users' });
  };

  it('reports each line before anything is changed', async () => {
    const { calls, app } = await show(part(), {
      'callers.previewImport': () => report,
      'callers.import': () => report,
    });
    const dialog = await open();
    expect(within(dialog).getByRole('button', { name: 'Import' }).getAttribute('aria-disabled')).toBe('true');
    await userEvent.type(within(dialog).getByRole('textbox', { name: 'Text' }), 'anna hash');
    const rows = await within(dialog).findAllByRole('row');
    expect(rows.map((row) => row.textContent)).toEqual([
      expect.stringContaining('Line'),
      expect.stringContaining('added'),
      expect.stringContaining('not imported'),
    ]);
    expect(calls('callers.import')).toEqual([]);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Import 1 user' }));
    expect(calls('callers.import')).toEqual([
      { file: 'users.json', text: 'anna hash', existing: 'keep', hashClear: true },
    ]);
    await waitFor(() => expect(app.notices.visible?.text).toBe('1 user was imported.'));
  });

  it('reads a dropped file, and refuses one that no users file can be', async () => {
    const { calls } = await show(part(), { 'callers.previewImport': () => report });
    const dialog = await open();
    const picker = dialog.querySelector('input[type="file"]') as HTMLInputElement;
    const large = new File(['x'], 'large.json');
    Object.defineProperty(large, 'size', { value: 9_000_000 });
    await userEvent.upload(picker, large);
    expect(await within(dialog).findByText(/large.json is larger than 8 MB/)).toBeTruthy();
    const small = new File(['{"a": []}'], 'users.json');
    Object.defineProperty(small, 'text', { value: () => Promise.resolve('{"a": []}') });
    await userEvent.upload(picker, small);
    await waitFor(() => expect(calls('callers.previewImport')).toMatchObject([{ text: '{"a": []}' }]));
  });

  it('keeps the text when it is refused', async () => {
    await show(part(), {
      'callers.previewImport': () => report,
      'callers.import': refuse('callers.file-broken', 'users.json, line 3: not a list.'),
    });
    const dialog = await open();
    await userEvent.type(within(dialog).getByRole('textbox', { name: 'Text' }), 'anna hash');
    await userEvent.click(await within(dialog).findByRole('button', { name: 'Import 1 user' }));
    expect(await within(dialog).findByText('users.json, line 3: not a list.')).toBeTruthy();
    expect((within(dialog).getByRole('textbox', { name: 'Text' }) as HTMLTextAreaElement).value).toBe('anna hash');
  });
});

describe('a claimed name', () => {
  it('is added with the gRPC user that its gateway demands', async () => {
    const { calls } = await show(part(), { 'callers.addClaimed': () => ({ file: 'tests/shop.json' }) });
    await userEvent.click(button('New caller'));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'New claimed name…' }));
    const dialog = await screen.findByRole('dialog', { name: 'New claimed name' });
    await userEvent.type(within(dialog).getByRole('textbox', { name: 'Name' }), 'support');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Add' }));
    expect(calls('callers.addClaimed')).toEqual([
      { principal: 'support', groups: [], gateway: 'main', user: 'batch', certificate: null },
    ]);
  });
});
