import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SettingsPart, SetupPart } from '../../../src-main/contract/areas/settings';
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
  delete document.documentElement.dataset['theme'];
  history.replaceState(null, '');
});

const settings = (more: Partial<SettingsPart> = {}): SettingsPart => ({
  values: { appearance: 'system', startOnOpen: false, workspacesDir: null, mysqld: null, matrixOrder: 'differs' },
  faults: [],
  file: '/home/somebody/.config/gatehouse/settings.json',
  ...more,
});
const setup = (more: Partial<SetupPart> = {}): SetupPart => ({
  fidelity: 'hardened',
  vitess: '24.0.4',
  gateways: [{ name: 'main', fidelity: null, mysqlPort: 0, grpcPort: null }],
  tablets: [{ alias: 'zone1-100', grpcPort: 16100 }],
  backends: [
    { name: 'local', kind: 'managed', host: null, port: null, user: null, ca: null, tls: true, password: true },
  ],
  authorities: ['pki/root/ca-cert.pem'],
  keys: { folder: '/w/pki', files: 3, encrypted: 0, authorities: 1, authoritiesEncrypted: 0, open: [] },
  secrets: { ways: ['key-file'], count: 2, keychain: false },
  ...more,
});
async function show(
  tab: string,
  parts: { settings?: SettingsPart; setup?: SetupPart } = {},
  answers: Parameters<typeof pageOf>[1] = {},
): Promise<Page> {
  page = await pageOf(
    { app: appPart(), document: documentPart(), settings: parts.settings ?? settings(), setup: parts.setup ?? setup() },
    { 'settings.findMysql': () => ({ found: [], fault: null }), ...answers },
  );
  page.app.nav.go('settings', { tab });
  render(App, { app: page.app });
  return page;
}
const calls = ({ reached }: Page): unknown[] => reached.filter(({ path }) => path !== 'settings.findMysql');

describe('where versions and modes differ', () => {
  it('is shown by name when it is asked for, with the number of recorded cases', async () => {
    const rule = { source: 'measured' as const, before: 'Nothing is asked.', after: 'Refused.' };
    await show(
      'gateway',
      {},
      {
        'settings.differences': () => [
          { ...rule, id: 'sql-a', title: 'DO and CALL', between: 'versions', cases: 17 },
          { ...rule, id: 'users-b', title: 'Entries without a secret', between: 'modes', cases: 0 },
        ],
      },
    );
    await userEvent.click(screen.getByRole('button', { name: 'Where they differ…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Where versions and modes differ' });
    expect(within(dialog).getByText('DO and CALL').parentElement?.textContent).toContain('17 recorded cases');
    expect(within(dialog).getByText('Entries without a secret').parentElement?.textContent).not.toContain('recorded');
    expect(within(dialog).getAllByText('Nothing is asked.')).toHaveLength(2);
  });
});

describe('the app’s own settings', () => {
  it('are applied at once', async () => {
    const shown = await show('general');
    await userEvent.click(screen.getByRole('switch', { name: /Start the cluster/ }));
    const folder = screen.getByRole('textbox', { name: 'Folder for new workspaces' });
    await userEvent.type(folder, '/srv/work{Enter}');
    expect(calls(shown)).toEqual([
      { path: 'settings.set', input: { startOnOpen: true } },
      { path: 'settings.set', input: { workspacesDir: '/srv/work' } },
    ]);
  });

  it('that are refused say why beside the field, and what was typed stays', async () => {
    await show(
      'general',
      {},
      {
        'settings.set': () => {
          throw new PageFailure({ code: 'settings.value', summary: 'workspacesDir must be a whole path.' });
        },
      },
    );
    const folder = screen.getByRole('textbox', { name: 'Folder for new workspaces' });
    await userEvent.type(folder, 'work{Enter}');
    expect(await screen.findByText('workspacesDir must be a whole path.')).toBeTruthy();
    expect((folder as HTMLInputElement).value).toBe('work');
  });

  it('tell of each one that was not taken over', async () => {
    const faults = [{ key: 'appearance', message: 'It must be "system", "light" or "dark".' }];
    await show('general', { settings: settings({ faults }) });
    expect(screen.getByText('1 setting was not taken over')).toBeTruthy();
    expect(screen.getByText(/It must be "system"/)).toBeTruthy();
  });

  it('choose the colours of the page', async () => {
    const shown = await show('appearance');
    expect(document.documentElement.dataset['theme']).toBeUndefined();
    await userEvent.click(screen.getByRole('radio', { name: 'Dark' }));
    expect(calls(shown)).toEqual([{ path: 'settings.set', input: { appearance: 'dark' } }]);
    await shown.change({ settings: settings({ values: { ...settings().values, appearance: 'dark' } }) });
    await expect.poll(() => document.documentElement.dataset['theme']).toBe('dark');
  });

  it('choose the MySQL among those found', async () => {
    const found = [{ vendor: 'MariaDB', version: '10.11.19', path: '/usr/sbin/mariadbd', how: 'path' }];
    const shown = await show('backend', {}, { 'settings.findMysql': () => ({ found, fault: null }) });
    await userEvent.click(await screen.findByRole('radio', { name: /\/usr\/sbin\/mariadbd/ }));
    expect(calls(shown)).toEqual([{ path: 'settings.set', input: { mysqld: '/usr/sbin/mariadbd' } }]);
  });
});

describe('settings of the workspace', () => {
  it('change mode, version and ports as edits', async () => {
    const shown = await show('gateway');
    await userEvent.click(screen.getByRole('radio', { name: 'As Vitess' }));
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Vitess version' }), '24.0-recorded');
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Mode of main' }), 'vitess');
    const port = screen.getByRole('textbox', { name: 'MySQL port of main' });
    await userEvent.clear(port);
    await userEvent.type(port, '15306{Enter}');
    expect(screen.getByText('does not listen')).toBeTruthy();
    expect(calls(shown)).toEqual([
      { path: 'settings.setFidelity', input: { gateway: null, mode: 'vitess' } },
      { path: 'settings.setVitess', input: { vitess: '24.0-recorded' } },
      { path: 'settings.setFidelity', input: { gateway: 'main', mode: 'vitess' } },
      { path: 'settings.setPort', input: { listener: 'gateway:main/mysql', port: 15306 } },
    ]);
  });

  it('take no port that is none', async () => {
    const shown = await show('gateway');
    const port = screen.getByRole('textbox', { name: 'gRPC port of zone1-100' });
    for (const text of ['70000', '12x', '-1']) {
      await userEvent.clear(port);
      await userEvent.type(port, `${text}{Enter}`);
      expect(port.getAttribute('aria-invalid'), text).toBe('true');
    }
    expect(calls(shown)).toEqual([]);
  });

  it('check and use a MySQL that others run; a known password is not asked again', async () => {
    const external = {
      name: 'local',
      kind: 'external',
      host: 'db',
      port: 3307,
      user: 'vt',
      ca: 'pki/root/ca-cert.pem',
      tls: true,
      password: true,
    } as const;
    const shown = await show(
      'backend',
      { setup: setup({ backends: [external] }) },
      {
        'settings.probeExternal': () => ({ text: 'MySQL 8.4, TLSv1.3', missingDatabases: ['shop'] }),
      },
    );
    const input = { name: 'local', host: 'db', port: 3307, user: 'vt', password: null, ca: 'pki/root/ca-cert.pem' };
    await userEvent.click(screen.getByRole('button', { name: 'Check connection' }));
    expect(await screen.findByText(/MySQL 8\.4, TLSv1\.3\. This user does not see: shop\./)).toBeTruthy();
    await userEvent.type(screen.getByLabelText('Password'), 'secret');
    await userEvent.click(screen.getByRole('button', { name: 'Use it' }));
    expect(calls(shown)).toEqual([
      { path: 'settings.probeExternal', input },
      { path: 'settings.useExternal', input: { ...input, password: 'secret' } },
    ]);
    expect((screen.getByLabelText('Password') as HTMLInputElement).value).toBe('');
  });
});

describe('keys and secrets', () => {
  it('say where they lie and who may read them', async () => {
    await show('keys', { setup: setup({ keys: { ...setup().keys, open: ['pki/a-key.pem'] } }) });
    expect(screen.getByText('/w/pki')).toBeTruthy();
    expect(screen.getByText('1 key file is readable by others')).toBeTruthy();
    expect(screen.getByText(/chmod 600 pki\/a-key\.pem/)).toBeTruthy();
    expect(screen.getByText(/a key file beside them/)).toBeTruthy();
  });

  it('are encrypted with a passphrase that is given twice and long enough', async () => {
    const shown = await show('keys');
    await userEvent.click(screen.getByRole('button', { name: 'Encrypt keys…' }));
    const dialog = screen.getByRole('dialog', { name: /Encrypt the keys/ });
    const send = (): Promise<void> => userEvent.click(within(dialog).getByRole('button', { name: 'Encrypt' }));
    await userEvent.type(within(dialog).getByLabelText('Passphrase'), 'short');
    await send();
    expect(within(dialog).getByText('At least 8 characters.')).toBeTruthy();
    await userEvent.type(within(dialog).getByLabelText('Passphrase'), ' and long');
    await userEvent.type(within(dialog).getByLabelText('Passphrase again'), 'short and lon');
    await send();
    expect(within(dialog).getByText('The two are not the same.')).toBeTruthy();
    expect(calls(shown)).toEqual([]);
    await userEvent.type(within(dialog).getByLabelText('Passphrase again'), 'g');
    await send();
    expect(calls(shown)).toEqual([{ path: 'settings.encryptKeys', input: { passphrase: 'short and long' } }]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('ask before the passphrase of the secrets goes', async () => {
    const secrets = { ways: ['passphrase' as const], count: 2, keychain: false };
    const shown = await show('keys', { setup: setup({ secrets }) });
    await userEvent.click(screen.getByRole('button', { name: 'Use a key file instead…' }));
    expect(calls(shown)).toEqual([]);
    await userEvent.click(screen.getByRole('button', { name: 'Use key file' }));
    expect(calls(shown)).toEqual([{ path: 'settings.unlockSecrets', input: undefined }]);
  });
});

describe('shortcuts', () => {
  it('are listed, and Mod+/ leads to them', async () => {
    const shown = await show('general');
    await userEvent.keyboard('{Control>}/{/Control}');
    expect(shown.app.nav.parameters).toEqual({ tab: 'shortcuts' });
    expect(await screen.findByRole('row', { name: /Review changes Ctrl S/ })).toBeTruthy();
  });
});
