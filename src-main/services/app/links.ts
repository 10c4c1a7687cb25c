import { GatehouseError } from '../../domain/kernel';

/** Hosts of documentation that the app may open in the system's browser. */
const allowedHosts: ReadonlySet<string> = new Set([
  'vitess.io',
  'dev.mysql.com',
  'mariadb.com',
  'www.rfc-editor.org',
  'github.com',
  'nodejs.org',
  'www.electronjs.org',
]);

/** The address if it is one of the allow-list, by https and without credentials; else GatehouseError `link.refused`. */
export function allowedLink(text: string): string {
  let url: URL | null;
  try {
    url = new URL(text);
  } catch {
    url = null;
  }
  if (
    url === null ||
    url.protocol !== 'https:' ||
    !allowedHosts.has(url.hostname) ||
    url.username !== '' ||
    url.password !== '' ||
    url.port !== ''
  )
    throw new GatehouseError({ code: 'link.refused', summary: 'This link is not opened from here. Copy it instead.' });
  return url.href;
}
