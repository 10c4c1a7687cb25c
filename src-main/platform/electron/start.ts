import type * as Electron from 'electron';
import { join } from 'node:path';
import type { AppPorts } from '../../services/app/app-ports';
import type { Session } from '../../services/app/session';
import { AppLog } from './app-log';
import { menuTemplate } from './app-menu';
import { hardenPages, hardenSession } from './hardening';
import { openMainWindow } from './main-window';
import { requestedWorkspace } from './opened-files';
import { acceptPages, type PageCalls } from './page-ports';
import { pageScheme, readStaticFiles, servePage } from './page-protocol';
import { endBeforeQuit } from './quit';
import { systemVault, vaultStrength } from './system-vault';

/** What of Electron the program uses; a test brings a double. */
export type ElectronApi = Pick<
  typeof Electron,
  | 'app'
  | 'BrowserWindow'
  | 'dialog'
  | 'ipcMain'
  | 'Menu'
  | 'nativeTheme'
  | 'protocol'
  | 'safeStorage'
  | 'screen'
  | 'session'
  | 'shell'
>;

/** Where the parts of the built program lie. */
export interface ProgramFolders {
  /** The built page. */
  readonly page: string;
  readonly preload: string;
  readonly samples: string;
}

/** What the program behind the window is made of. */
export interface Program {
  compose(
    shell: Pick<AppPorts, 'shell' | 'version' | 'samplesDir' | 'systemVault' | 'pickFolder' | 'openExternal' | 'log'>,
  ): Session;
  /** The calls of pages; `report` writes to the log. */
  calls(report: (text: string) => void): PageCalls;
}

/** Channel on which the menu tells the page to run a command. */
export const COMMAND = 'page/command';

/**
 * Starts the desktop app: one instance, its page from `app://`, one window. Resolves when the window is opening; null when
 * another instance runs, which is shown instead.
 */
export async function startElectron(
  electron: ElectronApi,
  folders: ProgramFolders,
  program: Program,
): Promise<Session | null> {
  const { app, dialog, ipcMain, Menu, protocol, shell } = electron;
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return null;
  }
  protocol.registerSchemesAsPrivileged([pageScheme]);
  hardenPages(app);
  app.setAboutPanelOptions({ applicationName: 'Gatehouse', applicationVersion: app.getVersion() });

  const log = new AppLog(join(app.getPath('userData'), 'logs'));
  let window: Electron.BrowserWindow | null = null;
  const session = program.compose({
    shell: 'electron',
    version: app.getVersion(),
    samplesDir: folders.samples,
    systemVault: () => systemVault(electron.safeStorage, process.platform),
    pickFolder: async () => {
      const picked = await (window === null
        ? dialog.showOpenDialog({ properties: ['openDirectory', 'createDirectory'] })
        : dialog.showOpenDialog(window, { properties: ['openDirectory', 'createDirectory'] }));
      return picked.filePaths[0] ?? null;
    },
    // The address has passed the allow-list of services/app/links.
    openExternal: (url) => shell.openExternal(url),
    log: (level, text) => log.write(level, text),
  });

  const showWindow = (): void => {
    if (window === null) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };
  const open = (dir: string): void => {
    session
      .openWorkspace(dir)
      .then(() => app.addRecentDocument(dir))
      .catch((error: unknown) => session.notify('error', error instanceof Error ? error.message : String(error)));
    showWindow();
  };
  let asked: string | null = requestedWorkspace(process.argv.slice(app.isPackaged ? 1 : 2), process.cwd());
  app.on('second-instance', (_event, argv, cwd) => {
    const dir = requestedWorkspace(argv.slice(app.isPackaged ? 1 : 2), cwd);
    if (dir !== null) open(dir);
    else showWindow();
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (window === null) asked = path;
    else open(path);
  });
  endBeforeQuit(
    app,
    async () => {
      await session.dispose();
      await log.settled();
    },
    (text) => log.write('error', text),
  );

  await app.whenReady();
  hardenSession(electron.session.defaultSession);
  servePage(protocol, await readStaticFiles(folders.page));
  const calls = program.calls((text) => log.write('error', text));
  acceptPages(ipcMain, calls, session, (text) => log.write('warning', text));
  await session.start();

  const buildMenu = (): void => {
    const { recent, workspace } = session.hub.parts.app;
    const template = menuTemplate(
      {
        mac: process.platform === 'darwin',
        recent: recent.filter(({ present }) => present),
        workspaceOpen: workspace !== null,
      },
      {
        command: (id) => window?.webContents.send(COMMAND, id),
        openDialog: () =>
          void session.ports.pickFolder().then((dir) => {
            if (dir !== null) open(dir);
          }),
        openRecent: open,
        openLink: (url) => void session.openLink(url),
      },
    );
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  };
  buildMenu();
  void followApp(session, buildMenu);

  const openWindow = (): void => {
    window = openMainWindow((options) => new electron.BrowserWindow(options), {
      preload: folders.preload,
      dark: electron.nativeTheme.shouldUseDarkColors,
      stateFile: join(app.getPath('userData'), 'window.json'),
      screen: electron.screen,
      log: (text) => log.write('error', text),
    });
    window.on('closed', () => (window = null));
  };
  openWindow();
  app.on('activate', () => {
    if (window === null) openWindow();
  });
  app.on('window-all-closed', () => app.quit());
  if (asked !== null) open(asked);
  log.write('info', `started; system keychain: ${vaultStrength(electron.safeStorage, process.platform)}`);
  return session;
}

/** Builds the menu anew whenever the workspace or the recent ones change. */
async function followApp(session: Session, changed: () => void): Promise<void> {
  for await (const message of session.hub.watch()) if (message.kind === 'snapshot' || message.part === 'app') changed();
}
