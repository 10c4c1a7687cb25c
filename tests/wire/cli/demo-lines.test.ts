import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findClient } from '../../../src-main/services/callers/connection-lines';
import { buildProgram, root, start, type Running } from '../../support/cli/gatehouse';
import { processesMentioning, socketsMentioning } from '../../support/cli/processes';

const mysql9 = process.env['GATEHOUSE_MYSQL9_BIN'] ?? join(homedir(), '.cache', 'gatehouse', 'mysql', 'bin');
const mariadb = await findClient();
const clients = [
  ...(mariadb === null ? [] : [{ vendor: mariadb.vendor, path: process.env['PATH'] ?? '' }]),
  ...(existsSync(join(mysql9, 'mysql'))
    ? [{ vendor: 'MySQL' as const, path: `${mysql9}${delimiter}${process.env['PATH'] ?? ''}` }]
    : []),
];
if (mariadb === null) console.warn('not run with the client of this system: there is no mysql or mariadb on the PATH');
if (clients.length < 2) console.warn('not run with MySQL 9’s client: set GATEHOUSE_MYSQL9_BIN to the folder of mysql');

let folder: string;
const temporary = (): NodeJS.ProcessEnv => ({ TMPDIR: folder });
const expectNothingLeft = async (): Promise<void> => {
  expect(await processesMentioning(folder)).toEqual([]);
  expect(await socketsMentioning(folder)).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
};

beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-demo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const shell = (line: string, path: string): Promise<{ code: number; text: string }> =>
  new Promise((resolve) => {
    execFile('sh', ['-c', line], { cwd: root, env: { ...process.env, PATH: path } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), text: stdout + stderr }),
    );
  });

let kept: Running | null = null;
afterEach(async () => {
  kept?.child.kill('SIGINT');
  await kept?.ended;
  kept = null;
});

describe.each(clients)('the lines that the demo prints, with $vendor’s client', ({ vendor, path }) => {
  test.each(['shop', 'reference', 'user-guide'])(
    '%s: each connects as its caller',
    async (sample) => {
      const demo = start(['demo', '--sample', sample, '--yes', '--keep'], {
        env: { ...temporary(), PATH: path },
        timeoutMs: 150_000,
      });
      kept = demo;
      const stdout = await demo.until((text) => text.includes('Ctrl-C stops it'));
      const printed = stdout.slice(stdout.indexOf('Connect as each caller'), stdout.indexOf('From nothing to proof'));
      const lines = printed
        .split('\n')
        .slice(1)
        .filter((line) => line.trim() !== '');
      expect(lines.length).toBeGreaterThanOrEqual(3);
      let overMysqlLines = 0;
      const runLine = async (line: string): Promise<void> => {
        const [, caller = '', command = ''] = /^ {2}(.+?) {2,}(.+)$/.exec(line) ?? [];
        const overMysql = /(^| )(mysql|mariadb) --/.test(command);
        // MySQL 9's client lacks mysql_native_password, which is all that a gateway in vitess mode offers.
        if (vendor === 'MySQL' && sample === 'user-guide') expect([caller, overMysql]).toEqual([caller, false]);
        else if (sample !== 'reference') overMysqlLines += Number(overMysql);
        const ran = await shell(overMysql ? `${command} -N -e 'select 1'` : command, path);
        if (overMysql) expect([caller, ran]).toEqual([caller, { code: 0, text: '1\n' }]);
        // A caller who may read nothing is let in and then refused by the table ACL.
        else
          expect([caller, ran.text]).toEqual([
            caller,
            expect.stringMatching(ran.code === 0 ? /\d+ rows?\n/ : /deny at tablet/),
          ]);
        expect(command).not.toMatch(/ -p| --password/);
      };
      await Promise.all(lines.map(runLine));
      if (sample === 'shop') expect(overMysqlLines).toBe(6);
      demo.child.kill('SIGINT');
      expect((await demo.ended).code).toBe(0);
      await expectNothingLeft();
    },
    180_000,
  );
});
