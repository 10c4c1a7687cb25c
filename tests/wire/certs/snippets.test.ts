import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src-main/domain/kernel';
import { connectionSnippets, type Snippet } from '../../../src-main/services/certs/connection-snippets';
import { snippetInput } from '../../../src-main/services/certs/snippet-input';
import { createUsualSet, topologyOf, useOf } from '../../../src-main/services/certs/usual-set';
import type { Cluster } from '../../../src-main/services/cluster/cluster';
import { createFleet, makeWorkspace, type MadeWorkspace } from '../../support/workspace';
import { installedPrograms } from '../backend/backend-fixture';

const run = promisify(execFile);
const programs = await installedPrograms();
// Connector/J asks for variables when it connects that MariaDB does not have.
const program = programs.find(({ vendor }) => vendor === 'MySQL') ?? programs[0];
const root = join(import.meta.dirname, '..', '..', '..');
const fleet = createFleet();
const caller = 'pki/callers/caller-1-cert.pem';
let workspace: MadeWorkspace;
let cluster: Cluster | null = null;
let folder: string;

/** mysql of MySQL itself, where it is installed; `mysql` on the PATH is often MariaDB's. */
const mysqlCommand = [
  join(process.env['GATEHOUSE_MYSQL9_BIN'] ?? join(homedir(), '.cache', 'gatehouse', 'mysql', 'bin'), 'mysql'),
].find((path) => existsSync(path));
const has = (command: string, ...args: string[]): Promise<boolean> =>
  run(command, args).then(
    () => true,
    () => false,
  );
const mariadb = await has('mariadb', '--version');
const goDriver = process.env['GATEHOUSE_GO_DRIVER'];
const javaDriver = process.env['GATEHOUSE_JAVA_DRIVER'];
if (!mariadb) console.warn('not run: the mariadb command line, which is not on the PATH');
if (mysqlCommand === undefined)
  console.warn('not run: the mysql 9 command line; GATEHOUSE_MYSQL9_BIN names its folder');
if (goDriver === undefined)
  console.warn('not run: Go; GATEHOUSE_GO_DRIVER names a module folder that requires go-sql-driver/mysql');
if (javaDriver === undefined) console.warn('not run: Java; GATEHOUSE_JAVA_DRIVER names the jar of Connector/J');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gh snippets-'));
  workspace = await makeWorkspace('empty');
  await createUsualSet(workspace.dir, systemClock);
  if (program !== undefined) cluster = await fleet.start(await workspace.load(), program);
}, 120_000);
afterAll(async () => {
  await fleet.stop();
  await workspace.remove();
  await rm(folder, { recursive: true, force: true });
});

const snippets = async (id: string | null = caller): Promise<{ notes: string[]; of(title: string): Snippet }> => {
  const { topology } = await topologyOf(workspace.dir);
  const { input, notes } = snippetInput({
    topology,
    use: await useOf(workspace.dir, topology),
    id,
    gateway: 'main',
    dir: workspace.dir,
    applied: () => true,
    addresses: cluster?.addresses ?? null,
  });
  const list = connectionSnippets(input);
  return {
    notes,
    of: (title) => {
      const found = list.find((snippet) => snippet.title === title);
      if (found === undefined) throw new Error(`no snippet ${title}`);
      return found;
    },
  };
};
const shell = (text: string, statement: string): Promise<string> =>
  run('sh', ['-c', `${text} --batch --skip-column-names --execute ${JSON.stringify(statement)}`], { cwd: folder }).then(
    ({ stdout }) => stdout.trim(),
  );

describe.skipIf(program === undefined)(
  'against a real gateway, a snippet connects as its caller',
  { timeout: 60_000 },
  () => {
    test('there is nothing to say against it', async () => expect((await snippets()).notes).toEqual([]));

    test.skipIf(!mariadb)('mariadb', async () => {
      const { text } = (await snippets()).of('mariadb');
      expect(await shell(text, 'select user()')).toBe('caller-1@localhost');
      // Without its certificate the same line is let in by nobody.
      await expect(shell(text.replace(/--ssl-(cert|key)=\S+ \\\n/g, ''), 'select 1')).rejects.toThrow();
    });

    test.skipIf(mysqlCommand === undefined)('mysql', async () => {
      const { text } = (await snippets()).of('mysql');
      expect(await shell(text.replace(/^mysql/, mysqlCommand ?? ''), 'select user()')).toBe('caller-1@localhost');
    });

    test('Node', async () => {
      await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
      await writeFile(join(folder, 'connect.mjs'), (await snippets()).of('Node').text);
      const { stdout } = await run(process.execPath, ['connect.mjs'], { cwd: folder });
      expect(stdout.trim()).toBe('caller-1@localhost');
    });

    test('Node checks the gateway: with another root it does not connect', async () => {
      const text = (await snippets()).of('Node').text.replace('pki/root/ca-cert.pem', 'pki/mysql/ca-cert.pem');
      await writeFile(join(folder, 'wrong.mjs'), text);
      await expect(run(process.execPath, ['wrong.mjs'], { cwd: folder })).rejects.toThrow(/certificate/);
    });

    test.skipIf(goDriver === undefined)('Go', { timeout: 180_000 }, async () => {
      await writeFile(join(goDriver ?? '', 'main.go'), (await snippets()).of('Go').text);
      const { stdout } = await run('go', ['run', '.'], { cwd: goDriver });
      expect(stdout.trim()).toBe('caller-1@localhost');
    });

    test.skipIf(javaDriver === undefined || program?.vendor !== 'MySQL')('Java', async () => {
      const { text } = (await snippets()).of('Java');
      await writeFile(join(folder, 'Connect.java'), text);
      const commands = text.split('\n').flatMap((line) => (line.startsWith('//   ') ? [line.slice(5)] : []));
      const env = { ...process.env, STORE_PASSWORD: 'a store password' };
      for (const command of commands) await run('sh', ['-c', command], { cwd: folder, env });
      const { stdout } = await run('java', ['-cp', javaDriver ?? '', 'Connect.java'], { cwd: folder, env });
      expect(stdout.trim()).toBe('caller-1@localhost');
    });
  },
);

describe('what keeps a snippet from working is said', () => {
  test('a gateway that does not run', async () => {
    const { topology } = await topologyOf(workspace.dir);
    const use = await useOf(workspace.dir, topology);
    const base = { topology, use, id: caller, gateway: 'main', dir: workspace.dir, addresses: null };
    expect(snippetInput({ ...base, applied: () => true }).notes[0]).toMatch(/free port at each start/);
    expect(snippetInput({ ...base, applied: () => false }).notes.join()).toMatch(/not applied yet/);
    expect(snippetInput({ ...base, id: null, applied: () => true }).notes.join()).toMatch(/with a certificate only/);
    expect(() => snippetInput({ ...base, gateway: 'none', applied: () => true })).toThrow(/no gateway none/);
    const plain = {
      ...topology,
      gateways: topology.gateways.map((item) => ({ ...item, mysql: item.mysql && { ...item.mysql, tls: null } })),
    };
    expect(() => snippetInput({ ...base, topology: plain, applied: () => true })).toThrow(/no TLS/);
  });
});

test('what is quoted stays quoted: names and paths with spaces, quotes and dollars', async () => {
  const evil = `o'lga "$(id)" \`x\``;
  const list = connectionSnippets({
    host: '127.0.0.1',
    port: 1,
    database: evil,
    user: evil,
    auth: 'clientcert',
    ca: `/a b/${evil}/ca.pem`,
    certificate: { cert: `/a b/${evil}.pem`, key: `/a b/${evil}.key` },
  });
  const line = list.find(({ title }) => title === 'mysql')?.text ?? '';
  const { stdout } = await run('sh', ['-c', `set -- ${line}; for word; do printf '%s\\n' "$word"; done`]);
  expect(stdout.split('\n')).toEqual(expect.arrayContaining([`--user=${evil}`, `--ssl-ca=/a b/${evil}/ca.pem`]));
  const node = list.find(({ title }) => title === 'Node')?.text ?? '';
  expect(node).toContain(`user: ${JSON.stringify(evil)}`);
});

test('a user with a password: no password is in any snippet', () => {
  for (const { text } of connectionSnippets({
    host: '::1',
    port: 15306,
    database: null,
    user: 'web',
    auth: 'static',
    ca: '/ca.pem',
    certificate: null,
  })) {
    expect(text).not.toMatch(/--password=|Passwd = "|cleartext/i);
    expect(text).toMatch(/MYSQL_PASSWORD|--password /);
  }
});
