import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProgram, gatehouse as run } from '../../support/cli/gatehouse';

let folder: string;
let shop: string;
beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-cli-audit-'));
  shop = join(folder, 'shop');
  await run(['init', shop, '--from', 'shop']);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Shown {
  readonly head: string;
  readonly log: readonly {
    readonly what: string;
    readonly program: string;
    readonly summary: string;
    readonly facts: Readonly<Record<string, unknown>>;
  }[];
}
const show = async (): Promise<Shown> => JSON.parse((await run(['audit', 'show', shop, '--json'])).stdout) as Shown;
const log = (): string => join(shop, '.gatehouse', 'audit.ndjson');

test('what the command line does is recorded: making, issuing, renewing, revoking, exporting', async () => {
  const olga = 'pki/callers/olga-cert.pem';
  const issue = ['certs', 'issue', shop, '--authority', 'callers', '--id', 'nina', '--cn', 'nina'];
  expect((await run(issue)).code).toBe(0);
  expect((await run(['certs', 'renew', shop, olga])).code).toBe(0);
  expect((await run(['certs', 'revoke', shop, olga])).code).toBe(0);
  const out = join(folder, 'nina.p12');
  expect((await run(['certs', 'export', shop, olga, '--out', out])).code).toBe(0);
  await run(['certs', 'list', shop]);
  const outDir = join(folder, 'out');
  expect((await run(['export', shop, '--vitess', '24', '--out', outDir, '--no-proof'])).code).toBe(0);
  const { log: records } = await show();
  expect(records.map(({ what, program }) => `${program}: ${what}`)).toEqual([
    'gatehouse init: workspace.created',
    'gatehouse certs issue: certificates.changed',
    'gatehouse certs renew: certificates.changed',
    'gatehouse certs revoke: certificates.changed',
    'gatehouse certs export: certificates.exported',
    'gatehouse export: export.written',
  ]);
  expect(records[1]?.summary).toMatch(/^Certificate nina added, issued by .+, valid until /);
  expect(records[3]?.summary).toMatch(/olga.*revoked/);
  const files = records[1]?.facts['files'] as { path: string; before: string | null; after: string | null }[];
  expect(files).toContainEqual({
    path: 'pki/callers/nina-cert.pem',
    before: null,
    after: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  expect(records[0]?.facts['secrets']).toEqual(expect.arrayContaining([expect.stringContaining('/')]));
});

test('a command that ends with an error after it has written is recorded, one that wrote nothing is not', async () => {
  const before = (await show()).log.length;
  const good = join(folder, 'good.pem');
  await writeFile(good, await readFile(join(shop, 'pki/callers/nina-cert.pem')));
  await rm(join(shop, 'pki/callers/nina-cert.pem'));
  const bad = join(folder, 'bad.pem');
  await writeFile(bad, 'nothing');
  expect((await run(['certs', 'import', shop, good, bad])).code).toBe(4);
  expect((await show()).log.length).toBe(before + 1);
  expect((await run(['certs', 'revoke', shop, 'pki/callers/nobody-cert.pem'])).code).not.toBe(0);
  expect((await show()).log.length).toBe(before + 1);
});

test('the log holds no secret and is its owner’s alone', async () => {
  const text = await readFile(log(), 'utf8');
  const users = JSON.parse(await readFile(join(shop, 'users.json'), 'utf8')) as Record<string, { Password?: string }[]>;
  const passwords = Object.values(users).flatMap((entries) => entries.flatMap(({ Password }) => Password ?? []));
  for (const password of passwords.filter((one) => one !== '')) expect(text).not.toContain(password);
  expect(text).not.toContain('PRIVATE KEY');
  expect((await stat(log())).mode & 0o777).toBe(0o600);
});

test('verify: 0 with the head, which --head takes; 1 with the line once something was changed', async () => {
  const { head } = await show();
  const intact = await run(['audit', 'verify', shop]);
  expect(intact).toMatchObject({ code: 0 });
  expect(intact.stdout).toContain(`Head: ${head}`);
  expect(intact.stdout).toContain('note the head elsewhere');
  expect((await run(['audit', 'verify', shop, '--head', head])).stdout).toContain('nothing was recorded since');
  expect((await run(['audit', 'verify', shop, '--head', 'f'.repeat(64)])).code).toBe(1);
  expect((await run(['audit', 'verify', shop, '--head', 'abc'])).code).toBe(2);
  const whole = await readFile(log(), 'utf8');
  await writeFile(log(), whole.split('\n').slice(0, 3).join('\n') + '\n');
  expect((await run(['audit', 'verify', shop])).code).toBe(0);
  expect((await run(['audit', 'verify', shop, '--head', head])).code).toBe(1);
  await writeFile(log(), whole.replace('Certificate nina', 'Certificate anna'));
  const broken = await run(['audit', 'verify', shop]);
  expect(broken).toMatchObject({ code: 1 });
  expect(broken.stdout).toContain('changed: Line 2 was changed');
  const document = JSON.parse((await run(['audit', 'verify', shop, '--json'])).stdout) as Record<string, unknown>;
  expect(document).toMatchObject({ schema: 1, intact: false, head: null, faults: [{ kind: 'changed', line: 2 }] });
  expect((await run(['audit', 'show', shop])).stderr).toContain('the log is broken');
  await rm(log());
  expect(await run(['audit', 'verify', shop])).toMatchObject({ code: 1 });
  await writeFile(log(), whole);
});

test('a log that cannot be written is told, and the command’s work stands', async () => {
  await run(['init', join(folder, 'empty'), '--from', 'empty']);
  const empty = join(folder, 'empty');
  const own = join(empty, '.gatehouse', 'audit.ndjson');
  await rm(own);
  await mkdir(own);
  const made = await run(['certs', 'authority', empty, '--id', 'ca', '--cn', 'CA']);
  expect(made.code).toBe(0);
  expect(made.stderr).toContain('Not in the audit log: ');
});

test('what is no workspace has no log to judge', async () => {
  expect(await run(['audit', 'verify', join(folder, 'nowhere')])).toMatchObject({ code: 2 });
});
