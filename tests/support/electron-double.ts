import { EventEmitter } from 'node:events';
import type { ElectronApi } from '../../src-main/platform/electron/start';

/**
 * Stands in for Electron, whose binary is not everywhere: it keeps what the program sets and lets a test raise Electron's
 * events. What the system itself does is proved by the Electron suite in tests/e2e, where the binary is present.
 */
export function electronDouble(options: { readonly firstInstance?: boolean; readonly userData: string }) {
  const app = Object.assign(new EventEmitter(), {
    sandboxed: false,
    quits: 0,
    exits: [] as number[],
    isPackaged: true,
    requestSingleInstanceLock: () => options.firstInstance ?? true,
    enableSandbox: () => void (app.sandboxed = true),
    setAboutPanelOptions: () => undefined,
    getPath: () => options.userData,
    getVersion: () => '0.0.0-test',
    whenReady: () => Promise.resolve(),
    addRecentDocument: () => undefined,
    quit: () => void (app.quits += 1),
    exit: (code: number) => void app.exits.push(code),
  });
  const windows: WindowDouble[] = [];
  class WindowDouble extends EventEmitter {
    url = '';
    sent: unknown[][] = [];
    shown = 0;
    readonly webContents = { send: (...args: unknown[]) => void this.sent.push(args) };
    constructor(readonly options: Electron.BrowserWindowConstructorOptions) {
      super();
      windows.push(this);
    }
    loadURL(url: string): Promise<void> {
      this.url = url;
      return Promise.resolve();
    }
    show(): void {
      this.shown += 1;
    }
    focus(): void {}
    restore(): void {}
    maximize(): void {}
    setFullScreen(): void {}
    isMinimized(): boolean {
      return false;
    }
    isMaximized(): boolean {
      return false;
    }
    isFullScreen(): boolean {
      return false;
    }
    getNormalBounds(): Electron.Rectangle {
      return { x: 10, y: 20, width: 900, height: 700 };
    }
  }
  const handlers: {
    request?: Parameters<Electron.Session['setPermissionRequestHandler']>[0];
    check?: Parameters<Electron.Session['setPermissionCheckHandler']>[0];
    device?: Parameters<Electron.Session['setDevicePermissionHandler']>[0];
    protocol?: (request: Request) => Response | Promise<Response>;
  } = {};
  const schemes: Electron.CustomScheme[] = [];
  const opened: string[] = [];
  let menu: Electron.MenuItemConstructorOptions[] = [];
  const electron = {
    app,
    BrowserWindow: WindowDouble,
    dialog: { showOpenDialog: () => Promise.resolve({ canceled: true, filePaths: [] }) },
    ipcMain: new EventEmitter(),
    Menu: {
      buildFromTemplate: (template: Electron.MenuItemConstructorOptions[]) => template,
      setApplicationMenu: (template: Electron.MenuItemConstructorOptions[]) => void (menu = template),
    },
    nativeTheme: { shouldUseDarkColors: true },
    protocol: {
      registerSchemesAsPrivileged: (list: Electron.CustomScheme[]) => void schemes.push(...list),
      handle: (_scheme: string, handler: NonNullable<typeof handlers.protocol>) => void (handlers.protocol = handler),
    },
    safeStorage: { isEncryptionAvailable: () => false, getSelectedStorageBackend: () => 'basic_text' },
    screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
    session: {
      defaultSession: {
        setPermissionRequestHandler: (handler: NonNullable<typeof handlers.request>) =>
          void (handlers.request = handler),
        setPermissionCheckHandler: (handler: NonNullable<typeof handlers.check>) => void (handlers.check = handler),
        setDevicePermissionHandler: (handler: NonNullable<typeof handlers.device>) => void (handlers.device = handler),
      },
    },
    shell: {
      openExternal: (url: string) => {
        opened.push(url);
        return Promise.resolve();
      },
    },
  };
  return {
    electron: electron as unknown as ElectronApi,
    app,
    windows,
    handlers,
    schemes,
    opened,
    ipcMain: electron.ipcMain,
    menu: () => menu,
  };
}
