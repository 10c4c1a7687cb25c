import type { BrowserWindow, BrowserWindowConstructorOptions, Screen } from 'electron';
import { PAGE_URL } from './hardening';
import { readWindowState, writeWindowState } from './window-state';

/** Options of the one window (checklist, points 2 to 4, 6, 9, 10): nothing of Node in the page, everything else as it is. */
export function windowOptions(preload: string, dark: boolean): BrowserWindowConstructorOptions {
  return {
    width: 1280,
    height: 840,
    minWidth: 480,
    minHeight: 400,
    show: false,
    title: 'Gatehouse',
    // The ground of the page, so that the window does not flash before it is drawn.
    backgroundColor: dark ? '#121615' : '#E7EBE9',
    webPreferences: {
      preload,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      sandbox: true,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      spellcheck: false,
      devTools: true,
    },
  };
}

/** Opens the window where it was, shows it when it is drawn, and keeps its place when it closes. */
export function openMainWindow(
  create: (options: BrowserWindowConstructorOptions) => BrowserWindow,
  options: {
    readonly preload: string;
    readonly dark: boolean;
    readonly stateFile: string;
    readonly screen: Pick<Screen, 'getAllDisplays'>;
    readonly log: (text: string) => void;
  },
): BrowserWindow {
  const place = readWindowState(
    options.stateFile,
    options.screen.getAllDisplays().map(({ workArea }) => workArea),
  );
  const base = windowOptions(options.preload, options.dark);
  const window = create(
    place === null ? base : { ...base, x: place.x, y: place.y, width: place.width, height: place.height },
  );
  if (place?.maximized === true) window.maximize();
  if (place?.fullScreen === true) window.setFullScreen(true);
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    const state = { ...window.getNormalBounds(), maximized: window.isMaximized(), fullScreen: window.isFullScreen() };
    writeWindowState(options.stateFile, state).catch((error: unknown) => options.log(`window state: ${String(error)}`));
  });
  void window.loadURL(PAGE_URL);
  return window;
}
