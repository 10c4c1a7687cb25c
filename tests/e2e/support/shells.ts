import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  _electron,
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from '@playwright/test';
import { chromiumArguments, chromiumPath } from '../../support/chromium';
import { electronBinary } from './electron-binary';

const root = join(import.meta.dirname, '..', '..', '..');

export type ShellName = 'browser' | 'electron';

/** One start of the program and its first page. */
export interface RunningShell {
  readonly page: Page;
  /** Milliseconds, by performance.now(), at which the program said that it is ready. */
  readonly readyAt: number;
  /** Another page on the same program. */
  newPage(): Promise<Page>;
  /** Ends the program as a person would, and the pages with it; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Ends the program and leaves the pages open; browser shell only. */
  stopProgram(): Promise<number | null>;
  /** Ends the program as a crash does: nothing is told, nothing is tidied up. */
  kill(): Promise<void>;
}

export interface StartOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly dir?: string;
  readonly port?: number;
  /** More for the command line; browser shell only. */
  readonly args?: readonly string[];
  readonly context: BrowserContextOptions;
  readonly onPage: (page: Page) => void;
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(killer);
  return child.exitCode;
}

async function crash(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Starts `gatehouse serve` and resolves with its address. */
export async function serve(
  options: Pick<StartOptions, 'args' | 'env' | 'dir' | 'port'>,
): Promise<{ readonly url: string; readonly readyAt: number; stop(): Promise<number | null>; kill(): Promise<void> }> {
  const child = spawn(
    process.execPath,
    [
      join(root, 'bin/gatehouse.mjs'),
      'serve',
      '--json',
      ...(options.args ?? []),
      ...(options.port === undefined ? [] : ['--port', String(options.port)]),
      ...(options.dir === undefined ? [] : [options.dir]),
    ],
    { cwd: root, env: options.env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let out = '';
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const line = out.split('\n').find((one) => one.includes('"ready"'));
      if (line !== undefined && out.includes('\n')) resolve((JSON.parse(line) as { url: string }).url);
    });
    child.once('exit', (code) => reject(new Error(`gatehouse serve ended with ${code}: ${out}${complaint}`)));
  });
  return { url, readyAt: performance.now(), stop: () => end(child), kill: () => crash(child) };
}

let browser: Promise<Browser> | null = null;
/** One Chromium for all tests of this worker; each start has a context of its own. */
export const sharedBrowser = (): Promise<Browser> =>
  (browser ??= chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumArguments }));
export const closeBrowser = async (): Promise<void> => {
  await (await browser)?.close();
  browser = null;
};

export async function startBrowser(options: StartOptions): Promise<RunningShell> {
  const program = await serve(options);
  const context: BrowserContext = await (await sharedBrowser()).newContext(options.context);
  context.on('page', options.onPage);
  const open = async (): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(program.url);
    return page;
  };
  const page = await open();
  return {
    page,
    readyAt: program.readyAt,
    newPage: open,
    stopProgram: program.stop,
    kill: program.kill,
    stop: async () => {
      await context.close();
      return program.stop();
    },
  };
}

export async function startElectron(options: StartOptions): Promise<RunningShell> {
  const app = await _electron.launch({
    executablePath: electronBinary() ?? '',
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      root,
      `--user-data-dir=${options.env['GATEHOUSE_CONFIG']}/electron`,
      ...(options.dir === undefined ? [] : [options.dir]),
    ],
    env: options.env as Record<string, string>,
    ...(options.context.colorScheme == null ? {} : { colorScheme: options.context.colorScheme }),
  });
  const page = await app.firstWindow();
  options.onPage(page);
  const { viewport, reducedMotion, forcedColors } = options.context;
  if (viewport != null) await page.setViewportSize(viewport);
  await page.emulateMedia({ reducedMotion: reducedMotion ?? null, forcedColors: forcedColors ?? null });
  const stop = async (): Promise<number | null> => {
    const child = app.process();
    await app.close();
    return child.exitCode;
  };
  return {
    page,
    readyAt: performance.now(),
    newPage: () => Promise.reject(new Error('Electron has one window')),
    stopProgram: stop,
    kill: () => crash(app.process()),
    stop,
  };
}
