import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readStaticFiles } from '../../../../src-main/platform/browser/static-files';
import { makePage } from '../../../support/browser-shell';

it('holds the files of the page with their types, and nothing else', async () => {
  const files = await readStaticFiles(await makePage());
  expect([...files.keys()].sort()).toEqual(['/', '/assets/app.css', '/assets/app.js', '/index.html']);
  expect(files.get('/')?.type).toBe('text/html; charset=utf-8');
  expect(files.get('/assets/app.js')?.type).toBe('text/javascript; charset=utf-8');
});

it('leaves out what links lead to, files without a type and what is hidden', async () => {
  const root = await makePage();
  await symlink(join(root, '..', 'secret.js'), join(root, 'assets', 'stolen.js'));
  await symlink(join(root, '..'), join(root, 'up'));
  await mkdir(join(root, '.git'));
  await writeFile(join(root, '.git', 'config.js'), 'PRIVATE');
  await writeFile(join(root, 'ca-key.pem'), 'PRIVATE');
  const files = await readStaticFiles(root);
  expect([...files.keys()].sort()).toEqual(['/', '/assets/app.css', '/assets/app.js', '/index.html']);
  expect([...files.values()].some(({ bytes }) => bytes.includes('PRIVATE'))).toBe(false);
  // The same folder with a file of its own there: what was left out was left out for being a link.
  await link(join(root, '..', 'secret.js'), join(root, 'assets', 'own.js'));
  expect((await readStaticFiles(root)).has('/assets/own.js')).toBe(true);
});

it('says how the page is built when it is not there', async () => {
  await expect(readStaticFiles(join(await makePage(), 'nowhere'))).rejects.toThrow(/npm run build:app/);
});
