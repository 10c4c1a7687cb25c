import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { buildProgram, expectMistake, gatehouse } from '../../support/cli/gatehouse';

let folder: string;
beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-flags-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const check = (input: string, ...args: string[]): ReturnType<typeof gatehouse> =>
  gatehouse(['check', '--flags', '-', ...args], { input });

describe('gatehouse check --flags', () => {
  it('names the right flag for each release, and the secret never', async () => {
    const end = await check('vtgate --tablet_client_cert x --mysql_auth_server_impl none --db_app_password=hunter2');
    expect(end.code).toBe(4);
    expect(end.stdout).toContain('--tablet_client_cert is unknown in 22, 23, 24: no release has had it.');
    expect(end.stdout).toContain('Write --tablet_grpc_cert in 22; --tablet-grpc-cert in 23, 24.');
    expect(end.stdout).toContain('[flags.auth-none]');
    expect(end.stdout + end.stderr).not.toContain('hunter2');
  });

  it('ends with 0 when nothing is wrong in the release asked for', async () => {
    const flags =
      'vttablet --table-acl-config=f --enforce-tableacl-config --queryserver-config-strict-table-acl --grpc_port=1 --grpc_cert=c --grpc_key=k --grpc_ca=a';
    expect((await check(flags, '--vitess', '22')).code).toBe(0);
    // Mixed spellings are no flags of 23.
    expect((await check(flags.replace('grpc_ca', 'grpc-ca'), '--vitess', '22')).code).toBe(4);
  });

  it('answers with one document', async () => {
    const file = join(folder, 'flags');
    await writeFile(file, '--table-acl-config=x\n');
    const end = await gatehouse(['check', '--flags', file, '--json']);
    const document = JSON.parse(end.stdout) as Record<string, unknown>;
    expect(document).toMatchObject({
      schema: 1,
      commands: [
        {
          program: 'vttablet',
          guessed: true,
          starts: ['22', '23', '24'],
          flags: [{ line: 1, written: '--table-acl-config', verdicts: { 22: { status: 'taken', write: null } } }],
        },
      ],
      notLookedAt: [],
    });
    expect(end.code).toBe(4);
  });

  test.each<[RegExp, string[]]>([
    [/is not there/, ['check', '--flags', '/none/such']],
    [/EISDIR/, ['check', '--flags', '/']],
    [/by itself/, ['check', 'x', '--flags', '-']],
    [/holds no flag/, ['check', '--flags', '-']],
    [/longer than 256 KiB/, ['check', '--flags', '/dev/zero']],
    [/checked against 22, 23, 24/, ['check', '--flags', '-', '--vitess', '24.0.4']],
    [/goes with --flags/, ['check', 'x', '--vitess', '23']],
    [/choices are|Allowed choices/, ['check', '--flags', '-', '--component', 'mysqld']],
  ])('refuses with %s: %j', async (words, args) => {
    expectMistake(await gatehouse(args), 2, words);
  });
});
