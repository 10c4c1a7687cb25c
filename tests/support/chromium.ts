import { existsSync } from 'node:fs';

/** The browser of this machine, or null: GATEHOUSE_CHROMIUM, else the usual places of Debian's and other packages. */
export const chromiumPath: string | null =
  [process.env['GATEHOUSE_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path) => path !== undefined && existsSync(path),
  ) ?? null;

/** Arguments with which it runs without a display, also as root, and asks nobody on the network. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
