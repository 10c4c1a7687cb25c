import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'src-main/services/forbidden-example');
const eslint = (): string =>
  spawnSync('npx', ['--no-install', 'eslint', folder], { cwd: root, encoding: 'utf8' }).stdout;

/** Loading `electron` outside Electron tries to fetch its binary, so only types may come from it elsewhere. */
describe('the electron package', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('may not be imported at run time outside its places', () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'a.ts'), "import { app } from 'electron';\nexport const name = app.name;\n");
    expect(eslint()).toContain('no-restricted-imports');
  });

  it('may be imported as a type', () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'a.ts'), "import type { App } from 'electron';\nexport type Name = App['name'];\n");
    expect(eslint()).not.toContain('no-restricted-imports');
  });
});
