import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Secret } from '../../domain/kernel';

export interface OpenOptions {
  /** The system's opener: program and arguments before the path. */
  readonly opener: readonly [string, ...string[]];
  /** Folder for the temporary file. */
  readonly folder?: string;
}

/** A hand-over that may still be under way. */
export interface HandOver {
  /** Whether the opener could be started. */
  readonly started: boolean;
  /** Removes the file; called when a page has shown the token, and at the end. Synchronous, so that an exit can call it. */
  forget(): void;
}

const page = (url: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer">` +
  `<meta http-equiv="refresh" content="0;url=${url}"><title>Gatehouse</title><a href="${url}">Open Gatehouse</a></html>\n`;

/**
 * Opens an address with a secret in the person's browser. Arguments of a process can be read by every user of the machine
 * (ps, /proc/PID/cmdline), and a browser keeps its own for hours; so the opener gets the path of a file (0600, in a folder
 * 0700) that leads on to the address. Browsers in a sandbox of their own may not see the folder; then the printed address is
 * there.
 */
export async function openInBrowser(url: Secret, options: OpenOptions): Promise<HandOver> {
  const folder = await mkdtemp(join(options.folder ?? tmpdir(), 'gatehouse-open-'));
  const file = join(folder, 'gatehouse.html');
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    // The address is of our own making: digits, letters, "-", "_" and what a loopback URL needs. Nothing is to be escaped.
    await writeFile(file, page(url.reveal()), { mode: 0o600, flag: 'wx' });
    const [program, ...before] = options.opener;
    const child = spawn(program, [...before, file], { detached: true, stdio: 'ignore', windowsHide: true });
    const started = await new Promise<boolean>((resolve) => {
      child.once('spawn', () => resolve(true));
      child.once('error', () => resolve(false));
    });
    child.unref();
    if (!started) forget();
    return { started, forget };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Whether a browser opened here would be seen by the person at the keyboard: not over SSH, not in a container or on a server
 * without a display.
 */
export function hasOwnScreen(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): boolean {
  const set = (name: string): boolean => (env[name] ?? '') !== '';
  if (set('SSH_CONNECTION') || set('SSH_TTY') || set('CI')) return false;
  return platform === 'linux' ? set('DISPLAY') || set('WAYLAND_DISPLAY') : true;
}
