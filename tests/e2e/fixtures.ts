import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test as base, expect, type BrowserContextOptions, type Page } from '@playwright/test';
import { chromiumPath } from '../support/chromium';
import { AppPage } from './pages/app-page';
import { whyNoElectron } from './support/electron-binary';
import { Faults } from './support/faults';
import { closeBrowser, startBrowser, startElectron, type RunningShell, type ShellName } from './support/shells';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

export type Sample = 'reference' | 'user-guide' | 'shop' | 'empty';

/** The program of one test, with settings, recent workspaces and workspaces of its own. */
export interface Gatehouse {
  readonly shell: ShellName;
  /** Folder of this test; everything the program keeps is below it. */
  readonly home: string;
  /** Where new workspaces are made. */
  readonly workspaces: string;
  readonly faults: Faults;
  /** Makes a workspace with `gatehouse init`; returns its folder. */
  init(sample: Sample, name?: string): Promise<string>;
  /** Runs a command of the command line; rejects when it fails. */
  command(...args: readonly string[]): Promise<string>;
  /** Starts the program, with a workspace or without, and opens its page. */
  start(
    dir?: string,
    more?: { readonly port?: number; readonly args?: readonly string[]; readonly context?: BrowserContextOptions },
  ): Promise<RunningShell>;
}

interface Options {
  /** Which shell the specs run in; a project of playwright.config.ts sets it. */
  readonly shell: ShellName;
  /** Workspace that `app` opens: a sample, or none for the welcome screen. */
  readonly workspace: Sample | 'none';
  /** More about the browser: size of the window, zoom, forced colours. */
  readonly settings: BrowserContextOptions;
}

interface Fixtures {
  readonly gatehouse: Gatehouse;
  /** The running program and its first page, with the workspace of the option `workspace`. */
  readonly started: RunningShell;
  readonly page: Page;
  readonly app: AppPage;
}

/** Motion is reduced so that pictures and colours do not depend on the moment; a spec of its own looks at motion. */
const context: BrowserContextOptions = { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' };

/** A new folder for each test; one with a presentable name while pictures are taken, because paths are on them. */
async function makeHome(): Promise<string> {
  if (process.env['UPDATE_SCREENSHOTS'] !== '1') return mkdtemp(join(tmpdir(), 'gh-e2e-'));
  const home = join(tmpdir(), 'gatehouse');
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { mode: 0o700 });
  return home;
}

const whyNot = (shell: ShellName): string | null => {
  if (shell === 'electron') return whyNoElectron();
  return chromiumPath === null ? 'no Chromium here: set GATEHOUSE_CHROMIUM or install the package chromium' : null;
};

type TestOptions = Omit<Options, 'shell'>;
type WorkerFixtures = Pick<Options, 'shell'> & { readonly browsers: void };

export const test = base.extend<Fixtures & TestOptions, WorkerFixtures>({
  shell: ['browser', { option: true, scope: 'worker' }],
  workspace: ['none', { option: true }],
  settings: [{}, { option: true }],
  browsers: [
    // Playwright reads the names of what a fixture needs from this pattern.
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await use();
      await closeBrowser();
    },
    { scope: 'worker', auto: true },
  ],

  gatehouse: async ({ shell }, use, info) => {
    const why = whyNot(shell);
    if (why !== null) console.log(`${info.title}: not run in ${shell}: ${why}.`);
    test.skip(why !== null, why ?? '');
    const home = await makeHome();
    const faults = new Faults();
    const started: RunningShell[] = [];
    const { FORCE_COLOR: _color, NODE_OPTIONS: _options, ...inherited } = process.env;
    const env = {
      ...inherited,
      NO_COLOR: '1',
      GATEHOUSE_CONFIG: join(home, 'config'),
      GATEHOUSE_WORKSPACES: join(home, 'workspaces'),
      GATEHOUSE_CACHE: join(root, 'node_modules', '.cache', 'gatehouse-tests'),
    };
    const command = async (...args: readonly string[]): Promise<string> =>
      (await run(process.execPath, [join(root, 'bin/gatehouse.mjs'), ...args], { cwd: root, env })).stdout;
    await use({
      shell,
      home,
      workspaces: join(home, 'workspaces'),
      faults,
      command,
      init: async (sample, name = sample) => {
        const dir = join(home, name);
        await command('init', dir, '--from', sample);
        return dir;
      },
      start: async (dir, more = {}) => {
        const one = await (shell === 'electron' ? startElectron : startBrowser)({
          env,
          context: { ...context, ...more.context },
          onPage: (page) => faults.watch(page),
          ...(dir === undefined ? {} : { dir }),
          ...(more.port === undefined ? {} : { port: more.port }),
          ...(more.args === undefined ? {} : { args: more.args }),
        });
        started.push(one);
        return one;
      },
    });
    if (info.status !== info.expectedStatus)
      for (const [at, { page }] of started.entries())
        if (!page.isClosed())
          await page.screenshot({ path: info.outputPath(`page-${at + 1}.png`) }).catch(() => undefined);
    for (const one of started) await one.stop();
    await rm(home, { recursive: true, force: true });
    expect(faults.all, 'what the page must not do').toEqual([]);
  },

  started: async ({ gatehouse, workspace, settings }, use) => {
    const dir = workspace === 'none' ? undefined : await gatehouse.init(workspace);
    await use(await gatehouse.start(dir, { context: settings }));
  },
  page: ({ started }, use) => use(started.page),
  app: async ({ page }, use) => {
    const app = new AppPage(page);
    await app.ready();
    await use(app);
  },
});

export { expect } from '@playwright/test';
