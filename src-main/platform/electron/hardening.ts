import type { App, Session, WebContents } from 'electron';

/** The only place that pages come from. */
export const PAGE_ORIGIN = 'app://gatehouse';
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

/** What a page may ask the system for; everything else is refused. */
const allowedPermissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/**
 * Limits for every page of the program, those of later windows too (Electron's security checklist, points 5, 11 to 15):
 * no navigation away, no second window, no webview, no permission but writing to the clipboard. Call it before the
 * program is ready.
 */
export function hardenPages(app: Pick<App, 'on' | 'enableSandbox'>): void {
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => hardenContents(contents));
}

function hardenContents(contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>): void {
  contents.on('will-navigate', (event) => {
    if (event.url !== PAGE_URL) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || event.url !== PAGE_URL) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Refuses every permission and every kind of device but what is listed above, for pages of our own alone. */
export function hardenSession(
  session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'>,
): void {
  const allowed = (permission: string, origin: string): boolean =>
    allowedPermissions.has(permission) && origin.replace(/\/$/, '') === PAGE_ORIGIN;
  session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(allowed(permission, originOf(details.requestingUrl))),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => allowed(permission, origin));
  session.setDevicePermissionHandler(() => false);
}

/** `scheme://host` of an address; an address that is none has no origin. */
export function originOf(address: string | undefined): string {
  const found = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)/i.exec(address ?? '');
  return found?.[1] ?? '';
}
