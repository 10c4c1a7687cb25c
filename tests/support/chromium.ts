import { chromiumPath as find } from '../../src-main/services/bench/page/chromium';

/** The browser of this machine, or null: GATEHOUSE_CHROMIUM, else the usual places of Debian's and other packages. */
export const chromiumPath: string | null = find();

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
