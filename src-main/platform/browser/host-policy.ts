import { GatehouseError } from '../../domain/kernel';

/** Whose requests are answered. Names only: any port, because SSH and containers forward from another one. */
export interface HostPolicy {
  /** Whether a `Host` header names this machine as this machine sees itself, or an allowed origin's host. */
  allowsHost(header: string | undefined): boolean;
  /** Whether an `Origin` header names a page of this machine, or an allowed origin. No header and `null` are neither. */
  allowsOrigin(header: string | undefined): boolean;
}

const host = /^(\[[0-9a-f:]{2,39}\]|[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::(\d{1,5}))?$/;

/** Lower-case name of `host[:port]`, or null when the text is anything else: a list, a path, a trailing dot, a user. */
function nameOf(text: string): string | null {
  const found = host.exec(text.toLowerCase());
  return found === null || Number(found[2] ?? 1) > 65_535 || found[1]?.includes('..') === true
    ? null
    : (found[1] ?? null);
}

/**
 * Names that reach this machine and nothing else, whoever answers DNS: browsers resolve `localhost` and what ends in
 * `.localhost` themselves (RFC 6761 §6.3). Other spellings of 127.0.0.0/8 reach a server only if somebody types them, and a
 * name that merely resolves to 127.0.0.1 is what DNS rebinding uses.
 */
const isLoopbackName = (name: string): boolean =>
  name === 'localhost' || name === '127.0.0.1' || name === '[::1]' || name.endsWith('.localhost');

/**
 * Reads the value of `--allow-origin`: scheme, host and port of a page, nothing else.
 *
 * @throws GatehouseError `browser.origin` for a wildcard, a path, a user name, another scheme.
 */
export function readOrigin(text: string): URL {
  const wrong = (): GatehouseError =>
    new GatehouseError({
      code: 'browser.origin',
      summary: `"${text.slice(0, 200)}" is not an origin. Write scheme, host and port only, for example https://demo.example:8443.`,
    });
  if (!URL.canParse(text)) throw wrong();
  const url = new URL(text);
  const bare =
    url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!/^https?:$/.test(url.protocol) || !bare || nameOf(url.host) === null || /[?#*]/.test(text)) throw wrong();
  return url;
}

/** The policy with the origins that were allowed by name beside the loopback names. */
export function hostPolicy(allowed: readonly URL[]): HostPolicy {
  const origins = new Set(allowed.map(({ origin }) => origin));
  const hosts = new Set(
    allowed.flatMap((url) => [url.host, `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`]),
  );
  return {
    allowsHost: (header) => {
      if (header === undefined) return false;
      const name = nameOf(header);
      return name !== null && (isLoopbackName(name) || hosts.has(header.toLowerCase()));
    },
    allowsOrigin: (header) => {
      if (header === undefined) return false;
      if (origins.has(header)) return true;
      const found = /^https?:\/\/(.*)$/.exec(header);
      const name = found === null ? null : nameOf(found[1] ?? '');
      return name !== null && isLoopbackName(name);
    },
  };
}
