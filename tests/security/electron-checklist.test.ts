import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONNECT } from '../../src-main/platform/electron/page-ports';
import { startElectron } from '../../src-main/platform/electron/start';
import type { Session } from '../../src-main/services/app/session';
import { appSession } from '../support/app-session';
import { electronDouble } from '../support/electron-double';

/**
 * Electron's security checklist (electronjs.org/docs/latest/tutorial/security), one test a point, on the real wiring with
 * a double of Electron. What Electron makes of the settings is Electron's own business.
 */
let folder: string;
let app: Awaited<ReturnType<typeof appSession>>;
let double: ReturnType<typeof electronDouble>;
let upgraded: unknown[];

async function start(): Promise<Session | null> {
  await mkdir(join(folder, 'page'), { recursive: true });
  await writeFile(join(folder, 'page', 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(folder, 'secret.html'), 'outside');
  return startElectron(
    double.electron,
    { page: join(folder, 'page'), preload: join(folder, 'preload.cjs'), samples: folder },
    {
      compose: () => app.session,
      calls: () => ({ upgrade: (port: unknown) => void upgraded.push(port) }) as never,
    },
  );
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-electron-'));
  app = await appSession();
  double = electronDouble({ userData: folder });
  upgraded = [];
});
afterEach(async () => {
  await app.end();
  // The log may still be writing its last line, which needs turns of the event loop.
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
});

/** Events of a page, with whether the program prevented them. */
function pageOf(): { raise(name: string, details?: object): boolean; opened(url: string): unknown } {
  let openHandler: ((details: { url: string }) => unknown) | null = null;
  const contents = Object.assign(new EventEmitter(), {
    setWindowOpenHandler: (handler: typeof openHandler) => void (openHandler = handler),
  });
  double.app.emit('web-contents-created', {}, contents);
  return {
    raise: (name, details = {}) => {
      let prevented = false;
      contents.emit(name, { ...details, preventDefault: () => (prevented = true) });
      return prevented;
    },
    opened: (url) => openHandler?.({ url }),
  };
}

const preferences = () => double.windows[0]!.options.webPreferences!;

describe('Electron’s security checklist', () => {
  it('1 and 8: only the page’s own files, no remote and no insecure content', async () => {
    await start();
    expect(double.windows[0]!.url).toBe('app://gatehouse/index.html');
    expect(preferences().allowRunningInsecureContent).toBe(false);
    const html = readFileSync(join(import.meta.dirname, '../../src-renderer/index.html'), 'utf8');
    expect(html).not.toMatch(/https?:/);
  });

  it('2: no Node in the page', async () => {
    await start();
    expect(preferences()).toMatchObject({
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
    });
  });

  it('3: context isolation', async () => {
    await start();
    expect(preferences().contextIsolation).toBe(true);
  });

  it('4: every process is sandboxed', async () => {
    await start();
    expect(preferences().sandbox).toBe(true);
    expect(double.app.sandboxed).toBe(true);
  });

  it('5: permissions are refused, but writing to the clipboard by our own page', async () => {
    await start();
    const { request, check, device } = double.handlers;
    const asked = (permission: string, url: string): boolean => {
      let answer = false;
      request?.({} as never, permission as never, (granted) => (answer = granted), { requestingUrl: url } as never);
      return answer;
    };
    const ours = 'app://gatehouse/index.html';
    for (const permission of ['media', 'geolocation', 'notifications', 'openExternal', 'clipboard-read', 'fileSystem'])
      expect([permission, asked(permission, ours)]).toEqual([permission, false]);
    expect(asked('clipboard-sanitized-write', ours)).toBe(true);
    expect(asked('clipboard-sanitized-write', 'https://evil.example/')).toBe(false);
    expect(check?.(null, 'clipboard-sanitized-write', 'app://gatehouse/', {} as never)).toBe(true);
    expect(check?.(null, 'clipboard-sanitized-write', 'app://gatehouse.evil.example/', {} as never)).toBe(false);
    expect(check?.(null, 'usb' as never, 'app://gatehouse/', {} as never)).toBe(false);
    expect(device?.({} as never)).toBe(false);
  });

  it('6, 9, 10: the defaults of web security and features are untouched', async () => {
    await start();
    expect(preferences().webSecurity).toBe(true);
    expect(preferences().experimentalFeatures).toBe(false);
    expect(preferences()).not.toHaveProperty('enableBlinkFeatures');
  });

  it('7: a strict content policy on every answer, refusals too', async () => {
    await start();
    for (const path of ['index.html', 'nothing.html']) {
      const answer = await double.handlers.protocol!(new Request(`app://gatehouse/${path}`));
      const policy = answer.headers.get('Content-Security-Policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe-|https?:|\*/);
      expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff');
    }
  });

  it('11, 12: no webview', async () => {
    await start();
    expect(preferences().webviewTag).toBe(false);
    expect(pageOf().raise('will-attach-webview')).toBe(true);
  });

  it('13: no navigation away, in no frame', async () => {
    await start();
    const page = pageOf();
    expect(page.raise('will-navigate', { url: 'https://evil.example/' })).toBe(true);
    expect(page.raise('will-navigate', { url: 'app://gatehouse.evil.example/index.html' })).toBe(true);
    expect(page.raise('will-navigate', { url: 'app://gatehouse/index.html' })).toBe(false);
    expect(page.raise('will-frame-navigate', { url: 'app://gatehouse/index.html', isMainFrame: false })).toBe(true);
    expect(page.raise('will-redirect', { url: 'app://gatehouse/index.html' })).toBe(true);
  });

  it('14: no second window', async () => {
    await start();
    expect(pageOf().opened('app://gatehouse/index.html')).toEqual({ action: 'deny' });
    expect(pageOf().opened('https://vitess.io/')).toEqual({ action: 'deny' });
  });

  it('15: links go out only through the allow-list', async () => {
    await start();
    const { calls } = { calls: app.session };
    expect(() => calls.openLink('file:///etc/passwd')).toThrow('not opened from here');
    const sources = readFileSync(join(import.meta.dirname, '../../src-main/platform/electron/start.ts'), 'utf8');
    expect(sources.match(/openExternal\(/g)).toHaveLength(1);
  });

  it('16: Electron is pinned to one released version', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    expect(devDependencies['electron']).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it.each([
    ['another origin', 'https://evil.example/', false],
    ['a look-alike', 'app://gatehouse.evil.example/index.html', false],
    ['a file', 'file:///tmp/index.html', false],
    ['a frame in our page', 'app://gatehouse/index.html', true],
  ])('17: the sender of a connection is checked: %s', async (_what, url, framed) => {
    await start();
    const closed: string[] = [];
    const port = {
      ...new EventEmitter(),
      on: () => undefined,
      start: () => undefined,
      close: () => closed.push('closed'),
    };
    double.ipcMain.emit(CONNECT, { ports: [port], senderFrame: { url, parent: framed ? {} : null } });
    double.ipcMain.emit(CONNECT, { ports: [port], senderFrame: null });
    expect(upgraded).toEqual([]);
    expect(closed).toHaveLength(2);
  });

  it('17: our own page is served, until a message is too large', async () => {
    await start();
    const port = Object.assign(new EventEmitter(), { started: 0, closed: 0 });
    Object.assign(port, { start: () => (port.started += 1), close: () => (port.closed += 1) });
    double.ipcMain.emit(CONNECT, {
      ports: [port],
      senderFrame: { url: 'app://gatehouse/index.html', parent: null },
    });
    expect(upgraded).toHaveLength(1);
    expect(port.started).toBe(1);
    port.emit('message', { data: 'x' });
    expect(port.closed).toBe(0);
    port.emit('message', { data: 'x'.repeat(16 * 1024 * 1024 + 1) });
    port.emit('message', { data: { an: 'object' } });
    expect(port.closed).toBe(2);
  });

  it('18: no file://; the scheme serves the page alone', async () => {
    await start();
    expect(double.schemes[0]).toMatchObject({ scheme: 'app', privileges: { standard: true, secure: true } });
    expect(double.schemes[0]!.privileges).not.toHaveProperty('bypassCSP');
    const status = async (url: string, method = 'GET'): Promise<number> =>
      (await double.handlers.protocol!({ url, method } as Request)).status;
    expect(await status('app://gatehouse/index.html')).toBe(200);
    for (const path of ['../secret.html', '..%2fsecret.html', '%2e%2e/secret.html', '..\\secret.html', 'etc/passwd'])
      expect([path, await status(`app://gatehouse/${path}`)]).toEqual([path, 404]);
    expect(await status('app://elsewhere/index.html')).toBe(403);
    expect(await status('app://gatehouse/index.html', 'POST')).toBe(405);
  });

  it('19: the fuses of the packed program', () => {
    const config = readFileSync(join(import.meta.dirname, '../../electron-builder.yml'), 'utf8');
    for (const [fuse, value] of [
      ['runAsNode', false],
      ['enableNodeOptionsEnvironmentVariable', false],
      ['enableNodeCliInspectArguments', false],
      ['enableEmbeddedAsarIntegrityValidation', true],
      ['onlyLoadAppFromAsar', true],
      ['grantFileProtocolExtraPrivileges', false],
      ['enableCookieEncryption', true],
    ])
      expect(config).toContain(`${String(fuse)}: ${String(value)}`);
  });

  it('20: the page gets two functions, and nothing of Electron', () => {
    const preload = readFileSync(join(import.meta.dirname, '../../src-main/preload/index.ts'), 'utf8');
    expect(preload.match(/exposeInMainWorld/g)).toHaveLength(1);
    expect(preload).not.toMatch(/exposeInMainWorld\([^)]*ipcRenderer|ipcRenderer\.(invoke|sendSync|send)\b/);
    expect([...preload.matchAll(/^ {2}(\w+): \(/gm)].map(([, name]) => name)).toEqual(['pathForFile', 'onCommand']);
  });

  it('a second instance hands over to the first', async () => {
    double = electronDouble({ userData: folder, firstInstance: false });
    expect(await start()).toBeNull();
    expect(double.app.quits).toBe(1);
    expect(double.windows).toEqual([]);
  });
});
