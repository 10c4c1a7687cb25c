import type { MenuItemConstructorOptions } from 'electron';

/** What the menu does beside what the system's own roles do. */
export interface MenuActions {
  /** Runs a command of the page by its id. */
  command(id: string): void;
  openDialog(): void;
  openRecent(dir: string): void;
  openLink(url: string): void;
}

export interface MenuState {
  readonly mac: boolean;
  readonly recent: readonly { readonly dir: string; readonly name: string }[];
  readonly workspaceOpen: boolean;
}

const separator: MenuItemConstructorOptions = { type: 'separator' };

/** The native menu (ux: File, Edit, View, Run, Window, Help); entries run the page's own commands. */
export function menuTemplate(state: MenuState, actions: MenuActions): MenuItemConstructorOptions[] {
  const { mac, workspaceOpen } = state;
  const item = (
    label: string,
    id: string,
    accelerator?: string,
    enabled = workspaceOpen,
  ): MenuItemConstructorOptions => ({
    label,
    enabled,
    click: () => actions.command(id),
    // The page handles its keys itself; the menu shows them.
    ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
  });
  const settings = item('Settings…', 'go-settings', 'CmdOrCtrl+,');
  const file: MenuItemConstructorOptions = {
    label: 'File',
    submenu: [
      { label: 'Open…', accelerator: 'CmdOrCtrl+O', click: () => actions.openDialog() },
      {
        label: 'Open Recent',
        enabled: state.recent.length > 0,
        submenu: state.recent.map(({ dir, name }) => ({
          label: name,
          sublabel: dir,
          click: () => actions.openRecent(dir),
        })),
      },
      separator,
      item('Export…', 'go-export', 'CmdOrCtrl+6'),
      item('Close Workspace', 'close-workspace'),
      separator,
      ...(mac ? [{ role: 'close' as const }] : [settings, separator, { role: 'quit' as const }]),
    ],
  };
  const edit: MenuItemConstructorOptions = {
    label: 'Edit',
    submenu: [
      item('Undo', 'undo', 'CmdOrCtrl+Z'),
      item('Redo', 'redo', mac ? 'Cmd+Shift+Z' : 'Ctrl+Y'),
      separator,
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'selectAll' },
      separator,
      item('Review Changes…', 'review', 'CmdOrCtrl+S'),
      item('History…', 'go-history'),
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: 'View',
    submenu: [
      item('Overview', 'go-overview', 'CmdOrCtrl+1'),
      item('Certificates', 'go-certificates', 'CmdOrCtrl+2'),
      item('Callers', 'go-callers', 'CmdOrCtrl+3'),
      item('Access', 'go-access', 'CmdOrCtrl+4'),
      item('Test', 'go-test', 'CmdOrCtrl+5'),
      separator,
      item('Command Palette…', 'palette', 'CmdOrCtrl+K'),
      separator,
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'resetZoom' },
      { role: 'togglefullscreen' },
      separator,
      { role: 'toggleDevTools' },
    ],
  };
  const run: MenuItemConstructorOptions = {
    label: 'Run',
    submenu: [item('Start Cluster', 'start'), item('Stop Cluster', 'stop'), item('Restart Cluster', 'restart')],
  };
  const help: MenuItemConstructorOptions = {
    label: 'Help',
    role: 'help',
    submenu: [
      item('Guided Tour', 'tour'),
      item('Keyboard Shortcuts', 'shortcuts', 'CmdOrCtrl+/'),
      separator,
      { label: 'Vitess Documentation', click: () => actions.openLink('https://vitess.io/docs/') },
      ...(mac ? [] : [separator, { role: 'about' as const }]),
    ],
  };
  const own: MenuItemConstructorOptions = {
    label: 'Gatehouse',
    submenu: [
      { role: 'about' },
      separator,
      settings,
      separator,
      { role: 'services' },
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      { role: 'quit' },
    ],
  };
  return [...(mac ? [own] : []), file, edit, view, run, { role: 'windowMenu' }, help];
}
