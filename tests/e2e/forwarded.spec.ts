import { connect, createServer, type AddressInfo } from 'node:net';
import { chromium } from '@playwright/test';
import { chromiumArguments, chromiumPath } from '../support/chromium';
import { expect, test } from './fixtures';
import { AppPage } from './pages/app-page';

/** The page through a port of another machine: SSH and dev containers forward bytes, a forwarding service has its own name. */
test.skip(({ shell }) => shell === 'electron', 'Electron opens no port');

/** Forwards bytes to a port, as `ssh -L` does; resolves with its own port. */
async function forward(to: () => number): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((from) => {
    const into = connect(to(), '127.0.0.1');
    from.pipe(into).pipe(from);
    from.on('error', () => into.destroy());
    into.on('error', () => from.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

test('another port of this machine serves the same page', async ({ gatehouse }) => {
  const shell = await gatehouse.start(await gatehouse.init('shop'));
  const { port } = new URL(shell.page.url());
  const token = await shell.page.evaluate(() => sessionStorage.getItem('gatehouse.token'));
  const tunnel = await forward(() => Number(port));
  for (const name of ['localhost', '127.0.0.1', 'dev.localhost']) {
    const page = await shell.page.context().newPage();
    await page.goto(`http://${name}:${tunnel.port}/#token=${token}`);
    const app = new AppPage(page);
    await app.ready();
    await app.shows('Overview');
    await page.close();
  }
  tunnel.close();
});

test('another name is refused with a hint, and served when it was allowed', async ({ gatehouse }) => {
  const target = { port: 0 };
  const tunnel = await forward(() => target.port);
  const origin = `http://demo.example:${tunnel.port}`;
  const visitor = await chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [...chromiumArguments, '--host-resolver-rules=MAP demo.example 127.0.0.1'],
  });
  const dir = await gatehouse.init('shop');
  const strict = await gatehouse.start(dir);
  target.port = Number(new URL(strict.page.url()).port);
  const refused = await visitor.newPage();
  await refused.goto(origin);
  await expect(refused.getByText('This address is not allowed')).toBeVisible();
  await strict.stop();

  const open = await gatehouse.start(dir, { args: ['--allow-origin', origin] });
  target.port = Number(new URL(open.page.url()).port);
  const token = await open.page.evaluate(() => sessionStorage.getItem('gatehouse.token'));
  const page = await visitor.newPage();
  gatehouse.faults.watch(page);
  // A plain name without TLS is no secure origin: the browser says which headers it leaves out.
  gatehouse.faults.expect(
    /another place: (http|ws):\/\/demo\.example/,
    /Cross-Origin-Opener-Policy/,
    /Origin-Agent-Cluster/,
  );
  await page.goto(`${origin}/#token=${token}`);
  const app = new AppPage(page);
  await app.ready();
  await app.shows('Overview');
  await visitor.close();
  tunnel.close();
});
