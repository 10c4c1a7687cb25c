import { app, BrowserWindow } from 'electron';
import { join } from 'node:path';

/** Electron's entry: one instance, sandboxed window with secure defaults. The app's own screens follow with the desktop. */
if (!app.requestSingleInstanceLock()) app.quit();
else {
  app.enableSandbox();
  void app.whenReady().then(async () => {
    const window = new BrowserWindow({
      width: 1100,
      height: 720,
      webPreferences: {
        preload: join(import.meta.dirname, '../preload/index.cjs'),
        contextIsolation: true,
        nodeIntegration: false,
        sandbox: true,
      },
    });
    window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
    window.webContents.on('will-navigate', (event) => event.preventDefault());
    await window.loadFile(join(import.meta.dirname, '../renderer/index.html'));
  });
  app.on('window-all-closed', () => app.quit());
}
