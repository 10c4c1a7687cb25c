import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const committed = join(root, 'src-main/servers/rpc/generated');

it('generated code is what the .proto files give', () => {
  const fresh = mkdtempSync(join(tmpdir(), 'generate-rpc-'));
  try {
    execFileSync(process.execPath, [join(root, 'scripts/generate-rpc.mjs'), fresh], { stdio: 'pipe' });
    expect(readdirSync(fresh).sort()).toEqual(readdirSync(committed).sort());
    for (const file of readdirSync(fresh))
      expect(readFileSync(join(fresh, file)).equals(readFileSync(join(committed, file))), file).toBe(true);
  } finally {
    rmSync(fresh, { recursive: true });
  }
});

it('the .proto files pass the linter', () => {
  execFileSync(process.execPath, [join(root, 'node_modules/@bufbuild/buf/bin/buf'), 'lint'], {
    cwd: join(root, 'resources/rpc'),
    stdio: 'pipe',
  });
});
