import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { median, type Measurement } from '../figure';
import { chromiumPath, startChromium, type Chromium, type Tab } from './chromium';
import { measurePageSize } from './page-size';
import { makeWideWorkspace } from './wide-workspace';

export interface PageBenchOptions {
  /** Node and the program: `[execPath, gatehouse.mjs]`. */
  readonly program: readonly string[];
  /** Folder of the built page. */
  readonly root: string;
  readonly samples: string;
  /** Folder for workspaces and settings of these measurements. */
  readonly folder: string;
  readonly rounds?: number;
}

interface Served {
  readonly url: string;
  /** Milliseconds since the epoch at which the program said that it is ready. */
  readonly at: number;
  stop(): Promise<void>;
}

async function serve(options: PageBenchOptions, dir: string): Promise<Served> {
  const [command = process.execPath, ...parameters] = options.program;
  const child = spawn(command, [...parameters, 'serve', dir, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, GATEHOUSE_CONFIG: join(options.folder, 'config') },
  });
  const [url, at] = await new Promise<[string, number]>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`gatehouse serve ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as { event: string; url: string };
      if (event.event === 'ready') resolve([event.url, performance.timeOrigin + performance.now()]);
    });
  });
  return {
    url,
    at,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Resolves in the page, with its clock in milliseconds since the epoch, in the frame after `selector` is there. */
const frameAfter = (selector: string): string =>
  `new Promise((resolve) => {
    const look = () => document.querySelector(${JSON.stringify(selector)}) === null
      ? requestAnimationFrame(look)
      : requestAnimationFrame(() => setTimeout(() => resolve(performance.timeOrigin + performance.now())));
    look();
  })`;

const SCREEN = 'nav [aria-current="page"]';

/** Opens the address in a tab without anything cached; resolves when a screen is drawn and takes keys and clicks. */
async function openPage(chromium: Chromium, url: string): Promise<{ readonly tab: Tab; readonly at: number }> {
  const tab = await chromium.open();
  await tab.send('Page.addScriptToEvaluateOnNewDocument', { source: `window.benchShown = ${frameAfter(SCREEN)};` });
  await tab.send('Page.navigate', { url });
  // The promise belongs to the new document, which is there as soon as the navigation has been answered.
  return { tab, at: await tab.evaluate<number>('window.benchShown') };
}

/** From "ready" to the first screen of the sample shop, a new program and an empty cache each time. */
async function measureOpening(chromium: Chromium, options: PageBenchOptions, dir: string): Promise<Measurement> {
  const times: number[] = [];
  for (let round = 0; round < (options.rounds ?? 5); round += 1) {
    const served = await serve(options, dir);
    try {
      const { tab, at } = await openPage(chromium, served.url);
      times.push(at - served.at);
      await tab.close();
    } finally {
      await served.stop();
    }
  }
  return {
    name: 'page in the browser shell: first screen drawn and usable after serve is ready',
    value: median(times),
    unit: 'ms',
    bar: 1_000,
    better: 'less',
    peer: null,
    detail: `slowest of ${times.length}: ${Math.round(Math.max(...times))} ms; Chromium, nothing cached`,
  };
}

const goTo = (screen: string): string =>
  `[...document.querySelectorAll('nav button')].find((one) => one.textContent.trim() === ${JSON.stringify(screen)}).click()`;

/** From the click on Access to the drawn matrix of 50 callers × 200 tables: asked, predicted, sent, drawn. */
async function measureMatrix(tab: Tab, rounds: number): Promise<Measurement> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const took = await tab.evaluate<number>(`(async () => {
      const begun = performance.timeOrigin + performance.now();
      ${goTo('Access')};
      return (await ${frameAfter('main [role="grid"] [role="gridcell"]')}) - begun;
    })()`);
    times.push(took);
    await tab.evaluate(`${goTo('Settings')}; ${frameAfter('main[data-screen="settings"]')}`);
  }
  return {
    name: 'matrix of 50 callers × 200 tables, predicted and drawn',
    value: median(times),
    unit: 'ms',
    bar: 300,
    better: 'less',
    peer: null,
    detail: `the first time, with its code: ${Math.round(times[0] ?? 0)} ms; slowest ${Math.round(Math.max(...times))} ms`,
  };
}

const key = async (tab: Tab, name: string, text?: string, modifiers = 0): Promise<void> => {
  const event = { key: name, code: text === undefined ? name : `Key${name.toUpperCase()}`, modifiers };
  const codes: Record<string, number> = { Home: 36, End: 35, ArrowDown: 40, ArrowLeft: 37, ArrowRight: 39 };
  const windowsVirtualKeyCode = codes[name] ?? name.toUpperCase().charCodeAt(0);
  await tab.send('Input.dispatchKeyEvent', {
    type: text === undefined ? 'rawKeyDown' : 'keyDown',
    ...event,
    windowsVirtualKeyCode,
    ...(text === undefined ? {} : { text }),
  });
  await tab.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event, windowsVirtualKeyCode });
};

/** Keys with 60 ms between them, into a name of the ACL text, while the prediction follows. */
async function measureTyping(tab: Tab): Promise<Measurement> {
  const name = 'a key in the ACL editor, until it is drawn, at worst';
  await tab.evaluate(`${goTo('Access')}; ${frameAfter('main [data-editor]')}`);
  const found = await tab.evaluate<boolean>(`(async () => {
    for (let n = 0; n < 200; n += 1) {
      for (const host of document.querySelectorAll('main [data-editor]')) {
        const content = (host.shadowRoot ?? host).querySelector('.cm-content');
        if (content !== null) { content.focus(); return true; }
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return false;
  })()`);
  if (!found) return { name, reason: 'no editor was found on the screen' };
  // To the middle of the first name in the first group's list of tables.
  await key(tab, 'Home', undefined, 2);
  for (let line = 0; line < 4; line += 1) await key(tab, 'ArrowDown');
  await key(tab, 'End');
  for (let n = 0; n < 4; n += 1) await key(tab, 'ArrowLeft');
  await tab.evaluate(`(() => {
    window.benchKeys = new Map();
    new PerformanceObserver((list) => {
      for (const { interactionId, duration } of list.getEntries())
        if (interactionId > 0) benchKeys.set(interactionId, Math.max(duration, benchKeys.get(interactionId) ?? 0));
    }).observe({ type: 'event', durationThreshold: 16 });
  })()`);
  const text = 'orders and everything else that a person may type into a name'.replaceAll(' ', '');
  const keys = [...text, ...text];
  for (const letter of keys) {
    await key(tab, letter, letter);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  const slow = await tab.evaluate<number[]>(
    'new Promise((resolve) => setTimeout(() => resolve([...benchKeys.values()]), 300))',
  );
  // Event timing tells nothing of what is drawn within 16 ms, and counts in steps of 8 ms (Event Timing API §3).
  const all = [...Array<number>(Math.max(0, keys.length - slow.length)).fill(16), ...slow];
  return {
    name,
    value: Math.max(...all),
    unit: 'ms',
    bar: 50,
    better: 'less',
    peer: null,
    detail: `${keys.length} keys, half within ${median(all)} ms; 50 callers × 200 tables predicted meanwhile; drawn without a graphics card`,
  };
}

/** What a person waits for in the page, in a real Chromium. */
export async function measurePage(options: PageBenchOptions): Promise<Measurement[]> {
  const sizes = await measurePageSize(options.root);
  const path = chromiumPath();
  if (path === null)
    return [...sizes, { name: 'page in the browser shell', reason: 'no Chromium here; GATEHOUSE_CHROMIUM names it' }];
  if (sizes.length === 1) return sizes;
  const wide = join(options.folder, 'wide');
  await makeWideWorkspace(wide, options.samples, { callers: 50, tables: 200 });
  const chromium = await startChromium(path);
  try {
    const opening = await measureOpening(chromium, options, wide);
    const served = await serve(options, wide);
    try {
      const { tab } = await openPage(chromium, served.url);
      return [opening, await measureMatrix(tab, options.rounds ?? 5), await measureTyping(tab), ...sizes];
    } finally {
      await served.stop();
    }
  } finally {
    await chromium.close();
  }
}
