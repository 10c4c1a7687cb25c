import { readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proofState } from '../../../src-main/services/export/proof';
import { runProof } from '../../../src-main/services/export/run-proof';
import { loadForExport, writeExport } from '../../../src-main/services/export/write-export';
import { installedPrograms } from '../backend/backend-fixture';
import { createFleet, makeWorkspace, ports, type MadeWorkspace } from '../../support/workspace';

const programs = await installedPrograms();
const busy = 120_000;

/** Three admissions: one for both modes, one that only hardened mode passes, one with its counterpart for Vitess. */
async function leaveThreeTests(dir: string): Promise<void> {
  const [file = ''] = await readdir(join(dir, 'tests'));
  const path = join(dir, 'tests', file);
  const suite = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  const reads = (name: string): string => `select load_file('/none/${name}') from orders where id = 7`;
  const base = { callers: ['web'], transports: ['mysql-tls-verified'] };
  suite['tables'] = [];
  suite['allow'] = {};
  suite['admissions'] = [
    { ...base, name: 'no TLS', transports: ['mysql-plain'], sql: reads('a'), expect: { verdict: 'refused' } },
    { ...base, name: 'files of the server', mode: 'hardened', sql: reads('b'), expect: { verdict: 'cannot-decide' } },
    { ...base, name: 'known, hardened', mode: 'hardened', sql: reads('c'), expect: { verdict: 'cannot-decide' } },
    { ...base, name: 'known, Vitess', mode: 'vitess', sql: reads('c'), expect: { verdict: 'allow' } },
  ];
  await writeFile(path, JSON.stringify(suite));
}

describe.each(programs.slice(0, 1))('a proof on $vendor $version', (program) => {
  const fleet = createFleet();
  let made: MadeWorkspace;
  beforeAll(async () => {
    made = await makeWorkspace('shop');
    await leaveThreeTests(made.dir);
  });
  afterAll(async () => {
    await fleet.stop();
    await made.remove();
  }, busy);

  it(
    'runs in vitess mode beside the running cluster, knows what passes in hardened mode only, and leaves nothing behind',
    async () => {
      // The workspace itself is hardened, held and running.
      const cluster = await fleet.start(await made.load(), program);
      const proof = await runProof({
        dir: made.dir,
        version: '24',
        ports,
        unlocker: { kind: 'key-file' },
        mysqld: program.path,
      });
      expect(proof).toMatchObject({ version: '24', emulated: '24.0.4', cells: 3, asExpected: 2 });
      expect(proof.failing).toEqual([
        {
          id: 'shop/admission/files of the server/web/mysql-tls-verified/right',
          expected: 'cannot-decide',
          actual: 'allow',
          hardenedOnly: true,
        },
      ]);
      const left = (await readdir(join(made.dir, '.gatehouse'))).filter((name) => name.startsWith('copy-'));
      expect(left).toEqual([]);
      expect(cluster.partRuns('gateway:main')).toBe(true);
      expect((await proofState(await loadForExport(made.dir, '24'), '24')).kind).toBe('current');
      await expect(
        writeExport({
          dir: made.dir,
          version: '24',
          out: join(dirname(made.dir), 'out'),
          includeKeys: false,
          force: false,
          withoutProof: false,
          acceptHardenedOnly: false,
        }),
      ).rejects.toMatchObject({ failure: { code: 'export.hardened-only' } });
    },
    busy,
  );

  it(
    'removes its copy when it is cancelled',
    async () => {
      const abort = new AbortController();
      const running = runProof({
        dir: made.dir,
        version: '22',
        ports,
        unlocker: { kind: 'key-file' },
        mysqld: program.path,
        signal: abort.signal,
        onStep: () => abort.abort(),
      });
      await expect(running).rejects.toThrow();
      expect((await readdir(join(made.dir, '.gatehouse'))).filter((name) => name.startsWith('copy-'))).toEqual([]);
      expect((await proofState(await loadForExport(made.dir, '22'), '22')).kind).toBe('none');
    },
    busy,
  );

  it('says that there is nothing to prove without tests', async () => {
    const empty = await makeWorkspace('shop');
    try {
      const [file = ''] = await readdir(join(empty.dir, 'tests'));
      await writeFile(join(empty.dir, 'tests', file), JSON.stringify({ schema: 1 }));
      const options = { dir: empty.dir, version: '24', ports, unlocker: { kind: 'key-file' } } as const;
      await expect(runProof(options)).rejects.toMatchObject({
        failure: { code: /export.no-tests|workspace.findings/ },
      });
    } finally {
      await empty.remove();
    }
  });
});
