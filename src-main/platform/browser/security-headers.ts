/**
 * The content policy of the page. Everything comes from where the page came from; nothing is inline, nothing is framed.
 * `connect-src 'self'` covers the WebSocket in current browsers (CSP 3, "matches self" takes ws for http); the address is
 * named as well for those that follow CSP 2.
 *
 * @param host value of a `Host` header that the policy has allowed
 */
export const contentPolicy = (host: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ws://${host.toLowerCase()} wss://${host.toLowerCase()}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    // Only Svelte's own templates may become markup; text that finds its way into innerHTML is refused by the browser.
    "require-trusted-types-for 'script'",
    'trusted-types svelte-trusted-html',
  ].join('; ');

/** Headers of every answer, also of refusals. There is no CORS header anywhere. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), display-capture=()',
  // Ports of this machine serve other programs at other times: whatever is kept must be asked for again.
  'Cache-Control': 'no-cache',
};
