import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer } from '../../support/mysql-wire/start-server';
import { alice, rootPem, startWayIn, waysIn, type WayIn } from '../../support/mysql-wire/ways-in';

/** Where a program is, or null. */
function find(name: string, directories: readonly string[]): string | null {
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path)) ?? null;
}

const onPath = (process.env['PATH'] ?? '').split(delimiter);
const mysql9 = process.env['GATEHOUSE_MYSQL9_BIN'] ?? join(homedir(), '.cache', 'gatehouse', 'mysql', 'bin');

const clients = [
  { client: 'mariadb', program: find('mariadb', onPath), missing: 'no mariadb on the PATH' },
  { client: 'mysql 9', program: find('mysql', [mysql9]), missing: `no mysql in ${mysql9} (set GATEHOUSE_MYSQL9_BIN)` },
] as const;

for (const { client, program, missing } of clients) {
  if (program === null) console.info(`${client}: not tested, ${missing}`);
}

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
const file = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
const ca = file('ca.pem', rootPem);
const cert = file('alice.pem', alice.cert);
const key = file('alice-key.pem', alice.key);
afterAll(() => rmSync(directory, { recursive: true }));

/** MySQL's client of version 9 has no native method any more. */
const speaks = (client: string, { method }: WayIn): boolean =>
  !(client === 'mysql 9' && method === 'mysql_native_password');

function options(client: string, way: WayIn, running: RunningServer): string[] {
  const where = way.transport === 'unix' ? ['-S', running.socketPath] : ['-h', '127.0.0.1', '-P', String(running.port)];
  const mine = way.transport === 'mutual-tls' ? [`--ssl-cert=${cert}`, `--ssl-key=${key}`] : [];
  const secure = client === 'mariadb' ? ['--ssl', `--ssl-ca=${ca}`] : ['--ssl-mode=VERIFY_CA', `--ssl-ca=${ca}`];
  const plain = client === 'mariadb' ? ['--skip-ssl'] : ['--ssl-mode=DISABLED'];
  const clear = client === 'mysql 9' ? ['--enable-cleartext-plugin'] : [];
  const encrypted = way.transport === 'tls' || way.transport === 'mutual-tls';
  return ['--no-defaults', ...where, '-ualice', ...(encrypted ? [...secure, ...mine] : plain), ...clear];
}

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const run = (program: string, args: readonly string[], password: string): Promise<Outcome> =>
  new Promise((resolve) => {
    const env = { ...process.env, MYSQL_PWD: password };
    execFile(program, [...args], { env, timeout: 15_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err }),
    );
  });

describe.each(clients)('$client on the command line', ({ client, program }) => {
  describe.each(waysIn.filter((way) => speaks(client, way)))('$name', (way) => {
    let running: RunningServer;
    beforeAll(async () => {
      running = await startWayIn(way);
    });
    afterAll(() => running.stop());

    it.skipIf(program === null)('logs in and queries', async () => {
      const outcome = await run(program!, [...options(client, way, running), '-N', '-e', "select 'hello'"], 'pw1');
      expect(outcome).toMatchObject({ code: 0, out: 'hello\n' });
    });

    // A certificate has no password that could be wrong.
    if (way.method === 'certificate') return;
    it.skipIf(program === null)('is refused with a wrong password', async () => {
      const { code, err } = await run(program!, [...options(client, way, running), '-e', 'select 1'], 'wrong');
      expect(code).toBe(1);
      expect(err).toContain("ERROR 1045 (28000): Access denied for user 'alice'");
    });
  });
});
