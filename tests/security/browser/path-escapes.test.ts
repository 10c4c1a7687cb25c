import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makePage, request, startTestShell, statusOf } from '../../support/browser-shell';

/** Attack: a request path that leads out of the folder of the page, in every spelling that servers have fallen for. */
const escapes = [
  '/../secret.txt',
  '/../secret.js',
  '/assets/../../secret.js',
  '/assets/..%2f..%2fsecret.js',
  '/%2e%2e/secret.js',
  '/%2e%2e%2fsecret.js',
  '/%252e%252e%252fsecret.js',
  '/..%5csecret.js',
  '/..\\secret.js',
  '/assets\\..\\..\\secret.js',
  '/%c0%ae%c0%ae/secret.js',
  '/..;/secret.js',
  '/....//secret.js',
  '//../secret.js',
  '//etc/passwd',
  '/file:///etc/passwd',
  '/./../secret.js',
  '/assets/app.js%00.html',
  '/../secret.js%00.html',
  '/..%00/secret.js',
  '/assets/stolen.js',
  '/up/secret.js',
  '/.env',
  '/assets/app.js.map',
  '/assets',
  '/assets/',
  '/assets/app.js/',
  '/INDEX.HTML',
  '../secret.js',
  '*',
];

describe('paths that lead elsewhere', () => {
  it.each(escapes)('%s gives nothing', async (path) => {
    const root = await makePage();
    await symlink(join(root, '..', 'secret.js'), join(root, 'assets', 'stolen.js'));
    await symlink(join(root, '..'), join(root, 'up'));
    const shell = await startTestShell({ root });
    const answer = await request(shell, `GET ${path} HTTP/1.1`);
    // What is no path at all is not answered.
    expect([0, 400, 404]).toContain(statusOf(answer));
    expect(answer).not.toMatch(/PRIVATE|root:/);
  });

  it('and the files of the page are served, with a query too', async () => {
    const shell = await startTestShell();
    for (const path of ['/', '/index.html', '/?x=/../secret.js', '/assets/app.js', '/assets/app.css?v=1'])
      expect([path, statusOf(await request(shell, `GET ${path} HTTP/1.1`))]).toEqual([path, 200]);
  });
});
