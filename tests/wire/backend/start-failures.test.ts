import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findMysqld, startManagedMysql, takeLock, type MysqlProgram } from '../../../src-main/servers/backend';
import { installedPrograms, managedOptions, os, start, temporaryFolder } from './backend-fixture';

const [program] = (await installedPrograms()) as [MysqlProgram];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const templateDir = (): string => join(folder.path, 'templates');

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.cleanup());

const code = async (starting: ReturnType<typeof startManagedMysql>): Promise<string> => {
  const result = await starting;
  if (result.ok) await result.value.stop();
  return result.ok ? 'started' : result.failure.code;
};

describe('what stops a start is named', () => {
  test.each([
    ['backend.socket-path-too-long', { runDir: join(tmpdir(), 'x'.repeat(110)) }],
    ['backend.database-name', { databases: ['mysql'] }],
    ['backend.database-name', { databases: ['a`; drop'] }],
    ['backend.database-name', { databases: [''] }],
    ['backend.user-name', { appUser: { name: "a'@'%", password: managedOptions(program, '').appUser.password } }],
    ['backend.user-name', { appUser: { name: 'root', password: managedOptions(program, '').appUser.password } }],
  ])('%s', async (expected, wrong) => {
    expect(await code(startManagedMysql(managedOptions(program, join(folder.path, 'wrong'), wrong)))).toBe(expected);
  });

  test('a port that is taken, and the data directory is free again afterwards', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const options = managedOptions(program, join(folder.path, 'port'), { templateDir: templateDir() });
    expect(await code(startManagedMysql({ ...options, port }))).toBe('backend.port-in-use');
    taken.close();
    const server = await start(options);
    await server.stop();
  });

  test('certificate files that are none', async () => {
    const files = { ca: join(folder.path, 'ca'), cert: join(folder.path, 'cert'), key: join(folder.path, 'key') };
    for (const file of Object.values(files)) await writeFile(file, 'not PEM');
    const result = await code(
      startManagedMysql(managedOptions(program, join(folder.path, 'tls'), { templateDir: templateDir(), tls: files })),
    );
    expect(result).toBe('backend.tls-files');
  });

  test('data that is not ours, or of another server, is left alone', async () => {
    const strange = managedOptions(program, join(folder.path, 'strange'));
    await mkdir(join(strange.dataDir, 'mysql'), { recursive: true });
    await writeFile(join(strange.dataDir, 'mysql', 'keep'), 'me');
    expect(await code(startManagedMysql(strange))).toBe('backend.not-ours');
    for (const marker of [
      { vendor: 'Other', version: '1.0.0' },
      { vendor: program.vendor, version: '99.0.0' },
    ]) {
      await writeFile(join(strange.dataDir, 'backend.json'), JSON.stringify(marker));
      expect(await code(startManagedMysql(strange))).toBe('backend.other-program');
    }
    expect(await readFile(join(strange.dataDir, 'mysql', 'keep'), 'utf8')).toBe('me');
  });

  test('a cancelled start leaves nothing running and can be repeated', async () => {
    const cancel = new AbortController();
    const options = managedOptions(program, join(folder.path, 'cancel'), {
      signal: cancel.signal,
      onEvent: ({ step }) => {
        if (step === 'spawned') cancel.abort();
      },
    });
    expect(await code(startManagedMysql(options))).toBe('backend.cancelled');
    const { signal: _signal, onEvent: _onEvent, ...again } = options;
    expect(await code(startManagedMysql(again))).toBe('started');
  });
});

test('a program that is missing, or none, is answered with the remedy', async () => {
  const none = await findMysqld({ os: { ...os, mysqlPlaces: [] }, env: { PATH: folder.path } });
  expect(none).toMatchObject({ ok: false, failure: { code: 'backend.program-missing' } });
  expect(none.ok || none.failure.summary).toContain(await os.installLine());
  const wrong = await findMysqld({ os, path: '/bin/true' });
  expect(wrong).toMatchObject({ ok: false, failure: { code: 'backend.program-unusable' } });
});

test('of many that take over a dead lock at once exactly one wins', async () => {
  const path = join(folder.path, 'some.lock');
  for (let round = 0; round < 20; round += 1) {
    await writeFile(path, JSON.stringify({ pid: 1, started: 'another life' }));
    const results = await Promise.all(Array.from({ length: 8 }, () => takeLock(path, os)));
    const winners = results.filter((result) => result.ok);
    expect(winners).toHaveLength(1);
    for (const winner of winners) if (winner.ok) await winner.value.release();
  }
});

test('several starts at once share the making of one template', async () => {
  const shared = join(folder.path, 'shared-templates');
  const servers = await Promise.all(
    ['p', 'q'].map((name) => start(managedOptions(program, join(folder.path, name), { templateDir: shared }))),
  );
  await Promise.all(servers.map((server) => server.stop()));
});
