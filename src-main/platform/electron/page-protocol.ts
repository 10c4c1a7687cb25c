import type { Protocol } from 'electron';
import { commonHeaders, readStaticFiles, type StaticFile } from '../browser';

/** The scheme `app://`: it has an origin of its own, unlike `file://`, and serves the page alone (checklist, point 18). */
export const pageScheme: Electron.CustomScheme = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

/** The page's content policy (checklist, point 7): its own files, and nothing that is inline or remote. */
export const electronPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types svelte-trusted-html',
].join('; ');

/** Answers requests for `app://gatehouse/…` from the files of the page, which are read once. */
export function servePage(protocol: Pick<Protocol, 'handle'>, files: ReadonlyMap<string, StaticFile>): void {
  protocol.handle('app', (request) => answer(request, files));
}

/** One answer: a file of the table, or a refusal. A request never becomes a path of the file system. */
export function answer(request: Pick<Request, 'url' | 'method'>, files: ReadonlyMap<string, StaticFile>): Response {
  const headers = { ...commonHeaders, 'Content-Security-Policy': electronPolicy };
  const refused = (status: number): Response => new Response(null, { status, headers });
  let url: URL;
  try {
    url = new URL(request.url);
  } catch {
    return refused(400);
  }
  if (url.protocol !== 'app:' || url.host !== 'gatehouse') return refused(403);
  if (request.method !== 'GET') return refused(405);
  const file = files.get(url.pathname);
  if (file === undefined) return refused(404);
  return new Response(new Uint8Array(file.bytes), { headers: { ...headers, 'Content-Type': file.type } });
}

export { readStaticFiles };
