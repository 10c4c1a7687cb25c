import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  buildPage,
  buildProgram,
  expectMistake,
  gatehouse,
  root,
  start,
  type Running,
  type RunOptions,
} from '../../support/cli/gatehouse';
import { processesMentioning, socketsMentioning } from '../../support/cli/processes';

let folder: string;
let dir: string;
const running: Running[] = [];

const serve = (args: readonly string[] = [], options: RunOptions = {}): Running => {
  const started = start(['serve', ...args], {
    timeoutMs: 120_000,
    ...options,
    env: {
      GATEHOUSE_CONFIG: join(folder, 'config'),
      GATEHOUSE_WORKSPACES: join(folder, 'workspaces'),
      DISPLAY: '',
      WAYLAND_DISPLAY: '',
      ...options.env,
    },
  });
  running.push(started);
  return started;
};
const ready = async (running: Running): Promise<{ url: string; port: number; token: string }> => {
  const stdout = await running.until((text) => text.includes('"ready"') && text.endsWith('\n'));
  const event = JSON.parse(stdout.split('\n')[0] ?? '') as { event: string; schema: number; url: string; port: number };
  expect(event).toMatchObject({ event: 'ready', schema: 1 });
  return { ...event, token: new URL(event.url).hash.slice('#token='.length) };
};

/** Shows the token and calls once. */
async function ask(url: string, path: string, input?: unknown): Promise<unknown> {
  const { host, hash } = new URL(url);
  const socket = new WebSocket(`ws://${host}/rpc`, { origin: `http://${host}` });
  const messages: Record<string, unknown>[] = [];
  try {
    return await new Promise((resolve, reject) => {
      socket.on('open', () => socket.send(JSON.stringify({ token: hash.slice('#token='.length) })));
      socket.on('message', (data: Buffer) => {
        messages.push(JSON.parse(data.toString('utf8')) as Record<string, unknown>);
        if (messages.length === 1) socket.send(JSON.stringify({ i: '1', p: { u: path, b: { json: input } } }));
        else resolve(messages[1]?.['p']);
      });
      socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
    });
  } finally {
    socket.terminate();
  }
}

beforeAll(async () => {
  await buildProgram();
  await buildPage();
  folder = await mkdtemp(join(tmpdir(), 'gh-serve-'));
  dir = join(folder, 'shop');
  expect((await gatehouse(['init', dir, '--from', 'shop'])).code).toBe(0);
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('gatehouse serve', () => {
  test('says where it is, serves the page and answers calls; SIGINT ends it with 0', async () => {
    const app = serve(['--json']);
    const { url, port } = await ready(app);
    expect(url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/#token=[\\w-]{43}$`));
    const page = await fetch(new URL('/', url));
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<title>Gatehouse</title>');
    expect(await ask(url, '/app/listFolders', { dir: folder })).toMatchObject({ b: { json: { dir: folder } } });
    expect(await ask(url, '/app/listFolders', { dir: folder, more: 1 })).toMatchObject({
      s: 400,
      b: { json: { data: { code: 'call.invalid' } } },
    });
    app.child.kill('SIGINT');
    const { code, stdout } = await app.ended;
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event),
    ).toEqual(['ready', 'stopping', 'stopped']);
    await expect(fetch(url)).rejects.toThrow();
  });

  test('opens the workspace given; a cluster that runs is stopped within 5 s and leaves nothing', async () => {
    const app = serve([dir, '--json']);
    const { url } = await ready(app);
    await ask(url, '/cluster/start');
    expect((await processesMentioning(dir)).join('\n')).toMatch(/mysqld|mariadbd/);
    const begun = performance.now();
    app.child.kill('SIGTERM');
    expect((await app.ended).code).toBe(0);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(await processesMentioning(dir)).toEqual([]);
    expect(await socketsMentioning(dir)).toEqual([]);
    const left = await readdir(join(dir, '.gatehouse', 'run'), { recursive: true }).catch(() => []);
    expect(left.filter((name) => /lock|\.sock$|\.cnf$/.test(name))).toEqual([]);
  });

  test('tells a person what to open, and from where', async () => {
    const app = serve(['--allow-origin', 'https://demo.example'], { env: { SSH_CONNECTION: '1 2 3 4' } });
    const text = await app.until((out) => out.includes('Ctrl-C'));
    expect(text).toMatch(/^ {2}http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/m);
    expect(text).toMatch(/ssh -L (\d+):127\.0\.0\.1:\1 /);
    expect(text).toMatch(/https:\/\/demo\.example\/#token=/);
  });

  test('a port in use, a wrong port, a wrong origin and a folder that is no workspace are said', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    expectMistake(await serve(['--port', String(port)]).ended, 3, new RegExp(`Port ${port} is in use`));
    await new Promise((resolve) => taken.close(resolve));
    expectMistake(await serve(['--port', '70000']).ended, 2, /0 to 65535/);
    expectMistake(await serve(['--allow-origin', '*']).ended, 2, /not an origin/);
    expectMistake(await serve([folder]).ended, 2, /no workspace/);
  });

  test('opens a workspace behind a passphrase with what waits on a file descriptor, and says what is missing', async () => {
    const locked = join(folder, 'locked');
    const third = 'correct horse battery staple\n';
    expect((await gatehouse(['init', locked, '--from', 'shop', '--passphrase-fd', '3'], { third })).code).toBe(0);
    const app = serve([locked, '--json', '--passphrase-fd', '3'], { third });
    const { url } = await ready(app);
    expect(url).not.toContain('horse');
    app.child.kill('SIGTERM');
    expect((await app.ended).code).toBe(0);
    expectMistake(await serve([locked]).ended, 3, /passphrase/);
  });

  test('without a built page it says how to build it', async () => {
    const bare = join(folder, 'bare');
    await mkdir(join(bare, 'out'), { recursive: true });
    for (const name of ['bin', 'out/cli']) await cp(join(root, name), join(bare, name), { recursive: true });
    for (const name of ['resources', 'node_modules', 'package.json']) await symlink(join(root, name), join(bare, name));
    const app = start(['serve'], { program: join(bare, 'bin', 'gatehouse.mjs'), env: { GATEHOUSE_CONFIG: folder } });
    expectMistake(await app.ended, 3, /npm run build:app/);
  });
});

/** Attack: another user of this machine reads what every user can read: arguments of processes, and files left about. */
describe('the token', () => {
  test('is in no argument of any process, and in no file but one that only its owner reads and that goes away', async () => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    // A browser that notes how it was called, what it could read then, and who else could.
    await writeFile(
      join(bin, 'xdg-open'),
      `#!/bin/sh\nstat -c %a "$1" "$(dirname "$1")" > ${bin}/modes\ncp "$1" ${bin}/page\nprintf '%s\\n' "$@" > ${bin}/arguments\n`,
    );
    await chmod(join(bin, 'xdg-open'), 0o755);
    const app = serve([], {
      env: { DISPLAY: ':99', CI: '', SSH_CONNECTION: '', SSH_TTY: '', PATH: `${bin}:${process.env['PATH']}` },
    });
    const text = await app.until((out) => out.includes('Opened in the browser'));
    const url = /http:\S+/.exec(text)?.[0] ?? '';
    const token = new URL(url).hash.slice('#token='.length);
    await expect.poll(() => readFile(join(bin, 'arguments'), 'utf8').catch(() => '')).toMatch(/\.html\n$/);
    const [file = ''] = (await readFile(join(bin, 'arguments'), 'utf8')).split('\n');
    expect(file).not.toContain(token);
    expect(await readFile(join(bin, 'modes'), 'utf8')).toBe('600\n700\n');
    expect(await readFile(join(bin, 'page'), 'utf8')).toContain(`content="0;url=${url}"`);
    expect(await processesMentioning(token)).toEqual([]);
    expect((await stat(file)).isFile()).toBe(true);
    await ask(url, '/app/listFolders', {});
    await expect(stat(file)).rejects.toThrow(/ENOENT/);
    for (const name of await readdir(join(folder, 'config'), { recursive: true }).catch(() => []))
      expect(await readFile(join(folder, 'config', name), 'utf8').catch(() => '')).not.toContain(token);
  });

  test('is not in what is said about requests that were refused', async () => {
    const app = serve(['--json']);
    const { url, token, port } = await ready(app);
    const refused = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(refused.status).toBe(403);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { origin: 'https://evil.example' });
    await new Promise((resolve) => socket.once('error', resolve));
    expect(url).toContain(token);
    app.child.kill('SIGTERM');
    const { stderr } = await app.ended;
    expect(stderr).toContain('"https://evil.example"');
    expect(stderr).toContain('--allow-origin');
    expect(stderr).not.toContain(token);
  });
});
