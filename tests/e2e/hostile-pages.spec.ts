import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from '@playwright/test';
import { chromiumArguments, chromiumPath } from '../support/chromium';
import { expect, test } from './fixtures';

/**
 * Attacks by pages that are open in the same browser as Gatehouse, performed by real pages of other origins: another site,
 * another port of this machine, and a name that was rebound to 127.0.0.1. The browser's own rules and the shell's together
 * must leave them nothing.
 */
test.skip(({ shell }) => shell === 'electron', 'Electron opens no port');
test.use({ workspace: 'shop' });

let evil: Server;
let evilPort: number;
let attackers: Browser;

test.beforeAll(async () => {
  evil = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<p>evil</p>'));
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
  evilPort = (evil.address() as AddressInfo).port;
  attackers = await chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [
      ...chromiumArguments,
      '--host-resolver-rules=MAP evil.example 127.0.0.1,MAP rebound.example 127.0.0.1',
      // Not every browser keeps other sites away from this machine by itself.
      '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests',
    ],
  });
});
test.afterAll(async () => {
  await attackers.close();
  await new Promise((resolve) => evil.close(resolve));
});

const attackerAt = async (origin: string): Promise<Page> => {
  const page = await attackers.newPage();
  await page.goto(origin);
  return page;
};

/** What a script of the page gets when it dials, fetches, includes, frames and opens the shell. */
const attack = (page: Page, shell: string, token: string): Promise<Record<string, string>> =>
  page.evaluate(
    async ([base, guess]) => {
      const by = (work: Promise<string>): Promise<string> =>
        Promise.race([
          work.catch((error: unknown) => `refused: ${(error as Error).name}`),
          new Promise<string>((resolve) => setTimeout(() => resolve('nothing'), 3_000)),
        ]);
      const element = (name: string, attribute: string, path: string): Promise<string> =>
        new Promise((resolve) => {
          const made = document.createElement(name);
          made.addEventListener('load', () => resolve('loaded'));
          made.addEventListener('error', () => resolve('refused'));
          made.setAttribute(attribute, base + path);
          if (name === 'link') made.setAttribute('rel', 'stylesheet');
          document.body.append(made);
        });
      return {
        socket: await by(
          new Promise((resolve) => {
            const socket = new WebSocket(`${base.replace('http', 'ws')}/rpc`);
            socket.onopen = () => socket.send(JSON.stringify({ token: guess }));
            socket.onmessage = ({ data }) => resolve(`answered: ${data}`);
            socket.onclose = ({ code }) => resolve(`closed ${code}`);
          }),
        ),
        fetch: await by(fetch(base).then(async (answer) => `read: ${await answer.text()}`)),
        opaque: await by(fetch(base, { mode: 'no-cors' }).then((answer) => answer.type)),
        script: await by(element('script', 'src', '/index.html')),
        frame: await by(
          element('iframe', 'src', '/').then(() => {
            const [frame] = document.getElementsByTagName('iframe');
            // A frame that was refused loads an error page of an opaque origin; ours would be of that origin too.
            return frame?.contentDocument == null ? 'opaque' : 'readable';
          }),
        ),
      };
    },
    [shell, token] as const,
  );

test('another site gets nothing, even if it knew the token', async ({ started, app }) => {
  await app.shows('Overview');
  const { origin } = new URL(started.page.url());
  const token = (await started.page.evaluate(() => sessionStorage.getItem('gatehouse.token'))) ?? '';
  expect(token).toHaveLength(43);
  const page = await attackerAt(`http://evil.example:${evilPort}/`);
  const refusals: string[] = [];
  page.on('console', (message) => refusals.push(message.text()));
  expect(await attack(page, origin, token)).toEqual({
    socket: 'closed 1006',
    fetch: 'refused: TypeError',
    opaque: 'refused: TypeError',
    script: 'refused',
    frame: 'opaque',
  });
  expect(refusals.join('\n')).toMatch(/frame-ancestors|Failed to load|403/);
});

test('a page on another port of this machine can dial, but knows no token and can read nothing', async ({
  started,
  app,
}) => {
  await app.shows('Overview');
  const { origin } = new URL(started.page.url());
  const page = await attackerAt(`http://127.0.0.1:${evilPort}/`);
  expect(await attack(page, origin, 'guess')).toEqual({
    socket: 'closed 4401',
    fetch: 'refused: TypeError',
    opaque: 'refused: TypeError',
    script: 'refused',
    frame: 'opaque',
  });
  expect(await page.evaluate(() => sessionStorage.length + document.cookie.length)).toBe(0);
});

test('a name that was rebound to this machine, and so has the origin of the shell, gets nothing either', async ({
  started,
  app,
}) => {
  await app.shows('Overview');
  const { port } = new URL(started.page.url());
  const origin = `http://rebound.example:${port}`;
  const page = await attackers.newPage();
  // The attacker's own server answers first, under the port of the shell; from then on the name leads to this machine.
  await page.route(`${origin}/`, (route) => route.fulfill({ contentType: 'text/html', body: '<p>evil</p>' }), {
    times: 1,
  });
  await page.goto(`${origin}/`);
  const token = (await started.page.evaluate(() => sessionStorage.getItem('gatehouse.token'))) ?? '';
  const outcome = await attack(page, origin, token);
  expect(outcome).toMatchObject({ socket: 'closed 1006', script: 'refused', frame: 'opaque' });
  expect(outcome['fetch']).toMatch(/^read: This address is not allowed/);
});

test('a window that another site opened on the page cannot reach into it', async ({ started, app }) => {
  await app.shows('Overview');
  const { origin } = new URL(started.page.url());
  const page = await attackerAt(`http://127.0.0.1:${evilPort}/`);
  const [opened] = await Promise.all([
    page.context().waitForEvent('page'),
    page.evaluate((url) => void ((window as never as { other: unknown }).other = window.open(url)), origin),
  ]);
  await opened.waitForLoadState();
  const reach = await page.evaluate(() => (window as never as { other: Window }).other.closed);
  // Cross-Origin-Opener-Policy cuts the two apart: to the opener the window looks closed.
  expect(reach).toBe(true);
  expect(await opened.evaluate(() => window.opener === null)).toBe(true);
});

test('the page itself cannot be made to run or fetch what is not its own', async ({ started, app, gatehouse }) => {
  gatehouse.faults.expect(/Content Security Policy|violates|ERR_BLOCKED|evil\.example|csp|Trusted(HTML|Script)/i);
  await app.shows('Overview');
  const outcome = await started.page.evaluate(async (port) => {
    const violated: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => violated.push(event.effectiveDirective));
    const attempt = (work: () => void): string => {
      try {
        work();
        return 'taken';
      } catch (error) {
        return (error as Error).name;
      }
    };
    const box = document.createElement('div');
    const script = document.createElement('script');
    const image = document.createElement('img');
    const sinks = {
      markup: attempt(() => (box.innerHTML = '<p>x</p>')),
      frame: attempt(() => (document.createElement('iframe').srcdoc = '<p>x</p>')),
      scriptText: attempt(() => (document.createElement('script').textContent = 'window.ran = true')),
      // Another policy than Svelte's would make any text markup.
      policy: attempt(() =>
        (
          window as never as { trustedTypes: { createPolicy(name: string, rules: object): void } }
        ).trustedTypes.createPolicy('evil', {}),
      ),
    };
    attempt(() => script.append('window.ran = true'));
    attempt(() => image.setAttribute('onerror', 'window.ran = true'));
    image.src = 'data:image/png,broken';
    box.setAttribute('style', 'color: red');
    const base = document.createElement('base');
    base.href = `http://evil.example:${port}/`;
    document.head.append(base);
    document.body.append(script, image, box);
    const fetched = await fetch(`http://evil.example:${port}/`).catch(() => 'refused');
    const dialled = await new Promise((resolve) => {
      try {
        const socket = new WebSocket(`ws://evil.example:${port}/`);
        socket.onerror = () => resolve('refused');
        socket.onopen = () => resolve('open');
      } catch {
        resolve('refused');
      }
    });
    const evaluated = await Promise.resolve()
      .then(() => new Function('return 1')() as number)
      .catch(() => 'refused');
    await new Promise((resolve) => setTimeout(resolve, 0));
    return {
      ran: 'ran' in window,
      sinks,
      fetched,
      dialled,
      evaluated,
      base: document.baseURI.includes('evil'),
      violated: [...new Set(violated)].sort(),
    };
  }, evilPort);
  expect(outcome).toMatchObject({
    ran: false,
    sinks: { markup: 'TypeError', frame: 'TypeError', scriptText: 'TypeError', policy: 'TypeError' },
    fetched: 'refused',
    dialled: 'refused',
    evaluated: 'refused',
    base: false,
  });
  expect(outcome.violated).toEqual(
    expect.arrayContaining(['base-uri', 'connect-src', 'require-trusted-types-for', 'style-src-attr', 'trusted-types']),
  );
});

test('the token is not in the address bar, not in what links would send, and a reload keeps the page', async ({
  started,
  app,
}) => {
  await app.shows('Overview');
  expect(new URL(started.page.url()).hash).toBe('');
  await started.page.reload();
  await app.ready();
  await app.shows('Overview');
  expect(await started.page.evaluate(() => `${document.cookie}${JSON.stringify(localStorage)}`)).not.toMatch(/token/i);
});

test('an address without a token, or of an earlier start, says so and shows nothing', async ({
  gatehouse,
  started,
  app,
}) => {
  await app.shows('Overview');
  const { origin } = new URL(started.page.url());
  for (const [fragment, words] of [
    ['', /has no key/],
    [`#token=${'A'.repeat(43)}`, /earlier start/],
  ] as const) {
    const context = await started.page.context().browser()!.newContext();
    const page = await context.newPage();
    gatehouse.faults.watch(page);
    await page.goto(origin + '/' + fragment);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(words);
    await expect(page.getByText('shop')).toHaveCount(0);
    await context.close();
  }
});
