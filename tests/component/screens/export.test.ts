import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExportsPart, ExportVersionData, FlagReportData } from '../../../src-main/contract/areas/exports';
import App from '../../../src-renderer/app/App.svelte';
import { PageFailure } from '../../../src-renderer/bridge/failure';
import { appPart, documentPart, pageOf } from '../support/page';

type Page = Awaited<ReturnType<typeof pageOf>>;
let page: Page | null = null;
beforeEach(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
    this.dispatchEvent(new Event('close'));
  };
});
afterEach(() => {
  page?.end();
  page = null;
  history.replaceState(null, '');
});

const none: ExportVersionData['proof'] = {
  state: 'none',
  line: null,
  emulated: '24.0.4',
  cells: 0,
  asExpected: 0,
  failing: [],
  files: null,
};
const proof = (more: Partial<ExportVersionData['proof']>): ExportVersionData['proof'] => ({
  ...none,
  state: 'current',
  line: '15 of 15 as expected, 3 May 2026',
  cells: 15,
  asExpected: 15,
  files: 'a'.repeat(64),
  ...more,
});
const version = (number: '22' | '23' | '24', more: Partial<ExportVersionData> = {}): ExportVersionData => ({
  version: number,
  fault: null,
  folder: `/home/somebody/shop-vitess-${number}`,
  programs: [
    {
      program: 'vtgate',
      name: 'main',
      file: 'flags/vtgate-main.flags',
      flags: number === '22' ? ['--grpc_port=15991'] : ['--grpc-port=15991'],
      start: 'exec vtgate',
    },
  ],
  files: [
    { path: 'acl.json', kind: 'acl', mode: '0644' },
    { path: 'pki/main-key.pem', kind: 'key', mode: '0600' },
    { path: 'users.json', kind: 'users', mode: '0600' },
  ],
  differences: [
    { id: 'a', kind: 'hardened', title: 'Weak keys', here: 'Refused.', there: 'Accepted.' },
    { id: 'b', kind: 'release', title: 'EXPLAIN', here: 'Asked.', there: 'Not asked.' },
  ],
  flagFindings: [
    { program: 'vtgate main', code: 'flags.grpc-plain-text', level: 'error', message: 'No TLS.', remedy: 'Give it.' },
  ],
  proof: none,
  ...more,
});
const exportsPart = (more: Partial<ExportVersionData> = {}, proving: ExportsPart['proving'] = null): ExportsPart => ({
  versions: { '22': version('22'), '23': version('23'), '24': version('24', more) },
  proving,
});
async function show(part: ExportsPart, answers: Parameters<typeof pageOf>[1] = {}, changes = 0): Promise<Page> {
  page = await pageOf({ app: appPart(), document: documentPart({ changes }), exports: part }, answers);
  page.app.nav.go('export');
  render(App, { app: page.app });
  return page;
}
const button = (name: string | RegExp): HTMLElement => screen.getByRole('button', { name });

describe('the sentence of the screen', () => {
  it.each<[string, Partial<ExportVersionData['proof']>]>([
    ['Nothing proves these files for Vitess 24 yet.', none],
    ['These files are proved for Vitess 24.', proof({})],
    ['Tests ran before the last change.', proof({ state: 'outdated' })],
    ['No test proves these files.', proof({ state: 'no-tests', line: null })],
    [
      '14 of 15 tests hold on Vitess 24.',
      proof({ asExpected: 14, failing: [{ id: 'x', expected: 'deny', actual: 'allow', hardenedOnly: false }] }),
    ],
    [
      'One test passes in hardened mode only.',
      proof({ asExpected: 14, failing: [{ id: 'x', expected: 'deny', actual: 'allow', hardenedOnly: true }] }),
    ],
  ])('%s', async (sentence, state) => {
    await show(exportsPart({ proof: { ...none, ...state } }));
    expect(screen.getByText(sentence)).toBeTruthy();
  });

  it('says that nothing is applied, or why nothing can be exported', async () => {
    const fault = { code: 'export.empty', summary: 'The workspace has no gateway.' };
    await show(exportsPart({ fault, files: [], programs: [] }), {}, 2);
    expect(screen.getByRole('heading', { name: 'Nothing applied yet' })).toBeTruthy();
    expect(screen.getAllByRole('button', { name: /Review changes/ })).not.toHaveLength(0);
    expect(screen.queryByRole('button', { name: /Export/, description: /folder/ })).toBeNull();
  });
});

describe('files and flags', () => {
  it('lists each file with its permissions; keys are left out until they are wanted', async () => {
    await show(exportsPart());
    const row = (name: RegExp): HTMLElement => screen.getByRole('row', { name });
    expect(row(/users\.json/).textContent).toContain('0600');
    expect(row(/main-key\.pem/).textContent).toContain('left out');
    await userEvent.click(screen.getByRole('switch', { name: /Include private keys \(1\)/ }));
    expect(row(/main-key\.pem/).textContent).toContain('0600');
  });

  it('shows the text of what is no secret and asks for no other', async () => {
    const { reached } = await show(exportsPart(), { 'exports.fileText': () => ({ text: '{"table_groups": []}' }) });
    await userEvent.click(screen.getByRole('row', { name: /users\.json/ }));
    expect(screen.getByText(/Secret\. It is handed over/)).toBeTruthy();
    expect(reached.filter(({ path }) => path === 'exports.fileText')).toEqual([]);
    await userEvent.click(screen.getByRole('row', { name: /acl\.json/ }));
    expect((await screen.findByRole('region', { name: 'acl.json' })).textContent).toBe('{"table_groups": []}');
  });

  it('spells flags as the chosen release does, and says what they leave open', async () => {
    await show(exportsPart());
    await userEvent.click(screen.getByRole('tab', { name: /^Flags/ }));
    expect(screen.getByRole('list', { name: 'vtgate main' }).textContent).toBe('--grpc-port=15991');
    expect(screen.getByText('No TLS.')).toBeTruthy();
    await userEvent.click(screen.getByRole('radio', { name: 'Vitess 22' }));
    expect(screen.getByRole('list', { name: 'vtgate main' }).textContent).toBe('--grpc_port=15991');
  });

  it('tells what differs, by kind', async () => {
    await show(exportsPart());
    await userEvent.click(screen.getByRole('tab', { name: /Differences/ }));
    expect(screen.getByRole('heading', { name: /Stricter here/ })).toBeTruthy();
    expect(screen.getByText('Accepted.')).toBeTruthy();
    expect(screen.getByRole('heading', { name: /Earlier releases of 24/ })).toBeTruthy();
  });
});

describe('exporting', () => {
  it('writes where it is told and lists what was written', async () => {
    const { reached } = await show(exportsPart({ proof: proof({}) }), {
      'exports.write': () => ({
        dir: '/srv/out',
        files: [{ path: 'acl.json', kind: 'acl', mode: '0644' }],
        missing: ['pki/main-key.pem'],
        left: [],
        warnings: [],
      }),
    });
    await userEvent.click(button('Export to folder…'));
    const dialog = screen.getByRole('dialog', { name: 'Export for Vitess 24' });
    const folder = within(dialog).getByRole('textbox', { name: 'Folder' });
    expect((folder as HTMLInputElement).value).toBe('/home/somebody/shop-vitess-24');
    await userEvent.clear(folder);
    await userEvent.type(folder, '/srv/out');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Export' }));
    const done = await screen.findByRole('dialog', { name: 'Exported' });
    expect(within(done).getByText('/srv/out')).toBeTruthy();
    expect(within(done).getByText('pki/main-key.pem')).toBeTruthy();
    expect(within(done).getByRole('row', { name: /acl\.json/ }).textContent).toContain('0644');
    expect(reached.find(({ path }) => path === 'exports.write')?.input).toEqual({
      version: '24',
      out: '/srv/out',
      includeKeys: false,
      force: false,
      withoutProof: false,
      acceptHardenedOnly: false,
    });
  });

  it('offers to run first where nothing proves the files, and exports without proof only knowingly', async () => {
    const { reached } = await show(exportsPart(), {
      'exports.write': () => ({ dir: '/o', files: [], missing: [], left: [], warnings: [] }),
    });
    await userEvent.click(button('Export anyway…'));
    const dialog = screen.getByRole('dialog', { name: 'Export for Vitess 24' });
    expect(within(dialog).getByText(/did not run with these files/)).toBeTruthy();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Run all first' }));
    expect(reached.at(-1)).toEqual({ path: 'exports.prove', input: { version: '24' } });
  });

  it('stands still at what passes in hardened mode only until it is accepted', async () => {
    const failing = [{ id: 'x', expected: 'deny', actual: 'allow', hardenedOnly: true }];
    const { reached } = await show(exportsPart({ proof: proof({ asExpected: 14, failing }) }), {
      'exports.write': () => ({ dir: '/o', files: [], missing: [], left: [], warnings: [] }),
    });
    await userEvent.click(button('Export to folder…'));
    const dialog = screen.getByRole('dialog', { name: 'Export for Vitess 24' });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Export' }));
    expect(reached.filter(({ path }) => path === 'exports.write')).toEqual([]);
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /Accept that one test/ }));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Export' }));
    expect(reached.find(({ path }) => path === 'exports.write')?.input).toMatchObject({ acceptHardenedOnly: true });
  });

  it('says beside the field why the folder is refused, and offers to replace an earlier export', async () => {
    await show(exportsPart({ proof: proof({}) }), {
      'exports.write': () => {
        throw new PageFailure({ code: 'export.not-empty', summary: '/o is not empty (x is there).' });
      },
    });
    await userEvent.click(button('Export to folder…'));
    const dialog = screen.getByRole('dialog', { name: 'Export for Vitess 24' });
    expect(within(dialog).queryByRole('checkbox', { name: /Replace/ })).toBeNull();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Export' }));
    expect(await within(dialog).findByText('/o is not empty (x is there).')).toBeTruthy();
    expect(within(dialog).getByRole('textbox', { name: 'Folder' }).getAttribute('aria-invalid')).toBe('true');
    expect(within(dialog).getByRole('checkbox', { name: /Replace/ })).toBeTruthy();
  });

  it('says that the tests run, and takes no second run', async () => {
    const { reached } = await show(exportsPart({}, '24'));
    await userEvent.click(button('The tests run'));
    expect(reached.filter(({ path }) => path === 'exports.prove')).toEqual([]);
  });
});

describe('pasted flags', () => {
  const taken = { status: 'taken', write: null, why: null } as const;
  const unknown = (write: string) => ({ status: 'unknown', write, why: 'no release has had it' }) as const;
  const report: FlagReportData = {
    commands: [
      {
        program: 'vtgate',
        guessed: false,
        line: 1,
        starts: [],
        flags: [
          {
            line: 1,
            written: '--tablet_client_cert',
            verdicts: {
              '22': unknown('--tablet_grpc_cert'),
              '23': unknown('--tablet-grpc-cert'),
              '24': unknown('--tablet-grpc-cert'),
            },
          },
          { line: 1, written: '--cell', verdicts: { '22': taken, '23': taken, '24': taken } },
        ],
        findings: [
          {
            code: 'flags.auth-none',
            level: 'error',
            line: 1,
            message: 'Everybody gets in.',
            remedy: 'Write static.',
            versions: ['22', '23', '24'],
          },
        ],
      },
    ],
    notLookedAt: ['vtorc'],
  };

  it('are told by release with the right name, and what fails open', async () => {
    const { reached } = await show(exportsPart(), { 'exports.checkFlags': () => report });
    await userEvent.click(screen.getByRole('tab', { name: 'Check flags' }));
    await userEvent.click(screen.getByRole('textbox', { name: /Flags of a running/ }));
    await userEvent.paste('vtgate --tablet_client_cert x --cell z');
    const table = await screen.findByRole('table', { name: 'Names' });
    expect(
      within(table)
        .getAllByRole('columnheader')
        .map(({ textContent }) => textContent),
    ).toEqual(['Line', 'Flag', '22', '23, 24']);
    expect(within(table).getByText('--tablet-grpc-cert')).toBeTruthy();
    expect(within(table).queryByText('--cell')).toBeNull();
    await userEvent.click(screen.getByRole('switch', { name: /Show those that are taken/ }));
    expect(within(table).getByText('--cell')).toBeTruthy();
    expect(screen.getByText('Everybody gets in.')).toBeTruthy();
    expect(screen.getByText('Not looked at: vtorc.')).toBeTruthy();
    expect(screen.getByText('No release would start with these flags.')).toBeTruthy();
    expect(reached.filter(({ path }) => path === 'exports.checkFlags')).toEqual([
      {
        path: 'exports.checkFlags',
        input: { text: 'vtgate --tablet_client_cert x --cell z', component: null, version: null },
      },
    ]);
    await userEvent.click(button('Clear'));
    expect(screen.queryByRole('table', { name: 'Names' })).toBeNull();
  });

  it('that are none say so beside the field, and the text stays', async () => {
    await show(exportsPart(), {
      'exports.checkFlags': () => {
        throw new PageFailure({ code: 'flags.none', summary: 'The text holds no flag.' });
      },
    });
    await userEvent.click(screen.getByRole('tab', { name: 'Check flags' }));
    const field = screen.getByRole('textbox', { name: /Flags of a running/ });
    await userEvent.click(field);
    await userEvent.paste('hello');
    expect(await screen.findByText('The text holds no flag.')).toBeTruthy();
    expect((field as HTMLTextAreaElement).value).toBe('hello');
  });
});
